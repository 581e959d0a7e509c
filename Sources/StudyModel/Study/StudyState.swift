// A study with its trials, and the rules by which events change it.

/// A study and everything recorded of it.
public struct StudyState: Sendable {
  public private(set) var study: Study
  public private(set) var trials = TrialColumns()
  /// What the sampler that proposed last wants back.
  public private(set) var samplerMemory: SamplerMemory?

  public init(id: StudyID, name: String, definition: StudyDefinition, time: Timestamp) {
    study = Study(id: id, name: name, definition: definition, created: time)
    adoptObjectives()
  }

  /// Gives every objective and bound of the definition its column. Columns are never taken
  /// away: a study's objectives are fixed, and bounds only grow.
  private mutating func adoptObjectives() {
    while trials.values.count < study.definition.objectives.count {
      trials.values.append(OptionalColumn(filler: 0))
    }
    while trials.violations.count < study.definition.bounds.count {
      trials.violations.append(OptionalColumn(filler: 0))
    }
  }

  /// Applies what happened next.
  ///
  /// - Returns: whether it took effect. An event that speaks of a trial that is finished, of a
  ///   claim that has ended, or of a trial that is not there changes nothing: a worker that was
  ///   believed dead may still write, and its words count for nobody.
  @discardableResult
  public mutating func apply(_ event: StudyEvent) -> Bool {
    switch event {
    case .studyCreated, .studyDeleted:
      return false  // these make and end a state; the catalog of studies applies them
    case .studyEdited(_, let definition, let time):
      study.definition = definition
      study.edits += 1
      study.updated = time
      adoptObjectives()
      return true
    case .studyAttributeSet(_, let scope, let key, let value, let time):
      switch scope {
      case .user: study.userAttributes[key] = value
      case .system: study.systemAttributes[key] = value
      }
      study.updated = time
      return true
    case .stopRequested(_, let number, let time):
      study.updated = time
      guard let number else {
        study.stopRequests += 1
        return true
      }
      guard let row = openRow(number) else { return false }
      trials.stopRequested.set(true, at: row)
      return true
    case .trialCreated(_, let creation):
      return create(creation)
    case .trialClaimed(_, let number, let claim):
      return self.claim(number, claim)
    case .processStarted(_, let number, let claim, let process):
      guard let row = openRow(number), trials.claim(ofRow: row) == claim,
        let attempt = trials.lastAttempt[row]
      else { return false }
      trials.attempts[attempt].process = process
      return true
    case .parameterSet(_, let number, let name, let distribution, let internalValue):
      guard let row = openRow(number) else { return false }
      trials.setParameter(name, distribution, internalValue, row: row)
      return true
    case .metricsReported(_, let number, let report):
      return record(report, of: number)
    case .trialAttributeSet(_, let number, let scope, let key, let value):
      guard let row = openRow(number) else { return false }
      setAttribute(scope, key, value, row: row)
      return true
    case .attemptEnded(_, let number, let claim, let end, let time):
      guard let row = openRow(number), trials.claim(ofRow: row) == claim else { return false }
      endAttempt(row: row, end, time)
      trials.stopRequested.set(nil, at: row)
      trials.setState(.waiting, row: row)
      return true
    case .trialFinished(_, let number, let result):
      return finish(number, result)
    }
  }

  /// The row of trial `number` if it is waiting or running.
  private func openRow(_ number: Int) -> Int? {
    guard let row = trials.row(ofNumber: number), !trials.states[row].isFinished else { return nil }
    return row
  }

  private mutating func create(_ creation: TrialCreation) -> Bool {
    guard creation.number >= trials.nextNumber else { return false }
    let row = trials.appendTrial(creation)
    for entry in creation.assignment.entries {
      trials.setParameter(entry.name, entry.distribution, entry.internalValue, row: row)
    }
    if let memory = creation.memory { samplerMemory = memory }
    if let original = creation.retryOf { trials.retryOf.set(original, at: row) }
    study.updated = creation.time
    return true
  }

  private mutating func claim(_ number: Int, _ claim: TrialClaim) -> Bool {
    guard let row = openRow(number), trials.states[row] == .waiting else { return false }
    let previous = trials.lastAttempt[row]
    trials.attempts.append(
      Attempt(
        row: row, index: trials.attemptCount(ofRow: row) + 1, claim: claim.claim,
        lease: claim.lease, host: claim.host, worker: claim.worker, started: claim.time,
        previous: previous))
    trials.lastAttempt.set(trials.attempts.count - 1, at: row)
    if trials.started[row] == nil { trials.started.set(claim.time, at: row) }
    trials.setState(.running, row: row)
    study.updated = claim.time
    return true
  }

  private mutating func record(_ report: MetricReport, of number: Int) -> Bool {
    guard let row = openRow(number), trials.claim(ofRow: row) == report.claim else { return false }
    if let attempt = trials.lastAttempt[row], trials.reportingAttempt[row] != attempt {
      // A new attempt's first report takes back what earlier ones said of this step and later.
      if trials.reportingAttempt[row] != nil {
        for metric in trials.metrics.indices {
          trials.metrics[metric].drop(fromRow: row) { $0 >= report.step }
        }
      }
      trials.reportingAttempt.set(attempt, at: row)
    }
    for entry in report.entries {
      let point = MetricPoint(step: report.step, value: entry.value, time: report.time)
      trials.appendReport(entry.metric, point, row: row)
    }
    study.updated = report.time
    return true
  }

  private mutating func endAttempt(row: Int, _ end: AttemptEnd, _ time: Timestamp) {
    guard let last = trials.lastAttempt[row], trials.attempts[last].end == nil else { return }
    trials.attempts[last].end = end
    trials.attempts[last].ended = time
    study.updated = time
  }

  private mutating func finish(_ number: Int, _ result: TrialResult) -> Bool {
    guard result.state.isFinished, let row = openRow(number),
      trials.claim(ofRow: row) == result.claim
    else { return false }
    endAttempt(row: row, result.end ?? AttemptEnd(outcome: .finished), result.time)
    for (index, value) in result.values.prefix(trials.values.count).enumerated() {
      trials.values[index].set(value, at: row)
    }
    for (index, violation) in result.violations.prefix(trials.violations.count).enumerated() {
      trials.violations[index].set(violation, at: row)
    }
    trials.ended.set(result.time, at: row)
    trials.setState(result.state, row: row)
    study.updated = result.time
    return true
  }

  private mutating func setAttribute(
    _ scope: AttributeScope, _ key: String, _ value: String?, row: Int
  ) {
    func set(in columns: inout [AttributeColumn]) {
      if let index = columns.firstIndex(where: { $0.key.isSameName(as: key) }) {
        columns[index].json.set(value, at: row)
      } else {
        var column = AttributeColumn(key: key)
        column.json.set(value, at: row)
        columns.append(column)
      }
    }
    switch scope {
    case .user: set(in: &trials.userAttributes)
    case .system: set(in: &trials.systemAttributes)
    }
  }
}
