// What a trial's result comes to: its values, and how they stand to the study's bounds.

public import PlainText

/// Why a trial cannot end with what it was told.
public enum ResultError: ExplainedError, Hashable {
  case wrongValueCount(study: String, expected: [String], given: Int)
  case notANumber(study: String, number: Int)
  /// A complete trial was told without values, and these objectives were never reported.
  case neverReported(study: String, number: Int, objectives: [String])

  public var explanation: Explanation {
    switch self {
    case .wrongValueCount(let study, let expected, let given):
      Explanation(
        "\(study) has \(Measures.count(expected.count, "objective")) "
          + "(\(expected.joined(separator: ", "))), and \(Measures.count(given, "value")) came")
    case .notANumber(let study, let number):
      Explanation(
        "trial \(number) of \(study) cannot be complete with NaN as a value",
        try: ["state failed"])
    case .neverReported(let study, let number, let objectives):
      Explanation(
        "trial \(number) of \(study) has no value: it never reported "
          + objectives.map(\.jsonQuoted).joined(separator: ", "))
    }
  }
}

extension StudyRecord {
  /// A result with its values checked and what follows from the trial's reports: a complete
  /// trial's values and a pruned one's where none were told, and how it stands to the bounds.
  ///
  /// - Throws: ``ResultError``.
  package func completed(_ told: TrialResult, ofRow row: Int) throws -> TrialResult {
    let objectives = study.definition.objectives
    var result = told
    if result.values.isEmpty, result.state == .complete {
      result.values = try reportedValues(ofRow: row)
    }
    if result.values.isEmpty, result.state == .pruned, objectives.count == 1,
      let last = try summary(of: objectives[0].name, row: row)?.last.value, !last.isNaN
    {
      result.values = [last]
    }
    if result.state == .complete || !result.values.isEmpty {
      guard result.values.count == objectives.count else {
        throw ResultError.wrongValueCount(
          study: study.name, expected: objectives.map(\.name), given: result.values.count)
      }
      guard !result.values.contains(where: \.isNaN) else {
        throw ResultError.notANumber(study: study.name, number: number(ofRow: row))
      }
    }
    result.violations = try violations(of: result.values, row: row)
    return result
  }

  /// What the trial's reports come to, one value an objective.
  private func reportedValues(ofRow row: Int) throws -> [Double] {
    let values = try ObjectiveValues(of: study.definition.objectives, finals: [:]) {
      try series(of: $0, row: row)
    }
    switch values {
    case .complete(let values): return values
    case .missing(let names):
      throw ResultError.neverReported(
        study: study.name, number: number(ofRow: row), objectives: names)
    }
  }

  private func violations(of values: [Double], row: Int) throws -> [Double] {
    try study.definition.bounds.violations(of: values, study.definition.objectives) {
      try summary(of: $0, row: row)?.last.value
    }
  }
}

extension [MetricBound] {
  /// By how much a trial breaks each bound. A bounded metric that was never reported cannot
  /// be called kept: it counts as broken without limit.
  ///
  /// - Parameters:
  ///   - values: of `objectives`.
  ///   - last: the value of a metric's last step.
  package func violations(
    of values: [Double], _ objectives: [Objective], last: (String) throws -> Double?
  ) rethrows -> [Double] {
    try map { bound in
      if let index = objectives.firstIndex(where: { $0.name == bound.metric }),
        values.indices.contains(index)
      {
        return bound.violation(of: values[index])
      }
      guard let last = try last(bound.metric), !last.isNaN else { return .infinity }
      return bound.violation(of: last)
    }
  }
}
