// Columns of a study's trials, as they were asked for: one value a row, by the study's rows.

/// Some columns of some trials, loaded.
///
/// Every subscript and function that takes a row wants one of ``rows``, and a column that was in
/// the ``ColumnSet`` asked for; anything else is a mistake of the caller and ends the process.
public struct LoadedColumns: Sendable {
  /// Numbers of the trials in their study, ascending with the rows.
  public let numbers: Column<Int>
  /// What each trial is: waiting, running, or how it ended.
  public let states: Column<TrialState>

  // Of `times`.
  /// When each trial was made.
  public let created: Column<Timestamp>
  /// When the first attempt began.
  public let started: OptionalColumn<Timestamp>
  /// When each trial ended; nil while it has not.
  public let ended: OptionalColumn<Timestamp>

  // Of `outcomes`.
  /// One column an objective.
  public let values: [OptionalColumn<Double>]
  /// One column a bound of the study: by how much it is broken (positive) or kept.
  public let violations: [OptionalColumn<Double>]

  // Of `origins`.
  /// Identities, unique in the store.
  public let ids: Column<TrialID>
  /// Empty for trials that were enqueued or came from elsewhere.
  public let proposers: Column<String>
  /// The number of the trial that each runs again.
  public let retryOf: OptionalColumn<Int>

  /// Those asked for that trials have, in the order in which the study first saw them.
  public let parameters: [ParameterColumn]
  /// Summaries of the series, a column a metric.
  public let metrics: [MetricColumn]
  /// What people noted, a column a key.
  public let userAttributes: [AttributeColumn]
  /// What programs noted, a column a key.
  public let systemAttributes: [AttributeColumn]

  let pieces: LoadedPieces
  private let schema: StudySchema
  private let columns: ColumnSet

  /// The rows of the trials that were asked for.
  public var rows: Range<Int> { pieces.rows }

  init(_ columns: ColumnSet, pieces: LoadedPieces, of record: StudyRecord) {
    self.pieces = pieces
    self.columns = columns
    let schema = record.schema
    self.schema = schema
    let definition = record.study.definition
    let has = columns.fields
    let never = Timestamp(rawValue: 0)

    numbers = pieces.column(\.numbers, filler: 0, \.number)
    states = pieces.column(\.states, filler: .waiting, \.state)
    created = pieces.column(if: has.contains(.times), \.created, filler: never, \.created)
    started = pieces.optional(if: has.contains(.times), \.started, filler: never, \.started)
    ended = pieces.optional(if: has.contains(.times), \.ended, filler: never, \.ended)
    ids = pieces.column(
      if: has.contains(.origins), \.ids, filler: TrialID(rawValue: 0), \.id)
    proposers = pieces.column(if: has.contains(.origins), \.proposers, filler: "", \.proposer)
    retryOf =
      pieces.table(\.retryOf, has.contains(.origins) ? [0] : [], filler: 0) { trial, _ in
        trial.retryOf
      }.first ?? OptionalColumn(origin: pieces.origin, pieces: [], counts: [], filler: 0)
    let hasOutcomes = has.contains(.outcomes)
    values = pieces.table(
      \.values, Array(0..<(hasOutcomes ? schema.objectiveCount : 0)), filler: 0
    ) { $0.value($1) }
    violations = pieces.table(
      \.violations, Array(0..<(hasOutcomes ? schema.boundCount : 0)), filler: 0
    ) { $0.violation($1) }

    parameters = Self.parameters(
      StudySchema.numbers(
        columns.parameters, of: schema.parameters,
        declared: definition.space.parameters.map(\.name)), pieces, schema)
    metrics = StudySchema.numbers(
      columns.metrics, of: schema.metrics, declared: definition.objectives.map(\.name)
    ).map { MetricColumn(name: schema.metrics[$0].text, metric: $0, pieces: pieces) }
    userAttributes = Self.attributes(.user, columns.userAttributes, pieces, schema)
    systemAttributes = Self.attributes(.system, columns.systemAttributes, pieces, schema)
  }

  private static func parameters(
    _ numbers: [Int], _ pieces: LoadedPieces, _ schema: StudySchema
  ) -> [ParameterColumn] {
    let values = pieces.table(\.parameters, numbers, filler: 0) { $0.parameter($1)?.value }
    let varying = numbers.filter { (schema.distributions[UInt64($0)]?.count ?? 0) > 1 }
    let indices = pieces.table(\.distributions, varying, filler: 0) {
      $0.parameter($1).flatMap { $0.distribution > 0 ? $0.distribution : nil }
    }
    return zip(numbers, values).map { number, values in
      ParameterColumn(
        name: schema.parameters[number].text, number: number,
        distributions: schema.distributions[UInt64(number)]?.all ?? [], internalValues: values,
        indices: varying.place(of: number).map { indices[$0] })
    }
  }

  private static func attributes(
    _ scope: AttributeScope, _ names: ColumnSet.Names, _ pieces: LoadedPieces,
    _ schema: StudySchema
  ) -> [AttributeColumn] {
    let keys = schema.attributes(scope)
    let numbers = StudySchema.numbers(names, of: keys, declared: [])
    let columns = pieces.table(
      scope == .user ? \.userAttributes : \.systemAttributes, numbers, filler: ""
    ) { $0.attribute(scope, $1) }
    return zip(numbers, columns).map {
      AttributeColumn(key: keys[$0].text, number: $0, json: $1)
    }
  }

  /// Whether it was loaded with just these columns.
  public func has(_ columns: ColumnSet) -> Bool { self.columns == columns }

  /// The column of a parameter; nil when no trial has it.
  public func parameter(_ name: String) -> ParameterColumn? {
    guard let number = schema.parameters.number(of: NameKey(name)) else { return nil }
    guard let index = parameters.lazy.map(\.number).place(of: number) else {
      preconditionFailure("the parameter \(name) was not loaded")
    }
    return parameters[index]
  }

  /// The column of a metric; nil when no trial reported it.
  public func metric(_ name: String) -> MetricColumn? {
    guard let number = schema.metrics.number(of: NameKey(name)) else { return nil }
    guard let index = metrics.lazy.map(\.metric).place(of: number) else {
      preconditionFailure("the metric \(name) was not loaded")
    }
    return metrics[index]
  }

  /// The parameters of the trial in `row`, in column order.
  public func assignment(ofRow row: Int) -> Assignment {
    Assignment(
      parameters.compactMap { column in
        column.internalValues[row].map { value in
          .init(
            name: column.name,
            distribution: column.distributions[column.distributionIndex(ofRow: row)],
            internalValue: value)
        }
      })
  }

  /// The objective values of the trial in `row`: all, or none.
  public func objectiveValues(ofRow row: Int) -> [Double] {
    let present = values.compactMap { $0[row] }
    return present.count == values.count ? present : []
  }

  /// Whether the trial in `row` keeps every bound of the study, as far as known.
  public func isFeasible(row: Int) -> Bool {
    violations.allSatisfy { ($0[row] ?? 0) <= 0 }
  }

  /// The attempts of the trial in `row`, first to last.
  public func attempts(ofRow row: Int) -> [Attempt] {
    precondition(columns.fields.contains(.attempts), "not loaded")
    return pieces.trial(row).attempts
  }

  /// The last attempt of the trial in `row`.
  public func lastAttempt(ofRow row: Int) -> Attempt? {
    precondition(columns.fields.contains(.attempts), "not loaded")
    return pieces.trial(row).lastAttempt
  }

  /// The attributes that the trial in `row` has, in the order in which the study first saw them.
  public func attributes(_ scope: AttributeScope, ofRow row: Int) -> [(key: String, json: String)] {
    precondition((scope == .user ? columns.userAttributes : columns.systemAttributes) == .all)
    let keys = schema.attributes(scope)
    return pieces.trial(row).attributes(scope).map { (keys[$0.column].text, $0.value) }
  }

  /// The column of an attribute; nil when no trial ever had it.
  public func attribute(_ scope: AttributeScope, _ key: String) -> AttributeColumn? {
    guard let number = schema.attributes(scope).number(of: NameKey(key)) else { return nil }
    let columns = scope == .user ? userAttributes : systemAttributes
    guard let index = columns.lazy.map(\.number).place(of: number) else {
      preconditionFailure("the attribute \(key) was not loaded")
    }
    return columns[index]
  }

  /// Those of `parameters` that the trial in `row` has, by their numbers.
  public func parameterNumbers(ofRow row: Int) -> [Int] {
    precondition(columns.parameters == .all, "not loaded")
    return pieces.trial(row).parameters.map(\.column)
  }

  /// What of `metrics` the trial in `row` reported, in column order.
  public func reportedMetrics(ofRow row: Int) -> [MetricColumn] {
    precondition(columns.metrics == .all, "not loaded")
    return pieces.trial(row).metrics.map { metrics[$0] }
  }
}

/// One parameter of a study over some trials.
public struct ParameterColumn: Sendable {
  /// The parameter's name.
  public let name: String
  /// Its place among all of the study's parameters.
  public let number: Int
  /// Every distribution that trials of the study drew it from, in order of appearance.
  public let distributions: [Distribution]
  /// Values as kept (``Distribution/value(of:)``), by trial row.
  public let internalValues: OptionalColumn<Double>
  /// Which distribution, where it is not the first; nil: it is, everywhere.
  fileprivate let indices: OptionalColumn<Int>?

  init(
    name: String, number: Int, distributions: [Distribution],
    internalValues: OptionalColumn<Double>, indices: OptionalColumn<Int>?
  ) {
    self.name = name
    self.number = number
    self.distributions = distributions
    self.internalValues = internalValues
    self.indices = indices
  }

  /// Which of `distributions` the trial in `row`, which has the parameter, drew from.
  public func distributionIndex(ofRow row: Int) -> Int { indices.flatMap { $0[row] } ?? 0 }

  /// The distribution that the trial in `row` drew from; nil when it lacks the parameter.
  public func distribution(ofRow row: Int) -> Distribution? {
    internalValues[row] == nil ? nil : distributions[distributionIndex(ofRow: row)]
  }

  /// The value of the trial in `row`; nil when it lacks the parameter.
  public func value(ofRow row: Int) -> ParameterValue? {
    guard let internalValue = internalValues[row] else { return nil }
    return distributions[distributionIndex(ofRow: row)].value(of: internalValue)
      ?? .float(internalValue)
  }
}

/// One metric of a study over some trials. Curves are read one at a time.
public struct MetricColumn: Sendable {
  /// The metric's name.
  public let name: String
  /// Its place among all of the study's metrics.
  public let metric: Int
  private let pieces: LoadedPieces

  init(name: String, metric: Int, pieces: LoadedPieces) {
    self.name = name
    self.metric = metric
    self.pieces = pieces
  }

  /// What the series of the trial in `row` comes to; nil without reports.
  public func summary(ofRow row: Int) -> SeriesSummary? { pieces.trial(row).summary(metric) }

  /// The series of the trial in `row`, by ascending step, each step once.
  ///
  /// - Throws: when it cannot be read.
  public func series(ofRow row: Int) throws -> [MetricPoint] {
    try pieces.trial(row).points(metric)
  }

  /// The value of the trial in `row` at exactly `step`.
  ///
  /// - Throws: when it cannot be read.
  /// - Complexity: O(log length); of a finished trial with regular steps O(1).
  public func value(ofRow row: Int, atStep step: Int64) throws -> Double? {
    try pieces.trial(row).reported(metric, atStep: step)
  }
}

/// One attribute of a study's trials: JSON text by row.
public struct AttributeColumn: Sendable {
  /// The attribute's key.
  public let key: String
  /// Its place among all of the study's keys of its scope.
  public let number: Int
  /// The values as JSON text, as they came.
  public let json: OptionalColumn<String>
}
