// What can be asked of a trial, one value at a time.

internal import PlainText
internal import StudyModel

enum TrialField {
  case study, number, state
  case value(objective: Int)
  /// The value of the only objective; NULL when there are several.
  case singleValue
  /// All objectives, as a JSON object.
  case objectives
  case created, started, ended
  /// The time spent in attempts, in seconds.
  case duration
  /// From the first start to the end, in seconds.
  case elapsed
  case parameter(String)
  case parameters
  case attribute(AttributeScope, String)
  case userAttributes
  case metric(String, SeriesField)
  case attempts, attemptOutcome, attemptReason, lastLine, exitStatus, host, worker
  case sampler, retryOf
  /// What people said of it.
  case note, tags, dropped, rerunOf
  /// Whether it keeps all bounds of the study, and by how much it breaks the one that it breaks
  /// most (zero or less when it keeps all).
  case feasible, violation
  /// Of all attempts together: bytes, seconds, seconds.
  case peakResident, cpuSeconds, wallSeconds
  /// As Optuna names and writes them.
  case optunaState, optunaDuration
}

/// What can be asked of one metric of one trial.
enum SeriesField: String, CaseIterable {
  case steps, first, last, min, max, mean, nans

  /// `allCases`, made once.
  static let all = Array(allCases)

  func value(_ summary: SeriesSummary) -> SQLValue {
    let hasNumbers = summary.count > summary.nanCount
    return switch self {
    case .steps: .integer(Int64(summary.count))
    case .first: .real(summary.first.value)
    case .last: .real(summary.last.value)
    case .min: hasNumbers ? .real(summary.minimum) : .null
    case .max: hasNumbers ? .real(summary.maximum) : .null
    case .mean: SQLValue(summary.mean)
    case .nans: .integer(Int64(summary.nanCount))
    }
  }
}

extension TrialField {
  /// What must be loaded to tell it, beside the column of the parameter, metric or attribute that
  /// it may name.
  var needs: ColumnSet {
    switch self {
    case .study, .number, .state, .optunaState, .parameter, .metric, .attribute, .note, .tags,
      .dropped, .rerunOf:
      ColumnSet()
    case .value, .singleValue, .objectives, .feasible, .violation: ColumnSet(.outcomes)
    case .created, .started, .ended, .elapsed, .optunaDuration: ColumnSet(.times)
    case .sampler, .retryOf: ColumnSet(.origins)
    case .parameters: ColumnSet(parameters: .all)
    case .userAttributes: ColumnSet(userAttributes: .all)
    case .attempts, .attemptOutcome, .attemptReason, .lastLine, .exitStatus, .host, .worker,
      .peakResident, .cpuSeconds, .wallSeconds, .duration:
      ColumnSet(.attempts)
    }
  }
}

extension TrialField {
  /// The column of numbers that it is a value of, as they are kept; nil when it is none, or they
  /// stand for something else.
  func numberColumn(in study: StudyRecord) -> NumberColumn? {
    switch self {
    case .value(let objective): return .objective(objective)
    case .singleValue:
      return study.study.definition.objectives.count == 1 ? .objective(0) : nil
    case .parameter(let name):
      let isNumeric = study.distributions(ofParameter: name).allSatisfy {
        if case .categorical = $0 { false } else { true }
      }
      return isNumeric ? .parameter(name) : nil
    default: return nil
    }
  }
}

extension TrialState {
  /// The name, from a table: making it anew costs more than reading all else of a row.
  var word: String { Self.words[Int(rawValue)] }

  private static let words = (0..<UInt8(allCases.count)).map {
    TrialState(rawValue: $0)?.name ?? ""
  }

  var optunaName: String { self == .failed ? "FAIL" : name.uppercased() }
}
