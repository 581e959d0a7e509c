// What can be read of a damaged store, written into a new one. The damaged one stays as it is.
//
// Everything is there twice, in two checkpoints or in one and the log, but for what the newest
// frames of the log hold. So a repair reads the store in every way there is, and takes each block
// of trials from the first reading in which it is whole.

import StudyModel

/// What a repair came to.
package struct RepairReport: Sendable {
  /// What was found wrong. Much of it may be whole again, from a second copy.
  package var findings: [StoreReport.Finding] = []
  /// How many blocks of trials came from a second copy.
  package var blocksHealed = 0
  /// What the new store holds.
  package var studies = 0
  package var trials = 0
}

/// A repair under way.
package struct StoreRepair {
  private let disk: any Disk
  private let source: StorePaths
  private var report = RepairReport()

  /// Makes a new store of what can be read of the one at `path`, which nobody should write to
  /// meanwhile.
  ///
  /// - Parameters:
  ///   - target: where; nothing may be there, or an empty directory.
  ///   - omitted: names of studies to leave out.
  /// - Throws: ``StorageError/unrecoverable(path:study:trials:)`` where both copies of a block are
  ///   damaged.
  package static func run(
    from path: String, into target: String, without omitted: Set<String> = [],
    disk: any Disk = SystemDisk()
  ) throws -> RepairReport {
    var repair = StoreRepair(
      disk: disk, source: StorePaths(directory: disk.absolutePath(of: path)))
    let paths = StorePaths(directory: disk.absolutePath(of: target))
    try StoreCreation.claimDirectory(paths, disk)
    let salvage = try repair.read(omitting: omitted)
    try StoreCreation.fill(paths, with: salvage, disk)
    // Whoever opens it finds two copies of everything.
    let store = try Store.open(at: target, for: .writing(create: false), disk: disk)
    _ = try store.compact()
    let snapshot = try store.snapshot()
    repair.report.studies = snapshot.studyCount
    repair.report.trials = snapshot.studies.reduce(0) { $0 + $1.trialCount }
    try store.close()
    return repair.report
  }

  private init(disk: any Disk, source: StorePaths) {
    self.disk = disk
    self.source = source
  }

  private mutating func read(omitting omitted: Set<String>) throws -> Salvage {
    var check = StoreCheck(disk, source)
    let format = try check.checkFormat()
    let lock = try check.checkLock()
    var identity = format?.identity
    if identity == nil { identity = try check.identityOfLogs() }
    guard let identity else {
      throw StorageError.notAStore(
        path: source.directory, reason: "neither FORMAT nor any log says which store it is")
    }
    var bases: [Checkpoint?] = try check.checkCheckpoints(of: identity)
    if try check.firstLog(of: identity) == 1 || bases.isEmpty { bases.append(nil) }
    report.findings = check.report.findings
    var readings = Readings(disk, source, identity, lock, bases)
    let newest = try readings[0]
    report.findings += newest.report.findings
    var snapshot = newest.replay.snapshot
    for record in snapshot.studies where omitted.contains(record.study.name) {
      _ = snapshot.apply(.studyDeleted(record.study.id, time: record.study.updated))
    }
    for record in snapshot.allStudies { try heal(record, in: &snapshot, from: &readings) }
    return Salvage(
      identity: identity, created: format?.created ?? disk.now(), snapshot: snapshot,
      highestEpoch: newest.highestEpoch, lastLog: newest.highestLog)
  }

  /// Takes the blocks of `record` that are damaged from other readings.
  private mutating func heal(
    _ record: StudyRecord, in snapshot: inout Snapshot, from readings: inout Readings
  ) throws {
    for block in record.packedBlocks {
      guard case .stored(let stored as CheckpointBlock) = block.packed else { continue }
      do throws(StorageError) {
        try stored.verify()
      } catch {
        guard case .damagedCheckpoint = error else { throw error }
        let first = block.index << 12
        let open = Set(record.openRows)
        let finished = (first..<min(first + 4096, record.trialCount)).filter { !open.contains($0) }
        guard
          let copy = try readings.block(
            of: record.study.id, at: block.index, places: finished.map { $0 - first })
        else {
          throw StorageError.unrecoverable(
            path: source.directory, study: record.study.name,
            trials: record.number(ofRow: first)...record.number(ofRow: first + stored.count - 1))
        }
        snapshot.replaceBlock(of: record.study.id, at: block.index, with: .resident(copy))
        report.blocksHealed += 1
      }
    }
  }
}

/// What a store comes to, read from each of its checkpoints on and from its first log.
private struct Readings {
  private let disk: any Disk
  private let paths: StorePaths
  private let store: StoreIdentity
  private let lock: LockFile
  private let bases: [Checkpoint?]
  private var known: [StoreCheck] = []

  init(
    _ disk: any Disk, _ paths: StorePaths, _ store: StoreIdentity, _ lock: LockFile,
    _ bases: [Checkpoint?]
  ) {
    self.disk = disk
    self.paths = paths
    self.store = store
    self.lock = lock
    self.bases = bases
  }

  subscript(index: Int) -> StoreCheck {
    mutating get throws {
      while known.count <= index {
        var reading = StoreCheck(disk, paths)
        try reading.readLogs(of: store, lock, from: bases[known.count])
        known.append(reading)
      }
      return known[index]
    }
  }

  /// A block of a study that can be read and has trials in just these places; nil when there is
  /// none.
  mutating func block(
    of study: StudyID, at index: Int, places: [Int]
  ) throws -> TrialBlock? {
    for reading in bases.indices {
      // What cannot be read is what this looks for a replacement of.
      guard let record = try self[reading].replay.snapshot[study],
        let block = try? record.image().blocks.first(where: { $0.index == index }),
        let trials = try? block.packed.load(.all),
        trials.columns.isPacked.indices.filter({ trials.columns.isPacked[$0] }) == places,
        (try? BlockEncoder.parts(of: trials) { _, _ in }) != nil
      else { continue }
      return trials
    }
    return nil
  }
}

/// What is to be in a new store.
struct Salvage {
  let identity: StoreIdentity
  let created: Int64
  let snapshot: Snapshot
  let highestEpoch: UInt32
  /// The highest number that any log had.
  let lastLog: UInt32
}

extension StoreCreation {
  /// Writes a store that begins with `salvage`, FORMAT last.
  static func fill(_ paths: StorePaths, with salvage: Salvage, _ disk: any Disk) throws {
    let logs = LogFiles(disk: disk, paths: paths)
    var header = LogHeader(
      number: salvage.lastLog + 1, store: salvage.identity, seed: disk.random(),
      timeBase: disk.now(), bootID: disk.identity().bootIDBytes, creator: LogFiles.creator)
    header.reason = .salvage
    header.features.incompatible |= FeatureFlags.sealed
    try logs.writeTemporary(header.encoded(), header.number)
    try logs.publish(header.number)
    let mark = Log.Mark(
      position: LogPosition(log: header.number, offset: UInt64(LogHeader.blockByteCount)),
      frameStart: 0, checksum: header.seed, highestEpoch: salvage.highestEpoch)
    let checkpoints = Checkpoints(paths, disk, salvage.identity)
    try checkpoints.prepare(salvage.snapshot, WriterTable(), mark)
    try checkpoints.publish(mark.position)
    let lock = try disk.open(paths.lock, .openingOrCreating)
    try LockFile(file: lock, probe: lock).setWord(header.number)
    try publish(FormatFile(identity: salvage.identity, created: salvage.created), paths, disk)
  }
}
