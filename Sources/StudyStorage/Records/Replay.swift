// Where frames become records, and records what a store knows: the one place that knows both.

import StudyModel

/// What the frames of a log come to.
struct Replay: FrameReader {
  private let path: String
  private let checkpoints: Checkpoints?
  /// How many bytes the checkpoint has on which this rests; 0: none.
  private(set) var baseBytes: UInt64 = 0
  private(set) var snapshot = Snapshot()
  private(set) var writers = WriterTable()

  /// - Parameters:
  ///   - path: the store's, for errors.
  ///   - checkpoints: where to begin; nil: with nothing.
  init(path: String, _ checkpoints: Checkpoints? = nil) {
    self.path = path
    self.checkpoints = checkpoints
  }

  mutating func restart(before limit: LogPosition?) -> Log.Mark? {
    self = Replay(path: path, checkpoints)
    guard let checkpoint = checkpoints?.newest(before: limit) else { return nil }
    begin(with: checkpoint)
    return checkpoint.mark
  }

  /// Knows what `checkpoint` holds, and nothing else.
  mutating func begin(with checkpoint: Checkpoint) {
    baseBytes = checkpoint.bytes
    snapshot = checkpoint.snapshot
    writers = WriterTable()
    for writer in checkpoint.writers {
      writers.add(writer.identity, epoch: writer.epoch, lastSequence: writer.lastSequence)
    }
  }

  mutating func read(_ frame: LogFrame) throws(StorageError) {
    apply(
      try records(of: frame),
      of: FrameIdentity(epoch: frame.header.epoch, sequence: frame.header.sequence))
  }

  func lastSequence(ofWriter epoch: UInt32) -> UInt32? { writers.lastSequence(of: epoch) }

  /// - Throws: what is wrong with a frame whose checksum is right.
  func records(of frame: LogFrame) throws(StorageError) -> [LogRecord] {
    let context = RecordContext(timeBase: frame.timeBase, epoch: frame.header.epoch)
    let (bytes, range): ([UInt8], Range<Int>)
    do throws(ByteError) {
      (bytes, range) = try frame.payload()
    } catch {
      throw .malformed(path: path, frame.position, reason: "\(error)")
    }
    do throws(RecordDecoder.Failure) {
      return try RecordDecoder.records(bytes, range, context)
    } catch {
      switch error {
      case .bytes(let error):
        throw .malformed(path: path, frame.position, reason: "\(error)")
      case .unknown(let type):
        throw .unknownRecord(path: path, frame.position, type: type)
      }
    }
  }

  /// Applies what a frame recorded.
  mutating func apply(_ records: [LogRecord], of frame: FrameIdentity) {
    writers.noteFrame(frame)
    for record in records {
      switch record {
      case .hello(let identity):
        writers.add(identity, epoch: frame.epoch, lastSequence: frame.sequence)
      case .close: writers.remove(epoch: frame.epoch)
      case .seal: break
      case .event(let event): snapshot.apply(event)
      }
    }
  }

  /// Leaves finished trials where `checkpoint` has them, and no longer in memory.
  mutating func release(to checkpoint: Checkpoint) {
    for record in checkpoint.snapshot.allStudies {
      for block in record.packedBlocks {
        snapshot.replaceBlock(of: record.study.id, at: block.index, with: block.packed)
      }
    }
  }

  /// Forgets the writers that are dead, when enough have come that it is worth looking.
  mutating func forgetDeadWriters(_ liveness: (WriterTable) -> Liveness) {
    if writers.isWorthSweeping { writers.forgetDead(liveness(writers)) }
  }
}

/// Who writes to a store: every writer that introduced itself, has not said that it ends, and was
/// not found dead. Whoever is not in here is not alive, so the dead need no place.
struct WriterTable {
  private struct Writer {
    let identity: WriterIdentity
    var lastSequence: UInt32
  }

  private var known: [UInt32: Writer] = [:]
  private var countAfterSweep = 0

  subscript(epoch: UInt32) -> WriterIdentity? { known[epoch]?.identity }

  /// All of them.
  var epochs: some Collection<UInt32> { known.keys }

  /// The last frame of the writer of `epoch`; nil when that is none of these.
  func lastSequence(of epoch: UInt32) -> UInt32? { known[epoch]?.lastSequence }

  mutating func add(_ identity: WriterIdentity, epoch: UInt32, lastSequence: UInt32) {
    known[epoch] = Writer(identity: identity, lastSequence: lastSequence)
  }
  mutating func noteFrame(_ frame: FrameIdentity) {
    known[frame.epoch]?.lastSequence = frame.sequence
  }
  mutating func remove(epoch: UInt32) { known[epoch] = nil }

  /// Their number has doubled since the dead were swept out, so that in the long run a writer
  /// costs O(1).
  var isWorthSweeping: Bool { known.count >= 2 * countAfterSweep + 16 }

  mutating func forgetDead(_ liveness: Liveness) {
    known = known.filter { liveness.isAlive(epoch: $0.key, $0.value.identity) }
    countAfterSweep = known.count
  }
}
