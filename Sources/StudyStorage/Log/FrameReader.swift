// What a log says to its reader, and by which names it calls frames.

/// Who is told what stands in a log.
protocol FrameReader {
  /// Forgets everything it read, and goes back to what it knows without the log.
  ///
  /// - Parameter limit: it shall know less than this; nil: as much as there is.
  /// - Returns: up to where it knows; nil: nothing, the frames come again from the first.
  mutating func restart(before limit: LogPosition?) -> Log.Mark?
  mutating func read(_ frame: LogFrame) throws(StorageError)
  /// The last frame that the writer of `epoch` wrote, of those it knows; nil when there is none,
  /// or that writer has ended.
  func lastSequence(ofWriter epoch: UInt32) -> UInt32?
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
