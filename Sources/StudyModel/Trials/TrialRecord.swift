// One trial as a value, to be shown or compared.

/// All there is of a trial, but for its curves, which ``StudyRecord/series(of:row:)`` reads.
public struct TrialRecord: Sendable {
  /// A note under a key.
  public struct Attribute: Hashable, Sendable {
    /// Unique among the notes of its kind.
    public let key: String
    /// JSON text, as it came.
    public let json: String
  }

  /// One metric of the trial in short.
  public struct Series: Hashable, Sendable {
    /// The metric's name.
    public let metric: String
    /// What the points come to.
    public let summary: SeriesSummary
  }

  /// Its row in the study.
  public let row: Int
  /// Its number in the study, from 0.
  public let number: Int
  /// Unique in the store.
  public let id: TrialID
  /// What it is now.
  public let state: TrialState
  /// When it was made.
  public let created: Timestamp
  /// When its first attempt began.
  public let started: Timestamp?
  /// When it ended; nil while it has not.
  public let ended: Timestamp?
  /// In the order of the study's columns.
  public let assignment: Assignment
  /// The values of the objectives: all, or none.
  public let values: [Double]
  /// By bound of the study: by how much it is broken (positive) or kept; nil: not known.
  public let violations: [Double?]
  /// Which sampler proposed it; empty when it was enqueued or came from elsewhere.
  public let proposer: String
  /// The number of the trial it runs again; nil: of none.
  public let retryOf: Int?
  /// First to last.
  public let attempts: [Attempt]
  /// What is said of it.
  public let marks: TrialMarks
  /// In the order in which the study first saw their keys.
  public let userAttributes: [Attribute]
  /// The same, set by programs.
  public let systemAttributes: [Attribute]
  /// What it reported, in the order in which the study first saw the metrics.
  public let series: [Series]

  /// Whether it keeps every bound, as far as known.
  public var isFeasible: Bool { violations.allSatisfy { ($0 ?? 0) <= 0 } }

  init(_ place: TrialPlace, row: Int, _ record: StudyRecord) {
    let schema = record.schema
    self.row = row
    number = place.number
    id = place.id
    state = place.state
    created = place.created
    started = place.started
    ended = place.ended
    assignment = place.assignment(schema)
    let present = (0..<schema.objectiveCount).compactMap { place.value($0) }
    values = present.count == schema.objectiveCount ? present : []
    violations = (0..<schema.boundCount).map { place.violation($0) }
    proposer = place.proposer
    retryOf = place.retryOf
    attempts = place.attempts
    marks = record.marks(ofRow: row)
    func attributes(_ scope: AttributeScope) -> [Attribute] {
      let keys = schema.attributes(scope)
      return place.attributes(scope).map { Attribute(key: keys[$0.column].text, json: $0.value) }
    }
    userAttributes = attributes(.user)
    systemAttributes = attributes(.system)
    series = place.metrics.compactMap { metric in
      place.summary(metric).map { Series(metric: schema.metrics[metric].text, summary: $0) }
    }
  }
}

extension TrialPlace {
  func assignment(_ schema: StudySchema) -> Assignment {
    Assignment(
      parameters.map { parameter, kept in
        .init(
          name: schema.parameters[parameter].text,
          distribution: schema.distribution(kept.distribution, ofParameter: parameter),
          internalValue: kept.value)
      })
  }
}

extension OpenTrial {
  /// Its parameters so far, in the order of the columns of `record`, which it is of.
  public func assignment(in record: StudyRecord) -> Assignment {
    TrialPlace.loose(Box(self)).assignment(record.schema)
  }
}
