// Ask, report and tell as JSON lines, for a program in any language that keeps one process open.

public import StudyModel
internal import Foundation

/// One program's conversation with a study: a line in, a line out.
///
///     {"op":"ask"}                                      {"trial":7,"attempt":1,"params":{…}}
///     {"op":"report","trial":7,"step":3,"value":0.4}    {"prune":false}
///     {"op":"tell","trial":7,"value":0.2}               {"ok":true}
///
/// A line that cannot be understood or carried out is answered with `{"error":"…"}`, and the
/// conversation goes on.
public actor CoprocessSession {
  private let database: StudyDatabase
  private let study: StudyID
  private let worker: Worker
  private let objectives: [Objective]
  private var claims: [Int: ClaimID] = [:]
  private let decoder: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true  // Python writes NaN and Infinity
    return decoder
  }()

  public init(_ database: StudyDatabase, _ study: Study, worker: Worker) {
    self.database = database
    self.study = study.id
    self.worker = worker
    objectives = study.definition.objectives
  }

  private struct Request: Decodable {
    var op: String
    var trial: Int?
    var step: Int64?
    var value: Double?
    var values: [Double]?
    var metrics: [String: Double]?
    var state: String?
    var reason: String?
  }

  private struct BadLine: Error, CustomStringConvertible {
    let description: String
  }

  /// The answer to one line, without the line's end.
  public func answer(_ line: String) async -> String {
    do {
      let request: Request
      do {
        request = try decoder.decode(Request.self, from: Data(line.utf8))
      } catch let error as DecodingError {
        throw BadLine(description: Self.explain(error))
      }
      switch request.op {
      case "ask": return try await ask()
      case "report": return try await report(request)
      case "tell": return try await tell(request)
      default:
        throw BadLine(
          description: "\"op\" is ask, report or tell, not \(request.op.jsonQuoted)")
      }
    } catch {
      return "{\"error\":\(String(describing: error).jsonQuoted)}"
    }
  }

  /// Gives back what the program asked for and never told: those trials wait again.
  public func close() async throws {
    for (trial, claim) in claims.sorted(by: { $0.key < $1.key }) {
      let end = AttemptEnd(outcome: .interrupted, reason: "its program ended the conversation")
      try await database.endAttempt(study, trial: trial, claim: claim, end)
    }
    claims = [:]
    try await database.flush()
  }

  private func ask() async throws -> String {
    switch try await database.ask(study, for: worker) {
    case .trial(let trial):
      claims[trial.number] = trial.claim
      return "{\"trial\":\(trial.number),\"attempt\":\(trial.attempt),"
        + "\"params\":\(trial.assignment.json)}"
    case .noPlace(let running):
      return "{\"trial\":null,\"done\":true,\"running\":\(running)}"
    case .exhausted(let tried):
      return "{\"trial\":null,\"done\":true,\"exhausted\":\(tried)}"
    }
  }

  private func report(_ request: Request) async throws -> String {
    let (trial, claim) = try claimed(request)
    guard let step = request.step else { throw BadLine(description: "report needs \"step\"") }
    var entries = (request.metrics ?? [:]).sorted { $0.key < $1.key }
      .map { MetricReport.Entry($0.key, $0.value) }
    if let value = request.value { entries.append(.init(objectives[0].name, value)) }
    guard !entries.isEmpty else {
      throw BadLine(description: "report needs \"value\" or \"metrics\"")
    }
    let prune = try database.report(study, trial: trial, claim: claim, step: step, entries)
    try await database.flush()
    return prune ? "{\"prune\":true}" : "{\"prune\":false}"
  }

  private func tell(_ request: Request) async throws -> String {
    let (trial, claim) = try claimed(request)
    let values = request.values ?? request.value.map { [$0] } ?? []
    let state: TrialState
    switch request.state {
    case nil: state = .complete
    case let name?:
      guard let named = TrialState(name: name), named.isFinished else {
        throw BadLine(
          description: "\"state\" is complete, pruned or failed, not \(name.jsonQuoted)")
      }
      state = named
    }
    let end = AttemptEnd(
      outcome: state == .failed ? .failed : .finished, reason: request.reason ?? "")
    try await database.tell(
      study, trial: trial, claim: claim, state: state,
      values: state == .failed ? [] : values, end: end)
    claims[trial] = nil
    return "{\"ok\":true}"
  }

  private func claimed(_ request: Request) throws -> (trial: Int, claim: ClaimID) {
    guard let trial = request.trial else {
      throw BadLine(description: "\(request.op) needs \"trial\"")
    }
    guard let claim = claims[trial] else {
      throw BadLine(description: "trial \(trial) was not asked for here, or has been told")
    }
    return (trial, claim)
  }

  private static func explain(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, _): return "the line lacks \"\(key.stringValue)\""
    case .typeMismatch(_, let context) where context.codingPath.isEmpty,
      .dataCorrupted(let context) where context.codingPath.isEmpty:
      return "the line is not a JSON object"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      return "\"\(path(context))\" is not of the kind it should be"
    @unknown default: return "the line is not a JSON object"
    }
  }
}
