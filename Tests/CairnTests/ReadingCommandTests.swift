// Studies, metrics, logs, parse, and what all reading commands say when there is nothing to read.

import Foundation
import Testing

@Suite struct ReadingCommandTests {
  @Test func `lists the studies`() async throws {
    let store = try await StoreFixture.shared()
    let rows = try store.output("studies", "--format", "tsv").split(separator: "\n")
    #expect(rows.count == 6)
    #expect(
      rows[1].hasPrefix("digits\tmaximize\taccuracy\tauto\tmedian\t6\t2\t1\t1\t1\t1\t40\t0.92"))
    let table = try store.output("studies", "--format", "table")
    #expect(table.contains("best_value"))
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func `prints reported values, long, wide and as curves`() async throws {
    let store = try await StoreFixture.shared()
    let long = try store.output("metrics", "digits", "0", "3", "--metric", "accuracy")
    let lines = long.split(separator: "\n").map { line in
      line.split(separator: "\t").prefix(4).joined(separator: " ")
    }
    #expect(
      lines == [
        "number metric step value", "0 accuracy 0 0.5", "0 accuracy 1 0.95", "0 accuracy 2 0.92",
        "3 accuracy 0 0.7", "3 accuracy 1 nan", "3 accuracy 2 0.85",
      ])
    #expect(
      try store.output("metrics", "digits", "0", "--wide", "--format", "csv")
        == "number,step,accuracy,val/loss\r\n0,0,0.5,1.5\r\n0,1,0.95,0.25\r\n0,2,0.92,\r\n")
    let table = try store.output("metrics", "digits", "--format", "table")
    #expect(table.contains("▁██"))
    #expect(table.contains("▁ █"))
    #expect(try store.output("metrics", "spare", "--format", "table") == "(no rows)\n")
  }

  @Test func `an unknown metric gets the nearest names`() async throws {
    let process = try await StoreFixture.shared().cairn("metrics", "digits", "--metric", "acuracy")
    #expect(process.status == 2)
    #expect(process.errors.contains("try: --metric accuracy"))
  }

  @Test func `prints what a trial printed`() async throws {
    let store = try await StoreFixture.shared()
    #expect(try store.output("logs", "digits", "0") == "epoch 0\nepoch 1\n")
    #expect(try store.output("logs", "digits", "0", "-f") == "epoch 0\nepoch 1\n")
    let waiting = try store.cairn("logs", "digits", "5")
    #expect(waiting.status == 1)
    #expect(waiting.errors == "error: trial 5 of \"digits\" has not run yet\n")
    #expect(try store.cairn("logs", "digits", "1").errors.contains("was kept"))
    let attempt = try store.cairn("logs", "digits", "0", "--attempt", "2")
    #expect(attempt.errors.contains("it has had 1 attempt\n"))
  }

  @Test(arguments: [
    ["show"], ["best"], ["trials"], ["metrics"], ["export", "-o", "-"], ["logs"],
  ])
  func `an unknown study ends with 1 and the nearest names`(command: [String]) async throws {
    let store = try await StoreFixture.shared()
    var arguments = [command[0], "digts"] + command.dropFirst()
    if command[0] == "logs" { arguments.append("0") }
    let process = try CairnProcess(arguments, in: store.directory)
    #expect(process.status == 1)
    #expect(process.output.isEmpty)
    #expect(process.errors.contains("there is no study \"digts\" in "))
    #expect(process.errors.contains("try: digits\n   or: cairn studies\n"))
  }

  @Test func `an unknown trial ends with 1 and the numbers there are`() async throws {
    let store = try await StoreFixture.shared()
    for arguments in [
      ["show", "digits", "6"], ["metrics", "digits", "6"], ["logs", "digits", "6"],
    ] {
      let process = try CairnProcess(arguments, in: store.directory)
      #expect(process.status == 1)
      #expect(process.errors.contains("\"digits\" has no trial 6\n  its trials are 0 to 5\n"))
    }
    #expect(try store.cairn("show", "spare", "0").errors.contains("it has no trials yet"))
  }

  static let commands = [
    ["studies"], ["show", "x"], ["best", "x"], ["trials", "x"], ["query", "SELECT 1"],
    ["metrics", "x"], ["export", "x", "-o", "x.csv"], ["logs", "x", "0"],
  ]

  @Test(arguments: commands)
  func `without a store nothing is created`(command: [String]) throws {
    let directory = try Self.temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let process = try CairnProcess(command, in: directory)
    #expect(process.status == 1)
    #expect(process.errors.contains("there is no store"))
    #expect(process.errors.contains("try: cairn run STUDY … creates one"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }

  @Test func `a directory that is no store is left alone`() throws {
    let directory = try Self.temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let process = try CairnProcess(["studies", "--store", "."], in: directory)
    #expect(process.status == 1)
    #expect(
      process.errors.contains(" is not a Cairn store\n  it has no file FORMAT\n"),
      "\(process.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    let file = try CairnProcess(
      ["studies"], in: directory, environment: ["CAIRN_STORE": "/etc/passwd"])
    #expect(file.status == 2)
    #expect(file.errors.contains("named by /etc/passwd ($CAIRN_STORE)"))
  }

  @Test func `shows what parse would recognise`() async throws {
    let store = try await StoreFixture.shared()
    let text = "epoch 0 loss: 0.5\r\n{\"step\": 1, \"loss\": 0.25}\n{\"loss\": 0.2}\nbye\n"
    let process = try store.cairn(
      "parse", "--minimize", "loss", "--metric", #"loss=loss: (\S+)"#, "--format", "csv",
      input: text)
    #expect(process.status == 0)
    #expect(process.errors == "the trial's result: loss = 0.2\n")
    #expect(process.lines.count == 3)
    #expect(process.lines[0] == "line,metric,step,value,rule,text")
    #expect(process.lines[1] == "2,loss,1,0.25,JSON line,\"{\"\"step\"\": 1, \"\"loss\"\": 0.25}\"")
    #expect(process.lines[2] == "3,loss,,0.2,JSON line,\"{\"\"loss\"\": 0.2}\"")
    #expect(try store.cairn("parse", input: "hello\n0.75\n").errors.contains("value = 0.75"))
  }

  @Test func `parse says what of print counts, and why`() async throws {
    let store = try await StoreFixture.shared()
    let text = "Epoch 1/2\nloss: 0.5 - val_loss: 0.75\n{'val_loss': '0.5', 'epoch': 2}\n"
    let process = try store.cairn(
      "parse", "--minimize", "val_loss", "--format", "csv", input: text)
    #expect(process.status == 0)
    #expect(process.errors == "the trial's result: val_loss = 0.5\n")
    #expect(
      process.lines == [
        "line,metric,step,value,rule,text",
        "2,val_loss,1,0.75,NAME: VALUE; step of line 1,loss: 0.5 - val_loss: 0.75",
        "2,loss,1,0.5,NAME: VALUE; step of line 1,loss: 0.5 - val_loss: 0.75",
        "3,val_loss,2,0.5,\"dictionary; step \"\"epoch\"\"\",\"{'val_loss': '0.5', 'epoch': 2}\"",
      ])
    let off = try store.cairn("parse", "--minimize", "val_loss", "--no-guess", input: text)
    #expect(off.status == 1)
    let named = try store.cairn(
      "parse", "--minimize", "loss", "--step", "n", "--format", "csv",
      input: "{\"epoch\": 1, \"n\": 7, \"loss\": 3}\n")
    #expect(named.lines[1].hasPrefix("1,loss,7,3"))
  }

  @Test func `parse tells of numbers it left out and of patterns it gave up`() async throws {
    let store = try await StoreFixture.shared()
    let part = try store.cairn(
      "parse", "--minimize", "loss", "--metric", #"loss=loss=(\S+)"#, input: "loss=0,512\n")
    #expect(part.status == 1)
    #expect(
      part.errors.contains(
        #"warning: 1 value of "loss" left out, being no number as a whole: "0,512""#))
    let slow = try store.cairn(
      "parse", "--minimize", "loss", "--metric", #"loss=(a+)+b|loss=(?<value>\S+)"#,
      input: String(repeating: "a", count: 40) + "\nloss=1\n")
    #expect(slow.status == 1)
    #expect(slow.errors.contains(#"warning: the pattern of "loss" was given up"#))
    #expect(slow.errors.contains("its pattern (a+)+b|loss=(?<value>\\S+) took too long"))
  }

  @Test func `parse ends with 1 when there would be no value`() async throws {
    let store = try await StoreFixture.shared()
    let process = try store.cairn(
      "parse", "--maximize", "accuracy", input: "{\"step\": 0, \"acuracy\": 1}\n")
    #expect(process.status == 1)
    #expect(
      process.errors == """
        error: no value for "accuracy"
          recognised: acuracy
          try: --metric accuracy='accuracy[=:] *(\\S+)'
           or: --maximize acuracy

        """)
    let pattern = try store.cairn("parse", "--metric", "loss=(", input: "")
    #expect(pattern.status == 2)
    #expect(try store.cairn("parse", "--metric", "loss", input: "").status == 2)
  }

  static func temporaryDirectory() throws -> URL {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("cairn-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }
}
