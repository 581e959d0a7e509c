// What a sampler or an analysis is given: a study's definition and its trials' columns.

/// A study as it stood at one moment. Cheap to copy; reading it takes no lock.
public struct History: Sendable {
  public let objectives: [Objective]
  public let trials: TrialColumns

  public init(_ state: StudyState) {
    objectives = state.study.definition.objectives
    trials = state.trials
  }

  /// The intermediate values of objective `index`.
  public func intermediate(ofObjective index: Int) -> MetricColumn? {
    trials.metric(objectives[index].name)
  }

  /// Rows of complete, feasible trials that no other such trial beats in every objective, in
  /// row order. With one objective: the best, the earliest of equals.
  ///
  /// - Complexity: O(n) for one objective, O(n·f) otherwise, f the size of the front.
  public func bestRows() -> [Int] {
    var front: [(row: Int, values: [Double])] = []
    for row in 0..<trials.count where trials.states[row] == .complete {
      guard trials.isFeasible(row: row) else { continue }
      let values = trials.objectiveValues(ofRow: row)
      guard !values.isEmpty, !values.contains(where: \.isNaN) else { continue }
      let single = values.count == 1
      if front.contains(where: {
        dominates($0.values, values) || (single && $0.values == values)
      }) {
        continue
      }
      front.removeAll { dominates(values, $0.values) }
      front.append((row, values))
    }
    return front.map(\.row)
  }

  /// Whether `a` is nowhere worse than `b` and somewhere better.
  private func dominates(_ a: [Double], _ b: [Double]) -> Bool {
    var better = false
    for (index, objective) in objectives.enumerated() {
      if objective.direction.isBetter(b[index], than: a[index]) { return false }
      if objective.direction.isBetter(a[index], than: b[index]) { better = true }
    }
    return better
  }
}
