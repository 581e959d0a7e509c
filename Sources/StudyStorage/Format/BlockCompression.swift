// LZ4 blocks: raw ones, without LZ4's frame around them, since a log frame says the lengths.

import CLZ4

enum BlockCompression {
  /// The LZ4 block of `bytes[range]`; nil when it would not be smaller.
  static func compressed(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
    let capacity = range.count - 1
    guard capacity > 0 else { return nil }
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
  static func decompressed(_ bytes: [UInt8], _ range: Range<Int>, rawCount: Int) -> [UInt8]? {
    var size: Int32 = -1
    let raw = unsafe [UInt8](unsafeUninitializedCapacity: rawCount) { target, filled in
      size = unsafe bytes[range].withUnsafeBytes { source in
        unsafe LZ4_decompress_safe(
          source.baseAddress?.assumingMemoryBound(to: CChar.self),
          UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(to: CChar.self),
          Int32(range.count), Int32(rawCount))
      }
      filled = Int(max(size, 0))
    }
    return size == Int32(rawCount) ? raw : nil
  }
}
