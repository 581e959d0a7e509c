// What a check says of checkpoints: which column of which trials a damaged byte was of.

import StudyModel

extension StoreCheck {
  /// Reads every byte and every value of the checkpoints of `store`.
  ///
  /// - Returns: those that a store could be opened from, the newest first.
  mutating func checkCheckpoints(of store: StoreIdentity) throws(StorageError) -> [Checkpoint] {
    let cache = ColumnCache(limit: 1 << 20)
    var readable: [Checkpoint] = []
    for position in Checkpoints(paths, disk, store).positions() {
      let path = paths.checkpoint(position)
      let status: FileStatus
      do throws(DiskError) {
        status = try disk.status(of: path)
      } catch {
        // A newer one has taken its place.
        if error.isMissing { continue }
        throw .disk(error)
      }
      add(.init(path: path, bytes: status.bytes))
      do throws(StorageError) {
        let checkpoint = try Checkpoint(at: path, of: store, on: disk, cache)
        guard checkpoint.trailer.position == position else {
          throw .damagedCheckpoint(path: path, offset: 0, reason: "its name is that of another")
        }
        try checkMark(checkpoint)
        readable.append(checkpoint)
        try checkBlocks(checkpoint)
        try Checkpoint.verifyHeader(path, on: disk)
      } catch {
        guard case .damagedCheckpoint(_, let offset, let reason) = error else { throw error }
        note(
          reason, path, offset..<max(offset + 1, status.bytes),
          held: "a copy of what the other checkpoint and the logs hold")
      }
    }
    return readable
  }

  /// Whether the log has the frame that `checkpoint` says it goes on behind.
  private mutating func checkMark(_ checkpoint: Checkpoint) throws(StorageError) {
    let mark = checkpoint.mark
    guard let log = try openLog(mark.position.log) else {
      return note("goes on in a log that is missing", checkpoint.path)
    }
    // A damaged header is told of where logs are read.
    guard let header = log.header else { return }
    var cursor = cursor(log, header)
    if try cursor.skip(
      to: mark.position.offset, lastFrame: mark.frameStart, checksum: mark.checksum)
    {
      return
    }
    note(
      "goes on at \(mark.position), where the log has another frame or none", checkpoint.path,
      held: "what stands in the other checkpoint or the logs too")
  }

  private mutating func checkBlocks(_ checkpoint: Checkpoint) throws(StorageError) {
    for record in checkpoint.snapshot.allStudies {
      let names = PartNames(record)
      for block in record.packedBlocks {
        guard case .stored(let stored as CheckpointBlock) = block.packed else { continue }
        let first = block.index * 4096
        let trials =
          "trials \(record.number(ofRow: first)) to "
          + "\(record.number(ofRow: first + stored.count - 1)) of study "
          + "\"\(record.study.name)\""
        var isWhole = true
        func tell(_ error: StorageError, _ place: PartPlace, _ what: String) throws(StorageError) {
          guard case .damagedCheckpoint(_, _, let reason) = error else { throw error }
          isWhole = false
          note(
            reason, checkpoint.path, place.offset..<(place.offset + UInt64(place.count)),
            held: "\(what) of \(trials); a copy of what the other checkpoint or the logs hold")
        }
        do throws(StorageError) {
          for (key, place) in try stored.directory().all {
            do throws(StorageError) {
              _ = try stored.file.bytes(place)
            } catch {
              try tell(error, place, names.name(of: key))
            }
          }
          if isWhole { try stored.verify() }
        } catch {
          try tell(error, stored.place, "all columns")
        }
      }
    }
  }
}
