import Foundation
import Testing

@Suite struct CheckCommandTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    let made = try workplace.run("cairn create s -p x=0.0..1.0 --sampler random")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try workplace.run("cairn ask s").status == 0)
    #expect(try workplace.run("cairn tell s 0 0.5").status == 0)
  }

  private var log: URL { workplace.directory.appending(path: ".cairn/log/00000001.log") }

  @Test func `a sound store is said to be sound`() throws {
    let check = try workplace.run("cairn check")
    #expect(check.status == 0)
    #expect(check.errors == "")
    #expect(check.output.hasSuffix("sound: 1 study with 1 trial can be read\n"))
    #expect(check.output.contains(".cairn/FORMAT: 64 bytes\n"))
  }

  @Test func `damage is named by file, place and what it held, and ends with status 1`() throws {
    var bytes = [UInt8](try Data(contentsOf: log))
    let place = bytes.count - 100
    bytes[place] ^= 1
    try Data(bytes).write(to: log)
    let check = try workplace.run("cairn check")
    #expect(check.status == 1)
    #expect(check.output.contains("damaged: "))
    #expect(check.output.contains("/.cairn/log/00000001.log, bytes "))
    #expect(check.output.contains("trial finished (trial 0 of study 1)"))
    #expect(check.output.contains("\n1 damage: "))
  }

  @Test func `what a killed writer left half written is no damage`() throws {
    let file = try FileHandle(forWritingTo: log)
    try file.seekToEnd()
    try file.write(contentsOf: Data("half a frame".utf8))
    try file.close()
    let check = try workplace.run("cairn check")
    #expect(check.status == 0)
    #expect(check.output.contains("note: "))
  }

  @Test func `no store is an error`() throws {
    let check = try workplace.run("cairn check --store nowhere")
    #expect(check.status == 1)
    #expect(check.output == "")
    #expect(check.errors.hasPrefix("error: there is no store at nowhere"))
  }
}
