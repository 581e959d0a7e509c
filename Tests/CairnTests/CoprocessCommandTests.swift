import Foundation
import StudyModel
import TestSupport
import Testing

/// `cairn coprocess` as the child of a program.
@Suite struct CoprocessCommandTests {
  private let directory: StepDirectory

  init() async throws {
    directory = try StepDirectory()
    try await directory.makeStudy()
  }

  /// A running coprocess and the pipes to it.
  private final class Conversation {
    let process: Process
    let input = Pipe.closedOnExec()
    private let output = Pipe.closedOnExec()
    private var pending = Data()

    init(_ directory: StepDirectory, _ options: String...) throws {
      process = directory.process(["coprocess", "s"] + options)
      process.standardInput = input
      process.standardOutput = output
      try process.run()
    }

    func say(_ lines: String...) throws {
      let text = lines.map { $0 + "\n" }.joined()
      try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    func answer() -> String? {
      while true {
        if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
          defer { pending = Data(pending[(end + 1)...]) }
          return String(decoding: pending[..<end], as: UTF8.self)
        }
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { return nil }
        pending += more
      }
    }

    func end() throws -> Int32 {
      try input.fileHandleForWriting.close()
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  @Test(arguments: ["default", "relaxed", "strict"])
  func `a program converses line by line, or says much at once`(durability: String) throws {
    let conversation = try Conversation(directory, "--durability", durability)
    try conversation.say(#"{"op":"ask"}"#)
    #expect(conversation.answer()?.hasPrefix(#"{"trial":0,"attempt":1,"params":{"x": "#) == true)
    let reports = (0..<2000).map { #"{"op":"report","trial":0,"step":\#($0),"value":\#($0)}"# }
    try conversation.say(reports.joined(separator: "\n"), "gibberish")
    for _ in reports { #expect(conversation.answer() == #"{"prune":false}"#) }
    #expect(conversation.answer() == #"{"error":"the line is not a JSON object"}"#)
    try conversation.say(#"{"op":"tell","trial":0}"#)
    #expect(conversation.answer() == #"{"ok":true}"#)
    #expect(try conversation.end() == 0)
    #expect(try directory.trials().objectiveValues(ofRow: 0) == [1999])
    #expect(try directory.trials().metric("value")?.summary(ofRow: 0)?.count == 2000)
  }

  @Test func `a line beyond all measure is answered and passed over`() throws {
    let conversation = try Conversation(directory)
    // In a thread of its own: a pipe does not hold so much.
    let program = conversation.input.fileHandleForWriting
    let text = String(repeating: "x", count: 3 << 20) + "\n{\"op\":\"ask\"}\n"
    let writing = Thread { try? program.write(contentsOf: Data(text.utf8)) }
    writing.start()
    #expect(conversation.answer() == #"{"error":"the line is not a JSON object"}"#)
    #expect(conversation.answer()?.hasPrefix(#"{"trial":0,"#) == true)
    #expect(try conversation.end() == 0)
  }

  @Test func `at the end of the input, trials wait again; the last line needs no end`() throws {
    let process = directory.process(["coprocess", "s"])
    let input = Pipe.closedOnExec()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = "{\"op\":\"ask\"}\r\n{\"op\":\"ask\"}\n{\"op\":\"tell\",\"trial\":1,\"value\":2}"
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try directory.trials().states.map { $0 } == [.waiting, .complete])
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `asked to end, it gives its trials back and exits with 130`(signal: Int32) throws {
    let conversation = try Conversation(directory)
    try conversation.say(#"{"op":"ask"}"#)
    _ = conversation.answer()
    kill(conversation.process.processIdentifier, signal)
    conversation.process.waitUntilExit()
    #expect(conversation.process.terminationReason == .exit)
    #expect(conversation.process.terminationStatus == 130)
    let trials = try directory.trials()
    #expect(trials.states.map { $0 } == [.waiting])
    #expect(trials.lastAttempt(ofRow: 0)?.end?.outcome == .interrupted)
  }

  @Test func `while it lives its trials are its own; killed, they are given to the next`() throws {
    let conversation = try Conversation(directory)
    try conversation.say(#"{"op":"ask"}"#)
    let answer = try #require(conversation.answer())
    let refused = try directory.cairn(["tell", "s", "0", "1"])
    #expect(refused.status == 1)
    #expect(refused.errors.hasPrefix("error: trial 0 of s is being run by pid "))
    let kept = try directory.cairn(["delete", "s", "--yes"])
    #expect(kept.status == 1)
    #expect(kept.errors.contains("cairn delete s --force"))

    kill(conversation.process.processIdentifier, SIGKILL)
    conversation.process.waitUntilExit()
    let next = try directory.cairn(["ask", "s"]).output
    let parameters = try #require(answer.firstRange(of: "\"params\""))
    #expect(next.hasPrefix(#"{"trial":0,"attempt":2,"#))
    #expect(next.contains(answer[parameters.lowerBound...].dropLast()))
    #expect(try directory.trials().attempts(ofRow: 0).map(\.end?.outcome) == [.lost, nil])
  }

  @Test func `a study that is not there is an error, and nothing is made`() throws {
    let outcome = try directory.cairn(["coprocess", "t"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: there is no study \"t\""))
  }
}
