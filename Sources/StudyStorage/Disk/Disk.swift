// Everything the store asks of the operating system, and nothing else: what is behind these two
// protocols is a real disk (``SystemDisk``) or, in tests, one that fails and loses power on
// command.

/// A file system with locks, clocks and random numbers.
package protocol Disk: Sendable {
  /// Makes one directory; `EEXIST` when there is something already.
  func makeDirectory(_ path: String) throws(DiskError)
  /// The names in a directory, in no order.
  func list(_ path: String) throws(DiskError) -> [String]
  func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile
  /// Makes the names in a directory durable.
  func syncDirectory(_ path: String) throws(DiskError)
  /// Atomic; replaces what stands at `new`.
  func rename(_ old: String, to new: String) throws(DiskError)
  /// A second name for a file; `EEXIST` when `new` is taken.
  func link(_ old: String, to new: String) throws(DiskError)
  /// What bears this name now; `ENOENT` when nothing does.
  func status(of path: String) throws(DiskError) -> FileStatus
  func unlink(_ path: String) throws(DiskError)
  /// `path` from the root, as the working directory is now.
  func absolutePath(of path: String) -> String
  /// What is mounted where `path` lies; nil when the system does not say.
  func mount(of path: String) -> MountPoint?

  /// The wall clock: microseconds since 1970-01-01 UTC.
  func now() -> Int64
  /// Microseconds since the machine started, sleep included.
  func bootMicroseconds() -> UInt64
  func random() -> UInt64
  /// Who this process is.
  func identity() -> ProcessSignature
  /// Whether `process` runs on this machine now, since the start it names. False also when it is
  /// of another machine, or cannot be seen from here.
  func isRunning(_ process: ProcessSignature) -> Bool
}

/// What a file is opened for. Only regular files are opened.
package enum OpenMode: Sendable {
  case reading
  case writing
  /// Makes the file, which must not be there.
  case creating
  /// Opens the file, or makes it.
  case openingOrCreating
}

/// An open file. Closed when the last reference goes.
package protocol DiskFile: AnyObject, Sendable {
  /// Up to `count` bytes from `offset`; fewer only at the end of the file.
  func read(at offset: UInt64, count: Int) throws(DiskError) -> [UInt8]
  /// Writes at `offset` and returns how many bytes were written: fewer than given when the disk
  /// became full in between. Throws when none was.
  func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) -> Int
  func status() throws(DiskError) -> FileStatus
  /// Makes the contents and the size durable (fdatasync).
  func synchronize() throws(DiskError)
  func truncate(to size: UInt64) throws(DiskError)
  /// Allocates blocks for `count` bytes from `offset` without changing the size. False where the
  /// file system cannot.
  func reserve(from offset: UInt64, count: UInt64) throws(DiskError) -> Bool

  /// Takes the exclusive lock on one byte; false when it is held elsewhere and `waits` is not
  /// set. The lock belongs to this open file.
  func lock(byte: UInt64, waits: Bool) throws(DiskError) -> Bool
  func unlock(byte: UInt64) throws(DiskError)
  /// Whether another open file, of this process or another, holds the lock on a byte.
  func isLockedElsewhere(byte: UInt64) throws(DiskError) -> Bool
}

/// A file, told apart from every other that bears or bore its name.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var number: UInt64

  package init(device: UInt64, number: UInt64) {
    self.device = device
    self.number = number
  }
}

/// Which file it is, how large, and how much of it is really there.
package struct FileStatus: Equatable, Sendable {
  package var identity: FileIdentity
  /// Where the file ends.
  package var bytes: UInt64
  /// How much of the disk it occupies.
  package var allocated: UInt64

  package init(identity: FileIdentity, bytes: UInt64, allocated: UInt64) {
    self.identity = identity
    self.bytes = bytes
    self.allocated = allocated
  }
}

/// A process, told apart from any that bears its number later.
package struct ProcessSignature: Hashable, Sendable {
  package var processID: Int32
  /// Clock ticks after boot, field 22 of /proc/PID/stat.
  package var startTicks: UInt64
  package var host: String
  package var bootID: String

  package init(processID: Int32, startTicks: UInt64, host: String, bootID: String) {
    self.processID = processID
    self.startTicks = startTicks
    self.host = host
    self.bootID = bootID
  }
}

/// A call that failed.
package struct DiskError: Error, Hashable, Sendable {
  /// The system's error number.
  package let code: Int32
  /// What was tried: "write", "fdatasync".
  package let operation: String
  package let path: String
  /// How many bytes were to be written, where that is known.
  package let bytes: Int?

  package init(code: Int32, operation: String, path: String, bytes: Int? = nil) {
    self.code = code
    self.operation = operation
    self.path = path
    self.bytes = bytes
  }
}
