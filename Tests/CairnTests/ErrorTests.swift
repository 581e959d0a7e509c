// What is typed wrong: the fact, the evidence and what to try, status 2, and nothing is recorded.

import Foundation
import Testing

@Suite struct ErrorTests {
  @Test(arguments: [
    ("x=1..", "the upper bound is missing"), ("x=5..1", "the lower bound 5 is above"),
    ("x=log:0..1", "a logarithmic domain must begin above zero"), ("x=a", "\"a\" is not a domain"),
    ("x", "\"=DOMAIN\" is missing"), ("x=", "a domain is missing"),
    ("=1..2", "the parameter's name is missing"), ("x=0..1:step=0", "the step must be positive"),
    ("x=1..2:step=", "the step is missing"), ("x=nan..1", "\"nan\" is not a number"),
    ("x=0..1e400", "the bounds must be finite"), ("x=a,a", "stands there twice"),
    ("x=flaot:1..2", "did you mean float?"), ("x=int:0.5..2", "\"0.5\" is not a whole number"),
  ])
  func `a wrong domain is shown with a mark below the place`(
    domain: String, fact: String
  ) throws {
    let place = try Workplace()
    let outcome = try place.run("cairn run s -p '\(domain)' --trials 1 -- echo 1")
    #expect(outcome.status == 2)
    let lines = outcome.lines
    #expect(lines[0].hasPrefix("error: -p: "), "\(outcome.errors)")
    #expect(lines[0].contains(fact), "\(outcome.errors)")
    #expect(lines[1] == "  \(domain)")
    #expect(lines[2].contains("^"))
    #expect(lines[3].hasPrefix("  try: "))
    #expect(!place.exists(".cairn"))
  }

  @Test(arguments: [
    (
      "a.yaml", "parameters:\n  lr: {type: float, low: 0, high: 1\n  b: 2\n",
      "a.yaml:3:4: did not find expected ',' or '}'"
    ),
    (
      "b.yaml", "parameters:\n  lr: {type: flaot, low: 0, high: 1}\n",
      "b.yaml:2:14: parameters.lr.type: there is no type \"flaot\"; did you mean float?"
    ),
    (
      "c.json", "{\"parameters\": {\"lr\": {\"type\": \"float\",}\n}}",
      "c.json:1:40: a key in quotes should stand here"
    ),
    (
      "d.json", "{\"parameters\":\n {\"lr\": {\"type\": \"float\", \"low\": 2, \"high\": 1}\n}}",
      "d.json:2:9: parameters.lr: the lower bound 2.0 is above the upper bound 1.0"
    ),
    ("e.json", "[1, 2]", "e.json:1:1: here should be a mapping with the key \"parameters\""),
    (
      "f.yaml", "parameters:\n  lr: 1..2\n  lr: 1..2\n",
      "f.yaml:2:3: the key \"lr\" stands twice in one mapping"
    ),
  ])
  func `a malformed space file is shown with the line`(
    name: String, text: String, fact: String
  ) throws {
    let place = try Workplace()
    try place.write(name, text)
    let outcome = try place.run("cairn run s --space \(name) -- echo {args}")
    #expect(outcome.status == 2)
    let lines = outcome.lines
    #expect(lines[0].hasPrefix("error: \(fact)"), "\(outcome.errors)")
    let number = try #require(fact.split(separator: ":").dropFirst().first.flatMap { Int($0) })
    #expect(lines[1] == "  " + text.split(separator: "\n")[number - 1])
    #expect(lines[2].hasSuffix("^"))
    #expect(fact.contains("did you mean") || lines.last?.contains("try: ") == true)
    #expect(!place.exists(".cairn"))
  }

  @Test(arguments: [
    ("empty.yaml", ": the space file is empty"), ("no.yaml", ": the space file cannot be read"),
    (".", ": the space file cannot be read"), ("bytes.yaml", ": the space file is not UTF-8 text"),
  ])
  func `a space file that is none is named`(name: String, fact: String) throws {
    let place = try Workplace()
    try place.write("empty.yaml", "")
    try Data([0xff, 0xfe, 0, 0xc0]).write(to: place.directory.appending(path: "bytes.yaml"))
    let outcome = try place.run("cairn run s --space \(name) -- echo {args}")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("error: \(name)\(fact)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\n  try: "))
  }

  @Test(arguments: [
    "show digts", "best digts", "trials digts", "metrics digts", "logs digts 0", "ask digts",
    "tell digts 0 1", "report digts 0 --step 1 1", "enqueue digts x=1", "stop digts",
    "retry digts", "edit digts --trials 9", "delete digts --yes", "resume digts", "watch digts",
    "coprocess digts", "export digts -o digts.csv",
  ])
  func `every command answers an unknown study with the nearest one`(command: String) throws {
    let place = try Workplace()
    #expect(try place.run("cairn create digits -p x=1..9").status == 0)
    let outcome = try place.run("cairn \(command)")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    let lines = outcome.lines
    #expect(lines[0].hasPrefix("error: there is no study \"digts\" in "), "\(outcome.errors)")
    #expect(lines.dropFirst() == ["  try: digits", "   or: cairn studies"])
    #expect(!place.exists("digts.csv"))
  }

  @Test func `a line that is not JSON is answered, and the session goes on`() throws {
    let place = try Workplace()
    #expect(try place.run("cairn create s -p x=1..9 --seed 1").status == 0)
    let lines = [
      #"{"op":"ask"}"#, "loss = 3", #"{"op":"tell""#, #"["ask"]"#, #"{"op":"shout"}"#,
      #"{"op":"tell","trial":7,"value":1}"#, #"{"op":"tell","trial":0,"value":"much"}"#, "",
      #"{"op":"tell","trial":0,"value":2}"#,
    ]
    try place.write("lines", lines.joined(separator: "\n"))
    let outcome = try place.run("cairn coprocess s < lines")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    let answers = outcome.output.split(separator: "\n")
    #expect(answers.count == lines.count)
    #expect(answers[0].hasPrefix(#"{"trial":0,"attempt":1,"params":"#))
    for answer in answers[1..<8] { #expect(answer.hasPrefix(#"{"error":""#), "\(answer)") }
    #expect(answers[1] == #"{"error":"the line is not a JSON object"}"#)
    #expect(answers[8] == #"{"ok":true}"#)
    let trials = try place.run("cairn trials s --columns number,state,value --format csv")
    #expect(trials.output == "number,state,value\r\n0,complete,2.0\r\n")
  }
}
