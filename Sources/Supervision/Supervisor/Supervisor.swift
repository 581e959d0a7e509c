// The supervisor of one attempt: a process of its own between the tool and the objective.
//
// It takes its orders from standard input and answers on standard output (SupervisorMessage),
// so it can sit on another machine behind a byte pipe, and it knows nothing of the store. It
// is there for three things that the tool cannot do. When the tool is killed, its pipe closes,
// and the supervisor ends the objective. It adopts every descendant of the objective (child
// subreaper), so a daemon in a session of its own is still in the tree. And it reaps them all,
// so that the resources of the whole tree are known.
//
// One thread and one poll(2); the end of an objective is in Supervisor+Ending.swift.

import Machine
import CProcessControl
import Glibc
import StudyModel

package final class Supervisor {
  /// Unsent bytes above which the objective's outputs are not read: it then blocks in its
  /// writes until the tool has caught up.
  private static let backlogLimit = 1 << 18
  private static let chunkSize = 1 << 16

  private let signals: Descriptor
  private var orders = FrameBuffer(limit: SupervisorOrder.frameLimit)
  private var unsent: [UInt8] = []
  private var sent = 0
  private var chunk = [UInt8](repeating: 0, count: chunkSize)
  /// The tool closed our input or output: nobody listens any more.
  private(set) var isAbandoned = false
  private var hasAnnouncedEnd = false

  /// Reading ends of the objective's outputs; −1 when at their end.
  var outputs: [Int32] = [-1, -1]
  var launch: ObjectiveLaunch?
  var mainProcess: Int32 = 0
  var mainStatus: Int32?
  var started = 0.0
  var ended = 0.0
  var cpuSeconds = 0.0
  var memory = MemoryWatch(limit: nil)
  /// What a child has as its peak before it is its own program: our size.
  private var inheritedPeak: Int64 = 0
  var ending = Ending()
  private var nextSample = Double.infinity

  /// Runs one objective by the orders on standard input. Returns the exit status for the
  /// process: 0, or 1 when the system refused what a supervisor needs or an order made no sense.
  package static func run() -> Int32 {
    let signals = cpc_open_signals()
    guard signals >= 0, cpc_become_subreaper() == 0, cpc_set_nonblocking(STDOUT_FILENO) == 0
    else { return 1 }
    let supervisor = Supervisor(signals: signals)
    defer { supervisor.closeOutputs() }
    return supervisor.loop()
  }

  private init(signals: Int32) { self.signals = Descriptor(signals) }

  // MARK: The loop

  private func loop() -> Int32 {
    while true {
      wait()
      if cpc_take_signals(signals.number) { abandon() }
      reap()
      do { try takeOrders() } catch {
        log("cairn supervise: \(error)")
        abandon()
        if launch == nil { return 1 }
      }
      forwardOutputs()
      advance()
      if isOver { announceEnd() }
      flush()
      if isAbandoned ? (launch == nil || isOver) : (hasAnnouncedEnd && unsent.isEmpty) { return 0 }
    }
  }

  /// Sleeps until something happens or is due.
  private func wait() {
    let due = min(nextSample, nextDeadline) - MonotonicClock.now
    let milliseconds = due.isFinite ? Int32(min(max(due * 1000, 0).rounded(.up), 3_600_000)) : -1
    let listens = !isAbandoned
    let reads = unsent.count - sent < Self.backlogLimit
    let writes = listens && sent < unsent.count
    var descriptors = [
      pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listens ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: writes ? STDOUT_FILENO : -1, events: Int16(POLLOUT), revents: 0),
    ]
    for output in outputs {
      descriptors.append(pollfd(fd: reads ? output : -1, events: Int16(POLLIN), revents: 0))
    }
    _ = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    inputIsReady = descriptors[1].revents != 0
  }

  private var inputIsReady = false

  // MARK: Orders

  private func takeOrders() throws(WireError) {
    guard inputIsReady, !isAbandoned else { return }
    inputIsReady = false
    let count = unsafe read(STDIN_FILENO, &chunk, chunk.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return }
    guard count > 0 else { return abandon() }
    orders.append(chunk.prefix(count))
    while let frame = try orders.next() {
      switch try SupervisorOrder(decoding: frame) {
      case .launch(let order) where launch == nil: start(order)
      case .launch: throw .unknown(what: "second launch, in a supervisor that had", number: 1)
      case .stop(let grace): end(.stopped, grace: grace)
      }
    }
  }

  private func start(_ order: ObjectiveLaunch) {
    launch = order
    memory = MemoryWatch(limit: order.memoryLimit)
    inheritedPeak = ProcessTable.peakResidentBytes(of: getpid()) ?? 0
    started = MonotonicClock.now
    do {
      let objective = try SpawnedObjective(order)
      mainProcess = objective.process
      outputs = [objective.output.release(), objective.error.release()]
      nextSample = started + memory.interval
      if let timeout = order.timeoutSeconds { ending.timeoutAt = started + timeout }
      // A process that has ended keeps its entry until it is reaped, so this one is there.
      let ticks = ProcessTable.entry(of: mainProcess)?.startTicks ?? 0
      send(
        .started(
          ProcessIdentity(
            host: ProcessTable.hostName, bootID: ProcessTable.bootID, processGroup: mainProcess,
            startTicks: ticks)))
    } catch {
      ended = MonotonicClock.now
      ending.cause = .launchFailed(error)
      ending.isTreeGone = true
    }
  }

  /// Nobody listens: what runs is ended soon, what it says is dropped.
  private func abandon() {
    guard !isAbandoned else { return }
    isAbandoned = true
    unsent = []
    sent = 0
    end(.stopped, grace: min(launch?.graceSeconds ?? 0, Ending.abandonedGrace))
  }

  // MARK: Answers

  private func send(_ message: SupervisorMessage) {
    if !isAbandoned { unsent += message.frame }
  }

  private func flush() {
    while !isAbandoned, sent < unsent.count {
      let count = unsafe unsent.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return 0 }
        return unsafe write(STDOUT_FILENO, base + sent, bytes.count - sent)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { return abandon() }
      sent += count
    }
    unsent.removeAll(keepingCapacity: true)
    sent = 0
  }

  private func announceEnd() {
    guard !hasAnnouncedEnd else { return }
    hasAnnouncedEnd = true
    send(.ended(summary))
  }

  private func log(_ line: String) {
    let text = Array((line + "\n").utf8)
    _ = unsafe write(STDERR_FILENO, text, text.count)
  }

  // MARK: The objective

  /// Reads what the objective printed, as far as it is there and the tool keeps up. Once the
  /// tree is gone, an output with nothing in it is at its end, whoever else holds it open.
  private func forwardOutputs() {
    for (index, channel) in OutputChannel.allCases.enumerated() where outputs[index] >= 0 {
      while unsent.count - sent < Self.backlogLimit {
        let count = unsafe read(outputs[index], &chunk, chunk.count)
        if count > 0 {
          send(.output(channel, chunk.prefix(count)))
          continue
        }
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN, !ending.isTreeGone { break }
        close(outputs[index])
        outputs[index] = -1
        break
      }
    }
  }

  private func closeOutputs() {
    for output in outputs where output >= 0 { close(output) }
  }

  private func reap() {
    guard mainProcess > 0, !ending.isTreeGone else { return }
    while true {
      let reaped = cpc_reap()
      ending.hasChildren = reaped.process >= 0
      guard reaped.process > 0 else { return }
      cpuSeconds += reaped.cpu_seconds
      if reaped.peak_resident_bytes > inheritedPeak {
        memory.note(peak: reaped.peak_resident_bytes)
      }
      if reaped.process == mainProcess {
        mainStatus = reaped.exit_status
        ended = MonotonicClock.now
        mainHasEnded(at: ended)
      }
    }
  }

  /// Measures memory when it is due; called by ``advance()``.
  func sampleMemory(at now: Double) {
    guard now >= nextSample, !ending.isTreeGone else { return }
    let size = memory.sample(ProcessTable.descendants(of: getpid()), since: now)
    nextSample = MonotonicClock.now + memory.interval
    if let size, let limit = memory.limit {
      end(.outOfMemory(residentBytes: size, limit: limit), grace: 0)
    }
  }

  var isOver: Bool { ending.isTreeGone && outputs.allSatisfy { $0 < 0 } }
}
