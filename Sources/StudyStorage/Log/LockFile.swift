// LOCK: the bytes that processes lock, and one word, the number of the current log.
//
//     0  u32 number, u32 its complement     the word
//     16 append   17 seal   18 server (reserved)
//     2³² + e     held by the writer of epoch e for as long as it lives

import Glibc

/// LOCK, as one open store sees it. A store opened for reading may find none.
struct LockFile: Sendable {
  static let appendByte: UInt64 = 16
  /// Held by whoever writes a checkpoint.
  static let sealByte: UInt64 = 17

  static func livenessByte(ofEpoch epoch: UInt32) -> UInt64 { 1 << 32 + UInt64(epoch) }

  enum Word: Equatable {
    case none
    case number(UInt32)
    case damaged
  }

  /// Through this, locks are held.
  let file: (any DiskFile)?
  /// Through this, locks are looked at: a descriptor never sees its own as held.
  let probe: (any DiskFile)?

  /// How the files beside it are opened.
  var openMode: OpenMode { file == nil ? .reading : .writing }

  func word() throws(DiskError) -> Word {
    guard let bytes = try probe?.read(at: 0, count: 8), bytes.count == 8 else { return .none }
    let number = bytes.littleEndian(UInt32.self, at: 0)
    let complement = bytes.littleEndian(UInt32.self, at: 4)
    if number == 0 && complement == 0 { return .none }
    return number == ~complement ? .number(number) : .damaged
  }

  /// Only under the append lock.
  func setWord(_ number: UInt32) throws(DiskError) {
    var writer = ByteWriter()
    writer.fixed(number)
    writer.fixed(~number)
    guard let file else { return }
    guard try file.write(writer.bytes, at: 0) == 8 else {
      throw DiskError(code: ENOSPC, operation: "write", path: "LOCK")
    }
  }

  func isAppending() throws(DiskError) -> Bool {
    try probe?.isLockedElsewhere(byte: Self.appendByte) ?? false
  }

  func isHeld(epoch: UInt32) throws(DiskError) -> Bool {
    try probe?.isLockedElsewhere(byte: Self.livenessByte(ofEpoch: epoch)) ?? false
  }
}

/// A file that a store has open, by its name: whether the name still leads to it. A store may be
/// deleted, moved or replaced while it is open, and what is written then is written where nobody
/// looks for it.
struct FileName: Sendable {
  let path: String
  let identity: FileIdentity

  /// - Returns: what is to be known of the file that bears the name, which is the one opened.
  /// - Throws: ``StorageError/displaced(path:)``.
  func verify(_ disk: any Disk) throws(StorageError) -> FileStatus {
    let status: FileStatus
    do throws(DiskError) {
      status = try disk.status(of: path)
    } catch {
      throw error.isMissing ? .displaced(path: path) : .disk(error)
    }
    guard status.identity == identity else { throw .displaced(path: path) }
    return status
  }
}
