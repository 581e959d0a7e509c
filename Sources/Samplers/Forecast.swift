// What a sampler expected of a point when it proposed it, kept with the trial.

import PlainText
import StudyModel

/// A model's expectation of the objective at a proposed point. Recorded as the trial's system
/// attribute ``attribute``, in JSON, so that it can be queried beside what came of it.
public struct Forecast: Hashable, Sendable {
  /// The name of the attribute.
  public static let attribute = "forecast"

  /// In the objective's own unit: what it is as likely to exceed as not, without the noise of an
  /// observation.
  public let median: Double
  /// The ends of its central 68 %, in the objective's own unit.
  public let low: Double
  /// See ``low``.
  public let high: Double
  /// ln of the acquisition function, in the model's own unit: comparable within a study only.
  public let acquisition: Double
  /// How far each of the study's sources was believed, by its name; the rest to 1 is the study's
  /// own.
  public let sources: [Source]

  /// A source and its share.
  public struct Source: Hashable, Sendable {
    /// What the source was called.
    public let name: String
    /// From 0 to 1.
    public let weight: Double

    /// `weight` is from 0 to 1.
    public init(name: String, weight: Double) {
      self.name = name
      self.weight = weight
    }
  }

  /// Ends in any order.
  public init(
    median: Double, between one: Double, and other: Double, acquisition: Double,
    sources: [Source] = []
  ) {
    self.median = median
    low = min(one, other)
    high = max(one, other)
    self.acquisition = acquisition
    self.sources = sources
  }

  /// As it is recorded.
  package var json: String {
    func object(_ members: [(name: String, json: String)]) -> String {
      "{" + members.map { "\($0.name.jsonQuoted): \($0.json)" }.joined(separator: ", ") + "}"
    }
    var members = [
      ("median", median.jsonToken), ("low", low.jsonToken), ("high", high.jsonToken),
      ("acquisition", acquisition.jsonToken),
    ]
    if !sources.isEmpty {
      members.append(("sources", object(sources.map { ($0.name, $0.weight.jsonToken) })))
    }
    return object(members)
  }

  /// What was recorded; nil when it is nothing of the kind.
  package init?(json: String) {
    guard let object = JSONLine(Array(json.utf8)[...]) else { return nil }
    func number(_ name: String) -> Double? {
      // What is infinite stands as text.
      if case .text(let text)? = object[name]?.value { return Double(text) }
      return object[name]?.number
    }
    guard let median = number("median"), let low = number("low"), let high = number("high"),
      let acquisition = number("acquisition")
    else { return nil }
    var sources: [Source] = []
    if case .object(let shares)? = object["sources"]?.value {
      for share in shares.members {
        guard let weight = share.number else { return nil }
        sources.append(Source(name: share.name, weight: weight))
      }
    }
    self.init(
      median: median, between: low, and: high, acquisition: acquisition, sources: sources)
  }
}
