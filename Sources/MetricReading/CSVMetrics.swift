// Metrics in a CSV file (RFC 4180) whose first record names its columns.

import StudyModel

struct CSVMetrics: Sendable {
  private static let stepColumns = ["step", "global_step", "epoch", "iteration"]
  /// Bytes of one record; longer ones are passed over.
  private static let recordLimit = 1 << 20

  private var reader = CSVRecordReader(limit: recordLimit)
  private var columns: [String] = []
  private var stepColumn: Int?
  private var row: Int64 = 0

  mutating func consume(_ bytes: [UInt8]) -> [Observation] {
    var found: [Observation] = []
    for byte in bytes {
      if let record = reader.take(byte) { found += observation(of: record) }
    }
    return found
  }

  /// What is unfinished now shall say nothing when it goes on.
  mutating func spoilUnfinished() { reader.spoilUnfinished() }

  mutating func finish() -> [Observation] { reader.finish().map { observation(of: $0) } ?? [] }

  private mutating func observation(of record: [String]) -> [Observation] {
    guard !columns.isEmpty else {
      columns = record.map { $0.trimmingBlanks() }
      stepColumn = Self.stepColumns.lazy.compactMap(columns.firstIndex).first
      return []
    }
    defer { row += 1 }
    var step = row
    if let stepColumn {
      // Counters may be written as floats, where a column once had an empty cell.
      guard stepColumn < record.count,
        let value = Double(record[stepColumn].trimmingBlanks()).flatMap({ Int64(exactly: $0) })
      else { return [] }
      step = value
    }
    let entries = zip(columns, record).enumerated().compactMap { index, cell in
      Self.stepColumns.contains(cell.0) || index == stepColumn
        ? nil : Self.number(cell.1).map { MetricReport.Entry(cell.0, $0) }
    }
    return entries.isEmpty ? [] : [.intermediate(step: step, entries)]
  }

  private static func number(_ cell: String) -> Double? { Double(cell.trimmingBlanks()) }
}

/// Cuts bytes into records of cells, one byte at a time.
struct CSVRecordReader: Sendable {
  private enum State: Sendable { case start, plain, quoted, quoteInQuoted }

  private let limit: Int
  private var state = State.start
  private var cells: [String] = []
  private var cell: [UInt8] = []
  private var size = 0

  init(limit: Int) { self.limit = limit }

  /// The record that `byte` ends, if it ends one. Empty lines are no records.
  mutating func take(_ byte: UInt8) -> [String]? {
    size += 1
    switch (state, byte) {
    case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
    case (.quoted, _): keep(byte)
    case (.quoteInQuoted, UInt8(ascii: "\"")):
      keep(byte)
      state = .quoted
    case (.start, UInt8(ascii: "\"")): state = .quoted
    case (_, UInt8(ascii: ",")):
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
  mutating func finish() -> [String]? { endRecord() }

  mutating func spoilUnfinished() {
    if size > 0 { size = limit + 1 }
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
