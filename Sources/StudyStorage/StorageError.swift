// What can go wrong with a store, and what to do about it.

package import PlainText

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
  case unknownFeatures(path: String, flags: UInt32, forWriting: Bool, creator: String?)
  case damagedFormat(path: String)
  /// There are records, and no FORMAT that says whose.
  case missingFormat(path: String, log: String)
  /// A record of this type must be understood, and is not.
  case unknownRecord(path: String, LogPosition, type: UInt64)
  /// Bytes that pass their checksum and yet mean nothing.
  case malformed(path: String, LogPosition, reason: String)
  /// What was sealed away is not what was written.
  case damagedCheckpoint(path: String, offset: UInt64, reason: String)
  /// Checkpoints have what came before the first log there is, and none of them can be read.
  case unreadableHistory(path: String, first: String)
  /// Every copy of some trials of a study is damaged.
  case unrecoverable(path: String, study: String, trials: ClosedRange<Int>)
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

extension StorageError: ExplainedError {
  package var explanation: Explanation {
    switch self {
    case .noStore(let path):
      Explanation(
        "there is no store at \(path)", try: ["cairn run STUDY … creates one", "--store PATH"])
    case .noDirectory(let path, let missing):
      Explanation(
        "the store \(path) cannot be made: there is no directory \(missing)",
        try: [ShellText.line(["mkdir", "-p", StorePaths.parent(of: path)]), "--store PATH"])
    case .notAStore(let path, let reason):
      Explanation(
        "\(path) is not a Cairn store", evidence: [reason, "nothing was changed there"],
        try: ["--store PATH", "CAIRN_STORE=PATH"])
    case .newerFormat(let path, let version, let supported):
      Explanation(
        "\(path) is of a newer Cairn",
        evidence: ["its format is version \(version), and this Cairn reads up to \(supported)"],
        try: ["a newer Cairn"])
    case .unknownFeatures(let path, let flags, let forWriting, let creator):
      Explanation(
        "\(path) uses features that this Cairn does not know",
        evidence: ["feature bits \(String(flags, radix: 16))"]
          + (forWriting ? ["it can be read but not written"] : [])
          + (creator.map { ["it was written by \($0)"] } ?? []),
        try: [creator.map { "\($0), or a later one" } ?? "a newer Cairn"])
    case .damagedFormat(let path):
      Explanation(
        "\(path) is damaged: it fails its checksum",
        evidence: ["the logs beside it may be whole; nothing was changed there"],
        try: ["\(path), 64 bytes, from a backup of the store"])
    case .missingFormat(let path, let log):
      Explanation(
        "\(path) is missing", evidence: ["\(log) holds records", "nothing was changed there"],
        try: ["\(path), 64 bytes, from a backup of the store", "--store PATH"])
    case .unknownRecord(let path, let position, let type):
      Explanation(
        "\(path) holds a record that this Cairn does not know and may not skip",
        evidence: ["\(position): type \(type)"], try: ["a newer Cairn"])
    case .malformed(let path, let position, let reason):
      Explanation("\(path) holds a record at \(position) that cannot be read: \(reason)")
    case .damagedCheckpoint(let path, let offset, let reason):
      Explanation(
        "\(path) is damaged at byte \(offset): \(reason)",
        evidence: ["the other checkpoint or the log has all of it too, unless that is damaged"],
        try: ["cairn check, which looks at everything", "cairn repair --into DIRECTORY"])
    case .unreadableHistory(let path, let first):
      Explanation(
        "no checkpoint in \(path) can be read that \(first) goes on from",
        evidence: ["nothing was changed there; what came before that log is in them alone"],
        try: ["cairn check, which says what is wrong with each", "cairn repair --into DIRECTORY"])
    case .unrecoverable(let path, let study, let trials):
      Explanation(
        "both copies of trials \(trials.lowerBound) to \(trials.upperBound) of study "
          + "\"\(study)\" in \(path) are damaged",
        evidence: ["nothing was changed there"],
        try: [
          ShellText.line(["--without", study]) + ", to repair everything else",
          "the checkpoints from a backup of the store",
        ])
    case .openedForReading(let path): Explanation("\(path) was opened for reading only")
    case .closed(let path): Explanation("\(path) is closed")
    case .diskFull(let path, let bytesNeeded, let error):
      Explanation(
        "there is no room for \(bytesNeeded) more bytes in \(path)",
        evidence: ["\(error)", "nothing of it was written; what was recorded before is safe"],
        try: ["free some space, then run the same line again"])
    case .disk(let error): error.explanation
    case .localLocks(let path, let mount, let type, let option):
      Explanation(
        "\(path) lies on \(mount), a \(type) mount with the option \(option)",
        evidence: [
          "its locks do not reach other machines, and a store shared that way would be destroyed"
        ],
        try: [
          "the store on a local disk, reached by the others through a server",
          "the mount without \(option)",
        ])
    case .transactionTooLarge(let path, let bytes, let limit):
      Explanation(
        "\(bytes) bytes are too many for one transaction of \(path)",
        evidence: ["the limit is \(limit)"],
        try: ["recording them in several", "large values in files"])
    case .unrecordable(let path, let reason):
      Explanation(
        "\(path) cannot hold this: \(reason)", evidence: ["nothing of it was written"])
    case .exhausted(let path, let what):
      Explanation("all \(what) of \(path) are used", try: ["a new store"])
    case .displaced(let path):
      Explanation(
        "\(path) is no longer the file that was opened",
        evidence: [
          "the store, or this part of it, was deleted, moved or replaced meanwhile",
          "nothing more is recorded; whether the last operation is, is not known",
        ],
        try: ["a look where the store is now, then the same again"])
    case .outcomeUnknown(let path, let error):
      Explanation(
        "the disk under \(path) failed to keep what it had accepted",
        evidence: (error.map { ["\($0)"] } ?? []) + [
          "what was acknowledged is safe; it is not known whether the last operations are"
        ],
        try: ["a look at the disk, then the store opened again"])
    }
  }
}

extension DiskError {
  /// What a failed call means to whoever uses the store.
  package var explanation: Explanation {
    if isFull {
      return Explanation(
        "there is no room for \(bytes.map { "\($0) more bytes in " } ?? "")\(path)",
        evidence: [description, "what was recorded before is safe"],
        try: ["free some space, then run the same line again"])
    }
    if isForbidden {
      return Explanation(
        "\(path) cannot be \(isOfReading ? "read" : "written")", evidence: [description],
        try: isOfReading
          ? ["its permissions", "--store PATH"]
          : [
            "--store PATH, for a store elsewhere",
            "cairn studies, show, trials and the others that only read",
          ])
    }
    return Explanation(
      "the disk failed", evidence: [description, "what was recorded before is safe"],
      try: ["the system's log (dmesg) for what ails the disk, then the same line again"])
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

  /// Whether something that was acknowledged is gone.
  package var isLoss: Bool {
    switch self {
    case .damaged, .unreadableLog, .missingLogs, .brokenChain: true
    case .unfinishedTail, .damagedHeader, .strayLog, .damagedLockWord: false
    }
  }

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
