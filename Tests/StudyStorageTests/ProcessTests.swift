// Real processes on a real disk.

import Glibc
import StudyModel
import Synchronization
import Testing

@testable import StudyStorage

@Suite struct ProcessTests {
  @Test func `processes that append at the same time see one order`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.store
    let study = try Store.open(at: path, for: .writing(create: true)).makeStudy("s")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<3 {
        group.addTask {
          await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try Store.open(at: path, for: .writing(create: false))
            for _ in 0..<150 { try store.makeTrial(EventSamples.study) }
            try store.close()
          }
        }
      }
    }
    let reader = try Store.open(at: path, for: .reading)
    let trials = try #require(try reader.snapshot()[study]?.load(.all))
    #expect(trials.rows.count == 450)
    #expect(Array(trials.numbers) == Array(0..<450))
    #expect(Set(trials.rows.map { trials.lastAttempt(ofRow: $0)?.claim }).count == 450)
    #expect(reader.warnings == [])
    // One epoch for the creator, one for each process.
    #expect(
      Set(trials.rows.compactMap { trials.lastAttempt(ofRow: $0)?.claim.epoch }) == [2, 3, 4])
  }

  @Test func `who appends while others seal sees one order, and so does who reads`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.store
    let study = try Store.open(at: path, for: .writing(create: true)).makeStudy("s")
    let writers = 3
    let perWriter = 120
    // Where every store has its own locks and its own view, as processes have.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<writers {
        group.addTask {
          var options = StoreOptions(rollBytes: 8000)
          options.checkpointBytes = 6000
          let store = try Store(
            path, .writing(create: false), .relaxed, SystemDisk(), options)
          for _ in 0..<perWriter {
            let (number, claim, commit) = try store.makeTrial(study)
            try store.report(study, number, claim, step: 1, Double(number))
            try store.finish(study, number, claim, Double(number))
            try await store.waitUntilDurable(commit)
          }
          #expect(store.failure == nil && store.warnings == [])
          try store.close()
        }
      }
      group.addTask {
        for _ in 0..<12 {
          let store = try Store.open(at: path, for: .writing(create: false))
          try store.compact()
          #expect(store.warnings == [])
          try store.close()
        }
      }
      group.addTask {
        // One that stays open all the while, and one anew each time.
        let reader = try Store.open(at: path, for: .reading)
        var seen = 0
        while seen < writers * perWriter {
          let count = try reader.snapshot()[study]?.trialCount ?? 0
          #expect(count >= seen)
          seen = count
          #expect(
            try Store.open(at: path, for: .reading).snapshot()[study]?.trialCount ?? 0 >= seen)
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      try await group.waitForAll()
    }
    let store = try Store.open(at: path, for: .reading)
    let trials = try #require(try store.snapshot()[study]?.load(.all))
    #expect(Array(trials.numbers) == Array(0..<writers * perWriter))
    #expect(trials.rows.allSatisfy { trials.objectiveValues(ofRow: $0) == [Double($0)] })
    #expect(store.warnings == [])
    #expect(try StoreCheck.run(at: path).isSound)
    #expect(try SystemDisk().list(path + "/log") != ["00000001.log"])
  }

  @Test func `kill -9 frees the writer's byte and loses nothing`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.store
    let store = try Store.open(at: path, for: .writing(create: true))
    let study = try store.makeStudy("s")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try Store.open(at: path, for: .writing(create: false))
      for _ in 0..<20 { try store.makeTrial(EventSamples.study) }
      kill(getpid(), SIGKILL)
    }
    #expect(try store.snapshot()[study]?.trialCount == 20)
    #expect(!store.isAlive(epoch: 2))
    #expect(store.isAlive(epoch: 1))
    #expect(store.writer(epoch: 2)?.process.processID != getpid())
    #expect(try StoreCheck.run(at: path).crashedWriters == 1)
  }

  @Test func `stores of one process exclude each other`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.store
    let study = try Store.open(at: path, for: .writing(create: true)).makeStudy("s")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let store = try Store.open(at: path, for: .writing(create: false), durability: .relaxed)
          for _ in 0..<50 {
            try await store.waitUntilDurable(try store.makeTrial(study).commit)
          }
          try store.close()
        }
      }
      try await group.waitForAll()
    }
    let trials = try #require(
      try Store.open(at: path, for: .reading).snapshot()[study]?.load(.all))
    #expect(Array(trials.numbers) == Array(0..<200))
  }

  @Test func `one sync serves all who wait`() async throws {
    let directory = try TemporaryDirectory()
    let disk = GatedDisk()
    let store = try Store(
      directory.store, .writing(create: true), .standard, disk,
      StoreOptions(syncsInBackground: false))
    let study = try store.makeStudy("s")
    _ = try store.synchronize()
    let before = disk.syncs
    disk.close()
    let first = try store.makeTrial(study).commit
    async let firstWait: Void = store.waitUntilDurable(first)
    await disk.waitUntilSomebodyWaits()
    // While that sync is under way, twenty more come.
    let commits = try (0..<20).map { _ in try store.makeTrial(study).commit }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for commit in commits {
        group.addTask { try await store.waitUntilDurable(commit) }
      }
      disk.open()
      try await group.waitForAll()
    }
    try await firstWait
    #expect(disk.syncs - before == 2)
    #expect(try store.snapshot()[study]?.trialCount == 21)
    try store.close()
  }

  @Test func `many create one store and it is one`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask {
          _ = try Store.open(at: path, for: .writing(create: true)).makeStudy("s\(index)")
        }
      }
      try await group.waitForAll()
    }
    let reader = try Store.open(at: path, for: .reading)
    #expect(try reader.snapshot().studies.count == 8)
    #expect(Set(try reader.snapshot().studies.map(\.study.id.rawValue)) == Set(1...8))
    #expect(try SystemDisk().list(path).sorted() == ["FORMAT", "LOCK", "log"])
  }
}
