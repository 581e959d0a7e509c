import Foundation
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

@testable import TableReading

/// Files and a store in a directory that goes when the fixture does.
final class TableFixture {
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "cairn-tables-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func file(_ text: String, _ format: TableFormat = .csv) throws -> TableFile {
    let place = directory.appending(path: "\(UUID().uuidString).\(format.rawValue)")
    try Data(text.utf8).write(to: place)
    return try TableFile(place.path, format)
  }

  func table(
    _ text: String, _ format: TableFormat = .csv, _ request: TableRequest = TableRequest()
  ) throws -> TrialTable {
    try TrialTable(try file(text, format), request)
  }

  func trials(
    _ text: String, _ format: TableFormat = .csv, _ request: TableRequest = TableRequest()
  ) throws -> [ImportedTrial] {
    var rows = try table(text, format, request).trials(now: Timestamp(rawValue: 7))
    var trials: [ImportedTrial] = []
    while let trial = try rows.next() { trials.append(trial) }
    return trials
  }

  func open() throws -> StudyDatabase {
    try StudyDatabase.open(at: directory.appending(path: "store").path)
  }

  /// Imports `text` as the study `name`, with the reports of `metrics`.
  func imported(
    _ text: String, _ format: TableFormat, metrics: String? = nil, as name: String,
    _ definition: StudyDefinition, in database: StudyDatabase
  ) async throws -> StudyRecord {
    var request = TableRequest()
    request.objectives = definition.objectives
    request.space = definition.space
    let table = try table(text, format, request)
    var definition = definition
    definition.space = table.space
    var rows = try table.trials(now: Timestamp(rawValue: 7))
    var reports = try metrics.map { try MetricTable(try file($0, format)) }
    var report = try reports?.next()
    var study = try database.importStudy(name, definition)
    while let trial = try rows.next() {
      try study.append(trial)
      while let (number, value) = report, number == trial.number {
        try study.append(value)
        report = try reports?.next()
      }
    }
    let id = try await study.publish()
    return try database.state(of: id)
  }
}

extension StudyRecord {
  /// Its trials as a file.
  func exported(
    _ format: RowFormat, in snapshot: Snapshot, _ export: TrialExport = TrialExport()
  ) throws -> String {
    var text = ""
    try HistoryDatabase(snapshot).exportTrials(of: study.id, format: format, export) { text += $0 }
    return text
  }

  func exportedMetrics(_ format: RowFormat, in snapshot: Snapshot) throws -> String {
    var text = ""
    try HistoryDatabase(snapshot).exportMetrics(of: study.id, format: format) { text += $0 }
    return text
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
