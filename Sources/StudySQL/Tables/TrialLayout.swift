// Which columns a study's own table has, and what they are called.
//
// `number`, `state`, the value(s) and the times come first and keep their names. A parameter
// has its own name, or `param_NAME` when that is taken; a user attribute is `user_KEY`. Behind
// these, hidden columns give way to all others: a name that is taken gets a prefix, and names
// that differ only in case, which SQLite takes for one, get `_2`, `_3`, …

internal import StudyModel

/// A column of a table of trials, and where its values come from.
struct TrialColumn {
  let column: TableColumn
  let field: TrialField

  init(_ name: String, _ kind: TableColumn.Kind, _ field: TrialField, hidden: Bool = false) {
    column = TableColumn(name, kind, hidden: hidden)
    self.field = field
  }
}

enum TrialLayout {
  /// What every trial has, hidden in its study's table.
  static let particulars: [TrialColumn] = [
    TrialColumn("created", .text, .created, hidden: true),
    TrialColumn("sampler", .word, .sampler, hidden: true),
    TrialColumn("retry_of", .integer, .retryOf, hidden: true),
    TrialColumn("feasible", .boolean, .feasible, hidden: true),
    TrialColumn("attempts", .integer, .attempts, hidden: true),
    TrialColumn("attempt_outcome", .word, .attemptOutcome, hidden: true),
    TrialColumn("attempt_reason", .text, .attemptReason, hidden: true),
    TrialColumn("exit_status", .integer, .exitStatus, hidden: true),
    TrialColumn("host", .text, .host, hidden: true),
    TrialColumn("worker", .text, .worker, hidden: true),
    TrialColumn("wall_s", .real, .wallSeconds, hidden: true),
    TrialColumn("cpu_s", .real, .cpuSeconds, hidden: true),
    TrialColumn("peak_rss", .integer, .peakResident, hidden: true),
  ]

  static let times: [TrialColumn] = [
    TrialColumn("started", .text, .started),
    TrialColumn("ended", .text, .ended),
    TrialColumn("duration_s", .real, .duration),
  ]

  /// The columns of `study`'s own table.
  static func columns(of study: StudyState) -> [TrialColumn] {
    let trials = study.trials
    var names = UniqueNames()
    var columns: [TrialColumn] = []
    func fix(_ name: String, _ kind: TableColumn.Kind, _ field: TrialField) {
      columns.append(TrialColumn(names.reserve(name), kind, field))
    }
    func add(_ name: String, or prefix: String, _ kind: TableColumn.Kind, _ field: TrialField) {
      columns.append(TrialColumn(names.take(name, or: prefix), kind, field))
    }
    func hide(_ name: String, or prefix: String, _ kind: TableColumn.Kind, _ field: TrialField) {
      columns.append(TrialColumn(names.yield(name, or: prefix), kind, field, hidden: true))
    }

    fix("number", .integer, .number)
    fix("state", .word, .state)
    let objectives = study.study.definition.objectives
    for index in objectives.indices {
      let name = objectives.count == 1 ? "value" : "value_\(index + 1)"
      fix(name, .real, .value(objective: index))
    }
    for time in times { fix(time.column.name, time.column.kind, time.field) }
    for parameter in parameters(of: study) {
      add(parameter.name, or: "param_", parameter.kind, .parameter(parameter.column))
    }
    for (index, attribute) in trials.userAttributes.enumerated() {
      add("user_" + attribute.key, or: "attribute_", .any, .userAttribute(index))
    }

    for (index, objective) in objectives.enumerated() where names.isFree(objective.name) {
      hide(objective.name, or: "", .real, .value(objective: index))
    }
    for (index, metric) in trials.metrics.enumerated() {
      for field in [SeriesField.last, .min, .max, .steps] {
        hide(
          metric.name + "_" + field.rawValue, or: "metric_", field == .steps ? .integer : .real,
          .metric(index, field))
      }
    }
    for particular in particulars {
      hide(particular.column.name, or: "trial_", particular.column.kind, particular.field)
    }
    let code = trials.systemAttributes.firstIndex { $0.key == "code" }
    hide("code", or: "trial_", .text, .code(code))
    for (index, attribute) in trials.systemAttributes.enumerated() {
      hide("system_" + attribute.key, or: "attribute_", .any, .systemAttribute(index))
    }
    // The rest of a study with thousands of metrics is in `series` and `attrs`.
    return Array(columns.prefix(Connection.columnLimit))
  }

  /// The parameters of the space in their order, then those that only trials have.
  static func parameters(
    of study: StudyState
  ) -> [(name: String, kind: TableColumn.Kind, column: Int?)] {
    let recorded = study.trials.parameters
    let declared = study.study.definition.space.parameters
    var result: [(name: String, kind: TableColumn.Kind, column: Int?)] = []
    var placed = Set<String>()
    for parameter in declared {
      let column = recorded.firstIndex { $0.name == parameter.name }
      let distributions =
        (column.map { recorded[$0].distributions } ?? []) + [parameter.distribution]
      placed.insert(parameter.name)
      result.append((parameter.name, kind(of: distributions), column))
    }
    for (index, column) in recorded.enumerated() where !placed.contains(column.name) {
      result.append((column.name, kind(of: column.distributions), index))
    }
    return result
  }

  /// The type that holds all values of `distributions`.
  static func kind(of distributions: [Distribution]) -> TableColumn.Kind {
    let kinds = distributions.map { distribution -> TableColumn.Kind in
      switch distribution {
      case .float: return .real
      case .integer: return .integer
      case .categorical(let choices): return kind(of: choices.values)
      }
    }
    guard let first = kinds.first, kinds.allSatisfy({ $0 == first }) else { return .any }
    return first
  }

  private static func kind(of choices: [ParameterValue]) -> TableColumn.Kind {
    let kinds = choices.compactMap { choice -> TableColumn.Kind? in
      switch choice {
      case .null: return nil
      case .bool: return .boolean
      case .integer: return .integer
      case .float: return .real
      case .string, .structure: return .text
      }
    }
    guard let first = kinds.first, kinds.allSatisfy({ $0 == first }) else { return .any }
    return first
  }
}
