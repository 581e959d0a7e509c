// Which trials are the good ones: the split that both densities of TPE are estimated from.

import StudyModel

/// The finished trials of a study by how good they are, as TPE compares them.
///
/// Complete trials come first, by value; then pruned ones, those that came further first, by
/// their last intermediate value; then trials that break a bound, by how much; earlier rows first
/// among equals. Several objectives: by rank of domination, the last rank thinned by hypervolume.
/// As Optuna has it.
struct TrialRanking: Sendable {
  /// With one objective, no more trials than this are ever good.
  private static let mostGood = 25

  private let objectives: [Objective]
  /// How many trials it has been told of.
  private(set) var count = 0
  /// Best first; with one objective, only those that may be good.
  private var ranked: [RankedTrial] = []
  /// With several objectives: the complete ones by row, which are in no order, and their losses.
  private var complete: [Int: [Double]] = [:]

  init(_ objectives: [Objective]) { self.objectives = objectives }

  /// How many of the trials are good: the best tenth, with one objective at most 25.
  private var goodCount: Int {
    let tenth = Int((0.1 * Double(count)).rounded(.up))
    return objectives.count == 1 ? min(tenth, Self.mostGood) : tenth
  }

  /// Takes in the trial in `row`, which is complete or pruned.
  mutating func insert(_ row: Int, _ history: History) throws {
    count += 1
    let trial = try history.trial(row)
    let violation = (0..<history.boundCount).reduce(0) {
      $0 + max(trial.violation(ofBound: $1) ?? 0, 0)
    }
    let item: RankedTrial
    if violation > 0 {
      item = RankedTrial(kind: 2, first: violation, row: row)
    } else if trial.state == .pruned {
      let (step, value) = try pruneKey(row, history)
      item = RankedTrial(kind: 1, first: step, second: value, row: row)
    } else if objectives.count == 1 {
      item = RankedTrial(kind: 0, first: loss(0, trial), row: row)
    } else {
      complete[row] = objectives.indices.map { loss($0, trial) }
      return
    }
    var (low, high) = (0, ranked.count)
    while low < high {
      let middle = (low + high) / 2
      if ranked[middle] < item { low = middle + 1 } else { high = middle }
    }
    ranked.insert(item, at: low)
    if objectives.count == 1 && ranked.count > Self.mostGood { ranked.removeLast() }
  }

  /// What is to be minimized; a value that is missing or no number is the worst.
  private func loss(_ objective: Int, _ trial: TrialCells) -> Double {
    guard let value = trial.value(ofObjective: objective), !value.isNaN else { return .infinity }
    return objectives[objective].direction == .minimize ? value : -value
  }

  /// Orders pruned trials: the last step descending, the value there ascending (NaN last), those
  /// without reports at the end.
  private func pruneKey(_ row: Int, _ history: History) throws -> (Double, Double) {
    guard let last = try history.intermediate(ofObjective: 0)?.summary(ofRow: row)?.last else {
      return (1, 0)
    }
    let isMinimizing = objectives[0].direction == .minimize
    let value = last.value.isNaN ? .infinity : isMinimizing ? last.value : -last.value
    return (-Double(last.step), value)
  }

  /// The rows of the good trials, ascending.
  var good: [Int] {
    let wanted = goodCount
    var rows: [Int] = []
    if wanted > 0 && wanted < complete.count {
      let sorted = complete.sorted { $0.key < $1.key }
      rows = bestByHypervolume(wanted, of: sorted.map(\.value)).map { sorted[$0].key }
    } else if wanted > 0 {
      rows = Array(complete.keys)
    }
    rows += ranked.prefix(wanted - rows.count).map(\.row)
    return rows.sorted()
  }
}

private struct RankedTrial: Comparable {
  /// 0 complete, 1 pruned, 2 breaking a bound.
  let kind: UInt8
  let first: Double
  var second = 0.0
  let row: Int

  static func < (a: RankedTrial, b: RankedTrial) -> Bool {
    if a.kind != b.kind { return a.kind < b.kind }
    if a.first != b.first { return a.first < b.first }
    if a.second != b.second { return a.second < b.second }
    return a.row < b.row
  }
}
