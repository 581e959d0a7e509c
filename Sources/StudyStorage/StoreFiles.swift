// The files that every store has, as they are opened.

import Glibc

enum StoreFiles {
  /// - Throws: ``StorageError/localLocks(path:mount:type:option:)``.
  static func refuseLocalLocks(
    _ path: String, _ disk: any Disk
  ) throws(StorageError) {
    // A store that is yet to be made will lie where its parent does.
    let mount = disk.mount(of: path) ?? disk.mount(of: StorePaths.parent(of: path))
    guard let mount, let option = mount.localLockOption else { return }
    throw .localLocks(path: path, mount: mount.path, type: mount.type, option: option)
  }

  /// What FORMAT says, and which file it is.
  static func format(
    _ paths: StorePaths, _ disk: any Disk
  ) throws(StorageError) -> (FormatFile, FileName) {
    let bytes: [UInt8]
    let identity: FileIdentity
    do throws(DiskError) {
      let file = try disk.open(paths.format, .reading)
      bytes = try file.read(at: 0, count: FormatFile.byteCount + 1)
      identity = try file.status().identity
    } catch {
      throw error.isMissing ? missing(paths, disk) : .disk(error)
    }
    switch FormatFile.read(bytes) {
    case .valid(let format):
      if format.features.unknownIncompatible != 0 {
        throw .unknownFeatures(
          path: paths.directory, flags: format.features.unknownIncompatible, forWriting: false,
          creator: nil)
      }
      return (format, FileName(path: paths.format, identity: identity))
    case .newer(let version):
      throw .newerFormat(
        path: paths.directory, version: version, supported: FormatFile.currentVersion)
    case .damaged: throw .damagedFormat(path: paths.format)
    case .foreign:
      throw .notAStore(path: paths.directory, reason: "its file FORMAT is of something else")
    }
  }

  /// Why there is no FORMAT.
  static func missing(_ paths: StorePaths, _ disk: any Disk) -> StorageError {
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

  /// LOCK, and which file it is.
  static func lock(
    _ paths: StorePaths, _ access: Store.Access, _ disk: any Disk
  ) throws(StorageError) -> (LockFile, FileName) {
    do throws(DiskError) {
      guard access != .reading else {
        let probe = try disk.open(paths.lock, .reading)
        let name = FileName(path: paths.lock, identity: try probe.status().identity)
        return (LockFile(file: nil, probe: probe), name)
      }
      let file = try disk.open(paths.lock, .openingOrCreating)
      let name = FileName(path: paths.lock, identity: try file.status().identity)
      return (LockFile(file: file, probe: try disk.open(paths.lock, .reading)), name)
    } catch {
      guard access == .reading && error.isMissing else { throw .disk(error) }
      // Nobody writes; there is nothing to look at, and nothing that must keep its name.
      return (
        LockFile(file: nil, probe: nil),
        FileName(path: paths.lock, identity: FileIdentity(device: 0, number: 0))
      )
    }
  }
}
