import PlainText
import StudyEngine
import StudyModel
import StudyStorage
import Testing

@Suite struct CoprocessTests {
  let directory: TemporaryStore
  let database: StudyDatabase

  init() throws {
    directory = try TemporaryStore()
    database = try directory.open()
  }

  private func session(
    _ adjust: (inout StudyDefinition) -> Void = { _ in }
  ) async throws -> CoprocessSession {
    let study = try await database.makeStudy(
      "s", try SearchSpace([.choice("opt", .string("adam"))]), adjust)
    return CoprocessSession(database, try database.state(of: study).study, worker: .tester)
  }

  @Test func `a conversation`() async throws {
    var session = try await session { $0.targetTrials = 1 }
    let conversation = [
      (#"{"op":"ask"}"#, #"{"trial":0,"attempt":1,"params":{"opt": "adam"}}"#),
      (#"{"op":"report","trial":0,"step":0,"value":0.5}"#, #"{"prune":false}"#),
      (
        #" {"trial":0, "step":1.0, "metrics":{"acc":1, "b\u0041":1e-3}, "op":"report"} "#,
        #"{"prune":false}"#
      ),
      (#"{"op":"report","trial":0,"step":2,"value":NaN}"#, #"{"prune":false}"#),
      (
        #"{"op":"report","trial":0,"step":3,"value":-Infinity,"metrics":null}"#,
        #"{"prune":false}"#
      ),
      (
        #"{"op":"tell","trial":0,"value":NaN}"#,
        #"{"error":"trial 0 of s cannot be complete with NaN as a value\n  try: state failed"}"#
      ),
      (
        #"{"op":"tell","trial":0,"values":[1,2]}"#,
        #"{"error":"s has 1 objective (value), and 2 values came"}"#
      ),
      (#"{"op":"tell","trial":0,"value":0.25}"#, #"{"ok":true}"#),
      (
        #"{"op":"tell","trial":0,"value":0.25}"#,
        #"{"error":"trial 0 was not asked for here, or has been told"}"#
      ),
      (#"{"op":"ask"}"#, #"{"trial":null,"done":true,"running":0}"#),
    ]
    for (line, expected) in conversation {
      let answer = await session.answer(Array(line.utf8)[...])
      #expect(answer == expected, "\(line)")
    }
    let trials = try #require(try database.snapshot().study(named: "s")).trials
    #expect(trials.metrics.map(\.name) == ["value", "acc", "bA"])
    #expect(trials.metric("value")?.series(ofRow: 0).map(\.step) == [0, 2, 3])
    #expect(trials.metric("bA")?.series(ofRow: 0).map(\.value) == [0.001])
    #expect(trials.objectiveValues(ofRow: 0) == [0.25])
  }

  @Test(arguments: [
    ("", "the line is not a JSON object"),
    ("null", "the line is not a JSON object"),
    (#"{"op":"ask"} x"#, "the line is not a JSON object"),
    (#"{"op":"ask""#, "the line is not a JSON object"),
    (#"{"op":'ask'}"#, "the line is not a JSON object"),
    ("{}", #"the line lacks "op", which is "ask", "report" or "tell""#),
    (#"{"op":7}"#, #"the line lacks "op", which is "ask", "report" or "tell""#),
    (#"{"op":"aks"}"#, #""op" is ask, report or tell, not "aks""#),
    (#"{"op":"report","step":1,"value":1}"#, #"report needs "trial""#),
    (#"{"op":"report","trial":0,"value":1}"#, #"report needs "step""#),
    (#"{"op":"report","trial":0,"step":1}"#, #"report needs "value" or "metrics""#),
    (#"{"op":"report","trial":0,"step":1.5,"value":1}"#, #""step" is not a whole number"#),
    (#"{"op":"report","trial":0,"step":"1","value":1}"#, #""step" is not a number"#),
    (#"{"op":"report","trial":0,"step":1,"value":"1"}"#, #""value" is not a number"#),
    (
      #"{"op":"report","trial":0,"step":1,"metrics":[1]}"#,
      #""metrics" is not an object of numbers"#
    ),
    (
      #"{"op":"report","trial":0,"step":1,"metrics":{"a":true}}"#,
      #"the metric "a" is not a number"#
    ),
    (#"{"op":"report","trial":1e300,"step":1,"value":1}"#, #""trial" is not a whole number"#),
    (
      #"{"op":"report","trial":9,"step":1,"value":1}"#,
      "trial 9 was not asked for here, or has been told"
    ),
    (
      #"{"op":"tell","trial":0,"state":"done"}"#,
      #""state" is complete, pruned or failed, not "done""#
    ),
    (
      #"{"op":"tell","trial":0,"state":"running"}"#,
      #""state" is complete, pruned or failed, not "running""#
    ),
    (#"{"op":"tell","trial":0,"state":1}"#, #""state" is not text"#),
    (#"{"op":"tell","trial":0,"values":["1"]}"#, #""values" are not all numbers"#),
    (#"{"op":"tell","trial":0,"values":1}"#, #""values" is not a list of numbers"#),
    (#"{"op":"tell","trial":0}"#, #"trial 0 of s has no value: it never reported "value""#),
  ])
  func `a bad line is answered, and the conversation goes on`(
    line: String, error: String
  ) async throws {
    var session = try await session()
    _ = await session.answer(Array(#"{"op":"ask"}"#.utf8)[...])
    #expect(
      await session.answer(Array(line.utf8)[...]) == "{\"error\":\(error.jsonQuoted)}")
    let answer = await session.answer(
      Array(#"{"op":"tell","trial":0,"state":"failed","reason":"odd"}"#.utf8)[...])
    #expect(answer == #"{"ok":true}"#)
    let trials = try #require(try database.snapshot().study(named: "s")).trials
    #expect(trials.states[0] == .failed)
    #expect(trials.attempts[0].end?.reason == "odd")
  }

  @Test func `what was not told is given back at the end`() async throws {
    var session = try await session { $0.space = .empty }
    for _ in 0..<3 { _ = await session.answer(Array(#"{"op":"ask"}"#.utf8)[...]) }
    _ = await session.answer(Array(#"{"op":"tell","trial":1,"value":1}"#.utf8)[...])
    try await session.close()
    let trials = try #require(try database.snapshot().study(named: "s")).trials
    #expect(trials.states.map { $0 } == [.waiting, .complete, .waiting])
    #expect(trials.attempts[0].end?.outcome == .interrupted)
  }

  @Test func `a study that is deleted meanwhile ends nothing badly`() async throws {
    var session = try await session()
    _ = await session.answer(Array(#"{"op":"ask"}"#.utf8)[...])
    let study = try #require(try database.snapshot().study(named: "s")).study.id
    try await database.deleteStudy(study, evenIfRunning: true)
    let answer = await session.answer(
      Array(#"{"op":"report","trial":0,"step":0,"value":1}"#.utf8)[...])
    #expect(answer == #"{"error":"the study has been deleted"}"#)
    try await session.close()
  }
}
