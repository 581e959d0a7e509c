// Where a checkpoint says what it is of, and where everything in it is. It stands at the end, so
// that a file that was not written to its end has none.

/// What stands at the end of a checkpoint, and says where everything else is.
struct CheckpointTrailer: Equatable, Sendable {
  static let byteCount = 128
  static let magic = Array("cairn ckp\n\0\0".utf8)
  static let currentVersion: UInt32 = 2
  /// Of a checkpoint whose state ends with what is said of trials: who does not know that must
  /// pass it over.
  static let markedVersion: UInt32 = 3

  var version = currentVersion  // 12
  var store: StoreIdentity  // 16
  /// Up to where the log is in it.
  var position: LogPosition  // 32 u32 log, u32 zero, u64 offset
  /// The last frame before: where it begins, and its checksum; where the log itself begins, 0 and
  /// its seed.
  var lastFrame: (start: UInt64, checksum: UInt64)  // 48
  /// Where the state is, LZ4 or, when both lengths are the same, plain.
  var state: PartPlace  // 64 u64 offset, u64 length, u64 checksum
  var stateBytes: UInt64  // 88 uncompressed

  //                         96 24 zero bytes, reserved; 120 XXH64 of bytes 0..<120

  static func == (a: Self, b: Self) -> Bool { a.encoded() == b.encoded() }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.raw(Self.magic)
    writer.fixed(version)
    writer.raw(store.bytes)
    writer.fixed(position.log)
    writer.fixed(UInt32(0))
    writer.fixed(position.offset)
    writer.fixed(lastFrame.start)
    writer.fixed(lastFrame.checksum)
    writer.fixed(state.offset)
    writer.fixed(UInt64(state.count))
    writer.fixed(state.checksum)
    writer.fixed(stateBytes)
    writer.zeros(24)
    writer.fixed(xxHash64(writer.bytes, 0..<writer.bytes.count, seed: 0))
    return writer.bytes
  }
}

extension CheckpointTrailer {
  /// Nil when the bytes are no trailer of this version.
  init?(decoding bytes: [UInt8]) {
    guard bytes.count == Self.byteCount,
      xxHash64(bytes, 0..<120, seed: 0) == bytes.littleEndian(UInt64.self, at: 120),
      Array(bytes[0..<12]) == Self.magic,
      case let version = bytes.littleEndian(UInt32.self, at: 12),
      version == Self.currentVersion || version == Self.markedVersion,
      case let length = bytes.littleEndian(UInt64.self, at: 72), length <= 1 << 30
    else { return nil }
    self.version = version
    store = StoreIdentity(bytes: Array(bytes[16..<32]))
    position = LogPosition(
      log: bytes.littleEndian(UInt32.self, at: 32), offset: bytes.littleEndian(UInt64.self, at: 40))
    lastFrame = (
      bytes.littleEndian(UInt64.self, at: 48), bytes.littleEndian(UInt64.self, at: 56)
    )
    state = PartPlace(
      offset: bytes.littleEndian(UInt64.self, at: 64), count: Int(length),
      checksum: bytes.littleEndian(UInt64.self, at: 80))
    stateBytes = bytes.littleEndian(UInt64.self, at: 88)
  }
}
