// A study as a file for other tools: all its trials, one a row, or all its reports.

public import StudyModel

/// What the columns of exported trials are called.
public enum ExportNames: String, Sendable, CaseIterable {
  /// As in the study's own table: `lr`, `user_note`.
  case cairn
  /// As in Optuna's `trials_dataframe()`: `params_lr`, `user_attrs_note`, `datetime_start`.
  case optuna
}

/// Which trials of a study go into a file, and what of them.
public struct TrialExport: Sendable {
  /// What the columns are called.
  public var names = ExportNames.cairn
  /// An SQL expression over the columns of the study's table; nil: all trials.
  public var filter: String?
  /// Nil: those that the study's table shows, and why trials have failed where some have.
  public var columns: [String]?
  /// Whether every column goes in that there is, those too that the table hides.
  public var isWhole = false
  /// Whether the last value of every metric goes in too.
  public var withLastValues = false

  /// All trials, with the columns that their table shows.
  public init(names: ExportNames = .cairn, filter: String? = nil, columns: [String]? = nil) {
    self.names = names
    self.filter = filter
    self.columns = columns
  }
}

extension HistoryDatabase {
  /// Writes trials of `study`, by number, reading the columns directly: in constant memory, but
  /// for a bit a trial where there is a filter.
  ///
  /// - Returns: how many they are.
  /// - Throws: ``QueryError/unknownStudy(_:)``, ``QueryError/interrupted``, what is wrong with the
  ///   filter or a column's name, or what the sink throws.
  @discardableResult
  public func exportTrials(
    of study: StudyID, format: RowFormat, _ export: TrialExport = TrialExport(),
    to sink: @escaping (String) throws -> Void
  ) throws -> Int {
    var source = try source(of: study)
    if export.isWhole {
      // All that is recorded, and not what lies in a file beside each trial.
      source = StudySource(
        source.state, clock: source.clock, trialsBefore: source.trialsBefore, index: source.index,
        tableName: source.tableName)
    }
    let columns = try columns(of: export, source)
    let chosen = try export.filter.map { try numbers(of: study, where: $0) }
    let results = columns.map {
      ResultColumn(
        $0.column.name, isBoolean: $0.column.kind == .boolean,
        spelling: source.state.spelling(of: $0.field))
    }
    var writer = RowWriter(format, columns: results, to: sink)
    // The number comes last, for the filter.
    let nextPiece = TrialRows.pieces(
      of: [source], columns.map(\.field) + [.number], ScanScope())
    var count = 0
    while let piece = try nextPiece() {
      try checkCancelled()
      for row in 0..<piece.rowCount {
        if let chosen, case .integer(let number) = piece.value(row: row, column: columns.count),
          !chosen.contains(number)
        {
          continue
        }
        count += 1
        try writer.write(columns.indices.map { piece.value(row: row, column: $0) })
      }
    }
    try writer.finish()
    return count
  }

  private func columns(
    of export: TrialExport, _ source: StudySource
  ) throws(QueryError) -> [TrialColumn] {
    if export.names == .optuna { return TrialLayout.optunaColumns(of: source.state) }
    // A file has room for all columns.
    let layout = TrialLayout(of: source.state, limit: .max)
    if let wanted = export.columns {
      var columns: [TrialColumn] = []
      for name in wanted {
        let found = try Self.column(name, of: layout, source)
        columns += layout.columns.filter { $0.column.name.hasSameBytes(as: found) }.prefix(1)
      }
      return columns
    }
    let hasFailed = source.state.count(.failed) > 0
    return layout.columns.filter { column in
      if export.isWhole || !column.column.isHidden { return true }
      return switch column.field {
      case .attemptReason: hasFailed
      case .metric(_, .last): export.withLastValues
      default: false
      }
    }
  }

  private func numbers(of study: StudyID, where filter: String) throws -> Set<Int64> {
    var rows = try trials(of: study, TrialListing(filter: filter, columns: ["number"]))
    var numbers = Set<Int64>()
    while let row = try rows.next() {
      if case .integer(let number) = row[0] { numbers.insert(number) }
    }
    return numbers
  }

  /// Writes every report of `study` that counts, by trial, metric and step.
  ///
  /// - Throws: as ``exportTrials(of:format:_:to:)`` does.
  public func exportMetrics(
    of study: StudyID, format: RowFormat, to sink: @escaping (String) throws -> Void
  ) throws {
    let source = try source(of: study)
    // Without the column of the study, which is the first.
    let table = MetricsTable(sources: [source])
    let columns = table.columns.dropFirst()
    var writer = RowWriter(format, columns: columns.map(\.resultColumn), to: sink)
    let nextPiece = table.pieces(in: ScanScope())
    while let reports = try nextPiece() {
      try checkCancelled()
      for row in 0..<reports.rowCount {
        try writer.write(columns.indices.map { reports.value(row: row, column: $0) })
      }
    }
    try writer.finish()
  }

  func checkCancelled() throws(QueryError) {
    if cancellation.isCancelled { throw .interrupted }
  }
}

extension StudyRecord {
  /// How the numbers of a parameter's choices were typed, where that is not how they are written
  /// anyway; empty for other fields.
  func spelling(of field: TrialField) -> [Double: String] {
    guard case .parameter(let name) = field else { return [:] }
    var spelling: [Double: String] = [:]
    for distribution in distributions(ofParameter: name) {
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
  static func optunaColumns(of study: StudyRecord) -> [TrialColumn] {
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
        TrialColumn("params_" + $0.name, $0.kind, .parameter($0.name))
      })
    add(
      study.attributeKeys(.user).map {
        TrialColumn("user_attrs_" + $0, .any, .attribute(.user, $0))
      })
    add(
      study.attributeKeys(.system).map {
        TrialColumn("system_attrs_" + $0, .any, .attribute(.system, $0))
      })
    columns.append(TrialColumn("state", .text, .optunaState))
    return columns
  }
}
