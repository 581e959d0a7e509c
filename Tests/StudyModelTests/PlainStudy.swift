// The plainest model of a study there is: a dictionary a trial. What it says is right by
// looking at it; the real one is held against it.

import StudyModel

/// A trial, everything looked up or computed when it is asked for.
struct PlainTrial: Equatable {
  let number: Int
  let id: TrialID
  let created: Timestamp
  let proposer: String
  let retryOf: Int?
  var state = TrialState.waiting
  var started: Timestamp?
  var ended: Timestamp?
  var claim: ClaimID?
  var stopRequested = false
  var parameters: [String: Assignment.Entry] = [:]
  var attributes: [AttributeScope: [String: String]] = [.user: [:], .system: [:]]
  var attempts: [(claim: ClaimID, end: AttemptEnd?, ended: Timestamp?)] = []
  var reportingAttempt = 0
  var curves: [String: [Int64: MetricPoint]] = [:]
  var values: [Double] = []
  var violations: [Double] = []
  var marks = TrialMarks()

  static func == (a: Self, b: Self) -> Bool { a.id == b.id }

  func points(_ metric: String) -> [MetricPoint] {
    (curves[metric] ?? [:]).values.sorted { $0.step < $1.step }
  }
}

/// A study as a list of such trials. Events are applied as the rules are written down.
struct PlainStudy {
  var definition: StudyDefinition
  var trials: [PlainTrial] = []
  var finished: [Int] = []

  mutating func apply(_ event: StudyEvent) -> Bool {
    switch event {
    case .trialCreated(_, let creation):
      guard creation.number > trials.last?.number ?? -1, creation.number < .max else {
        return false
      }
      var trial = PlainTrial(
        number: creation.number, id: creation.id, created: creation.time,
        proposer: creation.proposer, retryOf: creation.retryOf)
      for entry in creation.assignment.entries { trial.parameters[entry.name] = entry }
      trials.append(trial)
      return true
    case .trialClaimed(_, let number, let claim):
      return change(number, { $0.state == .waiting }) {
        $0.state = .running
        $0.claim = claim.claim
        $0.started = $0.started ?? claim.time
        $0.attempts.append((claim.claim, nil, nil))
      }
    case .parameterSet(_, let number, let name, let distribution, let value):
      return change(number) {
        $0.parameters[name] = .init(
          name: name, distribution: distribution, internalValue: value)
      }
    case .metricsReported(_, let number, let report):
      return change(number, { $0.claim == report.claim }) { trial in
        if !trial.attempts.isEmpty, trial.reportingAttempt != trial.attempts.count {
          if trial.reportingAttempt != 0 {
            for metric in trial.curves.keys {
              trial.curves[metric] = trial.curves[metric]?.filter { $0.key < report.step }
            }
          }
          trial.reportingAttempt = trial.attempts.count
        }
        for entry in report.entries {
          trial.curves[entry.metric, default: [:]][report.step] = MetricPoint(
            step: report.step, value: entry.value, time: report.time)
        }
      }
    case .trialAttributeSet(_, let number, let scope, let key, let value):
      return change(number) { $0.attributes[scope]?[key] = value }
    case .attemptEnded(_, let number, let claim, let end, let time):
      return change(number, { $0.claim == claim }) {
        $0.state = .waiting
        $0.claim = nil
        $0.stopRequested = false
        $0.attempts[$0.attempts.count - 1].end = end
        $0.attempts[$0.attempts.count - 1].ended = time
      }
    case .stopRequested(_, let number?, _): return change(number) { $0.stopRequested = true }
    case .trialFinished(_, let number, let result):
      let definition = definition
      let isFinished = change(number, { $0.claim == result.claim }) { trial in
        if trial.claim != nil {
          trial.attempts[trial.attempts.count - 1].end =
            result.end ?? AttemptEnd(outcome: .finished)
          trial.attempts[trial.attempts.count - 1].ended = result.time
        }
        trial.claim = nil
        trial.state = result.state
        trial.ended = result.time
        trial.values = Array(result.values.prefix(definition.objectives.count))
        trial.violations = Array(result.violations.prefix(definition.bounds.count))
      }
      if isFinished, let row = trials.firstIndex(where: { $0.number == number }) {
        finished.append(row)
      }
      return isFinished
    case .trialsMarked(_, let marking):
      var hasChanged = false
      for entry in marking.entries { hasChanged = mark(entry) || hasChanged }
      return hasChanged
    default: return false
    }
  }

  private mutating func mark(_ entry: TrialMarking.Entry) -> Bool {
    guard let row = trials.firstIndex(where: { $0.number == entry.number }) else { return false }
    var marks = trials[row].marks
    switch entry.mark {
    case .note(let text): marks.note = text
    case .tag(let tag): marks.tags += marks.tags.contains(tag) ? [] : [tag]
    case .untag(let tag): marks.tags = marks.tags.filter { $0 != tag }
    case .dropped(_, let reason) where trials[row].state.isFinished: marks.dropped = reason
    case .dropped: break
    case .rerun(let original, _): marks.rerunOf = original
    }
    defer { trials[row].marks = marks }
    return trials[row].marks != marks
  }

  private mutating func change(
    _ number: Int, _ isWanted: (PlainTrial) -> Bool = { _ in true },
    _ body: (inout PlainTrial) -> Void
  ) -> Bool {
    guard
      let row = trials.firstIndex(where: {
        $0.number == number && !$0.state.isFinished && isWanted($0)
      })
    else { return false }
    body(&trials[row])
    return true
  }

  /// The rows of complete, feasible trials that no other such trial beats.
  var bestRows: [Int] {
    func loss(_ row: Int) -> [Double] {
      zip(trials[row].values, definition.objectives).map {
        $1.direction == .minimize ? $0 : -$0
      }
    }
    let candidates = trials.indices.filter { row in
      let trial = trials[row]
      return trial.state == .complete && !trial.marks.isSetAside
        && trial.values.count == definition.objectives.count
        && !trial.values.contains(where: \.isNaN) && trial.violations.allSatisfy { $0 <= 0 }
    }
    let best = candidates.filter { row in
      !candidates.contains { other in
        let (a, b) = (loss(other), loss(row))
        return zip(a, b).allSatisfy { $0 <= $1 } && a != b
      }
    }
    return definition.objectives.count == 1 ? Array(best.prefix(1)) : best
  }
}
