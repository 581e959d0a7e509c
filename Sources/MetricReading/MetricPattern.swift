// Metrics in text that nobody wrote for us.

package import PlainText
import _StringProcessing

/// `NAME=REGEX`: a metric, and how to find its value in a line.
///
/// The value is what the group `value` matched, else the first group that is not the step's,
/// else the whole match. A group named `step` or `epoch` gives the step. In a line the first
/// match counts.
package struct MetricPattern: Sendable {
  package let name: String
  package let source: String
  private let regex: SharedRegex

  /// Only the first so many bytes of a line are searched: the time of a careless pattern grows
  /// with the length.
  static let searchedBytes = 4096

  /// - Throws: ``MetricRuleError`` when there is no name or no regular expression.
  package init(parsing text: String) throws(MetricRuleError) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
      text.index(after: equals) < text.endIndex
    else { throw .notAPattern(text) }
    try self.init(
      name: String(text[..<equals]), regex: String(text[text.index(after: equals)...]))
  }

  package init(name: String, regex source: String) throws(MetricRuleError) {
    do {
      regex = SharedRegex(regex: try Regex(source).matchingSemantics(.unicodeScalar))
    } catch {
      throw .badRegex(metric: name, regex: source, reason: "\(error)")
    }
    self.name = name
    self.source = source
  }

  struct Match {
    var value: Double
    var step: Int64?
  }

  /// What `line` says of this metric; nil when nothing.
  func match(in line: String) -> Match? {
    guard let output = try? regex.regex.firstMatch(in: line)?.output else { return nil }
    let groups = output.dropFirst()
    let stepGroup = groups.firstIndex { $0.name == "step" || $0.name == "epoch" }
    let valueGroup =
      groups.firstIndex { $0.name == "value" } ?? groups.indices.first { $0 != stepGroup }
    guard let found = output[valueGroup ?? 0].substring, let value = LooseNumber.parse(found)
    else { return nil }
    let step = stepGroup.flatMap { output[$0].substring }.flatMap(LooseNumber.parse)
      .flatMap { Int64(exactly: $0) }
    return Match(value: value, step: step)
  }
}

/// A regular expression that is only read: made from text alone, so without the closures that
/// keep `Regex` from being `Sendable`; its program is compiled lazily, but atomically.
private struct SharedRegex: @unchecked Sendable {
  let regex: Regex<AnyRegexOutput>
}

/// Numbers as people print them.
enum LooseNumber {
  /// The number at the start of `text`, if what follows it is no part of a word: `0.91`,
  /// `0.91,`, `91%`, `-1e-3`, `nan`, `inf`, `12ms`.
  static func parse(_ text: some StringProtocol) -> Double? {
    let utf8 = Array(text.utf8.drop { $0 == 0x20 || $0 == 0x09 })
    var end = 0
    func skip(_ isPart: (UInt8) -> Bool) -> Int {
      let start = end
      while end < utf8.count, isPart(utf8[end]) { end += 1 }
      return end - start
    }
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    _ = skip { end == 0 && ($0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")) }
    if let word = word(utf8[end...]) {
      return utf8.first == UInt8(ascii: "-") ? -word : word
    }
    var digits = skip(isDigit)
    if end < utf8.count, utf8[end] == UInt8(ascii: ".") {
      end += 1
      digits += skip(isDigit)
    }
    guard digits > 0 else { return nil }
    let mantissa = end
    if end < utf8.count, utf8[end] | 0x20 == UInt8(ascii: "e") {
      end += 1
      let sign = end
      _ = skip { end == sign && ($0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")) }
      if skip(isDigit) == 0 { end = mantissa }
    }
    var number = String(decoding: utf8[..<end], as: UTF8.self)
    if number.hasSuffix(".") { number += "0" }
    return Double(number)
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> Double? {
    let letters = bytes.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
    switch String(decoding: letters, as: UTF8.self).lowercased() {
    case "nan": return .nan
    case "inf", "infinity": return .infinity
    default: return nil
    }
  }
}

/// Why a rule for finding metrics was refused.
package enum MetricRuleError: ExplainedError, Hashable {
  case notAPattern(String)
  case badRegex(metric: String, regex: String, reason: String)
  case notASource(String)

  package var explanation: Explanation {
    switch self {
    case .notAPattern(let text):
      Explanation(
        "\(text.jsonQuoted) does not say how to find a metric",
        try: ["--metric \(text.prefix { $0 != "=" })='loss[=:] *(\\S+)'"], kind: .wrongUsage)
    case .badRegex(let metric, let regex, let reason):
      Explanation(
        "the pattern of the metric \(metric.jsonQuoted) is no regular expression: \(reason)",
        evidence: [regex], kind: .wrongUsage)
    case .notASource(let text):
      Explanation(
        "\(text.jsonQuoted) is no source of metrics",
        try: [
          "csv:PATH, jsonl:PATH or tensorboard:DIRECTORY; {dir} is the trial's directory"
        ], kind: .wrongUsage)
    }
  }
}
