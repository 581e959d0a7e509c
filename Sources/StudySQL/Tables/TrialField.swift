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
  case created, started, ended, duration
  /// By column; nil: declared in the space, in no trial yet.
  case parameter(Int?)
  case parameters
  case userAttribute(Int)
  case systemAttribute(Int)
  /// Nil: never set.
  case code(Int?)
  case userAttributes
  case metric(Int, SeriesField)
  case attempts, attemptOutcome, attemptReason, exitStatus, host, worker
  case sampler, retryOf, feasible
  /// Of all attempts together: bytes, seconds, seconds.
  case peakResident, cpuSeconds, wallSeconds
  /// As Optuna names and writes them.
  case optunaState, optunaDuration
}

/// What can be asked of one metric of one trial.
enum SeriesField: String, CaseIterable {
  case steps, first, last, min, max, mean, nans

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

extension StudySource {
  /// What `field` says of the trial in `row`.
  func value(_ field: TrialField, row: Int) -> SQLValue {
    switch field {
    case .number: .integer(Int64(state.trials.numbers[row]))
    case .state: .text(state.trials.states[row].word)
    case .value(let objective): SQLValue(state.trials.values[objective][row])
    case .parameter(let column): parameter(column, row: row)
    case .userAttribute(let column): attribute(state.trials.userAttributes[column].json[row])
    case .systemAttribute(let column): attribute(state.trials.systemAttributes[column].json[row])
    case .code(let column):
      column.map { attribute(state.trials.systemAttributes[$0].json[row]) } ?? .null
    case .metric(let metric, let field):
      metrics[metric].column.summary(ofRow: row).map(field.value)
        ?? (field == .steps ? .integer(0) : .null)
    case .study: .text(name)
    case .created: time(state.trials.created[row])
    case .started: time(state.trials.started[row])
    case .ended: time(state.trials.ended[row])
    case .duration, .optunaDuration: duration(field, row: row)
    case .sampler: proposer(row: row)
    case .retryOf: SQLValue(state.trials.retryOf[row])
    case .feasible: .integer(state.trials.isFeasible(row: row) ? 1 : 0)
    case .optunaState: .text(state.trials.states[row].optunaName)
    case .singleValue, .objectives, .parameters, .userAttributes: summary(field, row: row)
    case .attempts, .attemptOutcome, .attemptReason, .exitStatus, .host, .worker:
      attempt(field, row: row)
    case .peakResident: usage(row)?.measuredPeakBytes.map { .integer($0) } ?? .null
    case .cpuSeconds: SQLValue(usage(row)?.cpuSeconds)
    case .wallSeconds: SQLValue(usage(row)?.wallSeconds)
    }
  }

  private func parameter(_ column: Int?, row: Int) -> SQLValue {
    column.map { parameters[$0].value(row) } ?? .null
  }

  private func attribute(_ json: String?) -> SQLValue {
    json.map(JSONText.scalar) ?? .null
  }

  private func proposer(row: Int) -> SQLValue {
    let name = state.trials.proposers[row]
    return name.isEmpty ? .null : .text(name)
  }

  private func duration(_ field: TrialField, row: Int) -> SQLValue {
    guard let start = state.trials.started[row], let end = state.trials.ended[row] else {
      return .null
    }
    if case .optunaDuration = field {
      return .text(durationText(microseconds: end.rawValue &- start.rawValue))
    }
    return .real(end.seconds(since: start))
  }

  private func attempt(_ field: TrialField, row: Int) -> SQLValue {
    guard let attempt = lastAttempt(row) else {
      if case .attempts = field { return .integer(0) }
      return .null
    }
    return switch field {
    case .attempts: .integer(Int64(attempt.index))
    case .attemptOutcome: attempt.end.map { .text($0.outcome.name) } ?? .null
    case .attemptReason:
      attempt.end.flatMap { $0.reason.isEmpty ? nil : .text($0.reason) } ?? .null
    case .exitStatus: SQLValue(attempt.end?.exitStatus.map { Int($0) })
    case .host: .text(attempt.host)
    default: .text(attempt.worker)
    }
  }

  private func summary(_ field: TrialField, row: Int) -> SQLValue {
    let trials = state.trials
    switch field {
    case .singleValue: return trials.values.count == 1 ? SQLValue(trials.values[0][row]) : .null
    case .objectives:
      guard trials.values.contains(where: { $0[row] != nil }) else { return .null }
      let pairs = zip(state.study.definition.objectives, trials.values).map {
        "\($0.name.jsonQuoted): \($1[row].map(\.jsonToken) ?? "null")"
      }
      return .text("{" + pairs.joined(separator: ", ") + "}")
    case .parameters: return .text(trials.assignment(ofRow: row).json)
    default:
      let pairs = trials.userAttributes.compactMap { column in
        column.json[row].map { "\(column.key.jsonQuoted): \($0)" }
      }
      return .text("{" + pairs.joined(separator: ", ") + "}")
    }
  }
}

extension TrialState {
  /// The name, from a table: making it anew costs more than reading all else of a row.
  var word: String { Self.words[Int(rawValue)] }

  private static let words = (0..<UInt8(allCases.count)).map {
    TrialState(rawValue: $0)?.name ?? ""
  }

  fileprivate var optunaName: String { self == .failed ? "FAIL" : name.uppercased() }
}
