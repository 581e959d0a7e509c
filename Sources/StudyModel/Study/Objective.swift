// What a study wants: objectives to improve, and bounds that reported metrics must keep.

public enum StudyDirection: String, Hashable, Sendable, Codable {
  case minimize
  case maximize

  /// Whether `a` is a better value than `b`. NaN is never better.
  public func isBetter(_ a: Double, than b: Double) -> Bool {
    self == .minimize ? a < b : a > b
  }
}

/// One objective: a metric and the way it should go.
public struct Objective: Hashable, Sendable, Codable {
  public let name: String
  public let direction: StudyDirection
  /// How values reported by step become the final value when the script names none.
  public let aggregate: MetricAggregate

  public init(name: String, direction: StudyDirection, aggregate: MetricAggregate = .last) {
    self.name = name
    self.direction = direction
    self.aggregate = aggregate
  }

  /// What a study minimizes when it was told nothing.
  public static let standard = Objective(name: "value", direction: .minimize)
}

/// One number for a metric's values over the steps of a trial.
public enum MetricAggregate: Hashable, Sendable {
  case last
  case minimum
  case maximum
  /// The mean over the last `count` steps, at least one.
  case mean(count: Int)
}

extension MetricAggregate: Codable {
  private enum Stored: Codable {
    case last
    case minimum
    case maximum
    case mean(count: Int)
  }

  public init(from decoder: any Decoder) throws {
    switch try Stored(from: decoder) {
    case .last: self = .last
    case .minimum: self = .minimum
    case .maximum: self = .maximum
    case .mean(let count):
      guard count > 0 else { throw DefinitionError("the mean of the last \(count) steps") }
      self = .mean(count: count)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .last: try Stored.last.encode(to: encoder)
    case .minimum: try Stored.minimum.encode(to: encoder)
    case .maximum: try Stored.maximum.encode(to: encoder)
    case .mean(let count): try Stored.mean(count: count).encode(to: encoder)
    }
  }
}

/// A bound on a reported metric, `latency_ms <= 20`: a trial that breaks it is infeasible.
public struct MetricBound: Hashable, Sendable, Codable {
  public enum Relation: String, Hashable, Sendable, Codable {
    case atMost = "<="
    case atLeast = ">="
  }

  public let metric: String
  public let relation: Relation
  public let limit: Double

  public init(metric: String, relation: Relation, limit: Double) {
    self.metric = metric
    self.relation = relation
    self.limit = limit
  }

  /// By how much `value` breaks the bound; zero or less when it keeps it. (Optuna's sign.)
  public func violation(of value: Double) -> Double {
    relation == .atMost ? value - limit : limit - value
  }
}
