// From what was observed to what is recorded: one value an objective.

extension MetricAggregate {
  /// The value that `points`, in any order, come to: nil when there are none. Last and mean are
  /// by step, and NaN when what they count is; smallest and largest pass over NaN.
  package func value(of points: [MetricPoint]) -> Double? {
    guard let any = points.first else { return nil }
    switch self {
    case .last:
      return points.dropFirst().reduce(any) { $1.step >= $0.step ? $1 : $0 }.value
    case .minimum: return points.reduce(any.value) { Double.minimum($0, $1.value) }
    case .maximum: return points.reduce(any.value) { Double.maximum($0, $1.value) }
    case .mean(let count):
      let last = points.sorted { $0.step < $1.step }.suffix(max(1, count))
      return last.reduce(0) { $0 + $1.value } / Double(last.count)
    }
  }
}

/// What an attempt that exited with 0 said its objectives are.
package enum ObjectiveValues: Hashable, Sendable {
  /// One an objective, in their order. They may be NaN or infinite.
  case complete([Double])
  /// These objectives were never reported.
  case missing([String])

  /// The value of each objective: the final one that was told last, else the aggregate of its
  /// values over the steps, else (a single objective) the bare number.
  package init(
    of objectives: [Objective], finals: [String: Double], bareNumber: Double? = nil,
    series: (String) -> [MetricPoint]
  ) {
    var values: [Double] = []
    var missing: [String] = []
    for objective in objectives {
      if let value = finals[objective.name]
        ?? objective.aggregate.value(of: series(objective.name))
        ?? (objectives.count == 1 ? bareNumber : nil)
      {
        values.append(value)
      } else {
        missing.append(objective.name)
      }
    }
    self = missing.isEmpty ? .complete(values) : .missing(missing)
  }
}
