// A table of trials: looked through once, to learn what its columns hold, and then read trial by
// trial.

import PlainText
public import StudyModel

/// A table of trials whose columns are understood.
public struct TrialTable {
  /// Where it is read from.
  public let file: TableFile
  /// What the study is to find.
  public let objectives: [Objective]
  /// The parameters, with the domains asked for or inferred; in the order of the columns, but for
  /// those that were asked for, which come first in their own.
  public let space: SearchSpace
  /// How many trials it has.
  public let count: Int
  /// What a reader should know: columns that are left out.
  public let notes: [String]
  let columns: [String]
  let roles: [ColumnRole]
  let hasState: Bool

  /// Looks through all of `file`.
  ///
  /// - Parameter progress: is told now and then how many records have been seen.
  /// - Throws: ``TableError``; what `progress` throws.
  public init(
    _ file: TableFile, _ request: TableRequest, progress: (Int) throws -> Void = { _ in }
  ) throws {
    self.file = file
    objectives = request.objectives.isEmpty ? [.standard] : request.objectives
    var reader = try TableReader(file)
    var roles: ColumnRoles?
    if file.format != .jsonl { roles = try ColumnRoles(reader.columns, of: file, request) }
    var evidence = reader.columns.map { _ in ColumnEvidence() }
    var count = 0
    while try reader.next() {
      while evidence.count < reader.columns.count { evidence.append(ColumnEvidence()) }
      for column in reader.columns.indices where Self.isCounted(roles?.roles[column]) {
        evidence[column].add(try reader.cell(column), line: reader.line)
      }
      count += 1
      if count % 1024 == 0 { try progress(count) }
    }
    self.count = count
    columns = reader.columns
    let known = try roles ?? ColumnRoles(columns, of: file, request)
    var survey = TableSurvey(file, columns, known, evidence, request)
    try survey.run()
    self.roles = survey.roles
    hasState = known.hasState
    space = try survey.space()
    notes = survey.notes
  }

  /// Whether it matters what stands in a column of that role.
  private static func isCounted(_ role: ColumnRole?) -> Bool {
    switch role {
    case nil, .parameter?, .value?: true
    default: false
    }
  }

  /// Its trials, in the order of the file.
  ///
  /// - Parameter now: when what has no time was made.
  /// - Throws: ``TableError``.
  public func trials(now: Timestamp) throws -> TrialRows {
    TrialRows(try TableReader(file, columns: columns), self, now: now)
  }
}

/// From what was seen in the columns to a search space.
private struct TableSurvey {
  private let file: TableFile
  private let columns: [String]
  private let evidence: [ColumnEvidence]
  private let request: TableRequest
  private(set) var roles: [ColumnRole]
  private(set) var notes: [String] = []
  private var inferred: [Parameter] = []

  init(
    _ file: TableFile, _ columns: [String], _ roles: ColumnRoles, _ evidence: [ColumnEvidence],
    _ request: TableRequest
  ) {
    self.file = file
    self.columns = columns
    self.evidence = evidence
    self.request = request
    self.roles = roles.roles
  }

  mutating func run() throws {
    for (index, role) in roles.enumerated() {
      switch role {
      case .value:
        if let (line, value) = evidence[index].firstOther {
          throw TableError.badField(
            TableError.Place(file.name, line: line, column: columns[index]), found: value.json,
            expected: "number", try: ["an empty field where a trial has no value"])
        }
      case .parameter(let name) where request.space[name] == nil:
        try infer(name, index)
      case .ignored(let reason?):
        notes.append("left out: \(reason)")
      default: break
      }
    }
  }

  private mutating func infer(_ name: String, _ column: Int) throws {
    func unusable(_ line: Int?, _ reason: String) -> TableError {
      .unusable(
        TableError.Place(file.name, line: line, column: columns[column]), reason: reason,
        evidence: [],
        try: [
          "--ignore \(ShellText.quoted(columns[column]))",
          "another name for the column, user_\(columns[column]): what is noted of trials",
          "-p \(ShellText.quoted(name))=… with its domain",
        ])
    }
    do {
      switch try evidence[column].finding() {
      case .domain(let distribution):
        inferred.append(Parameter(name: name, distribution: distribution))
      case .empty:
        roles[column] = .ignored(nil)
        notes.append("left out: nothing stands in \(columns[column])")
      case .none(let line, let reason): throw unusable(line, reason)
      }
    } catch let error as DomainError {
      throw unusable(nil, "no domain can be made of it: \(error.explanation.fact)")
    }
  }

  func space() throws -> SearchSpace {
    try SearchSpace(request.space.parameters + inferred, constraints: request.space.constraints)
  }
}
