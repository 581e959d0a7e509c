// Opening from a checkpoint: the same as reading all of the log, at a cost that does not grow with
// it, and never wrong whatever became of the file.

import ColumnCodecs
import Foundation
import StudyModel
import Testing

@testable import StudyStorage

@Suite struct CheckpointTests {
  private static let path = "/s"

  private static func open(
    _ machine: SimulatedMachine, _ number: Int32, usingCheckpoints: Bool = true,
    for access: Store.Access = .writing(create: true)
  ) throws -> Store {
    try machine.open(number, for: access) { $0.usesCheckpoints = usingCheckpoints }
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `a store opened from a checkpoint is what it is without`(seed: UInt64) throws {
    let machine = SimulatedMachine(seed: seed)
    let store = try Self.open(machine, 1)
    try fill(store, seed: seed)
    #expect(try store.seal() == .sealed)
    #expect(try store.seal() == .nothingNew)
    let file = try #require(machine.files(in: Self.path + "/checkpoints").first)
    _ = try Checkpoint(
      at: file, of: store.identity, on: SimulatedProcess(machine, number: 9), ColumnCache())
    let resumed = try Self.open(machine, 2)
    #expect(resumed.isResumed)
    let replayed = try Self.open(machine, 3, usingCheckpoints: false)
    #expect(try words(resumed.snapshot()) == words(replayed.snapshot()))
    // Both go on, and stay the same; then a checkpoint is made of what came from one.
    try Self.fill2(resumed, seed: seed + 100)
    #expect(try words(resumed.snapshot()) == words(replayed.snapshot()))
    #expect(try resumed.seal() == .sealed)
    let again = try Self.open(machine, 4)
    #expect(again.isResumed)
    #expect(try words(again.snapshot()) == words(replayed.snapshot()))
  }

  /// Goes on in the studies that are there.
  private static func fill2(_ store: Store, seed: UInt64) throws {
    var random = SeededGenerator(seed)
    guard let study = try store.snapshot().study(named: "second")?.study.id else { return }
    for _ in 0..<50 {
      let (number, claim, _) = try store.makeTrial(study)
      try store.report(study, number, claim, step: 1, 0.5)
      if random.chance(0.8) { try store.finish(study, number, claim, 0.25) }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `whoever drops trials, the best are the same for all, sealed or not`(seed: UInt64) throws {
    let machine = SimulatedMachine(seed: seed)
    var stores = [try Self.open(machine, 1), try Self.open(machine, 2)]
    try fill(stores[0], seed: seed, trials: 60)
    let study = try #require(try stores[0].snapshot().study(named: "second")).study.id
    var random = SeededGenerator(seed)
    for step in 0..<120 {
      let record = try #require(try stores[step % 2].snapshot()[study])
      // The best as often as any.
      let number =
        random.chance(0.5)
        ? record.bestTrials.first?.number ?? 0
        : record.number(ofRow: Int.random(in: 0..<record.trialCount, using: &random))
      try stores[step % 2].mark(study, number, with: UInt64.random(in: 0..<2, using: &random))
      if step % 50 == 40 { #expect(try stores[0].seal() == .sealed) }
      if step == 100 { stores[1] = try Self.open(machine, 3) }
      for store in stores {
        let record = try #require(try store.snapshot()[study])
        let trials = try (0..<record.trialCount).map { try record.trial($0) }
        let candidates = trials.filter { $0.state == .complete && !$0.marks.isSetAside }
        let best = candidates.min { $0.values[0] < $1.values[0] }
        #expect(record.bestTrials.map(\.number) == [best?.number].compactMap { $0 }, "\(step)")
        #expect(
          Array(record.searchedRows) == record.finishedRows.filter { !trials[$0].marks.isSetAside })
        #expect(record.accomplishedCount == candidates.count, "\(step)")
      }
    }
    #expect(try words(stores[0].snapshot()) == words(stores[1].snapshot()))
  }

  @Test func `what is read of the log does not grow with it`() throws {
    let machine = SimulatedMachine(seed: 5)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 1, trials: 100)
    #expect(try store.seal() == .sealed)
    let study = try #require(try store.snapshot().study(named: "first")?.study.id)
    try store.makeTrial(study)
    let resumed = try Self.open(machine, 2)
    #expect(resumed.bytesPassed < 400)
    #expect(store.bytesPassed > 20_000)
  }

  @Test func `columns that nobody asks for are not decoded`() throws {
    let machine = SimulatedMachine(seed: 5)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 1, trials: 100)
    #expect(try store.seal() == .sealed)
    let resumed = try Self.open(machine, 2)
    let record = try #require(try resumed.snapshot().study(named: "first"))
    #expect(resumed.cacheStatistics.misses == 0)
    _ = try record.load(ColumnSet(parameters: .only(["lr"])))
    // Which trials there are, their numbers, states, and the parameter: who has it, and what.
    #expect(resumed.cacheStatistics.misses == 5)
    _ = try record.load(ColumnSet(parameters: .only(["lr"])))
    #expect(resumed.cacheStatistics.misses == 5)
  }

  @Test func `no changed byte of a checkpoint is believed`() throws {
    let machine = SimulatedMachine(seed: 3)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 3, trials: 3)
    #expect(try store.seal() == .sealed)
    let expected = try words(store.snapshot())
    let file = try #require(machine.files(in: Self.path + "/checkpoints").first)
    let bytes = try #require(machine.contents(file))
    #expect(bytes.count > 2000)
    let sound = try StoreCheck.run(at: Self.path, disk: SimulatedProcess(machine, number: 3))
    #expect(sound.isSound && sound.files.contains { $0.path == file })
    var refused = 0
    for index in stride(from: 0, to: bytes.count, by: 3) {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      machine.install(file, changed)
      // Who looks at all of it finds it.
      let report = try StoreCheck.run(
        at: Self.path, disk: SimulatedProcess(machine, number: 3))
      #expect(!report.isSound, "byte \(index)")
      let resumed = try Self.open(machine, 2, for: .reading)
      do {
        #expect(try words(resumed.snapshot()) == expected, "byte \(index)")
      } catch let error as StorageError {
        guard case .damagedCheckpoint = error else { throw error }
        refused += 1
      }
    }
    #expect(refused > 300)
  }

  @Test func `cut off anywhere, it is as if there were none`() throws {
    let machine = SimulatedMachine(seed: 4)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 4, trials: 5)
    #expect(try store.seal() == .sealed)
    let expected = try words(store.snapshot())
    let file = try #require(machine.files(in: Self.path + "/checkpoints").first)
    let bytes = try #require(machine.contents(file))
    for end in stride(from: 0, to: bytes.count, by: 41) {
      machine.install(file, Array(bytes[..<end]))
      let resumed = try Self.open(machine, 2, for: .reading)
      #expect(!resumed.isResumed)
      #expect(try words(resumed.snapshot()) == expected)
    }
  }

  @Test func `a checkpoint of another store, or of a log that is gone, is passed over`() throws {
    let machine = SimulatedMachine(seed: 6)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 6, trials: 5)
    #expect(try store.seal() == .sealed)
    let file = try #require(machine.files(in: Self.path + "/checkpoints").first)
    let bytes = try #require(machine.contents(file))

    let other = SimulatedMachine(seed: 7)
    let second = try Self.open(other, 1)
    try fill(second, seed: 6, trials: 5)
    #expect(try second.seal() == .sealed)
    let place = try #require(other.files(in: Self.path + "/checkpoints").first)
    other.install(place, bytes)
    let resumed = try Self.open(other, 2)
    #expect(!resumed.isResumed)
    #expect(try words(resumed.snapshot()) == words(second.snapshot()))
  }

  @Test func `a damaged log is not sealed away`() throws {
    let machine = SimulatedMachine(seed: 8)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 8, trials: 5)
    _ = try store.synchronize()
    try store.close()
    let log = try #require(machine.files(in: Self.path + "/log").first)
    var bytes = try #require(machine.contents(log))
    bytes[6000] ^= 1
    machine.install(log, bytes)
    let damaged = try Self.open(machine, 2)
    #expect(!damaged.warnings.isEmpty)
    _ = try damaged.makeStudy("third")
    guard case .damaged(let losses) = try damaged.seal() else {
      Issue.record("sealed")
      return
    }
    #expect(losses == damaged.warnings)
  }

  @Test func `old checkpoints go when new ones come`() throws {
    let machine = SimulatedMachine(seed: 9)
    let store = try Self.open(machine, 1)
    machine.install(Self.path + "/checkpoints/00000001-000000009999.ckp.tmp", [1, 2, 3])
    for index in 0..<5 {
      _ = try store.makeStudy("s\(index)")
      #expect(try store.seal() == .sealed)
    }
    #expect(machine.files(in: Self.path + "/checkpoints").count == 2)
  }

  @Test func `a state of bytes at random never traps`() throws {
    var random = SeededGenerator(11)
    let machine = SimulatedMachine(seed: 11)
    let store = try Self.open(machine, 1)
    try fill(store, seed: 11, trials: 10)
    let record = try #require(try store.snapshot().study(named: "first"))
    var state = StoredState()
    state.studies = [StoredStudy(image: try record.image())]
    let bytes = try state.encoded()
    var (failed, contradictory) = (0, 0)
    for _ in 0..<4000 {
      var changed = bytes
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        changed[Int.random(in: 0..<changed.count, using: &random)] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random) ?? 0
      }
      var reader = FieldReader(reader: ByteReader(changed), context: StoredState.context)
      var read = StoredState()
      do throws(ByteError) {
        try read.code(&reader)
        for study in read.studies {
          var image = study.image
          // Blocks have checksums of their own; here there is nothing that they could be.
          image.blocks = []
          if StudyRecord(image) == nil { contradictory += 1 }
        }
      } catch {
        failed += 1
      }
    }
    #expect(failed > 100, "\(failed)")
    #expect(contradictory > 100, "\(contradictory)")
  }
}
