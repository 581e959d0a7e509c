// Metrics in text that nobody wrote for us.

import Foundation
package import PlainText
import Synchronization
import _StringProcessing

/// `NAME=REGEX`: a metric, and how to find its value in a line.
///
/// The value is what the group `value` matched, else the first group that is not the step's,
/// else the whole match. A group named `step` or `epoch` gives the step. In a line the first
/// match counts.
///
/// One that takes too long is given up, for all who share it: what it may cost is counted in
/// steps of the search, so that every machine gives up the same ones.
package struct MetricPattern: Sendable {
  package let name: String
  package let source: String
  private let search: PatternSearch
  private let valueGroup: Int
  private let stepGroup: Int?

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
      // It says what is wrong, and where; the search below only that something is.
      _ = try Regex(source)
    } catch {
      throw .badRegex(metric: name, regex: source, reason: "\(error)")
    }
    let syntax = GroupSyntax(source)
    guard let expression = try? NSRegularExpression(pattern: syntax.withoutNames) else {
      throw .badRegex(
        metric: name, regex: source, reason: "it holds something that is not supported")
    }
    self.name = name
    self.source = source
    search = PatternSearch(expression)
    stepGroup = syntax.names.firstIndex { $0 == "step" || $0 == "epoch" }.map { $0 + 1 }
    let step = stepGroup
    valueGroup =
      syntax.names.firstIndex { $0 == "value" }.map { $0 + 1 }
      ?? (1...max(1, syntax.names.count)).first { $0 <= syntax.names.count && $0 != step } ?? 0
  }

  enum Match: Equatable {
    case none
    case found(Double, step: Int64?)
    /// What the value's group matched is no number as a whole.
    case notANumber(String)
  }

  /// What `line` says of this metric. A pattern that was given up finds nothing.
  ///
  /// - Complexity: bounded: O(length²) steps.
  func match(in line: String) -> Match {
    guard let groups = search.first(in: line), groups.indices.contains(valueGroup),
      let found = groups[valueGroup]
    else { return .none }
    guard let value = PrintedNumber(found.utf8).value else { return .notANumber(String(found)) }
    let step = stepGroup.flatMap { groups.indices.contains($0) ? groups[$0] : nil }
      .flatMap { PrintedNumber($0.utf8).value }
    return .found(value, step: step.flatMap { Int64(exactly: $0) })
  }

  /// Why this pattern is not used any more, once it is not; told to one caller only.
  package func takeProblem() -> Explanation? {
    guard search.takeGivenUp() else { return nil }
    return Explanation(
      "the pattern of \(name.jsonQuoted) was given up: it took too long",
      evidence: [source], try: ["a pattern without a repetition inside a repetition, as in (a+)+"])
  }

  package var isGivenUp: Bool { search.isGivenUp }
}

/// A search that ends: the engine reports as it goes, and is stopped when it has gone too far.
private final class PatternSearch: Sendable {
  private struct State {
    var lines = 0
    /// Reports of the engine that it made after about ten thousand steps (a third of a
    /// millisecond). It also makes one at each place where it begins to look for a match.
    var reports = 0
    var isGivenUp = false
    var isTold = false
  }

  private let expression: NSRegularExpression
  private let state = Mutex(State())

  init(_ expression: NSRegularExpression) { self.expression = expression }

  var isGivenUp: Bool { state.withLock(\.isGivenUp) }

  /// Whether it was given up and nobody has been told yet.
  func takeGivenUp() -> Bool {
    state.withLock { state in
      guard state.isGivenUp, !state.isTold else { return false }
      state.isTold = true
      return true
    }
  }

  /// The whole first match in `line`, and its groups; nil without one.
  func first(in line: String) -> [Substring?]? {
    let allowed = state.withLock { state -> Int in
      if state.isGivenUp { return 0 }
      state.lines += 1
      return Self.allowance(length: line.utf8.count)
    }
    guard allowed > 0 else { return nil }
    var reports = -(line.utf16.count + 1)
    var found: [Substring?]?
    let range = NSRange(location: 0, length: line.utf16.count)
    unsafe expression.enumerateMatches(in: line, options: [.reportProgress], range: range) {
      result, _, stop in
      if let result {
        found = (0..<result.numberOfRanges).map { group in
          Range(result.range(at: group), in: line).map { line[$0] }
        }
        unsafe stop.pointee = true
      } else {
        reports += 1
        if reports > allowed { unsafe stop.pointee = true }
      }
    }
    guard reports > 0 else { return found }
    state.withLock { state in
      state.reports += reports
      if reports > allowed || state.reports > 20_000 + state.lines / 8 { state.isGivenUp = true }
    }
    return found
  }

  /// What an honest pattern may need for a line: steps that grow with the square of the length.
  private static func allowance(length: Int) -> Int { 64 + length * length / 2500 }
}

/// The groups of a regular expression. Their names, which may be any word here and come in two
/// spellings (`(?<name>…)`, `(?P<name>…)`), are resolved before the engine sees them.
struct GroupSyntax {
  /// One a group that captures, in order; nil: it has no name.
  private(set) var names: [String?] = []
  private(set) var withoutNames = ""

  init(_ source: String) {
    var rest = source[...]
    var classDepth = 0
    while let character = rest.first {
      if character == "\\" {
        takeEscape(&rest)
      } else if character == "[" || (character == "]" && classDepth > 0) {
        classDepth += character == "[" ? 1 : -1
        take(1, of: &rest)
      } else if character == "(", classDepth == 0 {
        takeGroup(&rest)
      } else {
        take(1, of: &rest)
      }
    }
  }

  private mutating func take(_ count: Int, of rest: inout Substring) {
    withoutNames += rest.prefix(count)
    rest = rest.dropFirst(count)
  }

  /// `\k<name>` becomes `\1`, and `\Q…\E` is passed over.
  private mutating func takeEscape(_ rest: inout Substring) {
    if rest.hasPrefix("\\Q") {
      let end = rest.firstRange(of: "\\E")?.upperBound ?? rest.endIndex
      withoutNames += rest[..<end]
      rest = rest[end...]
    } else if rest.hasPrefix("\\k<"), let close = rest.firstIndex(of: ">"),
      let group = names.firstIndex(of: String(rest[..<close].dropFirst(3)))
    {
      withoutNames += "(?:\\\(group + 1))"
      rest = rest[rest.index(after: close)...]
    } else {
      take(2, of: &rest)
    }
  }

  private mutating func takeGroup(_ rest: inout Substring) {
    if rest.hasPrefix("(?P="), let close = rest.firstIndex(of: ")"),
      let group = names.firstIndex(of: String(rest[..<close].dropFirst(4)))
    {
      withoutNames += "(?:\\\(group + 1))"
      rest = rest[rest.index(after: close)...]
      return
    }
    let opening = ["(?P<", "(?<"].first { rest.hasPrefix($0) }
    if let opening, let close = rest.firstIndex(of: ">"),
      !["=", "!"].contains(rest.dropFirst(opening.count).first)
    {
      names.append(String(rest[..<close].dropFirst(opening.count)))
      withoutNames += "("
      rest = rest[rest.index(after: close)...]
      return
    }
    if !rest.hasPrefix("(?") { names.append(nil) }
    take(1, of: &rest)
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
