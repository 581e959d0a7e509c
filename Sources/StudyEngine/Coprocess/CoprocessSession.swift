// Ask, report and tell as JSON lines, for a program in any language that keeps one process open.

internal import PlainText
public import StudyModel

/// One program's conversation with a study: a line in, a line out.
///
///     {"op":"ask"}                                      {"trial":7,"attempt":1,"params":{…}}
///     {"op":"report","trial":7,"step":3,"value":0.4}    {"prune":false}
///     {"op":"tell","trial":7,"value":0.2}               {"ok":true}
///
/// A line that cannot be understood or carried out is answered with `{"error":"…"}`, and the
/// conversation goes on. It belongs to one task: a report is a synchronous call from its line
/// to its answer.
public struct CoprocessSession {
  private let database: StudyDatabase
  private let study: StudyID
  private let worker: Worker
  /// The metric that a report's `"value"` is of.
  private let mainMetric: String
  private var claims: [Int: ClaimID] = [:]

  public init(_ database: StudyDatabase, _ study: Study, worker: Worker) {
    self.database = database
    self.study = study.id
    self.worker = worker
    mainMetric = study.definition.objectives[0].name
  }

  /// The answer to one line, without the line's end. Before an answer goes out, ``flush()``.
  public mutating func answer(_ line: ArraySlice<UInt8>) async -> String {
    do {
      switch try CoprocessRequest(line) {
      case .report(let trial, let step, var metrics, let value):
        if let value { metrics.append(.init(mainMetric, value)) }
        let prune = try database.report(
          study, trial: trial, claim: try claim(of: trial), step: step, metrics)
        return prune ? "{\"prune\":true}" : "{\"prune\":false}"
      case .ask: return try await ask()
      case .tell(let trial, let state, let values, let reason):
        try await tell(trial, state, values, reason)
        return "{\"ok\":true}"
      }
    } catch {
      return "{\"error\":\(String(describing: error).jsonQuoted)}"
    }
  }

  /// Waits until the reports that were answered are as durable as the store promises.
  public func flush() async throws { try await database.flush() }

  /// Gives back what the program asked for and never told: those trials wait again.
  public mutating func close() async throws {
    for (trial, claim) in claims.sorted(by: { $0.key < $1.key }) {
      let end = AttemptEnd(outcome: .interrupted, reason: "its program ended the conversation")
      do {
        try await database.endAttempt(study, trial: trial, claim: claim, end)
      } catch let error as EngineError where error.isLostClaim {
        // Others have given it back, or deleted it.
      }
      claims[trial] = nil
    }
    try await database.flush()
  }

  private mutating func ask() async throws -> String {
    let outcome = try await database.ask(study, for: worker) { [database, study] in
      _ = await database.endOrphans(of: $0, study: study, trial: $1)
    }
    if case .trial(let trial) = outcome { claims[trial.number] = trial.claim }
    return outcome.json()
  }

  private mutating func tell(
    _ trial: Int, _ state: TrialState, _ values: [Double]?, _ reason: String
  ) async throws {
    let end = AttemptEnd(outcome: state == .failed ? .failed : .finished, reason: reason)
    do {
      try await database.tell(
        study, trial: trial, claim: try claim(of: trial), state: state,
        values: state == .failed ? [] : values ?? [], end: end)
    } catch let error as EngineError where error.isLostClaim {
      claims[trial] = nil
      throw error
    }
    claims[trial] = nil
  }

  private func claim(of trial: Int) throws -> ClaimID {
    guard let claim = claims[trial] else {
      throw BadCoprocessLine("trial \(trial) was not asked for here, or has been told")
    }
    return claim
  }
}

extension AskOutcome {
  /// The outcome as one line of JSON: `{"trial":7,"attempt":1,"params":{…}}`, or with
  /// `"trial":null` why there is none. `directory` is added where it is given.
  package func json(directory: String? = nil) -> String {
    switch self {
    case .trial(let trial):
      "{\"trial\":\(trial.number),\"attempt\":\(trial.attempt),"
        + "\"params\":\(trial.assignment.json)"
        + (directory.map { ",\"dir\":\($0.jsonQuoted)" } ?? "") + "}"
    case .noPlace(let running): "{\"trial\":null,\"done\":true,\"running\":\(running)}"
    case .exhausted(let tried): "{\"trial\":null,\"done\":true,\"exhausted\":\(tried)}"
    }
  }
}
