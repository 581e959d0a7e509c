// The rows of tables that have one a trial.

internal import PlainText
internal import StudyModel

/// Some trials of a study, loaded for some fields.
final class TrialRows: TablePiece {
  let source: StudySource
  private let trials: LoadedColumns
  private let cells: [Cell]

  /// A field, with the column that it is read from where that is one of many.
  private enum Cell {
    case parameter(ParameterReader)
    case attribute(AttributeColumn)
    case metric(MetricColumn, SeriesField)
    case other(TrialField)
    /// Of no trial at all, or not asked for.
    case nothing
  }

  /// - Parameter fields: nil where nothing is asked for.
  init(_ block: LoadedBlock, fields: [TrialField?]) {
    source = block.source
    let trials = block.trials
    self.trials = trials
    cells = fields.map { field in
      switch field {
      case nil: .nothing
      case .parameter(let name):
        trials.parameter(name).flatMap { block.parameters[$0.number] }.map { .parameter($0) }
          ?? .nothing
      case .attribute(let scope, let key):
        trials.attribute(scope, key).map { .attribute($0) } ?? .nothing
      case .metric(let name, let field):
        trials.metric(name).map { .metric($0, field) } ?? .nothing
      case let field?: .other(field)
      }
    }
  }

  /// The trials in `scope` that `sources` have, with `fields` as columns.
  static func pieces(
    of sources: [StudySource], _ fields: [TrialField], _ scope: ScanScope
  ) -> PieceSource {
    let used = fields.enumerated().map { scope.uses($0) ? $1 : nil }
    let nextBlock = scope.blocks(sources, needs(of: used))
    return { try nextBlock().map { TrialRows($0, fields: used) } }
  }

  private static func needs(of fields: [TrialField?]) -> ColumnSet {
    var needs = ColumnSet()
    // Put together at once: a table may have thousands of them.
    var parameters: [String] = []
    var metrics: [String] = []
    var attributes: [AttributeScope: [String]] = [:]
    for field in fields {
      switch field {
      case nil: continue
      case .parameter(let name): parameters.append(name)
      case .metric(let name, _): metrics.append(name)
      case .attribute(let scope, let key): attributes[scope, default: []].append(key)
      case let field?: needs.formUnion(field.needs)
      }
    }
    needs.formUnion(
      ColumnSet(
        parameters: .only(parameters), metrics: .only(metrics),
        userAttributes: .only(attributes[.user] ?? []),
        systemAttributes: .only(attributes[.system] ?? [])))
    return needs
  }

  var rowCount: Int { trials.rows.count }
  var firstRowID: Int64 { Int64(source.trialsBefore + trials.rows.lowerBound) }

  func value(row: Int, column: Int) -> SQLValue {
    let row = trials.rows.lowerBound + row
    return switch cells[column] {
    case .parameter(let reader): reader.value(row)
    case .attribute(let column): column.json[row].map(JSONText.scalar) ?? .null
    case .metric(let column, let field):
      column.summary(ofRow: row).map(field.value) ?? (field == .steps ? .integer(0) : .null)
    case .other(let field): value(field, row)
    case .nothing: .null
    }
  }

  private func value(_ field: TrialField, _ row: Int) -> SQLValue {
    switch field {
    case .number: .integer(Int64(trials.numbers[row]))
    case .state: .text(trials.states[row].word)
    case .value(let objective): SQLValue(trials.values[objective][row])
    case .study: .text(source.name)
    case .created: source.time(trials.created[row])
    case .started: source.time(trials.started[row])
    case .ended: source.time(trials.ended[row])
    case .duration: SQLValue(trials.attempts(ofRow: row).secondsSpent)
    case .elapsed, .optunaDuration: elapsed(field, row)
    case .sampler: trials.proposers[row].isEmpty ? .null : .text(trials.proposers[row])
    case .retryOf: SQLValue(trials.retryOf[row])
    case .feasible: feasible(row)
    case .violation: SQLValue(worstViolation(row))
    case .optunaState: .text(trials.states[row].optunaName)
    case .singleValue: trials.values.count == 1 ? SQLValue(trials.values[0][row]) : .null
    case .objectives: objectives(row)
    case .parameters:
      .text(
        "{"
          + trials.assignment(ofRow: row).entries
          .map { "\($0.name.jsonQuoted): \($0.value.strictJSON)" }.joined(separator: ", ") + "}")
    case .userAttributes:
      .text(
        "{"
          + trials.attributes(.user, ofRow: row)
          .map { "\($0.key.jsonQuoted): \(JSONText.strict($0.json))" }.joined(separator: ", ") + "}"
      )
    case .attempts: .integer(Int64(trials.lastAttempt(ofRow: row)?.index ?? 0))
    case .attemptOutcome, .attemptReason, .exitStatus, .host, .worker: attempt(field, row)
    case .peakResident: usage(row)?.measuredPeakBytes.map { .integer($0) } ?? .null
    case .cpuSeconds: SQLValue(usage(row)?.measuredCPUSeconds)
    case .wallSeconds: SQLValue(usage(row)?.wallSeconds)
    case .parameter, .attribute, .metric: .null
    }
  }

  /// By how much the trial breaks a bound at most; nil while that is not known.
  private func worstViolation(_ row: Int) -> Double? {
    let known = trials.violations.map { $0[row] }
    // A NaN keeps nothing.
    let worst = known.compactMap { $0 }.map { $0.isNaN ? .infinity : $0 }.max()
    if let worst, worst > 0 { return worst }
    return known.contains(nil) ? nil : worst
  }

  /// Without bounds there is nothing to break; with bounds, what is not known is NULL.
  private func feasible(_ row: Int) -> SQLValue {
    if trials.violations.isEmpty { return .integer(1) }
    return worstViolation(row).map { .integer($0 <= 0 ? 1 : 0) } ?? .null
  }

  private func elapsed(_ field: TrialField, _ row: Int) -> SQLValue {
    guard let start = trials.started[row], let end = trials.ended[row] else { return .null }
    if case .optunaDuration = field {
      return .text(durationText(microseconds: end.rawValue &- start.rawValue))
    }
    return .real(end.seconds(since: start))
  }

  private func attempt(_ field: TrialField, _ row: Int) -> SQLValue {
    guard let attempt = trials.lastAttempt(ofRow: row) else { return .null }
    return switch field {
    case .attemptOutcome: attempt.end.map { .text($0.outcome.name) } ?? .null
    case .attemptReason:
      attempt.end.flatMap { $0.reason.isEmpty ? nil : .text($0.reason) } ?? .null
    case .exitStatus: SQLValue(attempt.end?.exitStatus.map { Int($0) })
    case .host: .text(attempt.host)
    default: .text(attempt.worker)
    }
  }

  /// What all attempts of the trial in `row` cost together; nil when it is not known.
  private func usage(_ row: Int) -> ResourceUsage? {
    let parts = trials.attempts(ofRow: row).compactMap { $0.end?.usage }
    guard var sum = parts.first else { return nil }
    for part in parts.dropFirst() {
      sum.wallSeconds += part.wallSeconds
      sum.cpuSeconds += part.cpuSeconds
      sum.peakResidentBytes = max(sum.peakResidentBytes, part.peakResidentBytes)
    }
    return sum
  }

  private func objectives(_ row: Int) -> SQLValue {
    guard trials.values.contains(where: { $0[row] != nil }) else { return .null }
    let pairs = zip(source.state.study.definition.objectives, trials.values).map {
      "\($0.name.jsonQuoted): \($1[row].map(\.strictJSON) ?? "null")"
    }
    return .text("{" + pairs.joined(separator: ", ") + "}")
  }
}
