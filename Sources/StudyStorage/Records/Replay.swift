// Where frames become records, and records what a store knows: the one place that knows both.

import StudyModel

/// What the frames of a log come to.
struct Replay: FrameReader {
  private let path: String
  private(set) var snapshot = Snapshot()
  private(set) var writers = WriterTable()

  /// - Parameters:
  ///   - path: the store's, for errors.
  ///   - checkpoint: what to go on from.
  init(path: String, from checkpoint: Checkpoint? = nil) {
    self.path = path
    guard let checkpoint else { return }
    snapshot = checkpoint.snapshot
    for writer in checkpoint.writers { writers.add(writer.identity, epoch: writer.epoch) }
  }

  mutating func restart() { self = Replay(path: path) }

  mutating func read(_ frame: LogFrame) throws(StorageError) {
    apply(try records(of: frame), epoch: frame.header.epoch)
  }

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

  /// Applies what the writer of `epoch` recorded.
  mutating func apply(_ records: [LogRecord], epoch: UInt32) {
    for record in records {
      switch record {
      case .hello(let identity): writers.add(identity, epoch: epoch)
      case .close: writers.remove(epoch: epoch)
      case .event(let event): snapshot.apply(event)
      }
    }
  }

  /// Lets go of what a checkpoint of `written` holds.
  mutating func shed(_ checkpoint: Checkpoint, of written: Replay) {
    snapshot.shed(checkpoint.snapshot, of: written.snapshot)
  }

  /// Forgets the writers that are dead, when enough have come that it is worth looking.
  mutating func forgetDeadWriters(_ liveness: (WriterTable) -> Liveness) {
    if writers.isWorthSweeping { writers.forgetDead(liveness(writers)) }
  }
}

/// Who writes to a store: every writer that introduced itself, has not said that it ends, and was
/// not found dead. Whoever is not in here is not alive, so the dead need no place.
struct WriterTable {
  private var identities: [UInt32: WriterIdentity] = [:]
  private var countAfterSweep = 0

  subscript(epoch: UInt32) -> WriterIdentity? { identities[epoch] }

  /// All of them.
  var epochs: some Collection<UInt32> { identities.keys }

  mutating func add(_ identity: WriterIdentity, epoch: UInt32) { identities[epoch] = identity }
  mutating func remove(epoch: UInt32) { identities[epoch] = nil }

  /// Their number has doubled since the dead were swept out, so that in the long run a writer
  /// costs O(1).
  var isWorthSweeping: Bool { identities.count >= 2 * countAfterSweep + 16 }

  mutating func forgetDead(_ liveness: Liveness) {
    identities = identities.filter { liveness.isAlive(epoch: $0.key, $0.value) }
    countAfterSweep = identities.count
  }
}
