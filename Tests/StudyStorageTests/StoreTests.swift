import Foundation
import StudyModel
import Testing

@testable import StudyStorage

@Suite struct StoreTests {
  @Test func `what was committed is there when the store is opened again`() async throws {
    let directory = try TemporaryDirectory()
    let store = try Store.open(at: directory.store, for: .writing(create: true))
    let study = try store.makeStudy("digits")
    let (number, claim, commit) = try store.makeTrial(study)
    try await store.waitUntilDurable(commit)
    for step in 0..<100 { try store.report(study, number, claim, step: Int64(step), 0.5) }
    try await store.waitUntilDurable(try store.finish(study, number, claim, 0.25))
    try store.close()

    let again = try Store.open(at: directory.store, for: .reading)
    #expect(again.warnings == [])
    let state = try #require(try again.snapshot().study(named: "digits"))
    #expect(try state.trial(0).state == .complete)
    #expect(try state.summary(of: "loss", row: 0)?.count == 100)
    #expect(try state.trial(0).values == [0.25])
  }

  @Test func `two stores of one process see each other's appends at once`() throws {
    let directory = try TemporaryDirectory()
    let a = try Store.open(at: directory.store, for: .writing(create: true))
    let b = try Store.open(at: directory.store, for: .writing(create: false))
    let study = try a.makeStudy("shared")
    #expect(try b.makeTrial(study).number == 0)
    #expect(try a.makeTrial(study).number == 1)
    #expect(try b.snapshot().study(named: "shared")?.trialCount == 2)
    #expect(a.epoch == 1)
    #expect(b.epoch == 2)
    #expect(a.isAlive(epoch: 1))
    #expect(b.isAlive(epoch: 1))
    #expect(b.writer(epoch: 1)?.process.processID == getpid())
    try a.close()
    _ = try b.snapshot()
    #expect(!b.isAlive(epoch: 1))
    #expect(b.writer(epoch: 1) == nil)
  }
}
