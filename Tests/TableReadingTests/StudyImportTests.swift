import Foundation
import PlainText
import StudyEngine
import StudyModel
import StudyStorage
import Testing

@testable import TableReading

/// All of an import is there, or nothing.
@Suite struct StudyImportTests {
  private func trials(_ count: Int) -> [ImportedTrial] {
    (0..<count).map { number in
      ImportedTrial(
        number: number, state: .complete, created: Timestamp(rawValue: Int64(number)),
        values: [Double(number)])
    }
  }

  private let definition = StudyDefinition(seed: 1)

  @Test func `a study is not there until it is whole`() async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    var study = try database.importStudy("s", definition)
    for trial in trials(5000) { try study.append(trial) }
    let reader = try StudyDatabase.open(at: fixture.directory.appending(path: "store").path)
    #expect(try reader.snapshot().studyCount == 0)
    #expect(throws: EngineError.self) { _ = try reader.study(named: "s") }
    let id = try await study.publish()
    #expect(try reader.study(named: "s").trialCount == 5000)
    #expect(try reader.state(of: id).study.systemAttributes.isEmpty)
  }

  @Test func `nothing is left of one that is given up`() async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    var study = try database.importStudy("s", definition)
    for trial in trials(5000) { try study.append(trial) }
    try study.discard()
    #expect(try database.snapshot().studyCount == 0)
    #expect(try database.snapshot().drafts.isEmpty)
    let again = try database.importStudy("s", definition)
    _ = try await again.publish()
    #expect(try database.study(named: "s").trialCount == 0)
  }

  @Test func `what a dead importer has left is in nobody's way`() async throws {
    let fixture = try TableFixture()
    let path = fixture.directory.appending(path: "store").path
    do {
      // Let go of without a word, as a killed process would.
      let store = try Store.open(at: path, for: .writing(create: true))
      let database = StudyDatabase(store) { _ in nil }
      var study = try database.importStudy("s", definition)
      for trial in trials(9000) { try study.append(trial) }
    }
    let database = try fixture.open()
    #expect(try database.snapshot().studyCount == 0)
    #expect(try database.snapshot().drafts.count == 1)
    let report = try StoreCheck.run(at: path)
    #expect(report.isSound && report.studies == 0)
    #expect(report.findings.contains { $0.fact.contains("the import of \"s\" is not finished") })
    _ = try await database.createStudy("s", definition)
    #expect(try database.snapshot().drafts.isEmpty)
    #expect(try database.study(named: "s").trialCount == 0)
  }

  @Test func `a draft outlives a checkpoint, and those that live are left alone`() async throws {
    let fixture = try TableFixture()
    let path = fixture.directory.appending(path: "store").path
    let store = try Store.open(at: path, for: .writing(create: true))
    var study = try StudyDatabase(store) { _ in nil }.importStudy("s", definition)
    for trial in trials(5000) { try study.append(trial) }
    _ = try store.seal()
    let other = try fixture.open()
    _ = try await other.createStudy("t", definition)
    #expect(try other.snapshot().drafts.count == 1)
    let id = try await study.publish()
    #expect(try other.state(of: id).trialCount == 5000)
    try store.close()
    #expect(try fixture.open().snapshot().studyCount == 2)
  }

  @Test func `the name is taken when the study is there`() async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    var study = try database.importStudy("s", definition)
    try study.append(trials(1)[0])
    _ = try await database.createStudy("s", definition)
    do {
      _ = try await study.publish()
      Issue.record("two studies of one name")
    } catch {
      #expect("\(error)".contains("s"))
    }
    #expect(try database.snapshot().drafts.isEmpty && database.snapshot().studyCount == 1)
    #expect(throws: EngineError.self) { _ = try database.importStudy("s", definition) }
  }

  @Test func `samplers learn from what was imported`() async throws {
    let fixture = try TableFixture()
    let database = try fixture.open()
    let rows = (0..<200).map { "\(Double($0) / 200),\(abs(Double($0) / 200 - 0.3))" }
    let record = try await fixture.imported(
      "x,value\n" + rows.joined(separator: "\n"), .csv, as: "s",
      StudyDefinition(sampler: ComponentChoice("tpe"), seed: 1), in: database)
    #expect(History(record).finishedRows.count == 200)
    var near = 0
    for _ in 0..<10 {
      guard
        case .trial(let trial) = try await database.ask(
          record.study.id, for: .current, keepingTarget: false)
      else { continue }
      #expect(trial.number >= 200)
      if let x = trial.assignment["x"]?.number, abs(x - 0.3) < 0.1 { near += 1 }
    }
    // A fifth of the range; nearly all proposals lie there.
    #expect(near >= 6, "\(near)")
  }
}
