// Metrics in what trainers print for people, without a pattern: when the objective is named.
//
// A line counts when it names what is awaited, as a whole name: then its other named values are
// kept too. The step is one that the line names, else that of the last line that named one.

import PlainText
import StudyModel

/// Reads one channel of an attempt's output.
struct PrintedMetrics: Sendable {
  /// What a line said.
  struct Reading: Hashable, Sendable {
    var entries: [MetricReport.Entry]
    /// Nil: neither the line nor one before it names a step.
    var step: Int64?
    /// How it was recognised, for people.
    var reason: String
    /// The line that said it, where another has shown that it does.
    var line: ArraySlice<UInt8>?
    var lineNumber: Int?
  }

  private let awaited: [String]
  private let keys: StepKeys
  private let sieve: LineSieve
  private var numbering = StepNumbering()
  /// The step that was named last, and in which line.
  private var context: (step: Int64, line: Int)?
  /// The epoch that was named last: other counts may begin anew with each.
  private var epoch: Double?
  private var nested = NestedCounters()
  private var bars = NestedCounters()
  private var table: PrintedTable?
  private var box = PrintedBox()
  private(set) var unread = UnreadNumbers()

  /// Longer lines are data, not reports.
  private static let lineLimit = 8192

  /// - Parameter awaited: names of objectives and bounded metrics.
  init(awaiting awaited: Set<String>, keys: StepKeys) {
    self.awaited = awaited.sorted { ($0.utf8.count, $1) > ($1.utf8.count, $0) }
    self.keys = keys
    // A name may be spelt by nested objects: {"val": {"loss": 0.5}}.
    let last = self.awaited.compactMap { $0.split(separator: "/").last.map(String.init) }
    sieve = LineSieve(
      names: Array(Set(self.awaited + last)), counters: keys.first.map { [$0] } ?? [])
  }

  /// Whether `line` can be passed over: most can, at the cost of a look at each byte.
  func isPlain(_ line: ArraySlice<UInt8>) -> Bool {
    table == nil && !box.isOpen && line.first(where: { !$0.isBlank }) != UInt8(ascii: "|")
      && !sieve.holds(line)
  }

  /// What `line`, the `number`th, says.
  mutating func read(_ line: ArraySlice<UInt8>, number: Int) -> [Reading] {
    guard !isPlain(line), line.count <= Self.lineLimit else { return [] }
    let text = TerminalText.plain(line)
    var readings: [Reading] = []
    if let cells = box.row(text), box.take(cells, line: line, number: number) { return [] }
    readings += endBox()
    if let reading = readRow(text, number) { return readings + [reading] }
    guard sieve.holds(line) else { return readings }
    let pieces = PrintedLine(text, keys: keys)
    let found = entries(of: pieces)
    if found.entries.isEmpty, !found.hasUnread,
      let header = PrintedTable(header: text, awaited: awaited, keys: keys)
    {
      table = header
      return readings
    }
    let step = step(of: pieces, number, found.entries.first?.metric)
    guard !found.entries.isEmpty else { return readings }
    readings.append(
      Reading(
        entries: found.entries, step: step.value, reason: "\(found.form); \(step.origin)"))
    return readings
  }

  /// What is left when no line follows.
  mutating func finish() -> [Reading] { endBox() }

  // MARK: Names

  private mutating func entries(
    of pieces: PrintedLine
  ) -> (entries: [MetricReport.Entry], form: String, hasUnread: Bool) {
    var named: [(name: String, value: Double)] = []
    var others: [(name: String, value: Double)] = []
    var form = ""
    var hasUnread = false
    for value in pieces.values {
      guard let name = awaited.first(where: { value.isNamed($0) }) else {
        if let name = value.ownName(keys), case .number(let number) = value.value {
          others.append((name, number))
        }
        continue
      }
      if case .number(let number) = value.value {
        if named.isEmpty { form = value.form.description }
        named.append((name, number))
      } else {
        hasUnread = true
        unread.add(value.text, for: name)
      }
    }
    guard !named.isEmpty else { return ([], form, hasUnread) }
    return (MetricReport.Entry.distinct(named + others), form, hasUnread)
  }

  // MARK: Steps

  private mutating func step(
    of pieces: PrintedLine, _ line: Int, _ metric: String?
  ) -> (value: Int64?, origin: String) {
    if let counter = pieces.counters.min(by: { rank($0) < rank($1) }) {
      if let named = pieces.counters.first(where: \.isEpoch) { epoch = named.value }
      var value = counter.value
      if let epoch, !counter.isEpoch, let whole = Int64(exactly: value) {
        value = Double(nested.step(whole, of: counter.total, outer: epoch))
      }
      let step = metric.map { numbering.step(value, of: $0) } ?? Int64(exactly: value)
      if let step { context = (step, line) }
      return (step, "step \(counter.key.jsonQuoted)")
    }
    if let leading = pieces.leading, metric != nil {
      return (numbering.step(leading.value, of: metric ?? ""), "step in front")
    }
    if let context { return (context.step, "step of line \(context.line)") }
    if let bar = pieces.bar, metric != nil, let whole = Int64(exactly: bar.value) {
      return (bars.step(whole, of: bar.total, outer: nil), "step of the progress bar")
    }
    return (nil, "no step")
  }

  private func rank(_ counter: Counter) -> Int { keys.rank(of: counter.key) ?? .max }

  // MARK: Tables

  private mutating func readRow(_ text: [UInt8], _ number: Int) -> Reading? {
    guard let row = table?.row(text, awaited: awaited) else { return nil }
    for (name, cell) in row.unread { unread.add(cell, for: name) }
    let metric = row.entries.first?.metric ?? ""
    var step: (value: Int64?, origin: String) = (context?.step, "no step")
    if let counter = row.counter {
      step = (numbering.step(counter.value, of: metric), "column \(counter.key.jsonQuoted)")
      if let value = step.value { context = (value, number) }
    } else if let context {
      step.origin = "step of line \(context.line)"
    }
    guard !row.entries.isEmpty else { return nil }
    return Reading(
      entries: row.entries, step: step.value, reason: "row of a table; \(step.origin)")
  }

  private mutating func endBox() -> [Reading] {
    guard let contents = box.close() else { return [] }
    var named: [(name: String, value: Double)] = []
    var others: [(name: String, value: Double)] = []
    var counters: [Counter] = []
    var place: PrintedBox.Row?
    for row in contents {
      let full = row.section + row.name
      if let name = awaited.first(where: { $0 == full || $0 == row.name }) {
        if let value = row.value.value {
          named.append((name, value))
          place = place ?? row
        } else {
          unread.add(row.text, for: name)
        }
      } else if let value = row.value.value {
        if keys.rank(of: full) != nil {
          counters.append(Counter(key: row.name, value: value))
        } else {
          others.append((full, value))
        }
      }
    }
    guard let place else { return [] }
    var step: (value: Int64?, origin: String) = (context?.step, "no step")
    if let counter = counters.min(by: { rank($0) < rank($1) }) {
      step = (numbering.step(counter.value, of: named[0].name), "step \(counter.key.jsonQuoted)")
      if let value = step.value { context = (value, place.lineNumber) }
    } else if let context {
      step.origin = "step of line \(context.line)"
    }
    return [
      Reading(
        entries: MetricReport.Entry.distinct(named + others), step: step.value,
        reason: "rows of a box; \(step.origin)", line: place.line, lineNumber: place.lineNumber)
    ]
  }
}

extension MetricReport.Entry {
  /// Each name once, with its last value, in the order of their first.
  fileprivate static func distinct(_ values: [(name: String, value: Double)]) -> [Self] {
    var entries: [Self] = []
    for (name, value) in values {
      if let index = entries.firstIndex(where: { $0.metric == name }) {
        entries[index] = Self(name, value)
      } else if entries.count < 64 {
        entries.append(Self(name, value))
      }
    }
    return entries
  }
}

extension Counter {
  fileprivate var isEpoch: Bool { key.lowercased() == "epoch" }
}

/// Counts that begin anew with every epoch, as steps that grow.
private struct NestedCounters: Sendable {
  private var base: Int64 = 0
  private var last: Int64?
  private var outer: Double?

  /// The step of `value` out of `total` in the epoch `outer`.
  mutating func step(_ value: Int64, of total: Int64?, outer: Double?) -> Int64 {
    let isNext = outer != self.outer
    if let last, value < last ? isNext || outer == nil : isNext && value == last && value == total {
      base = base.addingReportingOverflow(max(total ?? last, last)).partialValue
    }
    last = value
    self.outer = outer
    return base.addingReportingOverflow(value).partialValue
  }
}
