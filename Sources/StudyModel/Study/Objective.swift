// What a study wants: objectives to improve, and bounds that reported metrics must keep.

/// Which of two values of an objective is the better one.
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
  /// The metric that is optimized.
  public let name: String
  /// Whether small or large is good.
  public let direction: StudyDirection
  /// How values reported by step become the final value when the script names none.
  public let aggregate: MetricAggregate

  /// `aggregate` is what the values over the steps come to.
  public init(name: String, direction: StudyDirection, aggregate: MetricAggregate = .last) {
    self.name = name
    self.direction = direction
    self.aggregate = aggregate
  }

  /// Whether `value` is `target` or better. NaN never is.
  public func reaches(_ target: Double, with value: Double) -> Bool {
    direction == .minimize ? value <= target : value >= target
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
  /// On which side of the limit a metric must be; the limit itself is kept.
  public enum Relation: String, Hashable, Sendable, Codable {
    case atMost = "<="
    case atLeast = ">="
  }

  /// The metric that is bounded.
  public let metric: String
  /// On which side of ``limit`` it must be.
  public let relation: Relation
  /// In the metric's own unit.
  public let limit: Double

  /// Holds for the value that the metric's series comes to.
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
