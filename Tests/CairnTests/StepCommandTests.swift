import Foundation
import StudyEngine
import StudyModel
import StudyStorage
import Testing

/// `ask`, `report`, `tell`, `enqueue`, `retry` and `delete` as processes of their own.
@Suite struct StepCommandTests {
  private let directory: StepDirectory

  init() async throws {
    directory = try StepDirectory()
    try await directory.makeStudy()
  }

  private func cairn(_ arguments: String...) throws -> StepDirectory.Outcome {
    try directory.cairn(arguments)
  }

  @Test func `a trial is asked for, reported and told`() throws {
    let asked = try cairn("ask", "s")
    #expect(asked.status == 0)
    let trial = try #require(
      try JSONSerialization.jsonObject(with: Data(asked.output.utf8)) as? [String: Any])
    #expect(trial["trial"] as? Int == 0)
    #expect(trial["attempt"] as? Int == 1)
    #expect((trial["params"] as? [String: Double])?.keys.sorted() == ["x", "y"])
    let files = try #require(trial["dir"] as? String)
    #expect(files == directory.store + "/trials/1/0")
    #expect(FileManager.default.fileExists(atPath: files))

    #expect(
      try cairn("report", "s", "0", "--step", "-3", "-0.5", "acc=1e-3").output
        == "{\"prune\":false}\n")
    #expect(try cairn("tell", "s", "0", "-0.25").output == "{\"ok\":true}\n")
    let trials = try directory.trials()
    #expect(trials.objectiveValues(ofRow: 0) == [-0.25])
    #expect(try trials.metric("value")?.series(ofRow: 0).map(\.step) == [-3])
    #expect(try trials.metric("acc")?.series(ofRow: 0).map(\.value) == [0.001])

    let again = try cairn("tell", "s", "0", "1")
    #expect(again.status == 1)
    #expect(
      again.errors == "error: trial 0 of s is complete; finished trials never change\n")
  }

  @Test func `a trial ends as it is told`() throws {
    for _ in 0..<3 { _ = try cairn("ask", "s") }
    #expect(try cairn("tell", "s", "0", "--state", "failed", "--reason", "odd").status == 0)
    #expect(try cairn("report", "s", "1", "0.5", "--step", "0").status == 0)
    #expect(try cairn("tell", "s", "1", "--state", "pruned").status == 0)
    #expect(try cairn("tell", "s", "2", "value=3").status == 0)
    let trials = try directory.trials()
    #expect(trials.states.map { $0 } == [.failed, .pruned, .complete])
    #expect(trials.lastAttempt(ofRow: 0)?.end?.reason == "odd")
    #expect(trials.objectiveValues(ofRow: 1) == [0.5])
    #expect(trials.objectiveValues(ofRow: 2) == [3])
  }

  @Test(arguments: [
    (["tell", "s", "0", "lss=1"], "error: \"lss\" is no objective of s\n  it has value\n"),
    (
      ["tell", "s", "0", "1", "value=1"],
      "error: values come with names or without, not both\n"
    ),
    (
      ["tell", "s", "0", "abc"],
      "error: \"abc\" is not a number\n  abc\n  try: NAME=VALUE, such as accuracy=0.91\n"
    ),
    (["enqueue", "s", "z=1"], "error: there is no parameter \"z\"; did you mean x?"),
    (["ask", "s", "--lease", "0s"], "error: --lease is a duration"),
    (["tell", "s", "0", "--stat", "failed"], "error: unknown option '--stat'"),
  ])
  func `wrong usage ends with 2`(arguments: [String], start: String) throws {
    let outcome = try directory.cairn(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix(start), "\(outcome.errors)")
  }

  @Test func `what is not there is said, and no store is made`() throws {
    let study = try cairn("ask", "t")
    #expect(study.status == 1)
    #expect(study.errors.hasPrefix("error: there is no study \"t\" in this store"))
    let store = try directory.cairn(["ask", "s"], store: directory.path + "/none")
    #expect(store.status == 1)
    #expect(store.errors.hasPrefix("error: there is no store at"))
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/none"))
  }

  @Test func `enqueued trials come first, with what was fixed`() throws {
    #expect(try cairn("enqueue", "s", "x=0.125").output == "0\n")
    #expect(try cairn("enqueue", "s", "x=0.25", "y=0.5").output == "1\n")
    #expect(try cairn("ask", "s").output.contains("\"params\":{\"x\": 0.125, \"y\": "))
    #expect(try cairn("ask", "s").output.contains("\"params\":{\"x\": 0.25, \"y\": 0.5}"))
  }

  @Test func `finished trials are retried by a filter`() throws {
    for _ in 0..<4 { _ = try cairn("ask", "s") }
    for number in ["0", "1"] { _ = try cairn("tell", "s", number, "--state", "failed") }
    _ = try cairn("tell", "s", "2", "5")
    #expect(try cairn("retry", "s").output == "4\n5\n")
    let nothing = try cairn("retry", "s")
    #expect(nothing.status == 0)
    #expect(nothing.output == "")
    #expect(nothing.errors.hasPrefix("warning: nothing to retry"))
    #expect(try cairn("retry", "s", "--where", "value > 1").output == "6\n")
    #expect(try cairn("retry", "s", "--where", "state = 'running'").output == "")
    let bad = try cairn("retry", "s", "--where", "sate = 'failed'")
    #expect(bad.status != 0)
    #expect(bad.errors.contains("state"))
    let trials = try directory.trials()
    #expect((4...6).map { trials.retryOf[$0] } == [0, 1, 2])
    #expect(trials.assignment(ofRow: 6) == trials.assignment(ofRow: 2))
  }

  @Test func `a study is deleted with its files, when that is meant`() throws {
    _ = try cairn("ask", "s")
    let files = directory.store + "/trials/1"
    try Data().write(to: URL(filePath: files + "/0/checkpoint"))
    let unsure = try cairn("delete", "s")
    #expect(unsure.status == 2)
    #expect(unsure.errors.contains("try: cairn delete s --yes"))
    #expect(FileManager.default.fileExists(atPath: files))

    let sure = try cairn("delete", "s", "--yes")
    #expect(sure.status == 0)
    #expect(sure.output + sure.errors == "")
    #expect(!FileManager.default.fileExists(atPath: files))
    #expect(FileManager.default.fileExists(atPath: directory.store + "/trials"))
    #expect(try cairn("ask", "s").status == 1)
  }

  @Test func `the target is kept unless it is waived`() async throws {
    try await directory.makeStudy("t", target: 1)
    _ = try cairn("ask", "t")
    #expect(try cairn("ask", "t").output == "{\"trial\":null,\"done\":true,\"running\":1}\n")
    #expect(try cairn("ask", "t", "--beyond").output.hasPrefix("{\"trial\":1,"))
  }
}
