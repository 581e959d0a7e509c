// Who is alive: by the byte of LOCK, and by the process that HELLO names.

import Foundation
import StudyModel
import TestSupport
import Testing

@testable import StudyStorage

@Suite struct LivenessTests {
  @Test func `in a copied store the original's living writers are alive`() throws {
    let directory = try TemporaryDirectory()
    let original = try Store.open(at: directory.store, for: .writing(create: true))
    let study = try original.makeStudy("s")
    try original.makeTrial(study)
    let copy = directory.path + "/copy"
    try FileManager.default.copyItem(atPath: directory.store, toPath: copy)

    let other = try Store.open(at: copy, for: .writing(create: false))
    #expect(try other.snapshot()[study]?.trialCount == 1)
    #expect(other.isAlive(epoch: 1))
    let seen = try other.commit(.decision) { _, context in
      ([], context.liveness.isAlive(epoch: 1))
    }.result
    #expect(seen)
    try original.close()
    // The copy will never hear that it ended, and knows it all the same.
    #expect(!other.isAlive(epoch: 1))
  }

  @Test func `a killed process is dead in a copy too, whether or not it was reaped`() throws {
    let directory = try TemporaryDirectory()
    let original = directory.store
    _ = try Store.open(at: original, for: .writing(create: true)).makeStudy("s")

    let child = Process()
    child.executableURL = URL(filePath: "/bin/sleep")
    child.arguments = ["600"]
    try child.run()
    let process = try #require(signature(of: child.processIdentifier))
    let liveness = try self.liveness(of: original, epoch: 7, process)
    #expect(liveness.isAlive(epoch: 7))
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    #expect(!liveness.isAlive(epoch: 7))
  }

  @Test func `a zombie is dead`() throws {
    let directory = try TemporaryDirectory()
    _ = try Store.open(at: directory.store, for: .writing(create: true)).makeStudy("s")
    // The shell's child ends at once, and nobody waits for it: exec made the parent forget.
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "sleep 0 & echo $!; exec sleep 600"]
    let output = Pipe.closedOnExec()
    shell.standardOutput = output
    try shell.run()
    defer {
      // SIGTERM may be blocked in whatever thread started it, and so in the shell.
      kill(shell.processIdentifier, SIGKILL)
      shell.waitUntilExit()
    }
    var text = ""
    while !text.hasSuffix("\n") {
      text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }
    let number = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    var process = signature(of: number)
    while let stat = stat(of: number), !stat.contains(") Z ") {
      process = process ?? signature(of: number)
      Thread.sleep(forTimeInterval: 0.001)
    }
    let liveness = try self.liveness(of: directory.store, epoch: 7, try #require(process))
    #expect(!liveness.isAlive(epoch: 7))
  }

  @Test func `a process of another boot, or with another start, is dead`() throws {
    let directory = try TemporaryDirectory()
    _ = try Store.open(at: directory.store, for: .writing(create: true)).makeStudy("s")
    let parent = try #require(signature(of: getppid()))
    #expect(try liveness(of: directory.store, epoch: 7, parent).isAlive(epoch: 7))
    var other = parent
    other.bootID = "00000000-0000-4000-8000-000000000000"
    #expect(try !liveness(of: directory.store, epoch: 7, other).isAlive(epoch: 7))
    other = parent
    other.startTicks += 1
    #expect(try !liveness(of: directory.store, epoch: 7, other).isAlive(epoch: 7))
  }

  @Test func `writers that ended or died are forgotten`() throws {
    let machine = SimulatedMachine(seed: 5)
    let survivor = try Store(
      "/s", .writing(create: true), .standard, SimulatedProcess(machine, number: 1),
      StoreOptions(syncsInBackground: false))
    let study = try survivor.makeStudy("s")
    for number in 2..<400 {
      let disk = SimulatedProcess(machine, number: Int32(number))
      let store = try Store(
        "/s", .writing(create: false), .standard, disk, StoreOptions(syncsInBackground: false))
      try store.makeTrial(study)
      if number % 2 == 0 { try store.close() } else { disk.kill() }
    }
    _ = try survivor.snapshot()
    let known = (1..<400).filter { survivor.writer(epoch: UInt32($0)) != nil }
    #expect(known.count < 50, "\(known.count) writers are remembered")
    #expect(known.contains(1))
    let fresh = try TornLog.open(machine, .reading)
    _ = try fresh.snapshot()
    #expect((1..<400).count { fresh.writer(epoch: UInt32($0)) != nil } < 50)
  }

  // MARK: -

  private func stat(of process: Int32) -> String? {
    try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
  }

  private func signature(of process: Int32) -> ProcessSignature? {
    guard let stat = stat(of: process),
      let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 19,
      let ticks = UInt64(fields[19])
    else { return nil }
    var signature = SystemDisk().identity()
    signature.processID = process
    signature.startTicks = ticks
    return signature
  }

  /// As a store would judge that read a HELLO of `process` under `epoch`.
  private func liveness(
    of store: String, epoch: UInt32, _ process: ProcessSignature
  ) throws -> Liveness {
    var writers = WriterTable()
    writers.add(
      WriterIdentity(process: process, time: EventSamples.time), epoch: epoch, lastSequence: 0)
    return Liveness(
      lock: LockFile(file: nil, probe: try SystemDisk().open(store + "/LOCK", .reading)),
      disk: SystemDisk(), store: StoreIdentity(bytes: [UInt8](repeating: 9, count: 16)),
      writers: writers)
  }
}
