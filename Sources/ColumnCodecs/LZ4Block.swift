// LZ4 blocks: raw ones, without LZ4's frame around them, since whoever keeps one says the lengths.

import CLZ4

/// Blocks of LZ4, made and undone.
package enum LZ4Block {
  /// The LZ4 block of `bytes[range]`; nil when it would not be smaller.
  package static func compressed(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
    let capacity = range.count - 1
    guard capacity > 0, range.count <= LZ4_MAX_INPUT_SIZE else { return nil }
    var size: Int32 = 0
    let block = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, filled in
      size = unsafe bytes[range].withUnsafeBytes { source in
        unsafe LZ4_compress_default(
          source.baseAddress?.assumingMemoryBound(to: CChar.self),
          UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(to: CChar.self),
          Int32(range.count), Int32(capacity))
      }
      filled = Int(max(size, 0))
    }
    return size > 0 ? block : nil
  }

  /// The `rawCount` bytes that the block in `bytes[range]` stands for; nil when it is no block
  /// of exactly so many. Call only with a checked `rawCount` and a verified block.
  package static func decompressed(
    _ bytes: [UInt8], _ range: Range<Int>, rawCount: Int
  ) -> [UInt8]? {
    unsafe bytes[range].withUnsafeBytes { unsafe decompressed($0, rawCount: rawCount) }
  }

  /// The `rawCount` bytes that `block` stands for; nil when it is no block of exactly so many.
  static func decompressed(_ block: UnsafeRawBufferPointer, rawCount: Int) -> [UInt8]? {
    guard block.count <= Int(Int32.max), rawCount <= LZ4_MAX_INPUT_SIZE else { return nil }
    var size: Int32 = -1
    let raw = unsafe [UInt8](unsafeUninitializedCapacity: rawCount) { target, filled in
      size = unsafe LZ4_decompress_safe(
        block.baseAddress?.assumingMemoryBound(to: CChar.self),
        UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(to: CChar.self),
        Int32(block.count), Int32(rawCount))
      filled = Int(max(size, 0))
    }
    return size == Int32(rawCount) ? raw : nil
  }
}
