// What the columns of a table of trials are about, by their names.

import PlainText
public import StudyModel

/// What a column says of a trial.
enum ColumnRole: Hashable {
  /// What every trial has, or may have.
  enum Field: Int, CaseIterable {
    case number, state, started, ended, created, duration, sampler, retryOf
    case outcome, reason, lastLine, exitStatus, host, worker, wallSeconds, cpuSeconds
    case peakResident, note, tags, dropped, rerunOf
  }

  case field(Field)
  case value(objective: Int)
  case parameter(String)
  case attribute(AttributeScope, String)
  /// Nothing; and why, where a reader should know.
  case ignored(String?)
}

/// What is asked of a table beside what its names say.
public struct TableRequest: Sendable {
  /// The columns that hold the values of the objectives, in their order; empty: by name.
  public var values: [String] = []
  /// The columns that are parameters; nil: all that are nothing else.
  public var parameters: [String]?
  /// Columns to leave out.
  public var ignored: [String] = []
  /// What the study is to find; empty: to minimize `value`.
  public var objectives: [Objective] = []
  /// Parameters whose domains are known; of others they are inferred.
  public var space = SearchSpace.empty

  /// Everything by the table's own names.
  public init() {}
}

/// The roles of a table's columns.
struct ColumnRoles {
  private let file: String
  private let request: TableRequest
  private let names: [String]
  private let objectives: [Objective]
  private(set) var roles: [ColumnRole] = []
  private(set) var hasState = false
  /// Whether the table is one that Cairn wrote, as far as its names say.
  private let isOwn: Bool

  // Words that mean the same in Cairn's tables and in Optuna's `trials_dataframe()`.
  private static let common: [String: ColumnRole] = [
    "number": .field(.number), "state": .field(.state), "started": .field(.started),
    "ended": .field(.ended),
    "duration_s": .field(.duration), "datetime_start": .field(.started),
    "datetime_complete": .field(.ended),
    "duration": .ignored(nil), "attempt_reason": .field(.reason),
  ]

  /// What people said of trials, in Cairn's own tables: elsewhere these may be anything.
  private static let marks: [String: ColumnRole] = [
    "note": .field(.note), "tags": .field(.tags), "dropped": .field(.dropped),
    "rerun_of": .field(.rerunOf),
  ]

  /// What tables hide, and a whole export does not.
  private static let particulars: [String: ColumnRole] = [
    "created": .field(.created), "sampler": .field(.sampler), "retry_of": .field(.retryOf),
    "attempt_outcome": .field(.outcome), "last_line": .field(.lastLine),
    "exit_status": .field(.exitStatus), "host": .field(.host),
    "worker": .field(.worker),
    "wall_s": .field(.wallSeconds), "cpu_s": .field(.cpuSeconds), "peak_rss": .field(.peakResident),
    "code": .attribute(.system, "code"), "feasible": .ignored(nil), "violation": .ignored(nil),
    "attempts": .ignored(nil), "elapsed_s": .ignored(nil),
  ]

  /// - Throws: ``TableError/unusable(_:reason:evidence:try:)``.
  init(_ names: [String], of file: TableFile, _ request: TableRequest) throws {
    self.file = file.name
    self.request = request
    self.names = names
    objectives = request.objectives.isEmpty ? [.standard] : request.objectives
    isOwn = ["number", "state", "started", "ended", "duration_s"].allSatisfy(names.contains)
    try checkNames()
    let values = try valueColumns()
    let isOptuna = names.contains {
      $0 == "datetime_start" || $0.hasPrefix("params_") || $0.hasPrefix("user_attrs_")
    }
    let isWhole = names.contains("attempt_outcome") && names.contains("elapsed_s")
    let summaries = isWhole ? Self.summaries(in: names) : []
    for (index, name) in names.enumerated() {
      let role: ColumnRole
      if request.ignored.contains(name) {
        role = .ignored(nil)
      } else if let objective = values.firstIndex(of: index) {
        role = .value(objective: objective)
      } else if request.parameters?.contains(name) == true {
        role = .parameter(name)
      } else {
        role =
          summaries.contains(name) ? .ignored(nil) : self.role(of: name, isOptuna, isWhole)
      }
      if role == .field(.state) { hasState = true }
      roles.append(role)
    }
    try checkParameters()
  }

  private func role(of name: String, _ isOptuna: Bool, _ isWhole: Bool) -> ColumnRole {
    if name.isEmpty || name == "Unnamed: 0" {
      return .ignored("a column without a name")
    }
    if let role = Self.common[name] { return role }
    if isOwn, let role = Self.marks[name] { return role }
    if isReservedValue(name) { return .ignored("\(name) is not an objective's column here") }
    func rest(_ prefix: String) -> String? {
      name.hasPrefix(prefix) && name.count > prefix.count
        ? String(name.dropFirst(prefix.count)) : nil
    }
    if isOptuna {
      if let key = rest("params_") { return parameter(key) }
      if let key = rest("user_attrs_") { return .attribute(.user, key) }
      if let key = rest("system_attrs_") { return .attribute(.system, key) }
      return .ignored("\(name) is nothing that Optuna's data frame has")
    }
    if isWhole {
      if let role = Self.particulars[name] { return role }
      if let role = rest("trial_").flatMap({ Self.particulars[$0] }) { return role }
      if let key = rest("system_") { return .attribute(.system, key) }
      if objectives.contains(where: { $0.name == name }) { return .ignored(nil) }
    }
    if let key = rest("user_") { return .attribute(.user, key) }
    if let key = rest("param_"),
      Self.common[key] != nil || isReservedValue(key) || (isOwn && Self.marks[key] != nil)
    {
      return parameter(key)
    }
    return parameter(name)
  }

  private func parameter(_ name: String) -> ColumnRole {
    request.parameters == nil || request.parameters?.contains(name) == true
      ? .parameter(name) : .ignored(nil)
  }

  /// `value`, `value_1`, `values_0`.
  private func isReservedValue(_ name: String) -> Bool {
    if name == "value" { return true }
    let parts = name.split(separator: "_", maxSplits: 1)
    return parts.count == 2 && (parts[0] == "value" || parts[0] == "values")
      && Int(parts[1]) != nil
  }

  /// Columns that a whole export has of every metric.
  private static func summaries(in names: [String]) -> Set<String> {
    let all = Set(names)
    var summaries = Set<String>()
    for name in names where name.hasSuffix("_steps") {
      let metric = name.dropLast("_steps".count)
      let group = ["_last", "_min", "_max", "_steps"].map { String(metric) + $0 }
      if group.allSatisfy({ all.contains($0) }) { summaries.formUnion(group) }
    }
    return summaries
  }

  // MARK: What cannot be

  private func unusable(
    _ reason: String, evidence: [String] = [], try suggestions: [String] = []
  ) -> TableError {
    .unusable(TableError.Place(file), reason: reason, evidence: evidence, try: suggestions)
  }

  private var known: [String] {
    let shown = names.prefix(20).map(\.neutralized).joined(separator: ", ")
    return ["its columns are " + shown + (names.count > 20 ? ", …" : "")]
  }

  private func checkNames() throws {
    var seen = Set<NameKey>()
    for name in names where !name.isEmpty && !request.ignored.contains(name) {
      guard seen.insert(NameKey(name)).inserted else {
        throw unusable("two columns are called \(name.jsonQuoted)")
      }
    }
    for name in request.ignored + request.values + (request.parameters ?? []) {
      let isThere =
        names.contains(name) || names.contains("params_" + name) || names.contains("param_" + name)
      guard isThere else {
        throw unusable(
          "it has no column \(name.jsonQuoted)", evidence: known,
          try: nearestNames(to: name, among: names))
      }
    }
  }

  /// The columns of the objectives' values.
  private func valueColumns() throws -> [Int] {
    if !request.values.isEmpty {
      guard request.values.count == objectives.count else {
        throw unusable(
          "--value names \(Measures.count(request.values.count, "column")), where the study has "
            + Measures.count(objectives.count, "objective"),
          try: ["--minimize NAME or --maximize NAME for each, in the same order"])
      }
      return request.values.compactMap { names.firstIndex(of: $0) }
    }
    let numbered = (1...).lazy.map { "value_\($0)" }.prefix { names.contains($0) }.count
    if request.objectives.isEmpty, !names.contains("value"), numbered > 1 {
      throw unusable(
        "it has the values of \(numbered) objectives, and not which way each should go",
        try: [
          (1...numbered).map { "--minimize value_\($0)" }.joined(separator: " ")
            + ", or --maximize"
        ])
    }
    return try objectives.enumerated().map { index, objective in
      var candidates = [objective.name]
      if objectives.count == 1 { candidates += ["value", "value_1", "values_0"] }
      candidates += ["value_\(index + 1)", "values_\(objective.name)", "values_\(index)"]
      for name in candidates where !request.ignored.contains(name) {
        if let column = names.firstIndex(of: name) { return column }
      }
      throw unusable(
        request.objectives.isEmpty
          ? "none of its columns is called \"value\", so that it is not clear what was found"
          : "it has no column with the values of \(objective.name.jsonQuoted)",
        evidence: known,
        try: nearestNames(to: objective.name, among: names).map {
          "--value \(ShellText.quoted($0))"
        } + ["--minimize COLUMN or --maximize COLUMN"])
    }
  }

  private func checkParameters() throws {
    let found = roles.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    var seen = Set<NameKey>()
    for name in found where !seen.insert(NameKey(name)).inserted {
      throw unusable("two of its columns are the parameter \(name.jsonQuoted)")
    }
    for parameter in request.space.parameters where !found.contains(parameter.name) {
      // A parameter of a condition that never held has no column in lines of JSON.
      guard !parameter.isConditional, names.count > 0 else { continue }
      throw unusable(
        "it has no column for the parameter \(parameter.name.jsonQuoted)", evidence: known,
        try: nearestNames(to: parameter.name, among: names).map { "-p \($0)=…" })
    }
  }
}
