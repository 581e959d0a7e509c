// What a store takes on the disk, and how well its columns are compressed.

import ColumnCodecs
import StudyModel

package struct StoreStatistics: Sendable {
  /// Files of one kind.
  package struct Files: Equatable, Sendable {
    /// `log`, `checkpoint`, `other`.
    package var kind: String
    package var count: Int
    package var bytes: UInt64
  }

  /// A column of a study, as the newest checkpoint has it.
  package struct Column: Equatable, Sendable {
    package var study: String
    package var name: String
    /// How it is kept, the most frequent way first, with how many parts are kept so.
    package var encodings: [(name: String, parts: Int)]
    package var values: Int
    /// What the values take in memory: 8 bytes a number, a byte a flag, the bytes of a text.
    package var rawBytes: UInt64
    package var bytes: UInt64

    package static func == (a: Self, b: Self) -> Bool {
      a.study == b.study && a.name == b.name && a.values == b.values
        && a.rawBytes == b.rawBytes && a.bytes == b.bytes
        && a.encodings.map(\.name) == b.encodings.map(\.name)
    }
  }

  package var files: [Files] = []
  package var studies = 0
  package var trials = 0
  package var reports = 0
  /// Up to where the newest checkpoint has everything; nil: there is none that can be read.
  package var sealed: LogPosition?
  /// How many bytes of log stand behind that.
  package var unsealedBytes: UInt64 = 0
  /// By study, then as they lie.
  package var columns: [Column] = []

  /// Measures the store at `path`.
  package static func measure(
    at path: String, disk: any Disk = SystemDisk()
  ) throws(StorageError) -> StoreStatistics {
    let store = try Store.open(at: path, for: .reading, disk: disk)
    let paths = StorePaths(directory: store.path)
    let snapshot = try store.snapshot()
    var statistics = StoreStatistics()
    statistics.studies = snapshot.studyCount
    for record in snapshot.allStudies {
      statistics.trials += record.trialCount
      statistics.reports += record.reportCount
    }
    let newest = Checkpoints(paths, disk, store.identity).newest()
    statistics.sealed = newest?.trailer.position
    try statistics.measureFiles(paths, disk)
    if let newest { try statistics.measureColumns(newest) }
    return statistics
  }

  /// How many bytes the files of the store at `path` have, those of trials left out.
  package static func bytes(
    at path: String, disk: any Disk = SystemDisk()
  ) throws(StorageError) -> UInt64 {
    var statistics = StoreStatistics()
    try statistics.measureFiles(StorePaths(directory: disk.absolutePath(of: path)), disk)
    return statistics.files.reduce(0) { $0 + $1.bytes }
  }

  private mutating func measureFiles(
    _ paths: StorePaths, _ disk: any Disk
  ) throws(StorageError) {
    func size(_ path: String) throws(StorageError) -> UInt64? {
      do throws(DiskError) {
        return try disk.status(of: path).bytes
      } catch {
        // A log or checkpoint that was just taken away.
        if error.isMissing { return nil }
        throw .disk(error)
      }
    }
    var (logs, checkpoints): ([UInt64], [UInt64]) = ([], [])
    for number in try LogFiles(disk: disk, paths: paths).list() {
      guard let bytes = try size(paths.log(number)) else { continue }
      logs.append(bytes)
      let known = sealed.map { $0.log > number ? bytes : $0.log == number ? $0.offset : 0 } ?? 0
      unsealedBytes += bytes - min(bytes, known)
    }
    let store = Checkpoints(paths, disk, StoreIdentity(bytes: [UInt8](repeating: 0, count: 16)))
    for position in store.positions() {
      if let bytes = try size(paths.checkpoint(position)) { checkpoints.append(bytes) }
    }
    let others = [try size(paths.format), try size(paths.lock)].compactMap { $0 }
    files = [("log", logs), ("checkpoint", checkpoints), ("other", others)].map {
      Files(kind: $0, count: $1.count, bytes: $1.reduce(0, +))
    }
  }

  private mutating func measureColumns(_ checkpoint: Checkpoint) throws(StorageError) {
    for record in checkpoint.snapshot.allStudies {
      let names = PartNames(record)
      var places: [String: Int] = [:]
      for block in record.packedBlocks {
        guard case .stored(let stored as CheckpointBlock) = block.packed else { continue }
        for (key, place) in try stored.directory().all {
          let name = names.name(of: key)
          let index = places[name] ?? columns.count
          if index == columns.count {
            places[name] = index
            columns.append(
              Column(
                study: record.study.name, name: name, encodings: [], values: 0, rawBytes: 0,
                bytes: 0))
          }
          try columns[index].add(try stored.file.bytes(place), isPlaces: key.chunk < 0)
        }
      }
    }
    for index in columns.indices { columns[index].encodings.sort { $0.parts > $1.parts } }
  }
}

extension StoreStatistics.Column {
  fileprivate mutating func add(_ part: [UInt8], isPlaces: Bool) throws(StorageError) {
    bytes += UInt64(part.count)
    do throws(ColumnBlockError) {
      let summary = try ColumnBlock.summary(of: part, 0..<part.count)
      // Which trials have a value is no value.
      if isPlaces { return }
      values += summary.count
      switch summary.kind {
      case .floats, .integers: rawBytes += UInt64(8 * summary.count)
      case .flags: rawBytes += UInt64(summary.count)
      case .strings:
        rawBytes += try ColumnBlock.strings(part, 0..<part.count)
          .reduce(0) { $0 + UInt64($1.utf8.count) }
      }
      if let known = encodings.firstIndex(where: { $0.name == summary.encoding }) {
        encodings[known].parts += 1
      } else {
        encodings.append((summary.encoding, 1))
      }
    } catch {
      throw .malformed(
        path: "column \(name) of \(study)", LogPosition(log: 0, offset: 0), reason: "\(error)")
    }
  }
}
