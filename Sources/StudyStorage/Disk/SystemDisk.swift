// The real disk: Linux system calls, errors as values.

import CFileLocks
import Glibc
import Machine

package struct SystemDisk: Disk {
  package init() { cairn_ignore_file_size_signal() }

  package func makeDirectory(_ path: String) throws(DiskError) {
    if unsafe mkdir(path, 0o777) < 0 { throw .last("mkdir", path) }
  }

  package func list(_ path: String) throws(DiskError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw .last("opendir", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else {
        if errno != 0 { throw .last("readdir", path) }
        return names
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
    let flags =
      switch mode {
      case .reading: O_RDONLY
      case .writing: O_RDWR
      case .creating: O_RDWR | O_CREAT | O_EXCL
      case .openingOrCreating: O_RDWR | O_CREAT
      }
    let operation = mode == .reading ? DiskError.opening : "open for writing"
    while true {
      // Without O_NONBLOCK a pipe that bears the name would be waited for, and for ever.
      let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o666)
      if descriptor >= 0 {
        let file = SystemFile(descriptor, path)
        if try !file.isRegular() {
          throw DiskError(code: EINVAL, operation: operation, path: path)
        }
        return file
      }
      if errno != EINTR { throw .last(operation, path) }
    }
  }

  package func status(of path: String) throws(DiskError) -> FileStatus {
    var status = stat()
    if unsafe stat(path, &status) < 0 { throw .last("stat", path) }
    return FileStatus(status)
  }

  package func syncDirectory(_ path: String) throws(DiskError) {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open", path) }
    defer { Glibc.close(descriptor) }
    while fsync(descriptor) < 0 {
      if errno != EINTR { throw .last("fsync", path) }
    }
  }

  package func rename(_ old: String, to new: String) throws(DiskError) {
    if unsafe Glibc.rename(old, new) < 0 { throw .last("rename", new) }
  }

  package func link(_ old: String, to new: String) throws(DiskError) {
    if unsafe Glibc.link(old, new) < 0 { throw .last("link", new) }
  }

  package func unlink(_ path: String) throws(DiskError) {
    if unsafe Glibc.unlink(path) < 0 { throw .last("unlink", path) }
  }

  package func absolutePath(of path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    let directory = unsafe String(cString: current)
    return directory == "/" ? "/" + path : directory + "/" + path
  }

  package func mount(of path: String) -> MountPoint? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return MountPoint.holding(
      unsafe String(cString: resolved), mountinfo: Self.text(of: "/proc/self/mountinfo"))
  }

  package func now() -> Int64 { Int64(bitPattern: Self.microseconds(of: CLOCK_REALTIME)) }

  package func bootMicroseconds() -> UInt64 { Self.microseconds(of: CLOCK_BOOTTIME) }

  package func random() -> UInt64 { UInt64.random(in: .min ... .max) }

  package func identity() -> ProcessSignature { Self.own }

  /// Neither changes while a process lives.
  private static let own = signature()
  private static let bootID = String(
    (text(of: "/proc/sys/kernel/random/boot_id")).prefix { $0 != "\n" })

  private static func signature() -> ProcessSignature {
    var name = [UInt8](repeating: 0, count: 256)
    let named = unsafe name.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return false }
      return unsafe gethostname(start.assumingMemoryBound(to: CChar.self), 255) == 0
    }
    return ProcessSignature(
      processID: getpid(), startTicks: ProcessTable.entry(of: getpid())?.startTicks ?? 0,
      host: named ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "", bootID: bootID)
  }

  package func isRunning(_ process: ProcessSignature) -> Bool {
    guard process.processID > 0, process.startTicks > 0, process.bootID == Self.bootID,
      let found = ProcessTable.entry(of: process.processID)
    else { return false }
    return found.startTicks == process.startTicks && !found.isZombie
  }

  private static func microseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(bitPattern: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec / 1000))
  }

  private static func text(of path: String) -> String {
    String(decoding: KernelFile.read(path) ?? [], as: UTF8.self)
  }
}

/// Owns one descriptor.
private final class SystemFile: DiskFile {
  private let descriptor: Int32
  private let path: String

  init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  func read(at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
    var failure: DiskError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled,
          off_t(offset) + off_t(filled))
        if got > 0 {
          filled += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failure = .last("read", path)
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) -> Int {
    var written = 0
    let code = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
      while written < buffer.count {
        let put = unsafe pwrite(
          descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written,
          off_t(offset) + off_t(written))
        if put > 0 {
          written += put
        } else if put == 0 {
          return ENOSPC
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
    if code != 0 && written == 0 {
      throw DiskError(code: code, operation: "write", path: path, bytes: bytes.count)
    }
    return written
  }

  func status() throws(DiskError) -> FileStatus { FileStatus(try systemStatus()) }

  func isRegular() throws(DiskError) -> Bool {
    try systemStatus().st_mode & S_IFMT == S_IFREG
  }

  private func systemStatus() throws(DiskError) -> stat {
    var status = stat()
    if unsafe fstat(descriptor, &status) < 0 { throw .last("fstat", path) }
    return status
  }

  func synchronize() throws(DiskError) {
    // Interrupted, it has not failed: the pages are still dirty.
    while fdatasync(descriptor) < 0 {
      if errno != EINTR { throw .last("fdatasync", path) }
    }
  }

  func truncate(to size: UInt64) throws(DiskError) {
    while ftruncate(descriptor, off_t(size)) < 0 {
      if errno != EINTR { throw .last("ftruncate", path) }
    }
  }

  func reserve(from offset: UInt64, count: UInt64) throws(DiskError) -> Bool {
    let result = cairn_reserve(descriptor, Int64(offset), Int64(count))
    if result == -EOPNOTSUPP || result == -ENOSYS { return false }
    try check(result, "fallocate")
    return true
  }

  func lock(byte: UInt64, waits: Bool) throws(DiskError) -> Bool {
    let result = cairn_lock(descriptor, Int64(byte), 1, waits ? 1 : 0)
    if result == -EAGAIN { return false }
    try check(result, "lock")
    return true
  }

  func unlock(byte: UInt64) throws(DiskError) {
    try check(cairn_unlock(descriptor, Int64(byte), 1), "unlock")
  }

  func isLockedElsewhere(byte: UInt64) throws(DiskError) -> Bool {
    let result = cairn_probe(descriptor, Int64(byte), 1)
    try check(result, "probe the lock")
    return result > 0
  }

  private func check(_ result: Int32, _ operation: String) throws(DiskError) {
    if result < 0 { throw DiskError(code: -result, operation: operation, path: path) }
  }
}

extension FileStatus {
  fileprivate init(_ status: stat) {
    self.init(
      identity: FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino)),
      bytes: UInt64(max(0, status.st_size)), allocated: UInt64(max(0, status.st_blocks)) * 512)
  }
}

extension DiskError {
  fileprivate static func last(_ operation: String, _ path: String) -> DiskError {
    DiskError(code: errno, operation: operation, path: path)
  }
}

extension DiskError: CustomStringConvertible {
  package var description: String {
    "\(operation)\(bytes.map { " \($0) bytes to" } ?? "") \(path): \(reason)"
  }

  /// In the system's words.
  package var reason: String { unsafe String(cString: strerror(code)) }

  /// There is no room, for this user or at all.
  package var isFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
  package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  package var isExisting: Bool { code == EEXIST }
  /// The disk failed, and not only the name is of something that is no file.
  package var isOfDisk: Bool { code != EINVAL && code != EISDIR }
  /// Looking was refused already, not only changing.
  package var isOfReading: Bool { code != EROFS && operation == Self.opening }
  fileprivate static let opening = "open"
  /// Not permitted, to this user or at all.
  package var isForbidden: Bool { code == EACCES || code == EPERM || code == EROFS }
}
