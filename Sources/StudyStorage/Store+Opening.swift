// The steps of opening a store.

import Glibc
import StudyModel

extension Store {
  static func refuseLocalLocks(_ path: String, _ disk: any Disk) throws(StorageError) {
    // A store that is yet to be made will lie where its parent does.
    let mount = disk.mount(of: path) ?? disk.mount(of: StoreCreation.parent(of: path))
    guard let mount, let option = mount.localLockOption else { return }
    throw .localLocks(path: path, mount: mount.path, type: mount.type, option: option)
  }

  static func readFormat(
    _ paths: StorePaths, _ disk: any Disk
  ) throws(StorageError) -> FormatFile {
    let bytes: [UInt8]
    do {
      bytes = try disk.open(paths.format, .reading).read(at: 0, count: FormatFile.byteCount + 1)
    } catch  where error.isMissing {
      throw missing(paths, disk)
    } catch {
      throw .disk(error)
    }
    switch FormatFile.read(bytes) {
    case .valid(let format):
      if format.features.unknownIncompatible != 0 {
        throw .unknownFeatures(
          path: paths.directory, flags: format.features.unknownIncompatible, forWriting: false)
      }
      return format
    case .newer(let version):
      throw .newerFormat(
        path: paths.directory, version: version, supported: FormatFile.currentVersion)
    case .damaged: throw .damagedFormat(path: paths.format)
    case .foreign:
      throw .notAStore(path: paths.directory, reason: "its file FORMAT is of something else")
    }
  }

  private static func missing(_ paths: StorePaths, _ disk: any Disk) -> StorageError {
    do throws(DiskError) {
      _ = try disk.list(paths.directory)
      return .notAStore(path: paths.directory, reason: "it has no file FORMAT")
    } catch {
      // Something that is there and cannot be listed is a file.
      return error.code == ENOTDIR
        ? .notAStore(path: paths.directory, reason: "it is a file, and a store is a directory")
        : error.isMissing ? .noStore(path: paths.directory) : .disk(error)
    }
  }

  static func openLock(
    _ paths: StorePaths, _ access: Access, _ disk: any Disk
  ) throws(StorageError) -> LockFile {
    do {
      if access != .reading {
        let file = try disk.open(paths.lock, .openingOrCreating)
        return LockFile(file: file, probe: try disk.open(paths.lock, .reading))
      }
      return LockFile(file: nil, probe: try disk.open(paths.lock, .reading))
    } catch let error where access == .reading && error.isMissing {
      return LockFile(file: nil, probe: nil)
    } catch {
      throw .disk(error)
    }
  }

  /// Looks again at an invalid tail until it is certain that nobody is just writing it.
  static func settle(
    _ tail: LogTail, _ state: inout StoreState
  ) throws(StorageError) -> LogTail {
    var tail = tail
    for _ in 0..<1000 where tail != .clean {
      do {
        let isAppending = try state.lock.isAppending()
        let again = try state.catchUp()
        if !isAppending && again == tail { return again }
        tail = again
      } catch {
        throw .wrapping(error)
      }
    }
    // Writers have kept it busy all the while: it is the tail of a live log.
    return .clean
  }
}

/// Making a store, so that it is there wholly or not at all: FORMAT comes last.
enum StoreCreation {
  static func createIfMissing(_ paths: StorePaths, _ disk: any Disk) throws(StorageError) {
    do {
      if try exists(paths.format, disk) { return }
      try claimDirectory(paths, disk)
      let lock = try disk.open(paths.lock, .openingOrCreating)
      _ = try lock.lock(byte: LockFile.appendByte, waits: true)
      if try exists(paths.format, disk) { return }
      try refuseHistory(paths, disk)
      try fill(paths, lock, disk)
      try lock.unlock(byte: LockFile.appendByte)
    } catch let error as DiskError where error.code == ENOTDIR {
      return  // a file stands there; reading FORMAT says so
    } catch {
      throw .wrapping(error)
    }
  }

  static func parent(of path: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    while parts.last?.isEmpty == true && parts.count > 1 { parts.removeLast() }
    guard parts.count > 1 else { return "." }
    let parent = parts.dropLast().joined(separator: "/")
    return parent.isEmpty ? "/" : parent
  }

  private static func exists(_ path: String, _ disk: any Disk) throws(DiskError) -> Bool {
    do {
      _ = try disk.open(path, .reading)
      return true
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
  }

  /// Makes the directory, or takes one that is empty or that a creation left half done.
  private static func claimDirectory(_ paths: StorePaths, _ disk: any Disk) throws {
    try makeDirectory(paths.directory, disk)
    let others = try disk.list(paths.directory).filter { name in
      name != "LOCK" && name != "log" && name != "FORMAT" && !name.hasPrefix("FORMAT.tmp")
    }
    if let other = others.min() {
      throw StorageError.notAStore(
        path: paths.directory, reason: "it holds other things, such as \"\(other)\"")
    }
    try makeDirectory(paths.logs, disk)
  }

  /// A creation that was left half done recorded nothing. Where logs hold records FORMAT was
  /// lost, and making a store anew would replace them.
  private static func refuseHistory(_ paths: StorePaths, _ disk: any Disk) throws {
    for name in try disk.list(paths.logs).sorted() {
      guard StorePaths.logNumber(ofFile: name) != nil else { continue }
      let size = try disk.open("\(paths.logs)/\(name)", .reading).size()
      guard size.bytes > UInt64(LogHeader.blockByteCount) else { continue }
      throw StorageError.missingFormat(path: paths.format, log: "\(paths.logs)/\(name)")
    }
  }

  private static func makeDirectory(_ path: String, _ disk: any Disk) throws(DiskError) {
    do { try disk.makeDirectory(path) } catch { if !error.isExisting { throw error } }
  }

  private static func fill(
    _ paths: StorePaths, _ lock: any DiskFile, _ disk: any Disk
  ) throws(DiskError) {
    var identity = ByteWriter()
    identity.fixed(disk.random())
    identity.fixed(disk.random())
    let format = FormatFile(identity: StoreIdentity(bytes: identity.bytes), created: disk.now())
    let header = LogHeader(
      number: 1, store: format.identity, seed: disk.random(), timeBase: format.created,
      bootID: disk.identity().bootIDBytes, creator: StoreState.creator)
    _ = try StoreState.writeTemporaryLog(header.encoded(), 1, disk, paths)
    try StoreState.publishLog(1, disk, paths)
    try LockFile(file: lock, probe: lock).setWord(1)

    let temporary = paths.format + ".tmp" + String(disk.random(), radix: 36)
    let file = try disk.open(temporary, .creating)
    guard try file.write(format.encoded(), at: 0) == FormatFile.byteCount else {
      throw DiskError(
        code: ENOSPC, operation: "write", path: temporary, bytes: FormatFile.byteCount)
    }
    try file.synchronize()
    do {
      try disk.link(temporary, to: paths.format)
    } catch {
      if !error.isExisting { throw error }
    }
    try disk.unlink(temporary)
    try disk.syncDirectory(paths.directory)
    try disk.syncDirectory(parent(of: paths.directory))
  }
}
