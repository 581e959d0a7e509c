// Which part of a table is asked for: studies, then trials by number, then rows.

internal import StudyModel

struct ScanScope {
  /// On the study's name: each study as a whole is in scope or not.
  private(set) var studyConditions: [ScanCondition] = []
  /// On the trial's number, which trials always have.
  private(set) var numberConditions: [ScanCondition] = []
  /// On other columns.
  private(set) var otherConditions: [ScanCondition] = []
  /// Which columns are read, a bit for each as SQLite tells it; the last bit is for all from the
  /// 64th on.
  var usedColumns = UInt64.max
  /// Columns by which the scan puts rows in order.
  private(set) var orderColumns: [Int] = []
  /// Rows behind this one are not wanted; it draws nearer while the scan goes on.
  private(set) var bound: SortBound?

  /// All of a table.
  init() {}

  init(
    _ conditions: [ScanCondition], of table: some ColumnarTable, usedColumns: UInt64,
    order: [ScanOffer.Order] = [], bound: SortBound? = nil
  ) {
    self.usedColumns = usedColumns
    orderColumns = order.map(\.column)
    self.bound = bound
    for condition in conditions {
      if condition.column == table.studyColumn {
        studyConditions.append(condition)
      } else if condition.column == table.numberColumn {
        numberConditions.append(condition)
      } else {
        otherConditions.append(condition)
      }
    }
  }

  /// Whether the table's column `column` is read. Others need not be loaded.
  func uses(_ column: Int) -> Bool { usedColumns & (1 << UInt64(min(column, 63))) != 0 }

  /// Whether the scan itself looks at `column`.
  func reads(_ column: Int) -> Bool {
    otherConditions.contains { $0.column == column } || orderColumns.contains(column)
  }

  /// What is to be asked of each row, numbers aside.
  var rowConditions: [ScanCondition] {
    otherConditions + (bound?.condition.map { [$0] } ?? [])
  }

  /// Whether a value of `column` may be wanted, that all rows of a part share.
  func admits(_ value: SQLValue, inColumn column: Int) -> Bool {
    otherConditions.allSatisfy { $0.column != column || $0.admits(value) }
  }

  /// The studies in scope.
  func studies(_ all: [StudySource]) -> [StudySource] {
    if studyConditions.isEmpty { return all }
    return all.filter { source in
      studyConditions.allSatisfy { $0.admits(.text(source.name)) }
    }
  }

  /// Whether the trial with this number is in scope.
  func admits(number: Int) -> Bool {
    numberConditions.allSatisfy { $0.admits(.integer(Int64(number))) }
  }

  /// The rows in scope of a study's trials, block by block; some more, where ``admits(number:)``
  /// has to be asked.
  func blocks(of source: StudySource) -> [Range<Int>] {
    if numberConditions.isEmpty { return source.state.blocksOfRows() }
    let bounds = NumberBounds(numberConditions)
    guard let list = bounds.list else {
      guard bounds.low <= bounds.high else { return [] }
      return source.state.blocksOfRows(
        in: Self.rows(source.state, from: bounds.low, to: bounds.high))
    }
    var blocks: [Range<Int>] = []
    for row in list.compactMap(source.state.row(ofNumber:)) {
      let block = source.state.blocksOfRows(in: row..<row + 1)[0]
      if let last = blocks.last, last.lowerBound >> 12 == block.lowerBound >> 12 {
        blocks[blocks.count - 1] = last.lowerBound..<block.upperBound
      } else {
        blocks.append(block)
      }
    }
    return blocks
  }

  /// The rows of the trials that have these numbers.
  private static func rows(
    _ study: StudyRecord, from lowest: Int, to highest: Int
  ) -> Range<Int> {
    // The first row whose number is not below `number`.
    func row(_ number: Int) -> Int {
      var (low, high) = (0, study.trialCount)
      while low < high {
        let middle = (low + high) / 2
        if study.number(ofRow: middle) >= number { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let start = lowest <= 0 ? 0 : row(lowest)
    let end = highest == .max ? study.trialCount : highest < 0 ? 0 : row(highest + 1)
    return start..<max(start, end)
  }

  /// The blocks of trials in scope, those left out that `isWanted` does not want; it is asked only
  /// when a block's turn has come.
  func blocks(
    _ all: [StudySource],
    where isWanted: @escaping (StudySource, Range<Int>) throws -> Bool = { _, _ in true }
  ) -> BlocksInScope {
    BlocksInScope(self, studies(all), where: isWanted)
  }
}

/// Gives blocks of trials one after the other.
protocol BlockSource: AnyObject {
  /// The next block; nil after the last.
  func next() throws -> BlocksInScope.Block?
}

/// Blocks of trials, one study after the other.
final class BlocksInScope: BlockSource {
  /// Rows of one block.
  struct Block {
    let source: StudySource
    let rows: Range<Int>
  }

  private let scope: ScanScope
  private let isWanted: (StudySource, Range<Int>) throws -> Bool
  private var studies: ArraySlice<StudySource>
  /// Those left of the study whose turn it is.
  private var blocks: ArraySlice<Block> = []

  fileprivate init(
    _ scope: ScanScope, _ studies: [StudySource],
    where isWanted: @escaping (StudySource, Range<Int>) throws -> Bool
  ) {
    self.scope = scope
    self.isWanted = isWanted
    self.studies = studies[...]
  }

  func next() throws -> Block? {
    while true {
      while let block = blocks.popFirst() {
        if try isWanted(block.source, block.rows) { return block }
      }
      guard let source = studies.popFirst() else { return nil }
      blocks = scope.blocks(of: source).map { Block(source: source, rows: $0) }[...]
    }
  }
}

/// The row behind which nothing is wanted any more, while the first rows of an order are looked
/// for.
final class SortBound {
  fileprivate(set) var condition: ScanCondition?
  let order: ScanOffer.Order
  let collation: Collation

  init(_ order: ScanOffer.Order, _ collation: Collation) {
    self.order = order
    self.collation = collation
  }

  /// Rows are wanted no more behind one that has `value`.
  func draw(to value: SQLValue) {
    condition = ScanCondition(
      column: order.column,
      test: .sorted(descending: order.isDescending, last: ComparedValue(value)),
      collation: collation)
  }
}

/// Some trials of a study with the columns that are asked for. A class: many rows share it.
final class LoadedBlock {
  let source: StudySource
  let trials: LoadedColumns
  /// By the parameters' numbers.
  let parameters: [Int: ParameterReader]

  init(_ source: StudySource, _ trials: LoadedColumns) {
    self.source = source
    self.trials = trials
    parameters = Dictionary(
      uniqueKeysWithValues: trials.parameters.map { ($0.number, ParameterReader($0)) })
  }

  /// Loads `columns` of `rows`, which lie in one block.
  ///
  /// - Throws: when they cannot be read.
  convenience init(_ source: StudySource, _ columns: ColumnSet, rows: Range<Int>) throws {
    ScanMeter.current?.count(rows, columns)
    self.init(source, try source.state.load(columns, rows: rows))
  }

  func number(_ row: Int) -> SQLValue { .integer(Int64(trials.numbers[row])) }
}
