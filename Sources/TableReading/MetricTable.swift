// The long table of values reported by step: number, metric, step, value, and time where known.

import PlainText
public import StudyModel

/// Reports, one after the other, trial by trial.
public struct MetricTable {
  private var reader: TableReader
  private let columns: [Int?]
  private var lastNumber = -1
  private var latestName = ""

  private static let names = ["number", "metric", "step", "value", "time"]

  /// - Throws: ``TableError``, also when a column is missing.
  public init(_ file: TableFile) throws {
    var reader = try TableReader(file)
    var known = reader.columns
    if file.format == .jsonl {
      // The first object names what there is.
      _ = try reader.next()
      known = reader.columns
      reader = try TableReader(file, columns: known)
    }
    self.reader = reader
    columns = Self.names.map { name in known.firstIndex(of: name) }
    if let missing = zip(Self.names.dropLast(), columns).first(where: { $0.1 == nil })?.0 {
      throw TableError.unusable(
        TableError.Place(file.name),
        reason: "a table of metrics needs a column \(missing.jsonQuoted)",
        evidence: ["its columns are \(known.prefix(20).joined(separator: ", ").neutralized)"],
        try: ["number,metric,step,value,time, as cairn export --metrics writes it"])
    }
  }

  /// The next report and the number of its trial; nil after the last. Numbers never go back.
  ///
  /// - Throws: ``TableError``.
  public mutating func next() throws -> (number: Int, report: ImportedReport)? {
    guard try reader.next() else { return nil }
    guard let number = try reader.cell(columns[0]!).whole else {
      throw try bad(0, "number of a trial")
    }
    guard number >= lastNumber else {
      throw TableError.unusable(
        reader.place(columns[0]), reason: "trial \(number) comes after trial \(lastNumber)",
        evidence: ["the values of a trial must follow one another, by ascending numbers"],
        try: ["sort -s -t, -k1,1n, without the header"])
    }
    lastNumber = number
    let metric = try reader.text(columns[1]!)
    guard let step = try reader.cell(columns[2]!).whole else { throw try bad(2, "whole number") }
    guard let value = try reader.cell(columns[3]!).number else { throw try bad(3, "number") }
    var time: Timestamp?
    if let column = columns[4], !reader.isAbsent(column) {
      guard let microseconds = ClockZone.utc.microseconds(try reader.text(column)) else {
        throw try bad(4, "time")
      }
      time = Timestamp(rawValue: microseconds)
    }
    return (
      number, ImportedReport(metric: metric, step: Int64(step), value: value, time: time)
    )
  }

  private func bad(_ column: Int, _ expected: String) throws -> TableError {
    .badField(
      reader.place(columns[column]), found: try reader.cell(columns[column]!).shown,
      expected: expected, try: [])
  }

  /// What is wrong with the report that was read last: its trial is not among those imported.
  public func unknownTrial(_ number: Int) -> TableError {
    .unusable(
      reader.place(columns[0]), reason: "there is no trial \(number) among those imported",
      evidence: [], try: ["the trials of the same export"])
  }
}
