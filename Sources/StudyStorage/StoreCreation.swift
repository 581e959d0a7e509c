// Making a store, so that it is there wholly or not at all: FORMAT comes last.

import Glibc

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
  static func claimDirectory(_ paths: StorePaths, _ disk: any Disk) throws {
    do throws(DiskError) {
      try makeDirectory(paths.directory, disk)
    } catch {
      guard error.code == ENOENT else { throw error }
      throw StorageError.noDirectory(
        path: paths.directory, missing: missingPart(of: paths.directory, disk))
    }
    let others = try disk.list(paths.directory).filter { name in
      !["LOCK", "log", "FORMAT", ".gitignore"].contains(name) && !name.hasPrefix("FORMAT.tmp")
    }
    if let other = others.min() {
      // What a store holds beside is no reason not to say which file it lost.
      do { try refuseHistory(paths, disk) } catch let error as DiskError where error.isMissing {}
      throw StorageError.notAStore(
        path: paths.directory, reason: "it holds other things, such as \"\(other)\"")
    }
    try makeDirectory(paths.logs, disk)
  }

  /// The highest directory on the way to `path` that is not there.
  private static func missingPart(of path: String, _ disk: any Disk) -> String {
    var missing = StorePaths.parent(of: path)
    while missing != "/" && missing != "." {
      let parent = StorePaths.parent(of: missing)
      do throws(DiskError) {
        _ = try disk.status(of: parent)
        return missing
      } catch {
        missing = parent
      }
    }
    return missing
  }

  /// A creation that was left half done recorded nothing. Where logs hold records FORMAT was
  /// lost, and making a store anew would replace them.
  private static func refuseHistory(_ paths: StorePaths, _ disk: any Disk) throws {
    for name in try disk.list(paths.logs).sorted() {
      guard StorePaths.logNumber(ofFile: name) != nil else { continue }
      let path = "\(paths.logs)/\(name)"
      guard try disk.status(of: path).bytes > UInt64(LogHeader.blockByteCount) else { continue }
      throw StorageError.missingFormat(path: paths.format, log: path)
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
      bootID: disk.identity().bootIDBytes, creator: LogFiles.creator)
    let logs = LogFiles(disk: disk, paths: paths)
    // A creation that was left half done may have come so far.
    do { try disk.unlink(paths.log(1)) } catch { if !error.isMissing { throw error } }
    try logs.writeTemporary(header.encoded(), 1)
    try logs.publish(1)
    try LockFile(file: lock, probe: lock).setWord(1)

    try publish(format, paths, disk)
  }

  /// Gives the directory its FORMAT, which makes it a store.
  static func publish(
    _ format: FormatFile, _ paths: StorePaths, _ disk: any Disk
  ) throws(DiskError) {
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
    try disk.syncDirectory(StorePaths.parent(of: paths.directory))
  }
}
