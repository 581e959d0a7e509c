// What can go wrong with a store, and what to do about it.

/// A place in the log of a store.
package struct LogPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Which log, from 1.
  package var log: UInt32
  /// Which byte of it.
  package var offset: UInt64

  package init(log: UInt32, offset: UInt64) {
    self.log = log
    self.offset = offset
  }

  package static func < (a: Self, b: Self) -> Bool { (a.log, a.offset) < (b.log, b.offset) }

  package var description: String { "log \(log), byte \(offset)" }
}

/// Why a store cannot be opened, read or written.
package enum StorageError: Error, Hashable, Sendable {
  /// There is nothing at the path.
  case noStore(path: String)
  /// A store was to be made in a directory that is not there.
  case noDirectory(path: String, missing: String)
  /// There is something at the path, but no store.
  case notAStore(path: String, reason: String)
  case newerFormat(path: String, version: UInt32, supported: UInt32)
  /// Written with features that this version does not know.
  case unknownFeatures(path: String, flags: UInt32, forWriting: Bool)
  case damagedFormat(path: String)
  /// There are records, and no FORMAT that says whose.
  case missingFormat(path: String, log: String)
  /// A record of this type must be understood, and is not.
  case unknownRecord(path: String, LogPosition, type: UInt64)
  /// Bytes that pass their checksum and yet mean nothing.
  case malformed(path: String, LogPosition, reason: String)
  case openedForReading(path: String)
  case closed(path: String)
  /// The disk, or what this user may use of it, is full.
  case diskFull(path: String, bytesNeeded: Int, DiskError)
  case disk(DiskError)
  /// Locks at this place do not reach the other machines that see it.
  case localLocks(path: String, mount: String, type: String, option: String)
  case transactionTooLarge(path: String, bytes: Int, limit: Int)
  /// What was to be recorded is nothing that the format has a place for.
  case unrecordable(path: String, reason: String)
  /// What the format counts has come to its end.
  case exhausted(path: String, what: String)
  /// What was opened no longer bears its name: the store, or a part of it, was deleted, moved or
  /// replaced meanwhile.
  case displaced(path: String)
  /// The disk failed to keep what it had accepted. What was acknowledged is safe; what was
  /// waiting for its acknowledgement may or may not be there.
  case outcomeUnknown(path: String, DiskError?)
}

extension StorageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noStore(let path):
      "There is no store at \(path)."
    case .noDirectory(let path, let missing):
      "\(path) cannot be made: there is no directory \(missing). Make it, or name another path."
    case .notAStore(let path, let reason):
      "\(path) is not a Cairn store: \(reason). Name another path; nothing was changed there."
    case .newerFormat(let path, let version, let supported):
      """
      \(path) has format version \(version); this Cairn knows versions up to \(supported). \
      Use a newer Cairn.
      """
    case .unknownFeatures(let path, let flags, let forWriting):
      """
      \(path) uses features (bits \(String(flags, radix: 16))) that this Cairn does not know\
      \(forWriting ? "; it can be read but not written" : ""). Use a newer Cairn.
      """
    case .damagedFormat(let path):
      """
      \(path) fails its checksum. The logs beside it may be whole: restore this 64-byte file \
      from a backup.
      """
    case .missingFormat(let path, let log):
      """
      \(path) is missing, and \(log) holds records. Restore this 64-byte file from a backup; \
      nothing was changed there.
      """
    case .unknownRecord(let path, let position, let type):
      """
      \(path) holds a record of type \(type) at \(position), which this Cairn does not know and \
      may not skip. Use a newer Cairn.
      """
    case .malformed(let path, let position, let reason):
      "\(path) holds a record at \(position) that cannot be read: \(reason)."
    case .openedForReading(let path):
      "\(path) was opened for reading only."
    case .closed(let path):
      "\(path) is closed."
    case .diskFull(let path, let bytesNeeded, let error):
      """
      No room for \(bytesNeeded) more bytes in \(path) (\(error)). Nothing was written; what was \
      acknowledged is safe. Free some space and try again.
      """
    case .disk(let error):
      error.description
    case .localLocks(let path, let mount, let type, let option):
      """
      \(path) lies on \(mount), a \(type) mount with the option \(option): its locks do not \
      reach other machines, and a store shared that way would be destroyed. Keep the store on a \
      local disk and let the others reach it through a server, or mount without \(option).
      """
    case .transactionTooLarge(let path, let bytes, let limit):
      """
      \(bytes) bytes are too many for one transaction of \(path); the limit is \(limit). Record \
      them in several, or keep large values in files.
      """
    case .unrecordable(let path, let reason):
      "\(path) cannot hold this: \(reason). Nothing was written."
    case .exhausted(let path, let what):
      "All \(what) of \(path) are used. Go on in a new store."
    case .displaced(let path):
      """
      \(path) is no longer the file that was opened: the store, or this part of it, was deleted, \
      moved or replaced meanwhile. Nothing more is recorded; whether the last operation is, is \
      not known. Look where the store is now, then start again.
      """
    case .outcomeUnknown(let path, let error):
      """
      The disk under \(path) failed to keep what it had accepted\
      \(error.map { " (\($0))" } ?? ""). What was acknowledged is safe; it is not known whether \
      the last operations are. Check the disk, then open the store again.
      """
    }
  }
}

/// Something a store lacks, found when it was opened. The rest of it is readable.
package enum StoreWarning: Hashable, Sendable, CustomStringConvertible {
  /// Bytes that were once safely on disk and are no longer what was written.
  case damaged(path: String, from: UInt64, to: UInt64)
  /// The end of a log, left by a write that was never finished: nothing acknowledged.
  case unfinishedTail(path: String, from: UInt64, to: UInt64)
  /// One copy of a log's header is damaged; the other served.
  case damagedHeader(path: String)
  /// Neither copy of a log's header is readable, so the whole log is not.
  case unreadableLog(path: String)
  /// Logs that are not there, from this one on.
  case missingLogs(first: String, count: Int)
  /// A file that bears a log's name and is none of this store.
  case strayLog(path: String)
  /// A log that does not continue the one before it: one of the two was replaced.
  case brokenChain(path: String)
  case damagedLockWord(path: String)

  package var description: String {
    switch self {
    case .damaged(let path, let from, let to):
      "\(path): bytes \(from) to \(to) are damaged; what they recorded is lost"
    case .unfinishedTail(let path, let from, let to):
      "\(path): bytes \(from) to \(to) are an unfinished write, which nobody was promised"
    case .damagedHeader(let path):
      "\(path): its header is damaged; the second copy served"
    case .unreadableLog(let path):
      "\(path): both copies of its header are damaged; what it recorded is lost"
    case .missingLogs(let first, 1):
      "\(first) is missing; what it recorded is lost"
    case .missingLogs(let first, let count):
      "\(first) and the \(count - 1) logs after it are missing; what they recorded is lost"
    case .strayLog(let path):
      "\(path) is no log of this store, and was not read"
    case .brokenChain(let path):
      "\(path) does not continue the log before it: one of the two was replaced or damaged"
    case .damagedLockWord(let path):
      "\(path): the number of the current log is damaged; the logs themselves served"
    }
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

  /// Whether room is all that lacks.
  var isFull: Bool {
    switch self {
    case .diskFull: true
    case .disk(let error): error.isFull
    default: false
    }
  }
}

extension Error {
  /// The failed call behind this error of the store or of its disk.
  var diskError: DiskError? {
    switch self as? StorageError {
    case .disk(let error)?, .diskFull(_, _, let error)?: error
    default: self as? DiskError
    }
  }
}
