// Checkpoints: what a store held up to a position of its log, so that opening it need not read the
// log from the beginning. A copy, no more: without any of them nothing is lost.
//
//     checkpoint := header[64] part* directory* state trailer[128]
//
// Bytes and reasons: schema/store-format.md.

import ColumnCodecs
import Glibc
import StudyModel

/// A checkpoint that was read.
struct Checkpoint: Sendable {
  let path: String
  let trailer: CheckpointTrailer
  let snapshot: Snapshot
  let writers: [StoredState.Writer]
  let highestEpoch: UInt32
  /// How many bytes it has.
  let bytes: UInt64

  /// LZ4 makes no more than so many bytes of one.
  private static let mostExpansion = 255

  /// The checkpoint at `path`.
  ///
  /// - Throws: ``StorageError/damagedCheckpoint(path:offset:reason:)`` when it is none of `store`,
  ///   or not what was written; what only its blocks hold is not read.
  init(
    at path: String, of store: StoreIdentity, on disk: any Disk, _ cache: ColumnCache
  ) throws(StorageError) {
    func damaged(_ offset: UInt64, _ reason: String) -> StorageError {
      .damagedCheckpoint(path: path, offset: offset, reason: reason)
    }
    let (file, size) = try onDisk { () throws(DiskError) in
      let file = try disk.open(path, .reading)
      return (file, try file.status().bytes)
    }
    guard size >= UInt64(CheckpointTrailer.byteCount) else { throw damaged(0, "it is too short") }
    let end = size - UInt64(CheckpointTrailer.byteCount)
    let bytes = try onDisk { () throws(DiskError) in
      try file.read(at: end, count: CheckpointTrailer.byteCount)
    }
    guard let trailer = CheckpointTrailer(decoding: bytes) else {
      throw damaged(end, "it does not end as checkpoints do")
    }
    guard trailer.store == store else { throw damaged(end, "it is of another store") }
    let place = trailer.state
    guard place.offset <= end, UInt64(place.count) <= end - place.offset,
      trailer.stateBytes <= UInt64(place.count * Self.mostExpansion)
    else { throw damaged(end, "it goes beyond its end") }
    let parts = PartFile(file, path: path, end: place.offset, cache: cache)
    let packed = try parts.bytes(place)
    let isPlain = trailer.stateBytes == UInt64(packed.count)
    let plain =
      isPlain
      ? packed : LZ4Block.decompressed(packed, 0..<packed.count, rawCount: Int(trailer.stateBytes))
    guard let plain else { throw damaged(place.offset, "it cannot be unpacked") }
    var state = StoredState()
    do throws(ByteError) {
      var reader = FieldReader(reader: ByteReader(plain), context: StoredState.context)
      try state.code(&reader)
      guard reader.reader.isAtEnd else { throw .badValue("longer than its fields") }
    } catch {
      throw damaged(place.offset, "\(error)")
    }
    guard let snapshot = Self.snapshot(state, parts) else {
      throw damaged(place.offset, "it contradicts itself")
    }
    self.path = path
    self.trailer = trailer
    self.snapshot = snapshot
    writers = state.writers
    highestEpoch = state.highestEpoch
    self.bytes = size
  }

  /// Reads all of it, and every value.
  ///
  /// - Throws: what is wrong with it.
  func verify(on disk: any Disk) throws(StorageError) {
    try Self.verifyHeader(path, on: disk)
    for record in snapshot.allStudies {
      for block in record.packedBlocks {
        guard case .stored(let known as CheckpointBlock) = block.packed else { continue }
        try known.verify()
      }
    }
  }

  /// Reads all of it, and holds it against what was to be written.
  ///
  /// - Throws: ``StorageError/damagedCheckpoint(path:offset:reason:)`` when it is anything else.
  func verify(_ written: WrittenCheckpoint, on disk: any Disk) throws {
    try Self.verifyHeader(path, on: disk)
    var state = StoredState(snapshot, writers, highestEpoch)
    for (record, known) in zip(snapshot.allStudies, written.state.studies) {
      var study = StoredStudy(image: try record.image())
      study.image.blocks = []
      study.blocks = known.blocks
      state.studies.append(study)
    }
    guard try state.encoded() == written.state.encoded() else {
      throw StorageError.damagedCheckpoint(
        path: path, offset: trailer.state.offset, reason: "its state is not what was written")
    }
    for (record, sources) in zip(snapshot.allStudies, written.sources) {
      for (block, source) in zip(record.packedBlocks, sources) {
        guard case .stored(let stored as CheckpointBlock) = block.packed else { continue }
        if let source {
          try stored.verify(source)
        } else {
          // What is copied has checksums of its own.
          try stored.verifyBytes()
        }
      }
    }
  }

  static func verifyHeader(_ path: String, on disk: any Disk) throws(StorageError) {
    let bytes = try onDisk { () throws(DiskError) in
      try disk.open(path, .reading).read(at: 0, count: CheckpointWriter.header.count)
    }
    guard bytes == CheckpointWriter.header else {
      throw .damagedCheckpoint(path: path, offset: 0, reason: "its header is not as it was written")
    }
  }

  private static func snapshot(_ state: StoredState, _ file: PartFile) -> Snapshot? {
    var records: [StudyRecord] = []
    records.reserveCapacity(state.studies.count)
    for study in state.studies {
      var image = study.image
      let limits = BlockLimits(image)
      image.blocks = study.blocks.map { reference in
        StudyImage.Block(
          index: reference.index,
          .stored(
            CheckpointBlock(
              file, count: reference.count, missing: reference.missing, limits,
              directory: reference.directory)))
      }
      guard let record = StudyRecord(image) else { return nil }
      records.append(record)
    }
    return Snapshot(records, nextStudyID: state.nextStudyID, nextTrialID: state.nextTrialID)
  }
}

/// A checkpoint as it was to be written.
struct WrittenCheckpoint {
  let state: StoredState
  /// By the places of their studies, what blocks were encoded from; nil: they are copies.
  let sources: [[TrialBlock?]]
}

/// Writes checkpoints.
struct CheckpointWriter {
  private let file: any DiskFile
  private let path: String
  private var offset: UInt64
  /// What is not written yet.
  private var pending: [UInt8] = []

  private static let batch = 1 << 20
  /// So that nobody takes a file's beginning for anything else.
  static let header =
    CheckpointTrailer.magic
    + [UInt8](
      repeating: 0, count: 64 - CheckpointTrailer.magic.count)

  /// Writes the checkpoint of `snapshot` to `path`, and syncs it.
  ///
  /// - Parameter state: but for the studies.
  static func write(
    _ snapshot: Snapshot, _ state: StoredState, _ trailer: CheckpointTrailer, to path: String,
    on disk: any Disk
  ) throws -> WrittenCheckpoint {
    var writer = CheckpointWriter(file: try disk.open(path, .creating), path: path, offset: 0)
    try writer.append(header)
    var state = state
    var sources: [[TrialBlock?]] = []
    for record in snapshot.allStudies {
      let image = try record.image()
      var study = StoredStudy(image: image)
      study.image.blocks = []
      sources.append([])
      for block in image.blocks {
        let (reference, source) = try writer.append(block)
        study.blocks.append(reference)
        sources[sources.count - 1].append(source)
      }
      state.studies.append(study)
    }
    try writer.finish(state, trailer)
    return WrittenCheckpoint(state: state, sources: sources)
  }

  private init(file: any DiskFile, path: String, offset: UInt64) {
    self.file = file
    self.path = path
    self.offset = offset
  }

  @discardableResult
  private mutating func append(_ bytes: [UInt8]) throws(DiskError) -> PartPlace {
    let place = PartPlace(
      offset: offset, count: bytes.count,
      checksum: xxHash64(bytes, 0..<bytes.count, seed: offset))
    pending += bytes
    offset += UInt64(bytes.count)
    if pending.count >= Self.batch { try flush() }
    return place
  }

  private mutating func flush() throws(DiskError) {
    let start = offset - UInt64(pending.count)
    guard try file.write(pending, at: start) == pending.count else {
      throw DiskError(code: ENOSPC, operation: "write", path: path, bytes: pending.count)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// - Returns: where it is, and what it was encoded from; nil: it is a copy.
  private mutating func append(
    _ block: StudyImage.Block
  ) throws -> (BlockReference, TrialBlock?) {
    var reference = BlockReference()
    var source: TrialBlock?
    reference.index = block.index
    var parts: [(key: PartKey, place: PartPlace)] = []
    switch block.packed {
    case .stored(let known as CheckpointBlock):
      // Its bytes are what they would be again.
      reference.count = known.count
      reference.missing = known.missing
      for (key, place) in try known.directory().all {
        parts.append((key, try append(try known.file.bytes(place))))
      }
    case let packed:
      let trials = try packed.load(.all)
      reference.count = trials.count
      reference.missing = trials.columns.isPacked.indices.filter { !trials.columns.isPacked[$0] }
      var encoded: [(PartKey, [UInt8])] = []
      try BlockEncoder.parts(of: trials) { encoded.append(($0, $1.encoded)) }
      for (key, bytes) in encoded { parts.append((key, try append(bytes))) }
      source = trials
    }
    reference.directory = try append(PartDirectory(parts).encoded())
    return (reference, source)
  }

  private mutating func finish(_ state: StoredState, _ trailer: CheckpointTrailer) throws {
    let plain = try state.encoded()
    let packed = LZ4Block.compressed(plain, 0..<plain.count)
    var trailer = trailer
    if state.hasMarks { trailer.version = CheckpointTrailer.markedVersion }
    trailer.state = try append(packed ?? plain)
    trailer.stateBytes = UInt64(plain.count)
    try append(trailer.encoded())
    try flush()
    try file.synchronize()
  }
}
