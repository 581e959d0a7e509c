// FORMAT: 64 bytes that make a directory a store. Written once, by link(2), and never changed.

/// The random 128 bits that tell a store from every other.
package struct StoreIdentity: Hashable, Sendable, CustomStringConvertible {
  /// Sixteen of them.
  let bytes: [UInt8]

  init(bytes: [UInt8]) {
    precondition(bytes.count == 16)
    self.bytes = bytes
  }

  /// As UUIDs are written.
  package var description: String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
    return text
  }
}

struct FormatFile: Equatable, Sendable {
  static let byteCount = 64
  static let magic = Array("cairn store\n".utf8)
  static let currentVersion: UInt32 = 1

  var version = currentVersion  // 12  u32
  var identity: StoreIdentity  // 16
  var created: Int64  // 32  µs since 1970
  var features = FeatureFlags()  // 40  u32 incompatible, 44 read-only compatible, 48 compatible
  //                               52 4 zero bytes, reserved; 56 XXH64 of bytes 0..<56

  init(identity: StoreIdentity, created: Int64) {
    self.identity = identity
    self.created = created
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.raw(Self.magic)
    writer.fixed(version)
    writer.raw(identity.bytes)
    writer.fixed(created)
    writer.fixed(features.incompatible)
    writer.fixed(features.readOnlyCompatible)
    writer.fixed(features.compatible)
    writer.zeros(4)
    writer.fixed(xxHash64(writer.bytes, 0..<writer.bytes.count, seed: 0))
    return writer.bytes
  }

  enum Reading {
    case valid(FormatFile)
    /// A store of a version that this one cannot know the layout of.
    case newer(UInt32)
    case damaged
    case foreign
  }

  static func read(_ bytes: [UInt8]) -> Reading {
    guard bytes.starts(with: magic) else {
      // One flipped bit in the first bytes is damage, not another kind of file.
      return isIntact(bytes) || looksLikeOurs(bytes) ? .damaged : .foreign
    }
    guard bytes.count >= 16 else { return .damaged }
    let version = bytes.littleEndian(UInt32.self, at: 12)
    guard isIntact(bytes) else { return .damaged }
    guard version <= currentVersion else { return .newer(version) }
    var format = FormatFile(
      identity: StoreIdentity(bytes: Array(bytes[16..<32])),
      created: Int64(bitPattern: bytes.littleEndian(UInt64.self, at: 32)))
    format.version = version
    format.features = FeatureFlags(
      incompatible: bytes.littleEndian(UInt32.self, at: 40),
      readOnlyCompatible: bytes.littleEndian(UInt32.self, at: 44),
      compatible: bytes.littleEndian(UInt32.self, at: 48))
    return .valid(format)
  }

  /// Every version keeps FORMAT at 64 bytes with the checksum at 56.
  private static func isIntact(_ bytes: [UInt8]) -> Bool {
    bytes.count == byteCount
      && xxHash64(bytes, 0..<56, seed: 0) == bytes.littleEndian(UInt64.self, at: 56)
  }

  private static func looksLikeOurs(_ bytes: [UInt8]) -> Bool {
    bytes.count == byteCount && zip(bytes, magic).count(where: { $0 == $1 }) >= 10
  }
}
