// What a log says to its reader, and by which names it calls frames.

/// Who is told what stands in a log.
protocol FrameReader {
  /// Forgets everything: the frames come again from the first.
  mutating func restart()
  mutating func read(_ frame: LogFrame) throws(StorageError)
}

/// What names a frame for ever: who wrote it, and its how-manieth it was, from 0.
struct FrameIdentity: Hashable, Sendable {
  let epoch: UInt32
  let sequence: UInt32
}

extension Log {
  /// This store as one of those who append.
  struct Writer: Sendable {
    let epoch: UInt32
    /// Of its next frame.
    var nextSequence: UInt32 = 0
  }
}
