import Foundation
import StudyEngine
import StudyModel
import StudySQL
import Testing

/// What a program outside this package can do: only public declarations.
@Suite struct EmbeddingTests {
  private func path() -> String { NSTemporaryDirectory() + "cairn-embedding-\(UUID().uuidString)" }

  @Test func `a program opens a store, runs a trial and finds it again`() async throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let parameter = Parameter(name: "x", distribution: .float(try FloatDomain(low: 0, high: 1)))
    let definition = StudyDefinition(space: try SearchSpace([parameter]), seed: 1)
    let database = try StudyDatabase.open(at: path)
    let study = try await database.createStudy("s", definition)
    guard case .trial(let trial) = try await database.ask(study, for: .current) else {
      Issue.record("no trial")
      return
    }
    try database.report(
      study, trial: trial.number, claim: trial.claim, step: 0, [.init("value", 2)])
    try await database.tell(
      study, trial: trial.number, claim: trial.claim, state: .complete, values: [1])
    try database.close()

    let again = try StudyDatabase.open(at: path, creating: false)
    #expect(try again.study(named: "s").trial(0).values == [1])
    try again.close()
  }

  @Test func `a program queries a store by SQL`() async throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let parameter = Parameter(name: "x", distribution: .float(try FloatDomain(low: 0, high: 1)))
    let database = try StudyDatabase.open(at: path)
    let study = try await database.createStudy(
      "s", StudyDefinition(space: try SearchSpace([parameter]), seed: 1))
    for number in 0..<3 {
      guard case .trial(let trial) = try await database.ask(study, for: .current) else {
        Issue.record("no trial")
        return
      }
      try await database.tell(
        study, trial: trial.number, claim: trial.claim, state: .complete, values: [Double(number)])
    }
    let snapshot = try database.snapshot()
    try await database.deleteStudy(study)

    // The snapshot says what it said, whatever was recorded since.
    let history = try HistoryDatabase(snapshot, limits: QueryLimits(memoryBytes: 64 << 20))
    var rows = try history.query("SELECT number, value FROM s WHERE value >= ?1", [.real(1)])
    #expect(rows.columns.map(\.name) == ["number", "value"])
    #expect(try rows.next() == [.integer(1), .real(1)])
    #expect(try rows.all() == [[.integer(2), .real(2)]])
    var best = try history.trials(
      of: study, TrialListing(filter: "x >= 0", sort: ["-value"], columns: ["number"], limit: 1))
    #expect(try best.all() == [[.integer(2)]])
    #expect(try history.columnNames(of: study).contains("x"))
    var text = ""
    var csv = RowWriter(.csv, columns: [ResultColumn("n")]) { text += $0 }
    try csv.write([.integer(7)])
    try csv.finish()
    #expect(text == "n\r\n7\r\n")
    #expect(throws: QueryError.self) { _ = try history.query("SELECT nothing FROM s") }
    try database.close()
    #expect(try StudyDatabase.snapshot(at: path).studies.isEmpty)
  }

  @Test func `constraints that nobody can judge are refused and not forgotten`() async throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let parameter = Parameter(name: "x", distribution: .float(try FloatDomain(low: 0, high: 1)))
    let space = try SearchSpace([parameter], constraints: ["x < 0.5"])
    let database = try StudyDatabase.open(at: path)
    await #expect(throws: EngineError.self) {
      _ = try await database.createStudy("s", StudyDefinition(space: space, seed: 1))
    }
    try database.close()
  }
}
