// Metrics in a CSV file (RFC 4180) whose first record names its columns.

import StudyModel

/// Finds metrics in the bytes of such a file as they come. Commas, semicolons or tabs separate,
/// whichever the header has most of. A record of nothing but names that comes later, as where a
/// script begins anew, is a header for what follows it.
struct CSVMetrics: Sendable {
  /// Bytes of one record; longer ones are passed over.
  private static let recordLimit = 1 << 20

  private let rules: MetricRules
  private var reader = CSVRecordReader(limit: recordLimit)
  private(set) var columns: [String] = []
  private var stepColumn: Int?
  private var row: Int64 = 0
  private var numbering = StepNumbering()
  private(set) var unread = UnreadNumbers()

  init(rules: MetricRules) { self.rules = rules }

  mutating func consume(_ bytes: [UInt8]) -> [Observation] {
    var found: [Observation] = []
    for byte in bytes {
      if let record = reader.take(byte), let observation = observation(of: record) {
        found.append(observation)
      }
    }
    return found
  }

  /// What is unfinished now shall say nothing when it goes on.
  mutating func spoilUnfinished() { reader.spoilUnfinished() }

  mutating func finish() -> [Observation] {
    reader.finish().flatMap { observation(of: $0) }.map { [$0] } ?? []
  }

  private mutating func observation(of record: [String]) -> Observation? {
    let cells = record.map { $0.trimmingBlanks() }
    guard !columns.isEmpty, !isHeader(cells) else {
      // What some write in front: `#{"t_start": …}` says nothing, `# step,loss` is a header.
      if columns.isEmpty, cells[0].hasPrefix("#{") { return nil }
      columns = cells
      if cells[0].hasPrefix("# ") { columns[0] = String(cells[0].dropFirst(2)).trimmingBlanks() }
      stepColumn = rules.stepKeys.index(in: columns)
      return nil
    }
    defer { row += 1 }
    var entries: [MetricReport.Entry] = []
    for (index, (name, cell)) in zip(columns, cells).enumerated() where index != stepColumn {
      let isAwaited = rules.awaited.contains(name)
      guard !cell.isEmpty, isAwaited || rules.stepKeys.rank(of: name) == nil else { continue }
      switch PrintedNumber(cell.utf8) {
      case .number(let value): entries.append(MetricReport.Entry(name, value))
      case .notWhole where isAwaited: unread.add(cell.utf8, for: name)
      case .notWhole, .none: break
      }
    }
    guard let first = entries.first else { return nil }
    guard let stepColumn else { return .intermediate(step: row, entries) }
    let kind = entries.first { rules.awaited.contains($0.metric) } ?? first
    guard stepColumn < cells.count else { return nil }
    guard let value = PrintedNumber(cells[stepColumn].utf8).value,
      let step = numbering.step(value, of: kind.metric)
    else {
      if rules.awaited.contains(kind.metric) {
        unread.add(cells[stepColumn].utf8, for: columns[stepColumn])
      }
      return nil
    }
    return .intermediate(step: step, entries)
  }

  /// Whether a record after the first names columns: no cell is a number, and one of them is a
  /// column's name already, a step's, or awaited.
  private func isHeader(_ cells: [String]) -> Bool {
    cells.count > 1 || columns.count == 1
      ? cells.allSatisfy { PrintedNumber($0.utf8) == .none }
        && cells.contains {
          columns.contains($0) || rules.awaited.contains($0) || rules.stepKeys.rank(of: $0) != nil
        } : false
  }
}

/// Cuts bytes into records of cells, one byte at a time.
struct CSVRecordReader: Sendable {
  private enum State: Sendable { case start, plain, quoted, quoteInQuoted }

  private let limit: Int
  private var state = State.start
  /// What separates cells; nil until the first record has shown it.
  private var separator: UInt8?
  /// The first record as it came.
  private var header: [UInt8] = []
  private var cells: [String] = []
  private var cell: [UInt8] = []
  private var size = 0

  init(limit: Int) { self.limit = limit }

  /// The record that `byte` ends, if it ends one. Empty lines are no records.
  mutating func take(_ byte: UInt8) -> [String]? {
    guard let separator else { return takeHeader(byte) }
    size += 1
    switch (state, byte) {
    case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
    case (.quoted, _): keep(byte)
    case (.quoteInQuoted, UInt8(ascii: "\"")):
      keep(byte)
      state = .quoted
    case (.start, UInt8(ascii: "\"")): state = .quoted
    case (_, separator):
      endCell()
      state = .start
    case (_, 0x0A): return endRecord()
    case (_, 0x0D): break
    default:
      keep(byte)
      state = .plain
    }
    return nil
  }

  /// A last record without an end.
  mutating func finish() -> [String]? {
    if separator == nil, let record = cutHeader() { return record }
    return separator == nil ? nil : endRecord()
  }

  mutating func spoilUnfinished() {
    if size > 0 { size = limit + 1 }
  }

  /// Keeps the first record until its end, which shows what separates.
  private mutating func takeHeader(_ byte: UInt8) -> [String]? {
    size += 1
    if byte == UInt8(ascii: "\"") {
      state = state == .quoted ? .start : .quoted
    } else if byte == 0x0A, state != .quoted {
      return cutHeader()
    }
    if size <= limit { header.append(byte) }
    return nil
  }

  private mutating func cutHeader() -> [String]? {
    let bytes = header
    let isWhole = size <= limit
    header = []
    state = .start
    size = 0
    guard isWhole, bytes.contains(where: { !$0.isBlank && $0 != 0x0D }) else { return nil }
    separator = Self.separator(in: bytes)
    for byte in bytes { _ = take(byte) }
    return endRecord()
  }

  /// The one that stands most often outside quotes; a comma where none does.
  private static func separator(in header: [UInt8]) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in header {
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if !isQuoted {
        counts[byte, default: 0] += 1
      }
    }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
    return candidates.max { counts[$0] ?? 0 < counts[$1] ?? 0 } ?? UInt8(ascii: ",")
  }

  private mutating func keep(_ byte: UInt8) {
    if size <= limit { cell.append(byte) }
  }

  private mutating func endCell() {
    if size <= limit { cells.append(String(decoding: cell, as: UTF8.self)) }
    cell.removeAll(keepingCapacity: true)
  }

  private mutating func endRecord() -> [String]? {
    endCell()
    let record = cells
    let isWhole = size <= limit
    cells = []
    state = .start
    size = 0
    return isWhole && record.contains { !$0.isEmpty } ? record : nil
  }
}

extension String {
  fileprivate func trimmingBlanks() -> String {
    let rest = drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
    guard let end = rest.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(rest[...end])
  }
}
