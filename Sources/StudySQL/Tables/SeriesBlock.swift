// The series of a block of trials, as far as they are in scope: what `metrics` and `series` are
// read from.

internal import StudyModel

final class SeriesBlock {
  let source: StudySource
  let trials: LoadedColumns
  /// Of the loaded metrics.
  let names: [SQLValue]
  let series: [LoadedSeries]
  /// For each series, how many points of the loaded metrics its trial has before it.
  let offsets: [Int]
  let hasAllMetrics: Bool

  /// - Parameter isWanted: whether a series has anything in scope.
  fileprivate init(
    _ block: LoadedBlock, hasAllMetrics: Bool, _ scope: ScanScope,
    where isWanted: ((SeriesSummary) -> Bool)?
  ) {
    source = block.source
    let trials = block.trials
    self.trials = trials
    self.hasAllMetrics = hasAllMetrics
    names = trials.metrics.map { .text($0.name) }
    let all = trials.series
    var offsets: [Int] = []
    offsets.reserveCapacity(all.count)
    var offset = 0
    var row = -1
    for series in all {
      if series.row != row { offset = 0 }
      row = series.row
      offsets.append(offset)
      offset += series.summary.count
    }
    if scope.numberConditions.isEmpty && isWanted == nil {
      series = all
      self.offsets = offsets
    } else {
      let wanted = all.indices.filter { index in
        scope.admits(number: trials.numbers[all[index].row])
          && isWanted?(all[index].summary) ?? true
      }
      series = wanted.map { all[$0] }
      self.offsets = wanted.map { offsets[$0] }
    }
  }

  /// For each of `series`, how many points its trial has before it, of all metrics.
  func trueOffsets() throws -> [Int] {
    let all = try source.state.load(ColumnSet(metrics: .all), rows: trials.rows)
    var offsets: [Int] = []
    var offset = 0
    var row = -1
    var next = 0
    for other in all.series where next < series.count {
      if other.row != row { offset = 0 }
      row = other.row
      let wanted = series[next]
      if wanted.row == row,
        trials.metrics[wanted.metric].metric == all.metrics[other.metric].metric
      {
        offsets.append(offset)
        next += 1
      }
      offset += other.summary.count
    }
    return offsets
  }
}

/// The blocks in scope, one after the other; studies that did not report a metric in scope have
/// none.
final class SeriesBlocks {
  private let scope: ScanScope
  private let metricColumn: Int
  private let isWanted: (_ conditions: [ScanCondition], SeriesSummary) -> Bool
  private let blocks: ReadAhead<LoadedColumns>

  init(
    _ sources: [StudySource], _ scope: ScanScope, metricColumn: Int,
    where isWanted: @escaping (_ conditions: [ScanCondition], SeriesSummary) -> Bool = { _, _ in
      true
    }
  ) {
    self.scope = scope
    self.metricColumn = metricColumn
    self.isWanted = isWanted
    blocks = ReadAhead(
      scope.blocks(sources) { source, _ in
        Self.metrics(of: source, scope, metricColumn) != .none
      })
  }

  /// Those in scope.
  private static func metrics(
    of source: StudySource, _ scope: ScanScope, _ metricColumn: Int
  ) -> ColumnSet.Names {
    let all = source.metricNames
    let wanted = all.filter { scope.admits(.text($0), inColumn: metricColumn) }
    return wanted.isEmpty ? .none : wanted.count == all.count ? .all : .only(wanted)
  }

  /// The next block; nil after the last.
  func next() throws -> SeriesBlock? {
    let found = try blocks.next { source in
      ColumnSet(metrics: Self.metrics(of: source, scope, metricColumn))
    }
    guard let found else { return nil }
    // Anew for each block: the bound of an order draws nearer.
    let conditions = scope.rowConditions
    return SeriesBlock(
      found, hasAllMetrics: found.trials.has(ColumnSet(metrics: .all)), scope,
      where: conditions.isEmpty ? nil : { self.isWanted(conditions, $0) })
  }
}
