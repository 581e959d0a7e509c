// Reading a store from its first byte to its last, and saying what is damaged, where, and what it
// held. Opening a store finds the same damage; this goes on where opening gives up, and says more.

import PlainText
import StudyModel

/// What a check of a store found.
package struct StoreReport: Equatable, Sendable {
  /// A file that belongs to the store.
  package struct File: Equatable, Sendable {
    package var path: String
    package var bytes: UInt64
    /// How many valid frames a log holds; nil for other files.
    package var frames: Int?
  }

  /// Something that is not as it was written, or not as it should be.
  package struct Finding: Equatable, Sendable {
    /// Whether something that was safely recorded is no longer there, or no longer certain.
    package var isDamage: Bool
    package var path: String
    /// Which bytes of it; nil: the file as a whole.
    package var bytes: Range<UInt64>?
    /// What is wrong.
    package var fact: String
    /// What stood there, as far as it can be made out; empty: nothing that is missed.
    package var held: String
  }

  package var files: [File] = []
  package var findings: [Finding] = []
  /// What is readable.
  package var studies = 0
  package var trials = 0
  /// Writers that neither closed the store nor are alive.
  package var crashedWriters = 0

  package var isSound: Bool { !findings.contains(where: \.isDamage) }
}

/// A check under way.
package struct StoreCheck {
  let disk: any Disk
  let paths: StorePaths
  private(set) var report = StoreReport()
  /// What is readable.
  private(set) var replay: Replay
  /// The highest epoch of any frame, and the highest number of any log.
  private(set) var highestEpoch: UInt32 = 0
  private(set) var highestLog: UInt32 = 0
  /// What it goes on from; frames before change nothing.
  private var base: Checkpoint?

  /// Verifies every byte of the store at `path`. Takes no lock and changes nothing.
  ///
  /// - Throws: when there is no store, it is of a later version, or the disk cannot be read.
  /// - Complexity: O(bytes); memory as an open store needs it.
  package static func run(
    at path: String, disk: any Disk = SystemDisk()
  ) throws(StorageError) -> StoreReport {
    var check = StoreCheck(disk, StorePaths(directory: disk.absolutePath(of: path)))
    let format = try check.checkFormat()
    let lock = try check.checkLock()
    var identity = format?.identity
    if identity == nil { identity = try check.identityOfLogs() }
    guard let store = identity else {
      try check.readLogs(of: nil, lock, from: nil)
      return check.report
    }
    let checkpoints = try check.checkCheckpoints(of: store)
    // The more is read of the logs, the more of them is looked at.
    let first = try check.firstLog(of: store)
    let base = first == 1 ? nil : checkpoints.last { $0.trailer.position.log >= first ?? 0 }
    try check.readLogs(of: store, lock, from: base)
    check.countTrials()
    check.countCrashedWriters(store, lock)
    check.noteDrafts(store, lock)
    return check.report
  }

  init(_ disk: any Disk, _ paths: StorePaths) {
    self.disk = disk
    self.paths = paths
    replay = Replay(path: paths.directory)
  }

  mutating func note(
    _ fact: String, _ path: String, _ bytes: Range<UInt64>? = nil, held: String = "",
    isDamage: Bool = true
  ) {
    report.findings.append(
      .init(isDamage: isDamage, path: path, bytes: bytes, fact: fact, held: held))
  }

  // MARK: FORMAT and LOCK

  mutating func checkFormat() throws(StorageError) -> FormatFile? {
    let bytes: [UInt8]
    let size: UInt64
    do throws(DiskError) {
      let file = try disk.open(paths.format, .reading)
      size = try file.status().bytes
      bytes = try file.read(at: 0, count: FormatFile.byteCount + 1)
    } catch {
      guard error.isMissing else { throw .disk(error) }
      // Logs without it are a store that lost it.
      if try hasNoLogs() { throw StoreFiles.missing(paths, disk) }
      note("is missing", paths.format, held: "what makes the directory a store")
      return nil
    }
    report.files.append(.init(path: paths.format, bytes: size))
    switch FormatFile.read(bytes) {
    case .valid(let format): return format
    case .newer(let version):
      throw .newerFormat(
        path: paths.directory, version: version, supported: FormatFile.currentVersion)
    case .damaged:
      note(
        "fails its checksum", paths.format, 0..<size,
        held: "the store's identity, which the header of every log holds too")
    case .foreign:
      if try hasNoLogs() {
        throw .notAStore(
          path: paths.directory, reason: "its file FORMAT is of something else")
      }
      note("is something else", paths.format, 0..<size, held: "the store's identity")
    }
    return nil
  }

  private func hasNoLogs() throws(StorageError) -> Bool {
    do throws(StorageError) {
      return try LogFiles(disk: disk, paths: paths).list().isEmpty
    } catch {
      if case .notAStore = error { return true }
      throw error
    }
  }

  mutating func checkLock() throws(StorageError) -> LockFile {
    let probe: any DiskFile
    let size: UInt64
    do throws(DiskError) {
      probe = try disk.open(paths.lock, .reading)
      size = try probe.status().bytes
    } catch {
      guard error.isMissing else { throw .disk(error) }
      note("is missing", paths.lock, held: "nothing: who writes next makes it", isDamage: false)
      return LockFile(file: nil, probe: nil)
    }
    report.files.append(.init(path: paths.lock, bytes: size))
    let lock = LockFile(file: nil, probe: probe)
    let word = try onDisk { () throws(DiskError) in try lock.word() }
    if word == .damaged {
      note(
        "its two copies of a number differ", paths.lock, 0..<8,
        held: "the number of the current log, which the logs show too")
    }
    if size > 8 { note("nobody writes here", paths.lock, 8..<size, isDamage: false) }
    return lock
  }

  // MARK: Logs

  /// A log's file and what its header says.
  struct LogFile {
    let number: UInt32
    let path: String
    let file: any DiskFile
    let status: FileStatus
    /// Its first bytes.
    let block: [UInt8]
    let header: LogHeader?
  }

  /// Which store the logs are of, by the header of the first that has one.
  func identityOfLogs() throws(StorageError) -> StoreIdentity? {
    for number in try LogFiles(disk: disk, paths: paths).list() {
      if let header = try openLog(number)?.header { return header.store }
    }
    return nil
  }

  /// The number of the first log of `store`.
  func firstLog(of store: StoreIdentity) throws(StorageError) -> UInt32? {
    for number in try LogFiles(disk: disk, paths: paths).list() {
      guard let header = try openLog(number)?.header else { continue }
      if header.store == store && header.number == number { return number }
    }
    return nil
  }

  /// Reads all logs. What is readable of them, behind `base`, comes on top of that.
  mutating func readLogs(
    of store: StoreIdentity?, _ lock: LockFile, from base: Checkpoint?
  ) throws(StorageError) {
    self.base = base
    if let base {
      replay.begin(with: base)
      highestEpoch = base.highestEpoch
    }
    var previous: LogFile?
    var last: (log: LogFile, cursor: LogCursor)?
    for number in try LogFiles(disk: disk, paths: paths).list() {
      guard let log = try openLog(number) else { continue }
      highestLog = max(highestLog, number)
      let expected = (previous?.number ?? 0) + 1
      let isOurs = log.header.map { $0.store == store && $0.number == number } ?? false
      if number > expected, !isOurs {
        note("is no log of this store, and is not read", log.path, isDamage: false)
        continue
      }
      let isSealed = previous == nil && (base?.trailer.position.log ?? 0) >= number
      if number > expected && !isSealed {
        let count = number - expected
        note(
          count == 1 ? "is missing" : "and the \(count - 1) logs after it are missing",
          paths.log(expected),
          held: "everything that was recorded while it was the current log, of which no "
            + "checkpoint is left that can be read")
      }
      previous = log
      checkHeader(log, isOurs: isOurs)
      if let last {
        try finish(last.cursor, before: isOurs ? log.header : nil)
      }
      last = isOurs ? log.header.map { (log, cursor(log, $0)) } : nil
    }
    if let last { try finish(last.cursor, before: nil, lock) }
  }

  func openLog(_ number: UInt32) throws(StorageError) -> LogFile? {
    let path = paths.log(number)
    do throws(DiskError) {
      let file = try disk.open(path, .reading)
      let block = try file.read(at: 0, count: LogHeader.blockByteCount)
      return LogFile(
        number: number, path: path, file: file, status: try file.status(), block: block,
        header: LogHeader.read(block).header)
    } catch {
      if error.isMissing || !error.isOfDisk { return nil }
      throw .disk(error)
    }
  }

  private mutating func checkHeader(_ log: LogFile, isOurs: Bool) {
    guard let header = log.header else {
      return note(
        "both copies of its header are damaged", log.path, 0..<log.status.bytes,
        held: "everything that was recorded while it was the current log")
    }
    guard isOurs else {
      return note(
        "is log \(header.number) of store \(header.store)", log.path, 0..<log.status.bytes,
        held: "everything that was recorded while log \(log.number) was the current one")
    }
    let copy = UInt64(LogHeader.secondCopy)
    let length = UInt64(LogHeader.byteCount)
    let parts = [
      (0..<length, "one copy of its header fails its checksum"),
      (length..<copy, "what is between the copies of its header is not zero"),
      (copy..<(copy + length), "one copy of its header fails its checksum"),
    ]
    let good = LogHeader.intactParts(log.block)
    for (index, part) in parts.enumerated() where !good[index] {
      note(part.1, log.path, part.0, held: index == 1 ? "" : "the same as the other copy")
    }
  }

  func cursor(_ log: LogFile, _ header: LogHeader) -> LogCursor {
    LogCursor(
      number: log.number, file: log.file, path: log.path, header: header,
      identity: log.status.identity, isReadable: true, offset: UInt64(LogHeader.blockByteCount))
  }

  /// Reads a log to its end.
  ///
  /// - Parameters:
  ///   - next: what the next log's header says; nil when there is none that can be read.
  ///   - lock: tells whether somebody is just appending, for the last log.
  private mutating func finish(
    _ log: LogCursor, before next: LogHeader?, _ lock: LockFile? = nil
  ) throws(StorageError) {
    var cursor = log
    let end = next.map { max($0.previousEnd, UInt64(LogHeader.blockByteCount)) }
    var tail = try advance(&cursor, to: end)
    if let lock, tail != .clean { tail = try settle(tail, &cursor, lock) }
    for damage in cursor.damages {
      note(
        "is damaged", cursor.path, damage,
        held: try FrameDebris(cursor, damage).description)
    }
    if case .invalid(let end) = tail {
      let debris = cursor.offset..<end
      note(
        lock == nil ? "ends in bytes that are no frames" : "ends in an unfinished write",
        cursor.path, debris,
        held: try "nothing that anybody was promised: \(FrameDebris(cursor, debris).description)",
        isDamage: false)
    }
    if let next, next.previousChecksum != 0, cursor.damages.isEmpty,
      cursor.lastFrame != (end: next.previousEnd, checksum: next.previousChecksum)
    {
      note("does not end as the log after it says", cursor.path, held: "one of the two is another")
    }
    let size = try onDisk { () throws(DiskError) in try cursor.file.status().bytes }
    report.files.append(.init(path: cursor.path, bytes: size, frames: cursor.frameCount))
  }

  private mutating func advance(
    _ cursor: inout LogCursor, to end: UInt64?
  ) throws(StorageError) -> LogTail {
    let path = cursor.path
    return try cursor.advance(finalEnd: end) { frame throws(StorageError) in
      highestEpoch = max(highestEpoch, frame.header.epoch)
      do throws(StorageError) {
        if let base, frame.position < base.trailer.position {
          _ = try replay.records(of: frame)
        } else {
          try replay.read(frame)
        }
      } catch {
        let start = frame.position.offset
        note(
          "passes its checksum and cannot be read: \(error.reason)", path,
          start..<(start + UInt64(frame.header.frameByteCount)),
          held: FrameDebris(frame).description)
      }
    }
  }

  /// Looks again until it is certain that nobody is just writing what is invalid.
  private mutating func settle(
    _ tail: LogTail, _ cursor: inout LogCursor, _ lock: LockFile
  ) throws(StorageError) -> LogTail {
    var tail = tail
    for _ in 0..<1000 {
      let isAppending = try onDisk { () throws(DiskError) in try lock.isAppending() }
      let again = try advance(&cursor, to: nil)
      if again == .clean || (!isAppending && again == tail) { return again }
      tail = again
    }
    return .clean
  }

  // MARK: What is readable

  mutating func add(_ file: StoreReport.File) { report.files.append(file) }

  private mutating func countTrials() {
    report.studies = replay.snapshot.studies.count
    report.trials = replay.snapshot.studies.reduce(0) { $0 + $1.trialCount }
  }

  /// Studies that are being imported, or that a dead importer has left: nobody sees them.
  private mutating func noteDrafts(_ store: StoreIdentity, _ lock: LockFile) {
    let liveness = Liveness(lock: lock, disk: disk, store: store, writers: replay.writers)
    for draft in replay.snapshot.drafts {
      let isAlive = draft.study.draftOwner.map { liveness.isAlive(epoch: $0) } ?? false
      note(
        "the import of \(draft.study.name.jsonQuoted) is not finished"
          + (isAlive ? "" : ", and its process is gone: the next import takes this away"),
        paths.directory, held: "\(Measures.count(draft.trialCount, "trial")) so far",
        isDamage: false)
    }
  }

  private mutating func countCrashedWriters(_ store: StoreIdentity, _ lock: LockFile) {
    let writers = replay.writers
    let liveness = Liveness(lock: lock, disk: disk, store: store, writers: writers)
    report.crashedWriters = writers.epochs.count { !liveness.isAlive(epoch: $0) }
  }
}

extension StorageError {
  /// Why what passes its checksum cannot be read.
  fileprivate var reason: String {
    switch self {
    case .malformed(_, _, let reason): reason
    case .unknownRecord(_, _, let type):
      "a record of type \(type), which this Cairn does not know and may not skip"
    default: explanation.fact
    }
  }
}
