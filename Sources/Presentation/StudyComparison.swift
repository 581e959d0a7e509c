// Studies side by side: how far they came, and how fast.

package import StudyModel

/// How a study of one objective came along.
package struct StudyProgress: Equatable, Sendable {
  package var complete = 0
  package var pruned = 0
  package var failed = 0
  /// The best value so far, and how many trials had finished when it came; nil: none is complete,
  /// or there are several objectives.
  package var best: Double?
  package var finishedAtBest: Int?
  /// The best after so many finished trials, as asked; nil where it has not come so far.
  package var bestAt: [Double?] = []
  /// What the middle one of the complete trials came to.
  package var median: Double?
  /// What all finished trials took together, in seconds.
  package var seconds = 0.0
}

extension StudyRecord {
  /// - Parameter moments: counts of finished trials at which to look.
  package func progress(at moments: [Int] = []) throws -> StudyProgress {
    var progress = StudyProgress(
      complete: searchedCount(.complete), pruned: searchedCount(.pruned),
      failed: searchedCount(.failed))
    let columns = try load(ColumnSet([.outcomes, .times]))
    let objectives = study.definition.objectives
    var bestAfter: [Double?] = []
    var values: [Double] = []
    for row in searchedRows {
      if let start = columns.started[row], let end = columns.ended[row] {
        progress.seconds += Double(end.rawValue - start.rawValue) / 1e6
      }
      if columns.states[row] == .complete, objectives.count == 1, columns.isFeasible(row: row),
        let value = columns.objectiveValues(ofRow: row).first, !value.isNaN
      {
        values.append(value)
        if progress.best.map({ objectives[0].direction.isBetter(value, than: $0) }) ?? true {
          progress.best = value
          progress.finishedAtBest = bestAfter.count + 1
        }
      }
      bestAfter.append(progress.best)
    }
    progress.bestAt = moments.map { $0 <= bestAfter.count && $0 > 0 ? bestAfter[$0 - 1] : nil }
    values.sort()
    if !values.isEmpty {
      progress.median = (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }
    return progress
  }
}
