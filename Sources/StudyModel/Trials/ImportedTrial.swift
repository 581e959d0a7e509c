// A trial that was recorded elsewhere, and the events that make it one of a study here.

/// A trial as a table tells it: one attempt at most, since tables have no room for more.
public struct ImportedTrial: Hashable, Sendable {
  /// The only attempt, or what many came to.
  public struct Run: Hashable, Sendable {
    /// When it began.
    public var started: Timestamp
    /// When it ended.
    public var ended: Timestamp
    /// How it ended, and what it used.
    public var end: AttemptEnd
    /// The machine it ran on; may be empty.
    public var host: String
    /// Who ran it; may be empty.
    public var worker: String

    /// A run from `started` to `ended`.
    public init(
      started: Timestamp, ended: Timestamp, end: AttemptEnd, host: String = "",
      worker: String = ""
    ) {
      self.started = started
      self.ended = ended
      self.end = end
      self.host = host
      self.worker = worker
    }
  }

  /// A note under a key.
  public struct Attribute: Hashable, Sendable {
    /// Whose it is.
    public var scope: AttributeScope
    /// Unique among the notes of its scope.
    public var key: String
    /// JSON text.
    public var json: String

    /// `json` is kept as it is.
    public init(scope: AttributeScope, key: String, json: String) {
      self.scope = scope
      self.key = key
      self.json = json
    }
  }

  /// Its number in the study; above that of the trial before it.
  public var number: Int
  /// `waiting`, or finished: nothing that is imported runs.
  public var state: TrialState
  /// When it was made.
  public var created: Timestamp
  /// When it ended; nil of one that waits.
  public var ended: Timestamp?
  /// Nil where nothing is known of a run.
  public var run: Run?
  /// The values of its parameters.
  public var assignment: Assignment
  /// One an objective, or none.
  public var values: [Double]
  /// Who proposed it; may be empty.
  public var proposer: String
  /// The trial whose parameters it repeats.
  public var retryOf: Int?
  /// In the order of the table's columns.
  public var attributes: [Attribute]
  /// What is said of it.
  public var marks = TrialMarks()

  /// A trial of which little is known.
  public init(
    number: Int, state: TrialState, created: Timestamp, ended: Timestamp? = nil, run: Run? = nil,
    assignment: Assignment = Assignment(), values: [Double] = [], proposer: String = "",
    retryOf: Int? = nil, attributes: [Attribute] = []
  ) {
    self.number = number
    self.state = state
    self.created = created
    self.ended = ended
    self.run = run
    self.assignment = assignment
    self.values = values
    self.proposer = proposer
    self.retryOf = retryOf
    self.attributes = attributes
  }
}

/// A value that a trial reported elsewhere.
public struct ImportedReport: Hashable, Sendable {
  /// The metric's name.
  public var metric: String
  /// The step it belongs to.
  public var step: Int64
  /// NaN and infinities too.
  public var value: Double
  /// When it was reported; nil where nobody knows.
  public var time: Timestamp?

  /// A value at a step.
  public init(metric: String, step: Int64, value: Double, time: Timestamp? = nil) {
    self.metric = metric
    self.step = step
    self.value = value
    self.time = time
  }
}

extension ImportedTrial {
  /// What says of it what its marks are, once it is there.
  package var marking: [TrialMarking.Entry] {
    if marks.isEmpty { return [] }
    var entries: [TrialMark] = []
    if let note = marks.note { entries.append(.note(note)) }
    entries += marks.tags.map { .tag($0) }
    if let original = marks.rerunOf { entries.append(.rerun(of: original, ended: nil)) }
    // One that waits would be left out for good.
    if let reason = marks.dropped, state.isFinished {
      entries.append(.dropped(state, reason: reason))
    }
    return entries.map { TrialMarking.Entry(number, $0) }
  }

  /// When a report was made of which that is not known.
  package var reportTime: Timestamp { run?.ended ?? ended ?? created }

  /// What makes it a trial of `study`, up to its reports.
  package func beginning(of study: StudyID, id: TrialID, claim: ClaimID) -> [StudyEvent] {
    var events: [StudyEvent] = [
      .trialCreated(
        study,
        TrialCreation(
          id: id, number: number, time: created, assignment: assignment, proposer: proposer,
          retryOf: retryOf))
    ]
    if let run {
      events.append(
        .trialClaimed(
          study, trial: number,
          TrialClaim(
            claim: claim, lease: .detached(deadline: nil), host: run.host, worker: run.worker,
            time: run.started)))
    }
    for attribute in attributes {
      events.append(
        .trialAttributeSet(
          study, trial: number, attribute.scope, key: attribute.key, value: attribute.json))
    }
    return events
  }

  /// What makes `report` one of its own.
  package func event(_ report: ImportedReport, of study: StudyID, claim: ClaimID) -> StudyEvent {
    .metricsReported(
      study, trial: number,
      MetricReport(
        claim: run == nil ? nil : claim, step: report.step,
        entries: [.init(report.metric, report.value)], time: report.time ?? reportTime))
  }

  /// What ends it, after its reports; nil of one that waits and was never run.
  ///
  /// - Parameter violations: how it stands to the study's bounds.
  package func ending(
    of study: StudyID, claim: ClaimID, violations: [Double]
  ) -> StudyEvent? {
    guard state.isFinished else {
      return run.map {
        .attemptEnded(study, trial: number, claim: claim, $0.end, time: $0.ended)
      }
    }
    return .trialFinished(
      study, trial: number,
      TrialResult(
        claim: run == nil ? nil : claim, state: state, values: values, violations: violations,
        end: run?.end, time: ended ?? run?.ended ?? created))
  }
}
