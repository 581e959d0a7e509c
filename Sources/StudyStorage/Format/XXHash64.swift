import CXXHash

/// The 64-bit xxHash of `bytes[range]` under `seed`.
func xxHash64(_ bytes: [UInt8], _ range: Range<Int>, seed: UInt64) -> UInt64 {
  unsafe bytes[range].withUnsafeBufferPointer { buffer in
    unsafe buffer.baseAddress.map { unsafe cairn_xxh64($0, buffer.count, seed) }
      ?? cairn_xxh64([], 0, seed)
  }
}
