// What a check of a store says.

/// One log, as it was found.
package struct LogSummary: Equatable, Sendable {
  package var path: String
  package var number: UInt32
  package var frames: Int
  /// Where its valid history ends.
  package var end: UInt64
  /// Bytes behind that end: a write that was never finished.
  package var unfinishedBytes: UInt64
  package var damages: [Range<UInt64>]
  package var isReadable: Bool
}

/// The result of reading a store from its first byte to its last.
package struct StoreReport: Equatable, Sendable {
  package var logs: [LogSummary]
  package var warnings: [StoreWarning]
  /// Writers that neither closed the store nor are alive.
  package var crashedWriters: Int
  package var studies: Int
  package var trials: Int

  package var isSound: Bool { warnings.isEmpty }
}

extension StoreState {
  /// The current log, as far as it is read.
  func summary(finalEnd: UInt64? = nil) throws(StorageError) -> LogSummary {
    let size = try onDisk { () throws(DiskError) in try cursor.file.size().bytes }
    let end = finalEnd ?? cursor.offset
    return LogSummary(
      path: cursor.path, number: cursor.number, frames: cursor.frameCount, end: end,
      unfinishedBytes: size > end ? size - end : 0, damages: cursor.damages,
      isReadable: cursor.isReadable)
  }
}
