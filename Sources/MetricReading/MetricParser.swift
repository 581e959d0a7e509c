// Metrics in what an objective prints.

package import Machine
import PlainText
package import StudyModel

/// Something an objective said about its metrics.
package enum Observation: Hashable, Sendable {
  /// Values at a step.
  case intermediate(step: Int64, [MetricReport.Entry])
  /// Values without a step, at least one of them of an objective or a bounded metric.
  case final([MetricReport.Entry])
  /// The last line that is nothing but a number: the value of an objective that nobody named,
  /// unless it has one otherwise.
  case bareNumber(Double)
}

/// What to look for.
package struct MetricRules: Sendable {
  /// Names of objectives and bounded metrics: a JSON line without a step counts when it has one
  /// of them.
  package var finals: Set<String>
  package var patterns: [MetricPattern]
  /// Whether a last line that is a bare number is the value: when no objective was named.
  package var takesBareNumber: Bool

  package init(
    finals: Set<String> = [], patterns: [MetricPattern] = [], takesBareNumber: Bool = false
  ) {
    self.finals = finals
    self.patterns = patterns
    self.takesBareNumber = takesBareNumber
  }

  /// What a JSON object says: with a whole number under one of `stepKeys`, its other numbers are
  /// intermediate values; without, they are final values if one of them is awaited.
  func observation(of object: JSONLine, stepKeys: [String] = ["step"]) -> Observation? {
    let stepKey = stepKeys.first { object[$0] != nil }
    var step: Double?
    var entries: [MetricReport.Entry] = []
    for member in object.members {
      let number = member.number
      if member.name == stepKey {
        step = number
      } else if let number {
        entries.append(MetricReport.Entry(member.name, number))
      }
    }
    guard !entries.isEmpty else { return nil }
    if stepKey != nil {
      guard let step, let whole = Int64(exactly: step) else { return nil }
      return .intermediate(step: whole, entries)
    }
    return entries.contains { finals.contains($0.metric) } ? .final(entries) : nil
  }
}

/// Finds metrics in the bytes of an objective's outputs as they come.
///
/// On standard output: lines that are JSON objects. On both outputs: patterns (progress bars
/// and logs go to standard error). Anything else, however long or binary, is passed over.
package struct MetricParser: Sendable {
  private let rules: MetricRules
  private var splitters = [OutputChannel: LineSplitter]()
  /// By pattern: how many matches had no step.
  private var matchCounts: [Int64]
  /// By pattern: whether a line took it so long that it is not tried any more.
  private var isGivenUp: [Bool]
  /// Why patterns were given up, for a warning.
  package private(set) var problems: [String] = []
  /// Seconds a pattern may take for a line: no line of an honest pattern comes near.
  private static let patience = 0.2
  private var bareNumber: (value: Double, line: Int, text: String)?

  package init(_ rules: MetricRules) {
    self.rules = rules
    matchCounts = Array(repeating: 0, count: rules.patterns.count)
    isGivenUp = Array(repeating: false, count: rules.patterns.count)
  }

  /// What `bytes`, which came after those before on the same channel, say.
  package mutating func consume(
    _ bytes: some Sequence<UInt8>, from channel: OutputChannel = .standardOutput
  ) -> [Observation] {
    take(Array(bytes)[...], from: channel).map(\.observation)
  }

  /// What the last lines say, if they had no end, and then the bare number.
  package mutating func finish() -> [Observation] { takeRest().map(\.observation) }

  /// A line that says something.
  package struct RecognizedLine: Hashable, Sendable {
    /// From 1.
    package let number: Int
    package let text: String
    package let observation: Observation
  }

  /// What would be recognised in `text` if an objective printed it.
  package static func recognize(
    _ text: some Sequence<UInt8>, by rules: MetricRules
  ) -> [RecognizedLine] {
    var parser = MetricParser(rules)
    return parser.take(Array(text)[...], from: .standardOutput) + parser.takeRest()
  }

  // MARK: Lines

  private mutating func take(
    _ bytes: ArraySlice<UInt8>, from channel: OutputChannel
  ) -> [RecognizedLine] {
    var found: [RecognizedLine] = []
    for line in splitters[channel, default: LineSplitter()].split(bytes) {
      recognize(line, from: channel, into: &found)
    }
    return found
  }

  private mutating func takeRest() -> [RecognizedLine] {
    var found: [RecognizedLine] = []
    for channel in OutputChannel.allCases {
      guard let line = splitters[channel, default: LineSplitter()].finish() else { continue }
      recognize(line, from: channel, into: &found)
    }
    if let bareNumber {
      found.append(
        RecognizedLine(
          number: bareNumber.line, text: bareNumber.text, observation: .bareNumber(bareNumber.value)
        ))
    }
    bareNumber = nil
    return found
  }

  private mutating func recognize(
    _ line: LineSplitter.Line, from channel: OutputChannel, into found: inout [RecognizedLine]
  ) {
    let isOutput = channel == .standardOutput
    let start = line.bytes.first { $0 != 0x20 && $0 != 0x09 }
    if isOutput, !line.isCut, start == UInt8(ascii: "{"), let object = JSONLine(line.bytes) {
      if let observation = rules.observation(of: object) { found.append(line, observation) }
      return
    }
    let isNumber = isOutput && rules.takesBareNumber && line.bytes.count <= 64
    guard isNumber || !rules.patterns.isEmpty else { return }
    let text = String(decoding: line.bytes.prefix(MetricPattern.searchedBytes), as: UTF8.self)
    if isNumber, let value = Self.wholeNumber(text) {
      bareNumber = (value, line.number + 1, text)
    }
    if let observation = match(text) { found.append(line, observation) }
  }

  /// The patterns' findings in one line, all at the same step: the one that a pattern found, or
  /// else the number of matches the first of them had before.
  private mutating func match(_ text: String) -> Observation? {
    var step: Int64?
    var entries: [MetricReport.Entry] = []
    var counted: Int64?
    for (index, pattern) in rules.patterns.enumerated() where !isGivenUp[index] {
      let start = MonotonicClock.now
      let match = pattern.match(in: text)
      if MonotonicClock.now - start > Self.patience { giveUp(index) }
      guard let match else { continue }
      entries.append(MetricReport.Entry(pattern.name, match.value))
      if let found = match.step {
        step = step ?? found
      } else {
        counted = counted ?? matchCounts[index]
      }
      matchCounts[index] += 1
    }
    guard !entries.isEmpty, let step = step ?? counted else { return nil }
    return .intermediate(step: step, entries)
  }

  private mutating func giveUp(_ index: Int) {
    isGivenUp[index] = true
    problems.append(
      "the pattern \(rules.patterns[index].source) took too long for one line and is not "
        + "used any more; are there repetitions within repetitions?")
  }

  /// `text` as a number, if it is nothing else.
  private static func wholeNumber(_ text: String) -> Double? {
    let trimmed = text.drop { $0 == " " || $0 == "\t" }
    guard let end = trimmed.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return nil }
    let word = trimmed[...end]
    guard !word.contains(where: { "xXpP".contains($0) }) else { return nil }  // hexadecimal
    return Double(word)
  }
}

extension [MetricParser.RecognizedLine] {
  fileprivate mutating func append(_ line: LineSplitter.Line, _ observation: Observation) {
    append(
      .init(
        number: line.number + 1, text: String(decoding: line.bytes, as: UTF8.self),
        observation: observation))
  }
}
