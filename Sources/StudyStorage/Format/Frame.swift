// A frame: one atomic transaction of the log.
//
//     frame := header[28] payload[storedBytes] zeros until a multiple of 8
//
// Bytes and reasons: schema/store-format.md. Change both in one commit.

import ColumnCodecs

/// The 28 bytes in front of every payload, little-endian.
struct FrameHeader: Equatable, Sendable {
  static let byteCount = 28
  /// Payloads, stored and raw, end here: lengths have 24 bits.
  static let maximumPayload = (1 << 24) - 1
  /// Payloads of so many bytes are compressed when that makes them smaller.
  static let compressionThreshold = 256
  /// What a payload may unpack to whatever its size.
  static let freeRawBytes = 1 << 16
  /// How many times its size it may unpack to besides: a store must not cost a large multiple of
  /// its size to open. What would be smaller still is kept as it is.
  static let maximumExpansion = 64

  enum Codec: UInt8 {
    case raw = 0
    case lz4 = 1
  }

  /// The only kind so far: records that happen together. Kinds up to 15 are reserved.
  static let transaction: UInt8 = 1

  var checksum: UInt64  // 0   XXH64 of bytes 8..<28 and the payload, seed = log's seed ^ offset
  var synced: UInt64  // 8   u32, in units of 8: what the writer knew to be on disk
  var epoch: UInt32  // 12  the writer
  var sequence: UInt32  // 16  its how-manieth frame
  var kind: UInt8  // 20  low byte of a u32 whose upper 24 bits are storedBytes
  var storedBytes: Int
  var codec: UInt8  // 24  low byte of a u32 whose upper 24 bits are rawBytes
  var rawBytes: Int

  /// The whole frame, padding included.
  var frameByteCount: Int { (Self.byteCount + storedBytes + 7) & ~7 }

  /// The header at `index` of `bytes`, of which at least ``byteCount`` are there.
  init(decoding bytes: [UInt8], at index: Int) {
    checksum = bytes.littleEndian(UInt64.self, at: index)
    synced = UInt64(bytes.littleEndian(UInt32.self, at: index + 8)) * 8
    epoch = bytes.littleEndian(UInt32.self, at: index + 12)
    sequence = bytes.littleEndian(UInt32.self, at: index + 16)
    let stored = bytes.littleEndian(UInt32.self, at: index + 20)
    kind = UInt8(truncatingIfNeeded: stored)
    storedBytes = Int(stored >> 8)
    let raw = bytes.littleEndian(UInt32.self, at: index + 24)
    codec = UInt8(truncatingIfNeeded: raw)
    rawBytes = Int(raw >> 8)
  }

  /// Whether a header could stand at `index`, by one byte: zeros, of which a tail may have many,
  /// are passed over at once.
  static func mayBegin(_ bytes: [UInt8], at index: Int) -> Bool {
    (1...15).contains(bytes[index + 20])
  }

  /// Whether a frame at `offset` could have this header. Costs nothing and rejects nearly all
  /// that is none, so that a search for frames seldom computes a checksum.
  func isPlausible(at offset: UInt64) -> Bool {
    guard (1...15).contains(kind), codec <= 15, storedBytes > 0, synced <= offset else {
      return false
    }
    return codec == Codec.raw.rawValue ? storedBytes == rawBytes : storedBytes < rawBytes
  }
}

extension FrameHeader {
  /// Whether a payload of `stored` bytes may be unpacked to `raw`.
  static func mayUnpack(stored: Int, raw: Int) -> Bool {
    raw <= freeRawBytes + maximumExpansion * stored
  }
}

/// What stands at one place of a log.
enum FrameProbe {
  case valid(FrameHeader)
  /// The frame goes beyond the bytes at hand: so many are needed.
  case incomplete(Int)
  case invalid
}

/// Who writes a frame, and where.
struct FramePlace {
  var epoch: UInt32
  var sequence: UInt32
  var synced: UInt64
  /// The log's.
  var seed: UInt64
  var offset: UInt64
}

enum FrameCodec {
  /// A frame of `payload`, with the rest of it from `place`.
  ///
  /// - Returns: nil when the payload is empty or larger than a frame can be.
  static func encode(payload: [UInt8], _ place: FramePlace) -> [UInt8]? {
    var writer = ByteWriter()
    writer.zeros(FrameHeader.byteCount)
    writer.raw(payload)
    return seal(&writer, place) ? writer.bytes : nil
  }

  /// Makes a frame of what `writer` holds: room for the header, and the payload.
  ///
  /// - Returns: false when the payload is empty or larger than a frame can be.
  static func seal(_ writer: inout ByteWriter, _ place: FramePlace) -> Bool {
    let rawBytes = writer.bytes.count - FrameHeader.byteCount
    guard rawBytes > 0, rawBytes <= FrameHeader.maximumPayload else { return false }
    var codec = FrameHeader.Codec.raw
    if rawBytes >= FrameHeader.compressionThreshold,
      let block = LZ4Block.compressed(
        writer.bytes, FrameHeader.byteCount..<writer.bytes.count),
      FrameHeader.mayUnpack(stored: block.count, raw: rawBytes)
    {
      codec = .lz4
      writer.replace(from: FrameHeader.byteCount, with: block)
    }
    let storedBytes = writer.bytes.count - FrameHeader.byteCount
    writer.patch(UInt32(place.synced / 8), at: 8)
    writer.patch(place.epoch, at: 12)
    writer.patch(place.sequence, at: 16)
    writer.patch(UInt32(FrameHeader.transaction) | UInt32(storedBytes) << 8, at: 20)
    writer.patch(UInt32(codec.rawValue) | UInt32(rawBytes) << 8, at: 24)
    let checksum = xxHash64(
      writer.bytes, 8..<writer.bytes.count, seed: place.seed ^ place.offset)
    writer.patch(checksum, at: 0)
    writer.zeros(untilMultipleOf: 8)
    return true
  }

  /// Judges the bytes from `index` on, which stand at `offset` of the log with `seed`.
  static func probe(_ bytes: [UInt8], at index: Int, offset: UInt64, seed: UInt64) -> FrameProbe {
    guard bytes.count - index >= FrameHeader.byteCount else {
      return .incomplete(FrameHeader.byteCount)
    }
    let header = FrameHeader(decoding: bytes, at: index)
    guard header.isPlausible(at: offset) else { return .invalid }
    let length = header.frameByteCount
    guard bytes.count - index >= length else { return .incomplete(length) }
    let end = index + FrameHeader.byteCount + header.storedBytes
    guard xxHash64(bytes, (index + 8)..<end, seed: seed ^ offset) == header.checksum,
      bytes[end..<(index + length)].allSatisfy({ $0 == 0 })
    else { return .invalid }
    return .valid(header)
  }

  /// The payload of the valid frame at `index`, decompressed.
  static func payload(
    of header: FrameHeader, _ bytes: [UInt8], at index: Int
  ) throws(ByteError) -> (bytes: [UInt8], range: Range<Int>) {
    let start = index + FrameHeader.byteCount
    let range = start..<(start + header.storedBytes)
    switch FrameHeader.Codec(rawValue: header.codec) {
    case .raw: return (bytes, range)
    case .lz4:
      guard FrameHeader.mayUnpack(stored: header.storedBytes, raw: header.rawBytes) else {
        throw .badValue("\(header.storedBytes) bytes that unpack to \(header.rawBytes)")
      }
      guard
        let raw = LZ4Block.decompressed(bytes, range, rawCount: header.rawBytes)
      else { throw .badValue("LZ4 block") }
      return (raw, 0..<raw.count)
    case nil: throw .badValue("codec \(header.codec)")
    }
  }
}
