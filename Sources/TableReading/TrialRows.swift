// Records of a table as trials.

import PlainText
public import StudyModel

/// Trials, one after the other.
public struct TrialRows {
  private var reader: TableReader
  private let table: TrialTable
  private let now: Timestamp
  private let parameters: [ParameterCells]
  /// By field.
  private var columns = [Int?](repeating: nil, count: ColumnRole.Field.allCases.count)
  private let valueColumns: [Int]
  private let attributeColumns: [(column: Int, scope: AttributeScope, key: String)]
  private var lastNumber = -1
  /// How many trials were running where the table was written: they wait here.
  public private(set) var runningCount = 0

  /// How a column's cells become values of its parameter.
  private final class ParameterCells {
    let name: String
    let column: Int
    let distribution: Distribution
    private var places: [ParameterValue: Double] = [:]

    init(_ name: String, _ column: Int, _ distribution: Distribution) {
      self.name = name
      self.column = column
      self.distribution = distribution
      if case .categorical(let choices) = distribution {
        for (index, choice) in choices.enumerated() { places[choice] = Double(index) }
      }
    }

    /// Nil when the domain holds no such value.
    func internalValue(_ value: ParameterValue, _ reader: TableReader) throws -> Double? {
      guard case .categorical(let choices) = distribution else {
        guard let number = value.number, number.isFinite else { return nil }
        return distribution.internalValue(of: value)
      }
      if let known = places[value] { return known }
      let text = try reader.text(column)
      let found =
        distribution.internalValue(of: value)
        ?? TableCell.value(value).number.flatMap { distribution.internalValue(of: .float($0)) }
        ?? choices.indices.first { choices.text(at: $0).isSameName(as: text) }.map { Double($0) }
      if let found { places[value] = found }
      return found
    }
  }

  init(_ reader: TableReader, _ table: TrialTable, now: Timestamp) {
    self.reader = reader
    self.table = table
    self.now = now
    var attributes: [(Int, AttributeScope, String)] = []
    for (index, role) in table.roles.enumerated() {
      switch role {
      case .field(let field): columns[field.rawValue] = index
      case .attribute(let scope, let key): attributes.append((index, scope, key))
      case .value, .parameter, .ignored: break
      }
    }
    attributeColumns = attributes
    valueColumns = table.objectives.indices.compactMap {
      table.roles.firstIndex(of: .value(objective: $0))
    }
    parameters = table.space.parameters.compactMap { parameter in
      table.roles.firstIndex(of: .parameter(parameter.name)).map {
        ParameterCells(parameter.name, $0, parameter.distribution)
      }
    }
  }

  /// The next trial; nil after the last.
  ///
  /// - Throws: ``TableError``.
  public mutating func next() throws -> ImportedTrial? {
    guard try reader.next() else { return nil }
    let number = try number()
    let values = try values()
    var trial = ImportedTrial(
      number: number, state: try state(values, number), created: now,
      assignment: try assignment(),
      values: values.allSatisfy { $0 == nil } ? [] : values.map { $0! })
    try readTimes(&trial)
    trial.proposer = try text(.sampler) ?? ""
    trial.retryOf = try whole(.retryOf)
    try readAttributes(&trial)
    try readMarks(&trial)
    return trial
  }

  private func cell(_ role: ColumnRole.Field) throws -> TableCell {
    try columns[role.rawValue].map { try reader.cell($0) } ?? .absent
  }

  private func bad(_ role: ColumnRole.Field, _ expected: String, _ suggestions: [String] = [])
    throws
    -> TableError
  {
    let column = columns[role.rawValue]
    return .badField(
      reader.place(column), found: try column.map { try reader.cell($0).shown } ?? "nothing",
      expected: expected, try: suggestions)
  }

  private func text(_ role: ColumnRole.Field) throws -> String? {
    guard let column = columns[role.rawValue], !reader.isAbsent(column) else { return nil }
    return try reader.text(column)
  }

  private func whole(_ role: ColumnRole.Field) throws -> Int? {
    let cell = try cell(role)
    if cell == .absent { return nil }
    guard let whole = cell.whole else { throw try bad(role, "whole number") }
    return whole
  }

  private func number(_ role: ColumnRole.Field) throws -> Double? {
    let cell = try cell(role)
    if cell == .absent { return nil }
    guard let number = cell.number else { throw try bad(role, "number") }
    return number
  }

  private func time(_ role: ColumnRole.Field) throws -> Timestamp? {
    guard let text = try text(role) else { return nil }
    guard let time = ClockZone.utc.microseconds(text) else {
      throw try bad(
        role, "time", ["2026-11-27 05:00:00 in UTC, or with its zone: 2026-11-27T06:00:00+01:00"])
    }
    return Timestamp(rawValue: time)
  }

  private mutating func number() throws -> Int {
    guard columns[ColumnRole.Field.number.rawValue] != nil else {
      lastNumber += 1
      return lastNumber
    }
    guard let number = try whole(.number), number >= 0, number < Int(Int32.max) else {
      throw try bad(.number, "number of a trial", ["--ignore number, to count them anew"])
    }
    guard number > lastNumber else {
      throw TableError.unusable(
        reader.place(columns[ColumnRole.Field.number.rawValue]),
        reason: number == lastNumber
          ? "trial \(number) stands there twice"
          : "trial \(number) comes after trial \(lastNumber)",
        evidence: [],
        try: ["the records sorted by number", "--ignore number, to count them in their order"])
    }
    lastNumber = number
    return number
  }

  /// One an objective; either all are there, or none.
  private func values() throws -> [Double?] {
    let values = try valueColumns.map { try reader.cell($0).number }
    if values.contains(nil), let column = values.indices.first(where: { values[$0] != nil }) {
      throw TableError.unusable(
        reader.place(valueColumns[column]), reason: "another objective of this trial has no value",
        evidence: [], try: ["values of all objectives, or of none"])
    }
    return values
  }

  private mutating func state(_ values: [Double?], _ number: Int) throws -> TrialState {
    let isMissing = values.contains { $0?.isNaN ?? true }
    guard table.hasState else { return isMissing ? .failed : .complete }
    let written = try text(.state) ?? ""
    if let state = TrialState(name: written), state == .complete, !isMissing { return state }
    let word = written.lowercased()
    switch word {
    case "fail": return .failed
    case "running":
      runningCount += 1
      return .waiting
    default: break
    }
    guard let state = TrialState(name: word) else {
      throw try bad(
        .state, "state", ["complete, pruned, failed, waiting", "--ignore state, to tell by values"])
    }
    if state == .complete, isMissing {
      throw TableError.unusable(
        reader.place(columns[ColumnRole.Field.state.rawValue]),
        reason: "a complete trial has no value",
        evidence: values.contains { $0 != nil } ? ["NaN is none"] : [], try: ["state failed"])
    }
    return state
  }

  private func assignment() throws -> Assignment {
    var entries: [Assignment.Entry] = []
    entries.reserveCapacity(parameters.count)
    for parameter in parameters {
      guard case .value(let value) = try reader.cell(parameter.column) else { continue }
      guard let number = try parameter.internalValue(value, reader) else {
        throw TableError.badField(
          reader.place(parameter.column), found: TableCell.value(value).shown,
          expected: "value of \(parameter.name)",
          try: ["another domain: -p", "an empty field where a trial lacks the parameter"])
      }
      entries.append(
        .init(name: parameter.name, distribution: parameter.distribution, internalValue: number))
    }
    return Assignment(entries)
  }

  /// When it was made, ran and ended, and how.
  private func readTimes(_ trial: inout ImportedTrial) throws {
    let started = try time(.started)
    let ended = try time(.ended)
    let created = try time(.created)
    trial.created = created ?? started ?? ended ?? now
    let seconds = try number(.duration) ?? number(.wallSeconds)
    let after = started.flatMap { start in
      seconds.flatMap { seconds in
        seconds >= 0 && seconds < 1e9
          ? Timestamp(rawValue: start.rawValue + Int64((seconds * 1e6).rounded())) : nil
      }
    }
    if trial.state.isFinished { trial.ended = ended ?? after ?? started ?? now }
    let reason = try text(.reason)
    guard started != nil || reason != nil || columns[ColumnRole.Field.outcome.rawValue] != nil
    else { return }
    let isRun = try started != nil || reason != nil || text(.outcome) != nil
    guard isRun else { return }
    let start = started ?? trial.ended ?? trial.created
    let end = trial.ended ?? after ?? start
    trial.run = ImportedTrial.Run(
      started: start, ended: end,
      end: try attemptEnd(trial.state, reason ?? "", seconds, measured: end.seconds(since: start)),
      host: try text(.host) ?? "", worker: try text(.worker) ?? "")
  }

  private func attemptEnd(
    _ state: TrialState, _ reason: String, _ seconds: Double?, measured: Double
  ) throws -> AttemptEnd {
    var end = AttemptEnd(outcome: .finished, reason: reason)
    if let word = try text(.outcome) {
      guard let outcome = AttemptOutcome.allCases.first(where: { $0.name == word.lowercased() })
      else {
        throw try bad(.outcome, "end of an attempt", AttemptOutcome.allCases.map(\.name))
      }
      end.outcome = outcome
    } else if state == .failed {
      end.outcome = .failed
    } else if !state.isFinished {
      end.outcome = seconds == nil ? .lost : .interrupted
    }
    end.lastLines = try text(.lastLine) ?? ""
    end.exitStatus = try whole(.exitStatus).flatMap { Int32(exactly: $0) }
    let cpu = try number(.cpuSeconds)
    let peak = try whole(.peakResident)
    let isMeasured = cpu != nil || peak != nil || seconds.map { $0 != measured } ?? false
    if isMeasured, let seconds {
      end.usage = ResourceUsage(
        wallSeconds: seconds, cpuSeconds: cpu ?? .nan, peakResidentBytes: Int64(peak ?? 0))
    }
    return end
  }

  private func readAttributes(_ trial: inout ImportedTrial) throws {
    for (column, scope, key) in attributeColumns {
      guard case .value(let value) = try reader.cell(column) else { continue }
      trial.attributes.append(.init(scope: scope, key: key, json: value.asAttribute))
    }
  }

  private func readMarks(_ trial: inout ImportedTrial) throws {
    trial.marks.note = try text(.note)
    trial.marks.tags = try text(.tags)?.split(separator: ",").map(String.init) ?? []
    trial.marks.dropped = try text(.dropped)
    trial.marks.rerunOf = try whole(.rerunOf)
  }

  /// Where the current record stands.
  var place: TableError.Place { reader.place() }
}

extension ParameterValue {
  /// As JSON; a text that is a list or mapping in JSON is that, since tables write them so.
  fileprivate var asAttribute: String {
    guard case .string(let text) = self, text.hasPrefix("[") || text.hasPrefix("{"), text.isJSON
    else { return json }
    return text
  }
}
