// Which trials are the good ones: the split that both densities of TPE are estimated from.

import StudyModel

/// The rows of a history that TPE learns from, in two parts: the best tenth, and the rest with
/// the running ones (the constant liar: where a trial runs already, another is not wanted) and
/// the failed ones.
///
/// A trial that failed by its objective is worse than any that did not: it stands above whatever
/// the others are worth, and does not count for how many are good. One that was lost with its
/// worker says nothing of its parameters.
///
/// Complete trials come first, by value; then pruned ones, those that came further first, by
/// their last intermediate value; then trials that break a bound, by how much. Several
/// objectives: by rank of domination, the last rank thinned by hypervolume. As Optuna has it.
struct TrialSplit: Equatable {
  /// Ascending rows.
  private(set) var below: [Int]
  private(set) var above: [Int]
  /// Those of `above` that failed by what their objective did.
  private(set) var failed: [Int]

  /// How many of `count` finished trials are good.
  static func belowCount(of count: Int, objectives: Int) -> Int {
    let tenth = Int((0.1 * Double(count)).rounded(.up))
    return objectives == 1 ? min(tenth, 25) : tenth
  }

  /// Splits all rows but `ownRow`, the trial that is being proposed for.
  init(_ history: History, except ownRow: Int?) {
    let classes = TrialClasses(history, except: ownRow)
    let finished = classes.complete.count + classes.pruned.count + classes.infeasible.count
    var wanted = Self.belowCount(of: finished, objectives: history.objectives.count)

    var below = classes.bestComplete(min(wanted, classes.complete.count), history)
    wanted -= below.count
    let pruned = smallest(wanted, of: classes.pruned.map { (pruneKey($0, history), $0) }) {
      $0 < $1
    }
    below += pruned
    wanted -= pruned.count
    below += smallest(wanted, of: classes.infeasible.map { (violation($0, history), $0) }, by: <)
    below.sort()

    self.below = below
    failed = classes.failed
    above = []
    above.reserveCapacity(classes.all.count - below.count)
    var next = 0
    for row in classes.all {
      if next < below.count && below[next] == row { next += 1 } else { above.append(row) }
    }
  }
}

/// The rows TPE looks at, by what can be said of them.
private struct TrialClasses {
  var all: [Int] = []
  var complete: [Int] = []
  var pruned: [Int] = []
  var infeasible: [Int] = []
  var failed: [Int] = []

  init(_ history: History, except ownRow: Int?) {
    let trials = history.trials
    let isBounded = !trials.violations.isEmpty
    all.reserveCapacity(history.trialCount)
    trials.states.forEachPiece { states, first in
      for (offset, state) in states.enumerated() {
        let row = first + offset
        if row == ownRow { continue }
        switch state {
        case .running: break
        case .waiting: continue
        case .failed:
          if !history.isFailedByObjective(row) { continue }
          failed.append(row)
        case .complete, .pruned:
          if isBounded && violation(row, history) > 0 {
            infeasible.append(row)
          } else if state == .complete {
            complete.append(row)
          } else {
            pruned.append(row)
          }
        }
        all.append(row)
      }
    }
  }

  func bestComplete(_ count: Int, _ history: History) -> [Int] {
    if history.objectives.count == 1 {
      return smallest(count, of: complete.map { (loss(0, $0, history), $0) }, by: <)
    }
    if count == 0 || count == complete.count { return Array(complete.prefix(count)) }
    let losses = complete.map { row in
      history.objectives.indices.map { loss($0, row, history) }
    }
    return bestByHypervolume(count, of: losses).map { complete[$0] }
  }
}

extension History {
  /// Whether the failed trial in `row` ended by what its objective did, or was told to have
  /// failed, and not by what befell its worker.
  func isFailedByObjective(_ row: Int) -> Bool {
    guard let end = trials.lastAttempt(ofRow: row)?.end else { return true }
    return switch end.outcome {
    case .finished, .failed, .timedOut, .outOfMemory: true
    case .interrupted, .lost: false
    }
  }
}

/// What is to be minimized; a value that is missing or no number is the worst.
private func loss(_ objective: Int, _ row: Int, _ history: History) -> Double {
  guard let value = history.trials.values[objective][row], !value.isNaN else { return .infinity }
  return history.objectives[objective].direction == .minimize ? value : -value
}

/// The sum of what a trial's broken bounds are broken by.
private func violation(_ row: Int, _ history: History) -> Double {
  history.trials.violations.reduce(0) { $0 + max($1[row] ?? 0, 0) }
}

/// Orders pruned trials: the last step descending, the value there ascending (NaN last), those
/// without reports at the end.
private func pruneKey(_ row: Int, _ history: History) -> (Double, Double) {
  guard let last = history.intermediate(ofObjective: 0)?.summary(ofRow: row)?.last else {
    return (1, 0)
  }
  let isMinimizing = history.objectives[0].direction == .minimize
  let value = last.value.isNaN ? .infinity : isMinimizing ? last.value : -last.value
  return (-Double(last.step), value)
}

/// The rows with the `count` smallest keys, smallest first, earlier rows first among equals.
///
/// - Complexity: O(n + s·count) where s is how often a smaller one is met; far from sorting all
///   as long as `count` is small.
private func smallest<Key>(
  _ count: Int, of rows: [(key: Key, row: Int)], by isLess: (Key, Key) -> Bool
) -> [Int] {
  guard count > 0 else { return [] }
  var best: [(key: Key, row: Int)] = []
  best.reserveCapacity(count + 1)
  for candidate in rows {
    if best.count == count && !isLess(candidate.key, best[count - 1].key) { continue }
    var low = 0
    var high = best.count
    while low < high {
      let middle = (low + high) / 2
      if isLess(candidate.key, best[middle].key) { high = middle } else { low = middle + 1 }
    }
    best.insert(candidate, at: low)
    if best.count > count { best.removeLast() }
  }
  return best.map(\.row)
}
