// Metrics in what an objective prints.

package import Machine
import PlainText
import StudyModel

/// An observation, and where it comes from.
package struct Finding: Hashable, Sendable {
  package var observation: Observation
  /// Why it counts, for people.
  package var rule: String
  /// Whether nobody said where it is: what the objective declares itself goes before.
  package var isGuess = false
  /// Whether the line is one that is written over, such as a progress bar: its values count once
  /// it has gone on to another step.
  package var isProvisional = false
  /// Of the line, from 1.
  package var number: Int
  package var line: ArraySlice<UInt8>

  package var text: String { String(decoding: line, as: UTF8.self) }
}

/// Finds metrics in the bytes of an objective's outputs as they come.
///
/// On standard output: lines that are JSON objects. On both outputs: patterns and what trainers
/// print (progress bars and logs go to standard error). Anything else, however long or binary,
/// is passed over. Colours, and the rank that a launcher writes in front, are not looked at.
package struct MetricParser: Sendable {
  private let rules: MetricRules
  private var splitters = [OutputChannel: LineSplitter]()
  private var printed = [OutputChannel: PrintedMetrics]()
  private var numbering = StepNumbering()
  private var bareNumber: Finding?
  /// Whether the last number on a line of its own was none as a whole.
  private var hasUnreadBareNumber = false
  private var unreadByRule = UnreadNumbers()
  /// Metrics whose pattern has matched.
  private var matched: Set<String> = []

  package init(_ rules: MetricRules) {
    self.rules = rules
    let awaited = rules.awaitedInPrint
    for channel in OutputChannel.allCases {
      splitters[channel] = LineSplitter()
      if rules.readsPrinted, !awaited.isEmpty {
        printed[channel] = PrintedMetrics(awaiting: awaited, keys: rules.stepKeys)
      }
    }
  }

  /// Values that were meant for a metric and are no numbers as a whole.
  package var unread: UnreadNumbers {
    printed.values.reduce(into: unreadByRule) { $0.merge($1.unread) }
  }

  /// Why `metric` may not have been found, in words.
  package func account(of metric: String) -> String? {
    let patterns = rules.patterns.filter { $0.name == metric }
    if let pattern = patterns.first(where: \.isGivenUp) {
      return "its pattern \(pattern.source) took too long and was given up"
    }
    guard let pattern = patterns.first, !matched.contains(metric) else { return nil }
    return "its pattern \(pattern.source) matched no line"
  }

  /// What `bytes`, which came after those before on the same channel, say.
  package mutating func consume(
    _ bytes: some Sequence<UInt8>, from channel: OutputChannel = .standardOutput
  ) -> [Finding] {
    var found: [Finding] = []
    var splitter = splitters[channel] ?? LineSplitter()
    let bytes = (bytes as? [UInt8]) ?? Array(bytes)
    splitter.split(bytes[...]) { recognize($0, from: channel, into: &found) }
    splitters[channel] = splitter
    return found
  }

  /// What the last lines say, if they had no end, and then the bare number.
  package mutating func finish() -> [Finding] {
    var found: [Finding] = []
    for channel in OutputChannel.allCases {
      if let line = splitters[channel]?.finish() { recognize(line, from: channel, into: &found) }
      for reading in printed[channel]?.finish() ?? [] {
        found.append(Finding(reading, at: 0, line: []))
      }
    }
    if let bareNumber, !hasUnreadBareNumber { found.append(bareNumber) }
    bareNumber = nil
    return found
  }

  // MARK: Lines

  private mutating func recognize(
    _ line: LineSplitter.Line, from channel: OutputChannel, into found: inout [Finding]
  ) {
    guard TerminalText.needsCleaning(line.bytes) else {
      recognize(line, as: line.bytes, from: channel, into: &found)
      return
    }
    for version in TerminalText.versions(of: line.bytes) {
      recognize(line, as: version, from: channel, into: &found)
    }
  }

  private mutating func recognize(
    _ line: LineSplitter.Line, as text: ArraySlice<UInt8>, from channel: OutputChannel,
    into found: inout [Finding]
  ) {
    if channel == .standardOutput, !line.isCut {
      if let finding = declared(text, line.number + 1) {
        found.append(finding)
        return
      }
      if rules.takesBareNumber, text.count <= 64 { takeBareNumber(text, line.number + 1) }
    }
    if !rules.patterns.isEmpty, let finding = match(text, line.number + 1) {
      found.append(finding)
    }
    guard !line.isCut,
      let start = printed[channel]?.read(
        TerminalText.skippingRank(text, numbers: false), number: line.number + 1)
    else { return }
    for reading in start {
      var finding = Finding(reading, at: line.number + 1, line: text)
      finding.isProvisional = line.isWrittenOver
      found.append(finding)
    }
  }

  /// What a line says that is a JSON object, perhaps behind a rank.
  private mutating func declared(_ text: ArraySlice<UInt8>, _ number: Int) -> Finding? {
    guard let first = text.first(where: { !$0.isBlank }) else { return nil }
    var object = text
    if first != UInt8(ascii: "{") {
      guard first == UInt8(ascii: "[") || first == UInt8(ascii: "(") || first.isDigit,
        text.last(where: { !$0.isBlank }) == UInt8(ascii: "}")
      else { return nil }
      object = TerminalText.skippingRank(text, numbers: true)
      guard object.first == UInt8(ascii: "{") else { return nil }
    }
    guard let object = JSONLine(object),
      let observation = rules.observation(of: object, numbering: &numbering)
    else { return nil }
    return Finding(observation: observation, rule: "JSON line", number: number, line: text)
  }

  private mutating func takeBareNumber(_ text: ArraySlice<UInt8>, _ number: Int) {
    guard let first = text.first(where: { !$0.isBlank }),
      !first.isLetter || first | 0x20 == 0x69
        || first | 0x20 == 0x6E
    else { return }
    let word = TerminalText.skippingRank(text, numbers: true)
    switch PrintedNumber(word) {
    case .number(let value):
      bareNumber = Finding(
        observation: .bareNumber(value), rule: "the last bare number", number: number, line: text)
      hasUnreadBareNumber = false
    case .notWhole where PrintedNumber.isMeantAsNumber(word):
      hasUnreadBareNumber = true
      unreadByRule.add(word, for: Objective.standard.name)
    case .notWhole, .none: break
    }
  }

  /// The patterns' findings in one line, all at the step that one of them found.
  private mutating func match(_ line: ArraySlice<UInt8>, _ number: Int) -> Finding? {
    let text = String(decoding: line.prefix(MetricPattern.searchedBytes), as: UTF8.self)
    var step: Int64?
    var entries: [MetricReport.Entry] = []
    for pattern in rules.patterns {
      switch pattern.match(in: text) {
      case .none: continue
      case .notANumber(let capture):
        matched.insert(pattern.name)
        unreadByRule.add(capture.utf8, for: pattern.name)
      case .found(let value, let found):
        matched.insert(pattern.name)
        entries.append(MetricReport.Entry(pattern.name, value))
        step = step ?? found
      }
    }
    guard let first = entries.first else { return nil }
    return Finding(
      observation: step.map { .intermediate(step: $0, entries) } ?? .stepless(entries),
      rule: "--metric \(first.metric)", number: number, line: line)
  }
}

extension Finding {
  fileprivate init(_ reading: PrintedMetrics.Reading, at number: Int, line: ArraySlice<UInt8>) {
    self.init(
      observation: reading.step.map { .intermediate(step: $0, reading.entries) }
        ?? .stepless(reading.entries),
      rule: reading.reason, isGuess: true, number: reading.lineNumber ?? number,
      line: reading.line ?? line)
  }
}
