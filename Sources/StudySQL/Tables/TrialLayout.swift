// Which columns a study's own table has, and what they are called.
//
// `number`, `state`, `value` (`value_1`, … of several objectives), the times, and what people said
// of trials (`note`, `tags`, `dropped`, `rerun_of`) keep their names. A parameter has its own
// name, or `param_NAME` when that is one of these; several objectives have theirs where no
// parameter is called so; a user attribute is `user_KEY`. All others give way:
// a name that is taken gets a prefix, and names that differ only in case, which SQLite takes for
// one, get `_2`, `_3`, …
//
// SQLite has room for 2000 columns. What every trial has comes first, then what is visible, then
// the metrics' summaries; the rest is told to whoever asks for it.

internal import StudyModel

/// A column of a table of trials, and where its values come from.
struct TrialColumn {
  let column: TableColumn
  let field: TrialField

  init(
    _ name: String, _ kind: TableColumn.Kind, _ field: TrialField, hidden: Bool = false,
    original: String? = nil
  ) {
    column = TableColumn(name, kind, hidden: hidden, original: original)
    self.field = field
  }
}

/// The columns of one study's own table.
struct TrialLayout {
  /// Those of SQLite's table, in order.
  let columns: [TrialColumn]
  /// Those for which it has no room.
  let omitted: [TrialColumn]

  /// What every trial has, hidden in its study's table.
  static let particulars: [TrialColumn] = [
    TrialColumn("created", .time, .created, hidden: true),
    TrialColumn("sampler", .word, .sampler, hidden: true),
    TrialColumn("retry_of", .integer, .retryOf, hidden: true),
    feasible,
    TrialColumn("violation", .real, .violation, hidden: true),
    TrialColumn("attempts", .integer, .attempts, hidden: true),
    TrialColumn("attempt_outcome", .word, .attemptOutcome, hidden: true),
    TrialColumn("attempt_reason", .text, .attemptReason, hidden: true),
    TrialColumn("last_line", .text, .lastLine, hidden: true),
    TrialColumn("exit_status", .integer, .exitStatus, hidden: true),
    TrialColumn("host", .text, .host, hidden: true),
    TrialColumn("worker", .text, .worker, hidden: true),
    TrialColumn("elapsed_s", .real, .elapsed, hidden: true),
    TrialColumn("wall_s", .real, .wallSeconds, hidden: true),
    TrialColumn("cpu_s", .real, .cpuSeconds, hidden: true),
    TrialColumn("peak_rss", .integer, .peakResident, hidden: true),
  ]

  /// What people said of trials: shown in a study's table where it was said of any.
  static let marks: [TrialColumn] = [
    TrialColumn("note", .text, .note, hidden: true),
    TrialColumn("tags", .text, .tags, hidden: true),
    TrialColumn("dropped", .text, .dropped, hidden: true),
    TrialColumn("rerun_of", .integer, .rerunOf, hidden: true),
  ]

  static let feasible = TrialColumn("feasible", .boolean, .feasible, hidden: true)

  static let times: [TrialColumn] = [
    TrialColumn("started", .time, .started),
    TrialColumn("ended", .time, .ended),
    TrialColumn("duration_s", .real, .duration),
  ]

  /// Where a column stands in the table.
  private enum Place: Int {
    case first, values, feasibility, times, parameters, attributes, marks, hidden
  }

  /// Which columns go when there are too many, the last first.
  private enum Rank: Int {
    case everyTrial, parameters, attributes, lastValues, smallest, largest, steps, systemAttributes
  }

  private struct Entry {
    let column: TrialColumn
    let place: Place
    let rank: Rank
    let index: Int
  }

  /// The layout of `study`'s own table, with at most `limit` columns.
  init(of study: StudyRecord, limit: Int = Connection.columnLimit) {
    var namer = Namer()
    namer.addFirst(study.study.definition.objectives.count)
    let parameters = Self.parameters(of: study)
    for parameter in parameters { namer.add(parameter) }
    namer.addObjectives(study.study.definition.objectives)
    for key in study.attributeKeys(.user) { namer.add(userAttribute: key) }
    for metric in study.metricNames {
      let isObjective = study.study.definition.objectives.contains { $0.name == metric }
      namer.add(metric: metric, isObjective: isObjective)
    }
    namer.addParticulars(hasBounds: !study.study.definition.bounds.isEmpty)
    namer.addMarks(shown: Self.marks(of: study))
    namer.add("code", or: "trial_", .text, .attribute(.system, "code"), .everyTrial)
    for key in study.attributeKeys(.system) {
      namer.add(
        "system_" + key, or: "attribute_", .any, .attribute(.system, key), .systemAttributes)
    }
    let entries = namer.entries
    let ranked = entries.sorted { ($0.rank.rawValue, $0.index) < ($1.rank.rawValue, $1.index) }
    func inOrder(_ part: some Sequence<Entry>) -> [TrialColumn] {
      part.sorted { ($0.place.rawValue, $0.index) < ($1.place.rawValue, $1.index) }.map(\.column)
    }
    columns = inOrder(ranked.prefix(limit))
    omitted = inOrder(ranked.dropFirst(limit))
  }

  /// Gives every column its name; earlier ones have the choice.
  private struct Namer {
    var entries: [Entry] = []
    private var names = UniqueNames()

    private mutating func append(_ column: TrialColumn, _ place: Place, _ rank: Rank) {
      entries.append(Entry(column: column, place: place, rank: rank, index: entries.count))
    }

    /// What keeps its name whatever else there is.
    mutating func addFirst(_ objectiveCount: Int) {
      append(TrialColumn(names.reserve("number"), .integer, .number), .first, .everyTrial)
      append(TrialColumn(names.reserve("state"), .word, .state), .first, .everyTrial)
      if objectiveCount == 1 {
        let value = TrialColumn(names.reserve("value"), .real, .value(objective: 0))
        append(value, .values, .everyTrial)
      }
      for mark in TrialLayout.marks { _ = names.reserve(mark.column.name) }
      for time in TrialLayout.times {
        _ = names.reserve(time.column.name)
        append(time, .times, .everyTrial)
      }
      if objectiveCount > 1 {
        for index in 1...objectiveCount { _ = names.reserve("value_\(index)") }
      }
    }

    mutating func add(_ parameter: TrialLayout.Parameter) {
      let name = names.take(parameter.name, or: "param_")
      append(
        TrialColumn(
          name, parameter.kind, .parameter(parameter.name), original: parameter.name),
        .parameters, .parameters)
    }

    /// A single objective is `value`, and hidden under its name; several are shown under their
    /// names, and hidden as `value_1`, …, or the other way round where the name is taken.
    mutating func addObjectives(_ objectives: [Objective]) {
      for (index, objective) in objectives.enumerated() {
        let field = TrialField.value(objective: index)
        let isFree = names.isFree(objective.name)
        if objectives.count > 1 {
          append(
            TrialColumn("value_\(index + 1)", .real, field, hidden: isFree),
            isFree ? .hidden : .values, .everyTrial)
        }
        guard isFree else { continue }
        let name = names.take(objective.name, or: "")
        append(
          TrialColumn(name, .real, field, hidden: objectives.count == 1),
          objectives.count == 1 ? .hidden : .values, .everyTrial)
      }
    }

    mutating func add(userAttribute key: String) {
      let name = names.take("user_" + key, or: "attribute_")
      append(
        TrialColumn(name, .any, .attribute(.user, key), original: "user_" + key), .attributes,
        .attributes)
    }

    mutating func add(metric: String, isObjective: Bool) {
      let summaries: [(SeriesField, Rank)] = [
        (.last, .lastValues), (.min, .smallest), (.max, .largest), (.steps, .steps),
      ]
      for (field, rank) in summaries {
        add(
          metric + "_" + field.rawValue, or: "metric_", field == .steps ? .integer : .real,
          .metric(metric, field), isObjective ? .everyTrial : rank)
      }
    }

    mutating func addParticulars(hasBounds: Bool) {
      for particular in TrialLayout.particulars {
        let column = particular.column
        if hasBounds, column.name == TrialLayout.feasible.column.name {
          let name = names.yield(column.name, or: "trial_")
          append(
            TrialColumn(name, column.kind, particular.field), .feasibility, .everyTrial)
        } else {
          add(column.name, or: "trial_", column.kind, particular.field, .everyTrial)
        }
      }
    }

    mutating func addMarks(shown: Set<String>) {
      for mark in TrialLayout.marks {
        let (name, kind) = (mark.column.name, mark.column.kind)
        let isShown = shown.contains(name)
        append(
          TrialColumn(name, kind, mark.field, hidden: !isShown), isShown ? .marks : .hidden,
          .everyTrial)
      }
    }

    /// A hidden column.
    mutating func add(
      _ name: String, or prefix: String, _ kind: TableColumn.Kind, _ field: TrialField,
      _ rank: Rank
    ) {
      append(
        TrialColumn(
          names.yield(name, or: prefix), kind, field, hidden: true, original: name),
        .hidden, rank)
    }
  }

  /// The names of those marks that any trial of `study` has.
  private static func marks(of study: StudyRecord) -> Set<String> {
    var names = Set<String>()
    let possible = study.setAsideCount > 0 ? 4 : 2
    for (_, marks) in study.markedRows {
      if marks.note != nil { names.insert("note") }
      if !marks.tags.isEmpty { names.insert("tags") }
      if marks.dropped != nil { names.insert("dropped") }
      if marks.rerunOf != nil { names.insert("rerun_of") }
      if names.count == possible { break }
    }
    return names
  }

  /// A parameter of the space, or one that only trials have.
  struct Parameter {
    let name: String
    let kind: TableColumn.Kind
  }

  /// The parameters of the space in their order, then those that only trials have.
  static func parameters(of study: StudyRecord) -> [Parameter] {
    var result: [Parameter] = []
    var placed = Set<String>()
    for parameter in study.study.definition.space.parameters {
      let recorded = study.distributions(ofParameter: parameter.name)
      placed.insert(parameter.name)
      result.append(
        Parameter(name: parameter.name, kind: kind(of: recorded + [parameter.distribution])))
    }
    for name in study.parameterNames where !placed.contains(name) {
      result.append(
        Parameter(name: name, kind: kind(of: study.distributions(ofParameter: name))))
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
