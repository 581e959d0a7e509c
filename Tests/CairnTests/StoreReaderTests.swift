// The documents of the format, held against the program by a reader that knows nothing else: what
// tools/read-store makes of a store's bytes is what `cairn` says of it.

import Foundation
import StudyModel
import StudyStorage
import Testing

@Suite struct StoreReaderTests {
  private static let reader = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "tools/read-store")

  private let workplace: Workplace
  private var path: String { workplace.directory.appending(path: ".cairn").path }

  init() throws { workplace = try Workplace() }

  /// What the reader prints, which is nothing but data where it finds nothing wrong.
  private func read(_ options: String = "", status: Int32 = 0) throws -> Workplace.Outcome {
    let outcome = try workplace.run("python3 '\(Self.reader.path)' .cairn \(options)")
    #expect(outcome.status == status, "\(outcome.errors)")
    return outcome
  }

  private func expectAgreement(_ form: String, status: Int32 = 0) throws {
    let outcome = try read("--against '\(Binary.cairn)'", status: status)
    let words = outcome.output.split(separator: " ")
    #expect(
      outcome.output.hasSuffix(" rows compared, 0 different\n")
        && words.first.flatMap { Int($0) } ?? 0 > 1000,
      "\(form): \(outcome.output.prefix(4000)) \(outcome.errors)")
  }

  private func files(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(directory)").sorted()
  }

  /// Records in the store, in a log of its own: whoever finds a new LOCK begins one.
  private func record(_ body: (inout StoreHistory, Store) throws -> Void) throws {
    try? FileManager.default.removeItem(atPath: "\(path)/LOCK")
    let store = try Store.open(at: path, for: .writing(create: true))
    var history = StoreHistory(store)
    try body(&history, store)
    try store.close()
  }

  /// Trials of all kinds, a study deleted and another one that has its name.
  private func recordStudies() throws {
    try record { history, _ in
      let hostile = try history.makeStudy(StoreHistory.hostileName, StoreHistory.definition)
      let deleted = try history.makeStudy("again", StudyDefinition(seed: 1))
      for _ in 0..<60 {
        try history.addTrial(hostile)
        try history.addTrial(deleted)
      }
      try history.delete(deleted)
    }
  }

  /// Trials of two blocks, curves of two chunks, edited studies, and one without a trial.
  private func recordMany() throws {
    try record { history, store in
      let many = try history.makeStudy("again", StudyDefinition(seed: 2))
      try history.addSmallTrials(4100, many, curves: 165)
      var definition = try StoreHistory.definition
      definition.bounds.append(MetricBound(metric: "more", relation: .atMost, limit: 1))
      try history.edit(try hostile(store), definition)
      let empty = try history.makeStudy("", StudyDefinition(seed: 3))
      try history.edit(empty, StudyDefinition(seed: 4))
      try history.addTrial(try hostile(store))
    }
  }

  private func hostile(_ store: Store) throws -> StudyID {
    try #require(try store.snapshot().study(named: StoreHistory.hostileName)).study.id
  }

  /// More on top of what was sealed, of trials that were open too.
  private func recordMore() throws {
    try record { history, store in
      try history.finishOpenTrials(try hostile(store))
      for _ in 0..<20 { try history.addTrial(try hostile(store)) }
    }
  }

  @Test func `logs and what they were sealed to are read alike, and as cairn reads them`() throws {
    try recordStudies()
    try recordMany()
    #expect(try files("log").count == 2)
    try expectAgreement("logs")
    let before = try read().output
    #expect(try workplace.run("cairn compact").status == 0)
    #expect(try files("log").count == 1)
    try expectAgreement("a sealed store")
    #expect(try read().output == before)
  }

  @Test func `what came behind a checkpoint is read, and past a damaged one`() throws {
    try recordStudies()
    #expect(try workplace.run("cairn compact").status == 0)
    let before = try read().output
    try recordMore()
    #expect(try files("log").count == 2)
    try expectAgreement("a checkpoint and what came behind it")
    let after = try read().output
    #expect(after != before)

    // In a part, a directory, the state and the trailer.
    let newest = "\(path)/checkpoints/\(try #require(try files("checkpoints").last))"
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: newest)))
    for place in [100, bytes.count / 2, bytes.count - 160, bytes.count - 60] {
      var spoiled = bytes
      spoiled[place] ^= 16
      try Data(spoiled).write(to: URL(filePath: newest))
      let damaged = try read(status: 1)
      #expect(damaged.output == after, "byte \(place)")
      #expect(damaged.errors.contains("warning: .cairn/checkpoints/"))
      #expect(damaged.errors.contains("passed over: "))
    }
    // As it is now, its trailer spoiled, `cairn` passes it over as well.
    try expectAgreement("a damaged checkpoint", status: 1)
  }

  @Test func `what is wrong is told with its file and byte`() throws {
    try record { history, store in
      let study = try history.makeStudy("s", StudyDefinition(seed: 1))
      for _ in 0..<5 { try history.addTrial(study) }
      // Frames behind this say that those before were on disk.
      _ = try store.synchronize()
      for _ in 0..<5 { try history.addTrial(study) }
    }
    let log = URL(filePath: "\(path)/log/00000001.log")
    let bytes = [UInt8](try Data(contentsOf: log))
    let whole = try read().output.split(separator: "\n")

    var damaged = bytes
    damaged[5000] ^= 1
    try Data(damaged).write(to: log)
    let told = try read(status: 1)
    #expect(told.errors.contains("warning: .cairn/log/00000001.log: byte "))
    #expect(told.errors.contains(" bytes are damaged\n"))
    #expect(!told.output.isEmpty)

    // Behind its end, what nobody says was ever on disk.
    try Data(bytes + [1, 2, 3]).write(to: log)
    let torn = try read(status: 1)
    #expect(torn.output.split(separator: "\n") == whole)
    #expect(torn.errors.contains("byte \(bytes.count): an unfinished tail of 3 bytes"))

    try Data(bytes.prefix(100)).write(to: log)
    #expect(try read(status: 1).output == "")
    let none = try workplace.run("python3 '\(Self.reader.path)' nowhere")
    #expect(none.status == 1 && none.errors.hasPrefix("error: ") && none.output == "")
  }
}
