// What one open store knows: the state of all studies, and how far in which log that is.

import StudyModel

struct StoreState: Sendable {
  let disk: any Disk
  let paths: StorePaths
  let identity: StoreIdentity
  let lock: LockFile
  let rule: RecoveryRule
  /// A log is rolled when it has become so large.
  let rollBytes: UInt64

  var snapshot = Snapshot()
  var cursor: LogCursor
  /// The highest log there is to the knowledge of LOCK or the directory.
  var highestLog: UInt32
  /// Every writer that introduced itself.
  var writers: [UInt32: WriterIdentity] = [:]
  /// Writers whose last frame says that they ended in good order.
  var closedEpochs: Set<UInt32> = []
  var highestEpoch: UInt32 = 0
  /// What LOCK said when it was last looked at.
  var word = LockFile.Word.none
  var warnings: [StoreWarning] = []
  /// What `check` reads of the logs before the current one.
  var finishedLogs: [LogSummary] = []

  /// This store as a writer, once it has something to write.
  var writer: Writer?
  /// Set for good when the disk lost what it had accepted, or the store was closed.
  var failure: StorageError?
  var isReserveSupported = true

  struct Writer: Sendable {
    let epoch: UInt32
    let identity: WriterIdentity
    /// Of its next frame. The first one says hello.
    var nextSequence: UInt32 = 0
  }

  /// Everything up to here is on disk, to the knowledge of this store.
  var durable: LogPosition { LogPosition(log: cursor.number, offset: cursor.synced) }

  var position: LogPosition { cursor.position }

  /// Reads a store from its first log to its last.
  static func load(
    _ disk: any Disk, _ paths: StorePaths, _ identity: StoreIdentity, _ lock: LockFile,
    rule: RecoveryRule, rollBytes: UInt64
  ) throws(StorageError) -> (state: StoreState, tail: LogTail) {
    let numbers = try listLogs(disk, paths)
    guard let first = numbers.min(), let last = numbers.max() else {
      throw .notAStore(path: paths.directory, reason: "its directory log/ holds no log")
    }
    var warnings: [StoreWarning] = []
    for number in 1..<max(1, first) {
      warnings.append(.missingLog(path: paths.log(number)))
    }
    guard
      let cursor = try openLog(
        first, disk, paths, identity, lock.openMode, rule, &warnings)
    else { throw .notAStore(path: paths.directory, reason: "its first log vanished") }
    var state = StoreState(
      disk: disk, paths: paths, identity: identity, lock: lock, rule: rule,
      rollBytes: rollBytes, cursor: cursor, highestLog: last)
    state.warnings = warnings
    let tail = try state.catchUp()
    return (state, tail)
  }

  static func listLogs(
    _ disk: any Disk, _ paths: StorePaths
  ) throws(StorageError) -> [UInt32] {
    do {
      return try disk.list(paths.logs).compactMap { StorePaths.logNumber(ofFile: $0) }
    } catch  where error.isMissing {
      throw .notAStore(path: paths.directory, reason: "it has no directory log/")
    } catch {
      throw .disk(error)
    }
  }

  /// Opens a log and reads its header; nil when there is no such file.
  private static func openLog(
    _ number: UInt32, _ disk: any Disk, _ paths: StorePaths, _ identity: StoreIdentity,
    _ mode: OpenMode, _ rule: RecoveryRule, _ warnings: inout [StoreWarning]
  ) throws(StorageError) -> LogCursor? {
    let path = paths.log(number)
    do {
      let file = try disk.open(path, mode)
      let reading = LogHeader.read(try file.read(at: 0, count: LogHeader.blockByteCount))
      guard let header = reading.header, header.number == number else {
        warnings.append(.unreadableLog(path: path))
        return .unreadable(number, file, path, identity, size: try file.size().bytes)
      }
      guard header.store == identity else {
        warnings.append(.brokenChain(path: path))
        return .unreadable(number, file, path, identity, size: try file.size().bytes)
      }
      if !reading.isIntact { warnings.append(.damagedHeader(path: path)) }
      if header.features.unknownIncompatible != 0 {
        throw StorageError.unknownFeatures(
          path: path, flags: header.features.unknownIncompatible, forWriting: false)
      }
      var cursor = LogCursor(
        number: number, file: file, path: path, header: header, isReadable: true,
        offset: UInt64(LogHeader.blockByteCount))
      cursor.rule = rule
      return cursor
    } catch let error as DiskError where error.isMissing {
      return nil
    } catch {
      throw .wrapping(error)
    }
  }

  /// Reads on to the end of everything that any process has appended. Takes no lock.
  ///
  /// - Returns: what is at the end of the last log there is.
  mutating func catchUp() throws(StorageError) -> LogTail {
    word = try onDisk { () throws(DiskError) in try lock.word() }
    if case .number(let number) = word { highestLog = max(highestLog, number) }
    while let next = try openSuccessor() {
      if next.isReadable {
        let end = next.header.previousEnd
        if cursor.isReadable && cursor.offset > end {
          // Frames behind the end were read, and stand again in the next log.
          try startOver()
          continue
        }
        let brokenBefore = cursor.damages.count
        _ = try advance(finalEnd: end)
        if next.header.previousChecksum != 0, cursor.damages.count == brokenBefore,
          cursor.isReadable,
          cursor.lastFrame != (end: end, checksum: next.header.previousChecksum)
        {
          warnings.append(.brokenChain(path: next.path))
        }
      } else {
        _ = try advance()
      }
      try leave(for: next)
    }
    let tail = try advance()
    noteLostFrames()
    return tail
  }

  /// The next log, when there is one; logs missing in between are reported and passed over.
  private mutating func openSuccessor() throws(StorageError) -> LogCursor? {
    var number = cursor.number
    while number < highestLog {
      number += 1
      var found: [StoreWarning] = []
      if let next = try Self.openLog(
        number, disk, paths, identity, lock.openMode, rule, &found)
      {
        if cursor.number + 1 < number {
          for missing in (cursor.number + 1)..<number {
            warnings.append(.missingLog(path: paths.log(missing)))
          }
        }
        warnings += found
        return next
      }
    }
    return nil
  }

  private mutating func leave(for next: LogCursor) throws(StorageError) {
    finishedLogs.append(try summary(finalEnd: next.isReadable ? next.header.previousEnd : nil))
    cursor = next
  }

  private mutating func startOver() throws(StorageError) {
    var (fresh, _) = try Self.load(
      disk, paths, identity, lock, rule: rule, rollBytes: rollBytes)
    fresh.writer = writer
    fresh.failure = failure
    fresh.isReserveSupported = isReserveSupported
    self = fresh
  }

  /// The highest sequence seen of every writer.
  private(set) var lastSequences: [UInt32: UInt32] = [:]

  /// A writer that no longer finds its own frames must not go on: what it told its callers is
  /// not what the store says.
  private mutating func noteLostFrames() {
    guard failure == nil, let writer, writer.nextSequence > 0 else { return }
    if lastSequences[writer.epoch].map({ $0 + 1 < writer.nextSequence }) ?? true {
      failure = .outcomeUnknown(path: paths.directory, nil)
    }
  }

  private mutating func advance(finalEnd: UInt64? = nil) throws(StorageError) -> LogTail {
    // Nearly always nobody else has appended anything.
    if finalEnd == nil, try cursor.isAtEnd() { return .clean }
    var reading = cursor
    let known = reading.damages.count
    let result: Result<LogTail, StorageError>
    do throws(StorageError) {
      result = .success(
        try reading.advance(finalEnd: finalEnd) { frame throws(StorageError) in
          try apply(frame, of: cursor)
        })
    } catch {
      result = .failure(error)
    }
    cursor = reading
    for damage in cursor.damages.dropFirst(known) {
      warnings.append(
        .damaged(path: cursor.path, from: damage.lowerBound, to: damage.upperBound))
    }
    return try result.get()
  }

  private mutating func apply(_ frame: LogFrame, of log: LogCursor) throws(StorageError) {
    let context = RecordContext(timeBase: log.header.timeBase, epoch: frame.header.epoch)
    let records: [LogRecord]
    do throws(RecordDecoder.Failure) {
      records = try RecordDecoder.records(frame.bytes, frame.payload, context)
    } catch {
      let position = LogPosition(log: log.number, offset: frame.offset)
      switch error {
      case .bytes(let error):
        throw .malformed(path: paths.directory, position, reason: "\(error)")
      case .unknown(let type):
        throw .unknownRecord(path: paths.directory, position, type: type)
      }
    }
    apply(records, epoch: frame.header.epoch, sequence: frame.header.sequence)
  }

  mutating func apply(_ records: [LogRecord], epoch: UInt32, sequence: UInt32) {
    highestEpoch = max(highestEpoch, epoch)
    lastSequences[epoch] = sequence
    for record in records {
      switch record {
      case .hello(let identity): writers[epoch] = identity
      case .close: closedEpochs.insert(epoch)
      case .event(let event): snapshot.apply(event)
      }
    }
  }

  func onDisk<Value>(
    _ body: () throws(DiskError) -> Value
  ) throws(StorageError) -> Value {
    do { return try body() } catch { throw .disk(error) }
  }
}

extension LogCursor {
  /// Stands for a log that cannot be read: it is passed over, and nothing is appended to it.
  fileprivate static func unreadable(
    _ number: UInt32, _ file: any DiskFile, _ path: String, _ identity: StoreIdentity,
    size: UInt64
  ) -> LogCursor {
    LogCursor(
      number: number, file: file, path: path,
      header: LogHeader(
        number: number, store: identity, seed: 0, timeBase: .init(rawValue: 0), bootID: [],
        creator: ""),
      isReadable: false, offset: size)
  }
}

extension StorageError {
  /// `error`, which is one of these or of the disk.
  static func wrapping(_ error: any Error) -> StorageError {
    switch error {
    case let error as StorageError: error
    case let error as DiskError: .disk(error)
    default: preconditionFailure("an error of neither the store nor its disk: \(error)")
    }
  }
}
