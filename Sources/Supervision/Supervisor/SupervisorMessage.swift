// What tool and supervisor say to each other, over the supervisor's standard input and output.
//
//     stream  := frame*
//     frame   := length:UInt32 kind:UInt8 body        length counts kind and body
//
// from the tool (at most 16 MiB a frame):
//
//     launch  := 1 version:UInt8 arguments:list environment:list directory:text mark:text
//                memoryLimit:Int64 timeout:Float64 grace:Float64 nice:Int8
//     stop    := 2 grace:Float64
//
// from the supervisor (at most 1 MiB a frame):
//
//     started := 1 group:Int32 startTicks:UInt64 host:text boot:text
//     output  := 2 channel:UInt8 byte*
//     ended   := 3 cause:UInt8 number:Int64 number:Int64 text exit:Int32 wall:Float64
//                cpu:Float64 peak:Int64 leftBehind:UInt32 survivors:UInt32
//
// Numbers are little-endian; a text is its UTF-8 behind a UInt32 of its bytes, a list its texts
// behind a UInt32 of their number. No limit is 0 (memory) or infinity (timeout); nice is −128
// to stay as it is; an unknown exit status is the smallest Int32.
//
// The tool sends launch once and first, then any number of stops. It hears started unless the
// launch failed, then outputs, then ended, after which the supervisor exits. Closing the
// supervisor's standard input ends the objective.

import Machine
import StudyModel

/// An order of the tool.
enum SupervisorOrder: Hashable {
  case launch(ObjectiveLaunch)
  case stop(grace: Double)

  static let version: UInt8 = 1
  static let frameLimit = 16 << 20

  var frame: [UInt8] {
    var writer = WireWriter()
    switch self {
    case .launch(let launch):
      writer.put(UInt8(1))
      writer.put(Self.version)
      writer.put(UInt32(launch.arguments.count))
      for argument in launch.arguments { writer.put(argument) }
      let environment = launch.environment.sorted { $0.key < $1.key }
      writer.put(UInt32(environment.count))
      for (name, value) in environment { writer.put("\(name)=\(value)") }
      writer.put(launch.workingDirectory)
      writer.put(launch.mark)
      writer.put(launch.memoryLimit ?? 0)
      writer.put(launch.timeoutSeconds ?? .infinity)
      writer.put(launch.graceSeconds)
      writer.put(launch.niceness.map { Int8(clamping: max($0, -20)) } ?? Int8.min)
    case .stop(let grace):
      writer.put(UInt8(2))
      writer.put(grace)
    }
    return FrameBuffer.frame(writer.bytes)
  }

  init(decoding frame: ArraySlice<UInt8>) throws(WireError) {
    var reader = WireReader(frame)
    switch try reader.number(UInt8.self) {
    case 1: self = .launch(try Self.launch(&reader))
    case 2: self = .stop(grace: try reader.double())
    case let kind: throw .unknown(what: "order", number: Int(kind))
    }
    guard reader.isAtEnd else { throw .trailingBytes }
  }

  private static func launch(_ reader: inout WireReader) throws(WireError) -> ObjectiveLaunch {
    let version = try reader.number(UInt8.self)
    guard version == Self.version else {
      throw .unknown(what: "protocol version", number: Int(version))
    }
    let text: (inout WireReader) throws(WireError) -> String = { reader throws(WireError) in
      try reader.text()
    }
    let arguments = try reader.list(text)
    var environment: [String: String] = [:]
    for entry in try reader.list(text) {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
    var launch = ObjectiveLaunch(
      arguments: arguments, environment: environment, workingDirectory: try reader.text(),
      mark: try reader.text())
    let memory = try reader.number(Int64.self)
    launch.memoryLimit = memory > 0 ? memory : nil
    let timeout = try reader.double()
    launch.timeoutSeconds = timeout.isFinite ? timeout : nil
    launch.graceSeconds = try reader.double()
    let nice = try reader.number(Int8.self)
    launch.niceness = nice == Int8.min ? nil : Int32(nice)
    return launch
  }
}

/// What the supervisor tells.
enum SupervisorMessage: Hashable {
  case started(ProcessIdentity)
  case output(OutputChannel, ArraySlice<UInt8>)
  case ended(ObjectiveEnd)

  static let frameLimit = 1 << 20

  var frame: [UInt8] {
    var writer = WireWriter()
    switch self {
    case .started(let identity):
      writer.put(UInt8(1))
      writer.put(identity.processGroup)
      writer.put(identity.startTicks)
      writer.put(identity.host)
      writer.put(identity.bootID)
    case .output(let channel, let bytes):
      writer.put(UInt8(2))
      writer.put(channel.rawValue)
      writer.put(rest: bytes)
    case .ended(let end):
      writer.put(UInt8(3))
      writer.put(end.cause)
      writer.put(end.exitStatus ?? Int32.min)
      writer.put(end.usage.wallSeconds)
      writer.put(end.usage.cpuSeconds)
      writer.put(end.usage.peakResidentBytes)
      writer.put(UInt32(clamping: end.leftBehind))
      writer.put(UInt32(clamping: end.survivors))
    }
    return FrameBuffer.frame(writer.bytes)
  }

  init(decoding frame: ArraySlice<UInt8>) throws(WireError) {
    var reader = WireReader(frame)
    switch try reader.number(UInt8.self) {
    case 1:
      let group = try reader.number(Int32.self)
      let ticks = try reader.number(UInt64.self)
      let host = try reader.text()
      self = .started(
        ProcessIdentity(
          host: host, bootID: try reader.text(), processGroup: group, startTicks: ticks))
    case 2:
      let channel = try reader.number(UInt8.self)
      guard let known = OutputChannel(rawValue: channel) else {
        throw .unknown(what: "output channel", number: Int(channel))
      }
      self = .output(known, reader.takeRest())
    case 3: self = .ended(try reader.end())
    case let kind: throw .unknown(what: "message", number: Int(kind))
    }
    guard reader.isAtEnd else { throw .trailingBytes }
  }
}

extension WireWriter {
  fileprivate mutating func put(_ cause: ObjectiveEnd.Cause) {
    let fields: (UInt8, Int64, Int64, String)
    switch cause {
    case .exited(let status): fields = (1, Int64(status), 0, "")
    case .signalled(let signal): fields = (2, Int64(signal), 0, "")
    case .stopped: fields = (3, 0, 0, "")
    case .timedOut(let seconds):
      fields = (4, Int64(bitPattern: seconds.bitPattern), 0, "")
    case .outOfMemory(let resident, let limit): fields = (5, resident, limit, "")
    case .launchFailed(let failure):
      fields = (6, Int64(failure.errorNumber), 0, failure.description)
    case .lost(let reason): fields = (7, 0, 0, reason)
    }
    put(fields.0)
    put(fields.1)
    put(fields.2)
    put(fields.3)
  }
}

extension WireReader {
  fileprivate mutating func end() throws(WireError) -> ObjectiveEnd {
    let cause = try cause()
    let exit = try number(Int32.self)
    let wall = try double()
    let cpu = try double()
    var end = ObjectiveEnd(
      cause: cause, exitStatus: exit == Int32.min ? nil : exit,
      usage: ResourceUsage(
        wallSeconds: wall, cpuSeconds: cpu, peakResidentBytes: try number(Int64.self)))
    end.leftBehind = Int(try number(UInt32.self))
    end.survivors = Int(try number(UInt32.self))
    return end
  }

  private mutating func cause() throws(WireError) -> ObjectiveEnd.Cause {
    let kind = try number(UInt8.self)
    let first = try number(Int64.self)
    let second = try number(Int64.self)
    let text = try text()
    switch kind {
    case 1: return .exited(status: Int32(truncatingIfNeeded: first))
    case 2: return .signalled(Int32(truncatingIfNeeded: first))
    case 3: return .stopped
    case 4: return .timedOut(afterSeconds: Double(bitPattern: UInt64(bitPattern: first)))
    case 5: return .outOfMemory(residentBytes: first, limit: second)
    case 6:
      return .launchFailed(
        LaunchFailure(errorNumber: Int32(truncatingIfNeeded: first), description: text))
    case 7: return .lost(reason: text)
    default: throw .unknown(what: "cause", number: Int(kind))
    }
  }
}
