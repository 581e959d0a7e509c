// The log of a store: files, each continuing the one before it, read and appended to as one
// sequence of frames. What the frames say is none of its business.

import Glibc

struct Log: Sendable {
  let place: LogPlace

  /// The log that is read and appended to, and how far.
  private(set) var cursor: LogCursor
  /// What was found wrong so far.
  private(set) var warnings: [StoreWarning] = []
  /// The highest log that anybody has announced.
  private var announced: UInt32
  /// The last log of which a sync by this process failed. The kernel counts the lost pages as
  /// clean, so that the next sync of it proves nothing: whoever ends it now copies.
  var failedSync: (log: UInt32, error: DiskError)?
  /// Logs behind the current one that are yet to be read.
  private var pending: ArraySlice<UInt32> = []
  /// What LOCK said when it was last looked at.
  private var word = LockFile.Word.none
  private(set) var highestEpoch: UInt32 = 0
  /// The highest sequence read of this store's own frames.
  private var lastOwnSequence: UInt32?
  private var isReserveSupported = true
  /// Whether it was read from a mark on, and not from the first log.
  private(set) var isResumed = false
  /// How many bytes of frames were read and written here so far.
  private(set) var bytesPassed: UInt64 = 0

  /// This store as a writer, once it has something to write.
  private(set) var writer: Writer?
  /// Set for good when the disk lost what it had accepted, when the store was closed, or when it
  /// is no longer where it was.
  var failure: StorageError?

  /// Beyond a frame's end, so much of a log is kept allocated, so that a trial can still end
  /// when the disk is full.
  static let reserveBytes: UInt64 = 64 << 10
  /// How much is allocated when the reserve is short.
  static let reserveStep: UInt64 = 256 << 10
  /// How often a catch-up begins anew before it gives up.
  private static let patience = 8

  private var disk: any Disk { place.disk }
  private var paths: StorePaths { place.paths }
  var position: LogPosition { cursor.position }

  /// Reads a store to the end of its last log, from where its reader knows nothing yet.
  ///
  /// - Returns: what is at the end of the last log there is.
  static func open(
    _ place: LogPlace, _ reader: inout some FrameReader
  ) throws(StorageError) -> (log: Log, tail: LogTail) {
    var (log, pending) = try beginning(place, &reader)
    log.pending = pending
    let tail = try log.catchUp(&reader)
    if log.word == .damaged { log.warnings.append(.damagedLockWord(path: log.paths.lock)) }
    return (log, tail)
  }

  /// The log in which reading begins: behind the most that the reader knows without it and that
  /// is of this store's logs, else the first; and the numbers of the logs behind it.
  private static func beginning(
    _ place: LogPlace, _ reader: inout some FrameReader
  ) throws(StorageError) -> (log: Log, behind: ArraySlice<UInt32>) {
    while true {
      let newest = reader.restart(before: nil)
      var known = newest
      while let mark = known {
        if let resumed = try resumed(place, mark) { return resumed }
        known = reader.restart(before: mark.position)
      }
      let first = try first(place)
      let cursor = first.log.cursor
      // A log goes when checkpoints have all of it: perhaps it was there just now.
      if cursor.number == 1 || reader.restart(before: nil) == newest {
        if cursor.number > 1 && cursor.header.features.isSealed {
          throw .unreadableHistory(path: place.paths.checkpoints, first: cursor.path)
        }
        _ = reader.restart(before: LogPosition(log: 0, offset: 0))
        return first
      }
    }
  }

  /// The log that `mark` is of, read up to there; nil when it is none of it.
  private static func resumed(
    _ place: LogPlace, _ mark: Mark
  ) throws(StorageError) -> (log: Log, behind: ArraySlice<UInt32>)? {
    var found: [StoreWarning] = []
    guard var cursor = try open(mark.position.log, place, &found), found.isEmpty,
      try cursor.skip(
        to: mark.position.offset, lastFrame: mark.frameStart, checksum: mark.checksum)
    else { return nil }
    var log = Log(place: place, cursor: cursor, announced: mark.position.log)
    log.highestEpoch = mark.highestEpoch
    log.isResumed = true
    return (log, try place.files.list().filter { $0 > mark.position.log }[...])
  }

  /// The first log there is, and the numbers of those behind it.
  private static func first(
    _ place: LogPlace
  ) throws(StorageError) -> (log: Log, behind: ArraySlice<UInt32>) {
    var numbers = try place.files.list()[...]
    var strays: [StoreWarning] = []
    while let number = numbers.popFirst() {
      var found: [StoreWarning] = []
      guard let cursor = try open(number, place, &found) else { continue }
      if number > 1 && !cursor.isReadable {
        strays.append(.strayLog(path: cursor.path))
        continue
      }
      var log = Log(place: place, cursor: cursor, announced: number)
      if number > 1 {
        log.warnings.append(.missingLogs(first: place.paths.log(1), count: Int(number) - 1))
      }
      log.warnings += strays + found
      return (log, numbers)
    }
    throw .notAStore(path: place.paths.directory, reason: "its directory log/ holds no log")
  }

  private init(place: LogPlace, cursor: LogCursor, announced: UInt32) {
    self.place = place
    self.cursor = cursor
    self.announced = announced
  }

  /// Opens a log and reads its header; nil when there is no such file.
  private static func open(
    _ number: UInt32, _ place: LogPlace, _ warnings: inout [StoreWarning]
  ) throws(StorageError) -> LogCursor? {
    let path = place.paths.log(number)
    do {
      let file = try place.disk.open(path, place.lock.openMode)
      let status = try file.status()
      let reading = LogHeader.read(try file.read(at: 0, count: LogHeader.blockByteCount))
      let header = reading.header.flatMap { $0.number == number ? $0 : nil }
      guard let header, header.store == place.store else {
        warnings.append(
          header == nil ? .unreadableLog(path: path) : .brokenChain(path: path))
        return LogCursor(
          number: number, file: file, path: path, header: .unknown(number, place.store),
          identity: status.identity, isReadable: false, offset: status.bytes)
      }
      if !reading.isIntact { warnings.append(.damagedHeader(path: path)) }
      if header.features.unknownIncompatible != 0 {
        throw StorageError.unknownFeatures(
          path: path, flags: header.features.unknownIncompatible, forWriting: false,
          creator: header.creator)
      }
      var cursor = LogCursor(
        number: number, file: file, path: path, header: header, identity: status.identity,
        isReadable: true, offset: UInt64(LogHeader.blockByteCount))
      cursor.rule = place.rule
      return cursor
    } catch let error as DiskError where error.isMissing {
      return nil
    } catch let error as DiskError where !error.isOfDisk {
      return nil  // a directory or pipe bears a log's name
    } catch {
      throw .wrapping(error)
    }
  }

  // MARK: Reading

  /// Reads on to the end of everything that any process has appended. Takes no lock.
  ///
  /// - Parameter isExclusive: the append lock is held, and what the store has open must still
  ///   bear its names.
  /// - Returns: what is at the end of the last log there is.
  mutating func catchUp(
    _ reader: inout some FrameReader, isExclusive: Bool = false
  ) throws(StorageError) -> LogTail {
    if isExclusive { try verifyNames() }
    word = try onDisk { () throws(DiskError) in try place.lock.word() }
    var restarts = 0
    var gap: UInt32?
    catchingUp: while true {
      let next: LogCursor
      switch try openSuccessor(passingGap: gap == cursor.number) {
      case .log(let successor): next = successor
      case .sealed:
        // What is missing may be in a checkpoint by now. Should it be in none, it is lost.
        gap = cursor.number
        try startOver(&reader)
        continue
      case nil: break catchingUp
      }
      // Where logs are missing in between, nobody says where this one ends.
      guard next.isReadable, next.number == cursor.number + 1 else {
        _ = try advance(&reader)
        cursor = next
        continue
      }
      let end = max(next.header.previousEnd, UInt64(LogHeader.blockByteCount))
      if cursor.isReadable && cursor.offset > end {
        // Frames behind the end were read, and stand again in the next log.
        restarts += 1
        guard restarts <= Self.patience else {
          throw .malformed(
            path: next.path, next.position, reason: "the log before it ends nowhere")
        }
        try startOver(&reader)
        continue
      }
      let brokenBefore = cursor.damages.count
      _ = try advance(&reader, finalEnd: end)
      if next.header.previousChecksum != 0, cursor.damages.count == brokenBefore,
        cursor.isReadable,
        cursor.lastFrame != (end: end, checksum: next.header.previousChecksum)
      {
        warnings.append(.brokenChain(path: next.path))
      }
      cursor = next
    }
    let status =
      isExclusive
      ? try FileName(path: cursor.path, identity: cursor.identity).verify(disk) : nil
    let tail = try advance(&reader, size: status)
    noteLostFrames()
    return tail
  }

  private enum Successor {
    case log(LogCursor)
    /// Logs in between are gone, as those are that were sealed.
    case sealed
  }

  /// What comes behind the current log, when there is anything.
  ///
  /// - Parameter passingGap: whether logs that are missing in between are known to be lost; they
  ///   are reported and passed over.
  private mutating func openSuccessor(passingGap: Bool) throws(StorageError) -> Successor? {
    if pending.isEmpty, case .number(let number) = word, number > cursor.number {
      let current = cursor.number
      pending = try place.files.list().filter { $0 > current }[...]
    }
    while let number = pending.popFirst() {
      var found: [StoreWarning] = []
      guard number > cursor.number, let next = try Self.open(number, place, &found) else {
        continue
      }
      let missing = Int(number - cursor.number) - 1
      if missing > 0 {
        // Whatever bears such a number and no header of ours is no log.
        guard next.isReadable else {
          note(.strayLog(path: next.path))
          continue
        }
        if next.header.features.isSealed && !passingGap { return .sealed }
        warnings.append(.missingLogs(first: paths.log(cursor.number + 1), count: missing))
      }
      warnings += found
      announced = max(announced, number)
      return .log(next)
    }
    if case .number(let number) = word, number > cursor.number {
      // A roll is announced when the log before it is there.
      if number - cursor.number == 1 {
        announced = max(announced, number)
      } else {
        word = .damaged
      }
    }
    return nil
  }

  private mutating func startOver(_ reader: inout some FrameReader) throws(StorageError) {
    let (fresh, behind) = try Self.beginning(place, &reader)
    cursor = fresh.cursor
    isResumed = fresh.isResumed
    highestEpoch = max(highestEpoch, fresh.highestEpoch)
    warnings = fresh.warnings
    pending = behind
    lastOwnSequence = writer.flatMap { reader.lastSequence(ofWriter: $0.epoch) }
  }

  /// A writer that no longer finds its own frames must not go on: what it told its callers is
  /// not what the store says.
  private mutating func noteLostFrames() {
    guard failure == nil, let writer, writer.nextSequence > 0 else { return }
    if lastOwnSequence.map({ $0 < writer.nextSequence - 1 }) ?? true {
      failure = .outcomeUnknown(path: paths.directory, nil)
    }
  }

  private mutating func advance(
    _ reader: inout some FrameReader, finalEnd: UInt64? = nil, size: FileStatus? = nil
  ) throws(StorageError) -> LogTail {
    var reading = cursor
    let known = reading.damages.count
    let result: Result<LogTail, StorageError>
    do throws(StorageError) {
      result = .success(
        try reading.advance(finalEnd: finalEnd, size: size) { frame throws(StorageError) in
          highestEpoch = max(highestEpoch, frame.header.epoch)
          bytesPassed += UInt64(frame.header.frameByteCount)
          if frame.header.epoch == writer?.epoch { lastOwnSequence = frame.header.sequence }
          try reader.read(frame)
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

  /// Looks again at an invalid tail until it is certain that nobody is just writing it, and
  /// warns of it then.
  mutating func settle(
    _ tail: LogTail, _ reader: inout some FrameReader
  ) throws(StorageError) {
    var tail = tail
    for _ in 0..<1000 {
      guard case .invalid(let end) = tail else { return }
      let isAppending = try onDisk { () throws(DiskError) in try place.lock.isAppending() }
      let again = try catchUp(&reader)
      if !isAppending && again == tail {
        return warnings.append(
          .unfinishedTail(path: cursor.path, from: cursor.offset, to: end))
      }
      tail = again
    }
    // Writers have kept it busy all the while: it is the tail of a live log.
  }

  private mutating func note(_ warning: StoreWarning) {
    if !warnings.contains(warning) { warnings.append(warning) }
  }

  /// Learns that everything before `position` is on disk.
  mutating func didSynchronize(_ position: LogPosition) {
    if cursor.number == position.log { cursor.synced = max(cursor.synced, position.offset) }
  }

  // MARK: Appending

  /// Runs `body` with the append lock of all processes held, on a log that is caught up with and
  /// ready for a frame: an unfinished roll is finished, and an unfinished write is left behind.
  /// Afterwards nothing may be acknowledged but what is where everybody looks for it.
  mutating func whileAlone<Result, Reader: FrameReader>(
    _ reader: inout Reader, _ body: (inout Log, inout Reader) throws -> Result
  ) throws -> Result {
    guard let file = place.lock.file else {
      throw StorageError.openedForReading(path: paths.directory)
    }
    if let failure { throw failure }
    _ = try onDisk { () throws(DiskError) in
      try file.lock(byte: LockFile.appendByte, waits: true)
    }
    let outcome = Swift.Result {
      try prepareToAppend(&reader)
      let result = try body(&self, &reader)
      _ = try place.lockName.verify(disk)
      return result
    }
    do {
      try file.unlock(byte: LockFile.appendByte)
    } catch {
      // Others would wait for ever; closing the descriptor is all that is left.
      failure = .disk(error)
      throw StorageError.disk(error)
    }
    if case .failure(let error as StorageError) = outcome, case .displaced = error {
      failure = error
    }
    return try outcome.get()
  }

  /// - Throws: ``StorageError/displaced(path:)``.
  func verifyNames() throws(StorageError) {
    _ = try place.lockName.verify(disk)
    _ = try place.formatName.verify(disk)
  }

  private mutating func prepareToAppend(_ reader: inout some FrameReader) throws(StorageError) {
    let tail = try catchUp(&reader, isExclusive: true)
    if let failure { throw failure }
    if cursor.header.features.unknownReadOnly != 0 {
      throw .unknownFeatures(
        path: cursor.path, flags: cursor.header.features.unknownReadOnly, forWriting: true,
        creator: cursor.header.creator)
    }
    if announced > cursor.number {
      // Why it was to be rolled is not known; if a sync had failed, syncing again would prove
      // nothing. So only what was known to be on disk before stays in the old log.
      try rollCopying(after: nil)
    } else if !cursor.isReadable {
      try roll(.repair)
    } else if case .invalid(let end) = tail {
      note(.unfinishedTail(path: cursor.path, from: cursor.offset, to: end))
      try roll(.voidTail)
    } else if word == .none {
      // LOCK is a new file. Should anybody still hold the old one, what he is about to write
      // comes behind the end of this log, where nobody reads it.
      try roll(.newLock)
    } else if word != .number(cursor.number) {
      try onDisk { () throws(DiskError) in try place.lock.setWord(cursor.number) }
    }
  }

  /// The identity of the next frame. The first time, an epoch that nobody ever used is chosen
  /// and its byte locked, before anything says so.
  mutating func nextFrame() throws(StorageError) -> FrameIdentity {
    if let writer, writer.nextSequence < .max {
      return FrameIdentity(epoch: writer.epoch, sequence: writer.nextSequence)
    }
    var epoch = highestEpoch
    repeat {
      guard epoch < .max else {
        throw .exhausted(path: paths.directory, what: "writers' numbers")
      }
      epoch += 1
    } while try !onDisk({ () throws(DiskError) in
      try place.lock.file?.lock(byte: LockFile.livenessByte(ofEpoch: epoch), waits: false)
        ?? false
    })
    writer = Writer(epoch: epoch)
    lastOwnSequence = nil
    return FrameIdentity(epoch: epoch, sequence: 0)
  }

  /// Appends one frame, under the append lock.
  ///
  /// - Parameters:
  ///   - frame: from ``nextFrame()``.
  ///   - isEssential: whether it may use up the reserve.
  ///   - payload: makes the payload, behind room for a frame's header, for a log whose times
  ///     are counted from here.
  mutating func append(
    _ frame: FrameIdentity, isEssential: Bool, _ payload: (_ timeBase: Int64) throws -> ByteWriter
  ) throws {
    // The syncing thread rolls a full log, outside the lock for the most part; this is for when
    // it does not get round to it.
    if cursor.offset >= place.rollBytes + place.rollBytes / 4 {
      do throws(StorageError) {
        try roll(.full)
      } catch {
        // A full disk may still have room in this log, unless its end is announced already.
        guard error.isFull && announced == cursor.number else { throw error }
      }
    }
    var writer = try payload(cursor.header.timeBase)
    let payloadBytes = writer.bytes.count - FrameHeader.byteCount
    let place = FramePlace(
      epoch: frame.epoch, sequence: frame.sequence, synced: cursor.synced,
      seed: cursor.header.seed, offset: cursor.offset)
    guard FrameCodec.seal(&writer, place) else {
      throw StorageError.transactionTooLarge(
        path: paths.directory, bytes: payloadBytes, limit: FrameHeader.maximumPayload)
    }
    try reserve(writer.bytes.count, isEssential: isEssential)
    try cursor.write(writer.bytes)
    cursor.didAppend(writer.bytes)
    bytesPassed += UInt64(writer.bytes.count)
    highestEpoch = max(highestEpoch, frame.epoch)
    lastOwnSequence = frame.sequence
    self.writer?.nextSequence = frame.sequence + 1
  }

  private mutating func reserve(_ count: Int, isEssential: Bool) throws(StorageError) {
    let end = cursor.offset + UInt64(count)
    guard isReserveSupported, cursor.allocated < end + Self.reserveBytes else { return }
    // Much at once where there is much, and no more than it takes where there is not.
    for extra in [Self.reserveStep, Self.reserveBytes] {
      let wanted = UInt64(count) + extra
      do throws(DiskError) {
        isReserveSupported = try cursor.file.reserve(from: cursor.offset, count: wanted)
        return
      } catch {
        guard error.isFull else { throw .disk(error) }
        if extra != Self.reserveBytes { continue }
        if !isEssential {
          throw .diskFull(path: cursor.path, bytesNeeded: Int(wanted), error)
        }
        // It takes of the reserve what it needs itself. Where that is more than there is, a
        // write would fail half-way, and cutting it off would give the whole reserve away.
        let status = try onDisk { () throws(DiskError) in try cursor.file.status() }
        if status.allocated < end {
          throw .diskFull(path: cursor.path, bytesNeeded: count, error)
        }
      }
    }
  }

  /// Frees the writer's liveness byte.
  mutating func releaseWriter() throws(DiskError) {
    guard let writer else { return }
    self.writer = nil
    try place.lock.file?.unlock(byte: LockFile.livenessByte(ofEpoch: writer.epoch))
  }

  // MARK: Rolling

  /// Whether the current log has reached the size at which it is rolled.
  var isFull: Bool { cursor.offset >= place.rollBytes }

  /// Ends the current log where its valid frames end, and begins the next. Under the append lock.
  mutating func roll(_ reason: LogHeader.RollReason) throws(StorageError) {
    do throws(DiskError) {
      if let failedSync, failedSync.log == cursor.number { throw failedSync.error }
      if cursor.isReadable { try cursor.file.synchronize() }
    } catch {
      return try rollCopying(after: error)
    }
    cursor.synced = max(cursor.synced, cursor.offset)
    var header = try nextHeader(reason)
    header.previousEnd = max(cursor.offset, UInt64(LogHeader.blockByteCount))
    header.previousChecksum = cursor.lastFrame.end == cursor.offset ? cursor.lastFrame.checksum : 0
    try begin(header, copies: [], announcesFirst: false)
  }

  /// Ends the current log at the last offset known to be on disk, and writes all frames behind
  /// it again, into the next. Under the append lock.
  mutating func rollCopying(after error: DiskError?) throws(StorageError) {
    var header = try nextHeader(error == nil ? .repair : .failedSync)
    header.timeBase = cursor.header.timeBase
    // What checkpoints have was on disk before they were there, whoever synced it.
    let isKnown = place.rule != .forgettingCheckpoints
    let sealed = isKnown ? try place.checkpoints.end(inLog: cursor.number) ?? 0 : 0
    cursor.synced = max(cursor.synced, min(sealed, cursor.offset))
    header.previousEnd = max(cursor.synced, UInt64(LogHeader.blockByteCount))
    var reader = LogCursor(
      number: cursor.number, file: cursor.file, path: cursor.path, header: cursor.header,
      identity: cursor.identity, isReadable: cursor.isReadable, offset: cursor.synced)
    var copies: [LogFrame] = []
    _ = try reader.advance(finalEnd: cursor.offset) { frame throws(StorageError) in
      copies.append(frame)
    }
    do throws(StorageError) {
      try begin(header, copies: copies, announcesFirst: true)
    } catch {
      failure = .outcomeUnknown(path: paths.directory, error.diskError)
      throw .outcomeUnknown(path: paths.directory, error.diskError)
    }
    if !reader.damages.isEmpty {
      failure = .outcomeUnknown(path: paths.directory, error)
      throw .outcomeUnknown(path: paths.directory, error)
    }
  }

  private func nextHeader(_ reason: LogHeader.RollReason) throws(StorageError) -> LogHeader {
    guard cursor.number < .max else {
      throw .exhausted(path: paths.directory, what: "logs' numbers")
    }
    var header = LogHeader(
      number: cursor.number + 1, store: place.store, seed: disk.random(),
      timeBase: disk.now(), bootID: disk.identity().bootIDBytes, creator: LogFiles.creator)
    header.reason = reason
    // Nobody knows when what came before will be sealed.
    header.features.incompatible |= FeatureFlags.sealed
    return header
  }

  /// Makes the log of `header`, with `copies` as its first frames, and goes on in it.
  ///
  /// LOCK's word is set before the new log has its name: otherwise a writer that died in
  /// between would leave others appending to a log that has ended. A word ahead of the logs is
  /// harmless, the next writer finishes what it announces.
  ///
  /// - Parameter announcesFirst: sets the word before anything else, so that a process that has
  ///   just synced the old log learns that this proves nothing.
  private mutating func begin(
    _ header: LogHeader, copies: [LogFrame], announcesFirst: Bool
  ) throws(StorageError) {
    let (block, last) = try LogFiles.firstBytes(header, copies)
    if announcesFirst { try announce(header.number) }
    try onDisk { () throws(DiskError) in try place.files.writeTemporary(block, header.number) }
    if !announcesFirst { try announce(header.number) }
    let path = paths.log(header.number)
    let (file, status) = try onDisk { () throws(DiskError) in
      try place.files.publish(header.number)
      // By its name, which errors tell.
      let file = try disk.open(path, .writing)
      return (file, try file.status())
    }
    cursor = LogCursor(
      number: header.number, file: file, path: path, header: header, identity: status.identity,
      isReadable: true, offset: UInt64(block.count))
    cursor.rule = place.rule
    cursor.synced = UInt64(block.count)
    cursor.adopt(frames: copies.count, last: last)
  }

  /// From here on nobody appends to the current log any more.
  private mutating func announce(_ number: UInt32) throws(StorageError) {
    try onDisk { () throws(DiskError) in try place.lock.setWord(number) }
    announced = max(announced, number)
    word = .number(number)
  }
}
