// The series of a block of trials, as far as they are in scope: what `metrics` and `series` are
// read from.

internal import StudyModel

final class SeriesBlock {
  /// A series, and how many points of those in scope its trial has before it.
  struct Run {
    let series: LoadedSeries
    let offset: Int
  }

  let source: StudySource
  let trials: LoadedColumns
  /// Of the loaded metrics.
  let names: [SQLValue]
  let runs: [Run]
  let hasAllMetrics: Bool

  private init(
    _ source: StudySource, rows: Range<Int>, _ metrics: ColumnSet.Names, _ scope: ScanScope
  ) throws {
    self.source = source
    let columns = ColumnSet(metrics: metrics)
    ScanMeter.current?.count(rows, columns)
    let trials = try source.state.load(columns, rows: rows)
    self.trials = trials
    hasAllMetrics = metrics == .all
    names = trials.metrics.map { .text($0.name) }
    var offset = 0
    var row = -1
    let asksNumbers = !scope.numberConditions.isEmpty
    runs = trials.series.compactMap { series in
      if series.row != row { offset = 0 }
      row = series.row
      defer { offset += series.summary.count }
      if asksNumbers, !scope.admits(number: trials.numbers[row]) { return nil }
      return Run(series: series, offset: offset)
    }
  }

  /// The blocks in scope; studies that did not report a metric in scope have none.
  static func blocks(
    _ sources: [StudySource], _ scope: ScanScope, metricColumn: Int
  ) -> () throws -> SeriesBlock? {
    func metrics(_ source: StudySource) -> ColumnSet.Names {
      let all = source.metricNames
      let wanted = all.filter { scope.admits(.text($0), inColumn: metricColumn) }
      return wanted.count == all.count ? .all : wanted.isEmpty ? .none : .only(wanted)
    }
    var known: (source: StudySource, metrics: ColumnSet.Names)?
    func knownMetrics(_ source: StudySource) -> ColumnSet.Names {
      if let known, known.source === source { return known.metrics }
      let metrics = source.metricNames.isEmpty ? .none : metrics(source)
      known = (source, metrics)
      return metrics
    }
    let nextBlock = scope.blocks(sources) { source, _ in knownMetrics(source) != .none }
    return {
      try nextBlock().map {
        try SeriesBlock($0.source, rows: $0.rows, knownMetrics($0.source), scope)
      }
    }
  }

  /// For each of `runs`, how many points its trial has before it, of all metrics.
  func trueOffsets(_ runs: [Run]) throws -> [Int] {
    let all = try source.state.load(ColumnSet(metrics: .all), rows: trials.rows)
    var offsets: [Int] = []
    var offset = 0
    var row = -1
    var next = 0
    for series in all.series where next < runs.count {
      if series.row != row { offset = 0 }
      row = series.row
      let wanted = runs[next].series
      if wanted.row == row,
        trials.metrics[wanted.metric].name.hasSameBytes(as: all.metrics[series.metric].name)
      {
        offsets.append(offset)
        next += 1
      }
      offset += series.summary.count
    }
    return offsets
  }
}
