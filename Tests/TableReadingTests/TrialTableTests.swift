import Foundation
import PlainText
import StudyEngine
import StudyModel
import Testing

@testable import TableReading

@Suite struct TrialTableTests {
  private func domains(
    _ text: String, _ format: TableFormat = .csv, _ request: TableRequest = TableRequest()
  ) throws -> [String: Distribution] {
    let table = try TableFixture().table(text, format, request)
    return Dictionary(
      uniqueKeysWithValues: table.space.parameters.map { ($0.name, $0.distribution) })
  }

  private func fact(
    _ text: String, _ format: TableFormat = .csv, _ change: (inout TableRequest) -> Void = { _ in }
  ) throws -> String {
    let fixture = try TableFixture()
    var request = TableRequest()
    change(&request)
    do {
      _ = try fixture.trials(text, format, request)
      return "nothing"
    } catch let error as TableError {
      let fact = error.explanation.fact
      return String(fact[(fact.firstIndex { $0 == "," || $0 == ":" } ?? fact.startIndex)...])
    }
  }

  @Test func `domains are those of whole columns`() throws {
    let found = try domains(
      """
      value,i,f,mixed,log,flat,b,c,m,gone,id
      1,3,0.5,1,1e-5,0.001,true,adam,16,,"007"
      2,-4,2.0,1.5,1e-4,0.5,False,sgd,adam,,"1"
      3,9,1.0,2,0.1,1.0,TRUE,adam,0.5,,
      """)
    #expect(found["i"] == .integer(try IntegerDomain(low: -4, high: 9)))
    #expect(found["f"] == .float(try FloatDomain(low: 0.5, high: 2)))
    #expect(found["mixed"] == .float(try FloatDomain(low: 1, high: 2)))
    #expect(found["log"] == .float(try FloatDomain(low: 1e-5, high: 0.1, isLogarithmic: true)))
    #expect(found["flat"] == .float(try FloatDomain(low: 0.001, high: 1)))
    #expect(found["b"] == .categorical([.bool(false), .bool(true)]))
    #expect(found["c"] == .categorical([.string("adam"), .string("sgd")]))
    #expect(found["m"] == .categorical([.integer(16), .string("adam"), .float(0.5)]))
    #expect(found["gone"] == nil)
    #expect(found["id"] == .categorical([.string("007"), .string("1")]))
  }

  @Test func `uniform numbers near zero are not logarithmic`() throws {
    var random = SplitMix(state: 5)
    let uniform = (0..<5000).map { _ in "1,\(Double.random(in: 0..<1, using: &random))" }
    guard case .float(let flat)? = try domains("value,x\n" + uniform.joined(separator: "\n"))["x"]
    else {
      Issue.record("no range")
      return
    }
    #expect(flat.high / flat.low > 1000 && !flat.isLogarithmic)
    let even = (0..<500).map { _ in "1,\(Int(exp2(Double.random(in: 0..<12, using: &random))))" }
    let found = try domains("value,n\n1,1\n1,4095\n" + even.joined(separator: "\n"))["n"]
    #expect(found == .integer(try IntegerDomain(low: 1, high: 4095, isLogarithmic: true)))
  }

  @Test func `what is declared is not inferred`() throws {
    var request = TableRequest()
    let typed = try ChoiceDomain([.float(1.1), .float(1.9)], texts: ["1.10", "1.9"])
    request.space = try SearchSpace([
      Parameter(name: "v", distribution: .categorical(typed)),
      Parameter(name: "lr", distribution: .float(try FloatDomain(low: 0, high: 1))),
    ])
    let trials = try TableFixture().trials("lr,v,value\n7,1.10,1\n1,1.9,2\n", .csv, request)
    #expect(trials[0].assignment.json == #"{"v": 1.1, "lr": 7.0}"#)
    #expect(trials[0].assignment.entries[0].text == "1.10")
    #expect(
      try fact("lr,v,value\n1,1.9,1\n1,1.8,2\n") { $0.space = request.space }
        == ", line 3, column \"v\": 1.8 is no value of v")
  }

  @Test func `states, values and times`() throws {
    let trials = try TableFixture().trials(
      """
      number,state,value,started,ended,attempt_reason
      0,COMPLETE,1,2026-01-02 03:04:05,2026-01-02T03:04:06Z,
      3,failed,,2026-01-02,2026-01-03,exit status 3
      4,RUNNING,,,,
      5,pruned,nan,,,
      """)
    #expect(trials.map(\.number) == [0, 3, 4, 5])
    #expect(trials.map(\.state) == [.complete, .failed, .waiting, .pruned])
    #expect(trials[0].run?.ended.rawValue == 1_767_323_046_000_000)
    #expect(trials[1].run?.end.reason == "exit status 3" && trials[1].run?.end.outcome == .failed)
    #expect(trials[2].run == nil && trials[2].ended == nil)
    #expect(trials[3].values.first?.isNaN == true)
    let plain = try TableFixture().trials("value,x\n1,2\n,3\nnan,4\n")
    #expect(plain.map(\.state) == [.complete, .failed, .failed])
  }

  @Test func `several objectives`() throws {
    let objectives = [
      Objective(name: "loss", direction: .minimize), Objective(name: "acc", direction: .maximize),
    ]
    let trials = try TableFixture().trials(
      "acc,loss,x\n0.5,1,2\n", .csv, request { $0.objectives = objectives })
    #expect(trials[0].values == [1, 0.5])
    #expect(
      try TableFixture().trials(
        "a,b,x\n0.5,1,2\n", .csv,
        request {
          $0.objectives = objectives
          $0.values = ["b", "a"]
        })[0].values == [1, 0.5])
    #expect(
      try fact("value_1,value_2,x\n1,2,3\n").contains("it has the values of 2 objectives"))
  }

  private func request(_ change: (inout TableRequest) -> Void) -> TableRequest {
    var request = TableRequest()
    change(&request)
    return request
  }

  @Test func `columns are chosen`() throws {
    let text = "Unnamed: 0,value,a,b,path\n0,1,2,3,/x\n"
    #expect(Set(try domains(text, .csv, request { $0.ignored = ["path"] }).keys) == ["a", "b"])
    #expect(Set(try domains(text, .csv, request { $0.parameters = ["b"] }).keys) == ["b"])
    #expect(try fact(text) { $0.ignored = ["pth"] }.contains("it has no column \"pth\""))
  }

  @Test(arguments: [
    ("value,x\n1,2,3\n", ", line 2: 3 fields, where the header has 2"),
    ("value,x\n1,2\nabc,3\n", ", line 3, column \"value\": \"abc\" is no number"),
    ("state,value\ncomplete,1\ndone,2\n", ", line 3, column \"state\": \"done\" is no state"),
    ("state,value\ncomplete,\n", ", line 2, column \"state\": a complete trial has no value"),
    ("number,value\n1,1\n1,2\n", ", line 3, column \"number\": trial 1 stands there twice"),
    ("number,value\n4,1\n1,2\n", ", line 3, column \"number\": trial 1 comes after trial 4"),
    ("number,value\n-1,1\n", ", line 2, column \"number\": -1 is no number of a trial"),
    ("value,started\n1,today\n", ", line 2, column \"started\": \"today\" is no time"),
    ("value,x\n1,\"2\n", ", line 2: a quote opens here and nothing closes it"),
    (
      "loss,x\n1,2\n",
      ": none of its columns is called \"value\", so that it is not clear what was found"
    ),
    ("value,x,x\n1,2,3\n", ": two columns are called \"x\""), ("", ": there is nothing in it"),
  ])
  func `what is wrong is told with its place`(text: String, told: String) throws {
    #expect(try fact(text) == told)
  }

  @Test func `a slip in a column of numbers is no choice`() throws {
    let numbers = (0..<20).map { "1,0.\($0)5" }.joined(separator: "\n")
    #expect(
      try fact("value,x\n\(numbers)\n1,0.5x\n")
        == ", line 22, column \"x\": \"0.5x\" is no number, where 20 others are")
    let texts = (0...1000).map { "1,text \($0)" }.joined(separator: "\n")
    #expect(try fact("value,x\n\(texts)\n").contains("more than 1000 different values"))
  }

  @Test func `lines of JSON may have keys of their own`() throws {
    let trials = try TableFixture().trials(
      """
      {"value": 1, "x": 2, "user_note": [1, {"a": null}]}
      {"x": 3, "value": "Infinity", "layers": [64, 64]}

      {"value": null, "x": 4, "user_note": "é"}
      """, .jsonl)
    #expect(trials.map(\.state) == [.complete, .complete, .failed])
    #expect(trials[1].values == [.infinity])
    #expect(trials[0].attributes.first?.json == #"[1,{"a":null}]"#)
    #expect(trials[1].assignment["layers"] == .structure("[64,64]"))
    #expect(
      try fact("{\"value\": 1}\n{\"value\": }\n", .jsonl)
        == ", line 2: a value should stand here")
  }

  @Test func `reports must follow their trials`() throws {
    let fixture = try TableFixture()
    var metrics = try MetricTable(
      try fixture.file(
        "number,metric,step,value,time\n0,loss,1,0.5,\n0,a,-2,nan,2026-01-01\n1,a,0,1,\n0,a,1,1,\n")
    )
    #expect(try metrics.next()?.report == ImportedReport(metric: "loss", step: 1, value: 0.5))
    #expect(try metrics.next()?.report.time?.rawValue == 1_767_225_600_000_000)
    #expect(try metrics.next()?.number == 1)
    #expect(throws: TableError.self) { _ = try metrics.next() }
    #expect(throws: TableError.self) { _ = try MetricTable(try fixture.file("number,step\n1,2\n")) }
  }
}
