import Machine
@testable import Supervision
import Foundation
import StudyModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SupervisorMessageTests {
  static let orders: [SupervisorOrder] = {
    var launch = ObjectiveLaunch(
      arguments: ["python3", "", "ü"], environment: ["A": "b=c", "EMPTY": ""],
      workingDirectory: "/tmp", mark: "m")
    let plain = launch
    launch.memoryLimit = 1 << 40
    launch.timeoutSeconds = 0.5
    launch.graceSeconds = 1.25
    return [.launch(plain), .launch(launch), .stop(grace: 0), .stop(grace: 30)]
  }()

  static let messages: [SupervisorMessage] = {
    let causes: [ObjectiveEnd.Cause] = [
      .exited(status: 3), .signalled(9), .stopped, .timedOut(afterSeconds: 0.1),
      .outOfMemory(residentBytes: 5, limit: 4), .lost(reason: "x"),
      .endedFromOutside(signal: 15),
      .launchFailed(LaunchFailure(errorNumber: 2, description: "there is no file x")),
    ]
    let ends = causes.map { cause in
      var end = ObjectiveEnd(
        cause: cause, exitStatus: cause == .stopped ? nil : -9,
        usage: ResourceUsage(wallSeconds: 1, cpuSeconds: 2, peakResidentBytes: 3))
      end.survivors = 5
      return SupervisorMessage.ended(end)
    }
    let identity = ProcessIdentity(host: "h", bootID: "b", processGroup: 7, startTicks: 1 << 40)
    return ends + [.started(identity), .output(.standardError, [0, 255, 10])]
  }()

  private static func bodies(_ stream: [UInt8], limit: Int) throws -> [ArraySlice<UInt8>] {
    var frames = FrameBuffer(limit: limit)
    var found: [ArraySlice<UInt8>] = []
    for byte in stream {
      frames.append([byte])
      while let frame = try frames.next() { found.append(frame) }
    }
    return found
  }

  @Test func `orders and messages come back as they were, byte by byte`() throws {
    let orders = try Self.bodies(Self.orders.flatMap(\.frame), limit: SupervisorOrder.frameLimit)
    #expect(try orders.map { try SupervisorOrder(decoding: $0) } == Self.orders)
    let messages = try Self.bodies(
      Self.messages.flatMap(\.frame), limit: SupervisorMessage.frameLimit)
    #expect(try messages.map { try SupervisorMessage(decoding: $0) } == Self.messages)
  }

  @Test func `every shorter or longer message is refused`() {
    for order in Self.orders {
      let body = order.frame.dropFirst(4)
      for length in 0..<body.count {
        #expect(throws: WireError.self) { try SupervisorOrder(decoding: body.prefix(length)) }
      }
      #expect(throws: WireError.trailingBytes) { try SupervisorOrder(decoding: body + [0]) }
    }
  }

  @Test func `changed bytes never trap`() {
    var generator = SystemRandom(seed: 11)
    for frame in Self.orders.map(\.frame) + Self.messages.map(\.frame) {
      for _ in 0..<300 {
        var body = Array(frame.dropFirst(4))
        for _ in 0..<3 {
          body[Int.random(in: 0..<body.count, using: &generator)] =
            UInt8.random(in: 0...255, using: &generator)
        }
        _ = try? SupervisorOrder(decoding: body[...])
        _ = try? SupervisorMessage(decoding: body[...])
      }
    }
  }

  @Test func `a frame beyond the limit is refused by its length alone`() {
    var frames = FrameBuffer(limit: 10)
    frames.append([11, 0, 0, 0])
    #expect(throws: WireError.tooLong(bytes: 11, limit: 10)) { try frames.next() }
  }

  @Test(
    arguments: [
      [0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0, 9], [0, 0, 0, 0], Array("launch\n".utf8),
      [6, 0, 0, 0, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF],
    ] as [[UInt8]])
  func `a supervisor that hears nonsense says so and exits`(bytes: [UInt8]) async throws {
    let supervisor = Process()
    supervisor.executableURL = URL(filePath: Harness.cairn)
    supervisor.arguments = ["supervise"]
    let orders = Pipe.closedOnExec()
    let errors = Pipe.closedOnExec()
    supervisor.standardInput = orders
    supervisor.standardOutput = FileHandle.nullDevice
    supervisor.standardError = errors
    try supervisor.run()
    try orders.fileHandleForWriting.write(contentsOf: bytes)
    // Foundation would end the test process if it were asked how a running one ended.
    try #require(await Harness.eventually { !supervisor.isRunning })
    #expect(supervisor.terminationStatus == 1)
    let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    #expect(said.hasPrefix("cairn supervise: "))
  }
}
