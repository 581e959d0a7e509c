// The best trials of a study, kept as trials finish.

/// A trial that no other beats.
public struct BestTrial: Hashable, Sendable {
  /// Its row in the study.
  public let row: Int
  /// Its number in the study.
  public let number: Int
  /// One an objective.
  public let values: [Double]

  /// The trial in `row`, with its results.
  public init(row: Int, number: Int, values: [Double]) {
    self.row = row
    self.number = number
    self.values = values
  }
}

/// Complete, feasible trials that no other such trial beats in every objective. With one
/// objective: the best, the earliest of equals.
struct BestTrials: Sendable {
  private let directions: [StudyDirection]
  /// By ascending row.
  private(set) var trials: [BestTrial] = []

  init(_ directions: [StudyDirection]) { self.directions = directions }

  /// - Complexity: O(1) for one objective, else O(size of the front).
  mutating func add(_ trial: BestTrial) {
    guard trial.values.count == directions.count, !trial.values.contains(where: \.isNaN) else {
      return
    }
    if directions.count == 1 {
      guard let best = trials.first else { return trials = [trial] }
      let isEqual = trial.values[0] == best.values[0]
      if directions[0].isBetter(trial.values[0], than: best.values[0])
        || isEqual && trial.row < best.row
      {
        trials = [trial]
      }
      return
    }
    if trials.contains(where: { dominates($0.values, trial.values) }) { return }
    trials = trials.filter { !dominates(trial.values, $0.values) }
    let place = trials.firstPlace { $0.row > trial.row }
    trials.insert(trial, at: place)
  }

  /// Whether `a` is nowhere worse than `b` and somewhere better.
  private func dominates(_ a: [Double], _ b: [Double]) -> Bool {
    var isBetter = false
    for (index, direction) in directions.enumerated() {
      if direction.isBetter(b[index], than: a[index]) { return false }
      if direction.isBetter(a[index], than: b[index]) { isBetter = true }
    }
    return isBetter
  }
}
