// A study as a file for other tools: all its trials, one a row, or all its reports.

public import StudyModel

/// What the columns of exported trials are called.
public enum ExportNames: String, Sendable, CaseIterable {
  /// As in the study's own table: `lr`, `user_note`.
  case cairn
  /// As in Optuna's `trials_dataframe()`: `params_lr`, `user_attrs_note`, `datetime_start`.
  case optuna
}

extension HistoryDatabase {
  /// Writes all trials of `study`, by number, reading the columns directly.
  ///
  /// - Throws: ``QueryError/unknownStudy(_:)``, ``QueryError/interrupted``, or what the sink
  ///   throws.
  public func exportTrials(
    of study: StudyID, format: RowFormat, names: ExportNames = .cairn,
    to sink: @escaping (String) throws -> Void
  ) throws {
    let source = try source(of: study)
    let columns =
      switch names {
      case .cairn: TrialLayout.columns(of: source.state).filter { !$0.column.isHidden }
      case .optuna: TrialLayout.optunaColumns(of: source.state)
      }
    let results = columns.map {
      ResultColumn(
        $0.column.name, isBoolean: $0.column.kind == .boolean,
        spelling: source.state.spelling(of: $0.field))
    }
    var writer = RowWriter(format, columns: results, to: sink)
    for row in 0..<source.state.trials.count {
      if row & 0xFFF == 0 { try checkCancelled() }
      try writer.write(columns.map { source.value($0.field, row: row) })
    }
    try writer.finish()
  }

  /// Writes every report of `study` that counts, by trial, metric and step.
  ///
  /// - Throws: as ``exportTrials(of:format:names:to:)`` does.
  public func exportMetrics(
    of study: StudyID, format: RowFormat, to sink: @escaping (String) throws -> Void
  ) throws {
    let source = try source(of: study)
    // Without the column of the study, which is the first.
    let columns = MetricsTable(sources: [source]).columns.dropFirst()
    var writer = RowWriter(format, columns: columns.map(\.resultColumn), to: sink)
    for trialRow in 0..<source.state.trials.count {
      if trialRow & 0xFFF == 0 { try checkCancelled() }
      let reports = MetricRows(source, row: trialRow)
      for row in 0..<reports.rowCount {
        try writer.write(columns.indices.map { reports.value(row: row, column: $0) })
      }
    }
    try writer.finish()
  }

  private func checkCancelled() throws(QueryError) {
    if cancellation.isCancelled { throw .interrupted }
  }
}

extension StudyState {
  /// How the numbers of a parameter's choices were typed, where that is not how they are written
  /// anyway; empty for other fields.
  func spelling(of field: TrialField) -> [Double: String] {
    guard case .parameter(let column?) = field else { return [:] }
    var spelling: [Double: String] = [:]
    for distribution in trials.parameters[column].distributions {
      guard case .categorical(let choices) = distribution, let texts = choices.typedTexts else {
        continue
      }
      for (value, text) in zip(choices, texts) {
        if let number = value.number { spelling[number] = text }
      }
    }
    return spelling
  }
}

extension TableColumn {
  var resultColumn: ResultColumn { ResultColumn(name, isBoolean: kind == .boolean) }
}

extension TrialLayout {
  /// The columns of Optuna's `trials_dataframe()`, in its order: groups as listed there, names
  /// within a group sorted.
  static func optunaColumns(of study: StudyState) -> [TrialColumn] {
    let objectives = study.study.definition.objectives
    var columns = [TrialColumn("number", .integer, .number)]
    for index in objectives.indices {
      columns.append(
        TrialColumn(
          objectives.count == 1 ? "value" : "values_\(index)", .real, .value(objective: index)))
    }
    columns += [
      TrialColumn("datetime_start", .text, .started),
      TrialColumn("datetime_complete", .text, .ended),
      TrialColumn("duration", .text, .optunaDuration),
    ]
    func add(_ group: [TrialColumn]) {
      columns += group.sorted { $0.column.name < $1.column.name }
    }
    add(
      parameters(of: study).map {
        TrialColumn("params_" + $0.name, $0.kind, .parameter($0.column))
      })
    add(
      study.trials.userAttributes.enumerated().map {
        TrialColumn("user_attrs_" + $1.key, .any, .userAttribute($0))
      })
    add(
      study.trials.systemAttributes.enumerated().map {
        TrialColumn("system_attrs_" + $1.key, .any, .systemAttribute($0))
      })
    columns.append(TrialColumn("state", .text, .optunaState))
    return columns
  }
}
