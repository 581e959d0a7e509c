// Blocks that are worked on by other threads while earlier ones are read: most of a scan's time
// goes into decoding.

internal import Dispatch
internal import Foundation
internal import StudyModel
internal import Synchronization

/// What is to be done with a block before it is read.
struct BlockJob<Value: Sendable>: Sendable {
  /// Whether several results fit into memory at a time.
  let isSmall: Bool
  let run: @Sendable () throws -> Value
}

/// The blocks of a scan in their order, with what a job made of each. The first ones are worked on
/// when they are asked for, so that a scan which ends early has done nothing in vain; from then on
/// some are worked on ahead.
final class ReadAhead<Value: Sendable> {
  private let blocks: any BlockSource
  /// How many blocks are worked on ahead at most.
  private let depth: Int
  private var waiting: [(block: BlocksInScope.Block, result: PendingResult<Value>)] = []
  private var taken = 0

  /// So many blocks are read without a look ahead.
  private static var patience: Int { 2 }

  /// - Parameter processors: how many may be at work.
  init(
    _ blocks: any BlockSource, processors: Int = ProcessInfo.processInfo.activeProcessorCount
  ) {
    // A single one is not faster by two threads.
    depth = processors > 1 ? min(4, processors) : 0
    self.blocks = blocks
  }

  /// The next block and what its job made of it; nil after the last.
  ///
  /// - Parameter job: the job of a block whose turn comes.
  func next(
    _ job: (BlocksInScope.Block) -> BlockJob<Value>
  ) throws -> (block: BlocksInScope.Block, value: Value)? {
    taken += 1
    if taken > Self.patience {
      while waiting.count < depth, let block = try blocks.next() {
        waiting.append((block, PendingResult(job(block))))
      }
    }
    if !waiting.isEmpty {
      let first = waiting.removeFirst()
      return (first.block, try first.result.value())
    }
    return try blocks.next().map { ($0, try job($0).run()) }
  }
}

/// What another thread works on, or, where it takes much memory, what is worked on when it is
/// asked for.
private final class PendingResult<Value: Sendable>: Sendable {
  private let job: BlockJob<Value>
  private let isRunning = DispatchGroup()
  private let result = Mutex<Result<Value, any Error>?>(nil)

  init(_ job: BlockJob<Value>) {
    self.job = job
    guard job.isSmall else { return }
    DispatchQueue.global(qos: .userInitiated).async(group: isRunning) { [self] in
      let result = Result { try job.run() }
      self.result.withLock { $0 = result }
    }
  }

  func value() throws -> Value {
    isRunning.wait()
    return try result.withLock({ $0 })?.get() ?? job.run()
  }
}

extension ReadAhead<LoadedColumns> {
  /// The next block, loaded; nil after the last.
  ///
  /// - Parameter columns: what is to be loaded of a block whose turn comes.
  func next(_ columns: (StudySource) -> ColumnSet) throws -> LoadedBlock? {
    try next { block in
      let columns = columns(block.source)
      ScanMeter.current?.count(block.rows, columns)
      return BlockJob(isSmall: columns.isSmall(in: block.source)) {
        [state = block.source.state, rows = block.rows] in try state.load(columns, rows: rows)
      }
    }.map { LoadedBlock($0.block.source, $0.value) }
  }
}

extension ColumnSet {
  /// Bytes a trial, about, up to which blocks are small.
  private static var fewBytes: Int { 2048 }

  /// Whether several blocks of these columns fit into memory at a time.
  fileprivate func isSmall(in source: StudySource) -> Bool {
    func count(_ names: Names, _ all: @autoclosure () -> Int) -> Int {
      switch names {
      case .none: 0
      case .only(let some): some.count
      case .all, .declared: all()
      }
    }
    let state = source.state
    let numbers = count(parameters, state.parameterNames.count)
    let series = count(metrics, source.metricNames.count)
    let texts =
      count(userAttributes, state.attributeKeys(.user).count)
      + count(systemAttributes, state.attributeKeys(.system).count)
    return 16 * numbers + 192 * series + 64 * texts <= Self.fewBytes
  }
}
