// What a log begins with. It stands there twice, in pages of their own, because without the
// seed nothing behind it can be read.
//
//     headerBlock := header[128] zeros[3968] header[128]

struct LogHeader: Equatable, Sendable {
  static let byteCount = 128
  /// Where the second copy stands.
  static let secondCopy = 4096
  /// Where frames begin.
  static let blockByteCount = secondCopy + byteCount
  static let magic = Array("cairn log\n\0\0".utf8)

  var number: UInt32  // 12
  var store: StoreIdentity  // 16  as in FORMAT
  /// Random. Checksums of frames are seeded with it.
  var seed: UInt64  // 32
  /// Where the log before this one ends, for good.
  var previousEnd: UInt64  // 40  0 for the first log
  /// The checksum of the last frame before `previousEnd`.
  var previousChecksum: UInt64  // 48  0 when there is none
  /// Times in frames are counted from here, so that they are short.
  var timeBase: Int64  // 56  µs since 1970
  var features = FeatureFlags()  // 64  three u32: incompatible, read-only compatible, compatible
  var reason = RollReason.first  // 76  u32
  /// The machine's start under which the log was made, as 16 bytes of its UUID.
  var bootID: [UInt8]  // 80
  /// Who made it, at most 16 bytes of text.
  var creator: String  // 96
  //                      112 8 zero bytes, reserved; 120 XXH64 of bytes 0..<120

  /// Why a log was begun.
  enum RollReason: UInt32, Sendable {
    case first = 0
    /// The log before it was full.
    case full = 1
    /// Behind `previousEnd` stood an unfinished write.
    case voidTail = 2
    /// A sync failed; frames behind `previousEnd` were copied into this log.
    case failedSync = 3
    /// The roll before this was left half done, or the log before was unreadable.
    case repair = 4
    /// LOCK was new: who held the old one may still write behind `previousEnd`.
    case newLock = 5
    /// What the log before this one held was about to be sealed.
    case sealing = 6
    /// The store is what could be read of another, which was damaged.
    case salvage = 7
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.raw(Self.magic)
    writer.fixed(number)
    writer.raw(store.bytes)
    writer.fixed(seed)
    writer.fixed(previousEnd)
    writer.fixed(previousChecksum)
    writer.fixed(timeBase)
    writer.fixed(features.incompatible)
    writer.fixed(features.readOnlyCompatible)
    writer.fixed(features.compatible)
    writer.fixed(reason.rawValue)
    writer.raw(Self.sixteen(bootID))
    writer.raw(Self.sixteen(Array(creator.utf8)))
    writer.zeros(8)
    writer.fixed(xxHash64(writer.bytes, 0..<writer.bytes.count, seed: 0))
    let copy = writer.bytes
    writer.zeros(Self.secondCopy - Self.byteCount)
    writer.raw(copy)
    return writer.bytes
  }

  private static func sixteen(_ bytes: [UInt8]) -> [UInt8] {
    Array(bytes.prefix(16)) + [UInt8](repeating: 0, count: max(0, 16 - bytes.count))
  }

  /// That of the zeros between the copies.
  private static let checksumOfZeros = xxHash64(
    [UInt8](repeating: 0, count: secondCopy - byteCount), 0..<(secondCopy - byteCount), seed: 0)

  /// What is left of a header block.
  struct Reading {
    /// The header, from whichever copy is good; nil when neither is.
    var header: LogHeader?
    /// Whether every byte of the block is as it was written.
    var isIntact: Bool
  }

  static func read(_ block: [UInt8]) -> Reading {
    let first = LogHeader(decoding: block, at: 0)
    let second = LogHeader(decoding: block, at: secondCopy)
    return Reading(
      header: first ?? second,
      isIntact: isGapIntact(block) && first != nil && first == second)
  }

  /// Which of a header block's parts are as they were written: the first copy, what is between
  /// the copies, the second.
  static func intactParts(_ block: [UInt8]) -> [Bool] {
    let first = LogHeader(decoding: block, at: 0)
    let second = LogHeader(decoding: block, at: secondCopy)
    return [first != nil, isGapIntact(block), second != nil && first ?? second == second]
  }

  private static func isGapIntact(_ block: [UInt8]) -> Bool {
    block.count >= secondCopy
      && xxHash64(block, byteCount..<secondCopy, seed: 0) == checksumOfZeros
  }

  init?(decoding bytes: [UInt8], at start: Int) {
    guard bytes.count >= start + Self.byteCount,
      xxHash64(bytes, start..<(start + 120), seed: 0)
        == bytes.littleEndian(UInt64.self, at: start + 120),
      Array(bytes[start..<(start + 12)]) == Self.magic
    else { return nil }
    number = bytes.littleEndian(UInt32.self, at: start + 12)
    store = StoreIdentity(bytes: Array(bytes[(start + 16)..<(start + 32)]))
    seed = bytes.littleEndian(UInt64.self, at: start + 32)
    previousEnd = bytes.littleEndian(UInt64.self, at: start + 40)
    previousChecksum = bytes.littleEndian(UInt64.self, at: start + 48)
    timeBase = Int64(bitPattern: bytes.littleEndian(UInt64.self, at: start + 56))
    features = FeatureFlags(
      incompatible: bytes.littleEndian(UInt32.self, at: start + 64),
      readOnlyCompatible: bytes.littleEndian(UInt32.self, at: start + 68),
      compatible: bytes.littleEndian(UInt32.self, at: start + 72))
    reason = RollReason(rawValue: bytes.littleEndian(UInt32.self, at: start + 76)) ?? .repair
    bootID = Array(bytes[(start + 80)..<(start + 96)])
    creator = String(
      decoding: bytes[(start + 96)..<(start + 112)].prefix { $0 != 0 }, as: UTF8.self)
  }

  init(
    number: UInt32, store: StoreIdentity, seed: UInt64, timeBase: Int64, bootID: [UInt8],
    creator: String
  ) {
    self.number = number
    self.store = store
    self.seed = seed
    previousEnd = 0
    previousChecksum = 0
    self.timeBase = timeBase
    self.bootID = bootID
    self.creator = creator
  }
}

extension LogHeader {
  /// Stands for a header that cannot be read: its log is passed over.
  static func unknown(_ number: UInt32, _ store: StoreIdentity) -> LogHeader {
    LogHeader(number: number, store: store, seed: 0, timeBase: 0, bootID: [], creator: "")
  }
}

/// What a log or a store needs its reader to know, one bit a feature.
struct FeatureFlags: Equatable, Sendable {
  /// Who does not know one of these cannot read it.
  var incompatible: UInt32 = 0
  /// Who does not know one of these may read, but not write.
  var readOnlyCompatible: UInt32 = 0
  /// Whoever does not know these may ignore them.
  var compatible: UInt32 = 0

  /// Of what stood in the logs before this one, checkpoints may be all there is.
  static let sealed: UInt32 = 1

  /// The features this version knows.
  static let known = FeatureFlags(incompatible: sealed)

  var isSealed: Bool { incompatible & Self.sealed != 0 }

  var unknownIncompatible: UInt32 { incompatible & ~Self.known.incompatible }
  var unknownReadOnly: UInt32 { readOnlyCompatible & ~Self.known.readOnlyCompatible }
}
