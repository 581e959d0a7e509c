// How a run finds metrics in what its attempts say: worked out once, shared by all of them.

internal import MetricReading
internal import PlainText
internal import StudyModel
internal import Synchronization

/// The rules by which the attempts of a run are read, and what was said about them.
final class OutputReading: Sendable {
  let rules: MetricRules
  let sources: [MetricSource]
  let objectives: [Objective]
  let bounds: Set<String>
  private let pruner: String
  private let told = Mutex<Set<String>>([])

  /// - Throws: `MetricRuleError` for a pattern or a source that is none.
  init(_ configuration: RunConfiguration, _ study: StudyDefinition) throws {
    rules = try MetricRules(
      objectives: study.objectives, bounds: study.bounds,
      patterns: configuration.metricPatterns, hasSources: !configuration.metricSources.isEmpty,
      readsPrinted: configuration.readsPrintedMetrics, step: configuration.stepName)
    sources = try configuration.metricSources.map { try MetricSource(parsing: $0) }
    objectives = study.objectives
    bounds = Set(study.bounds.map(\.metric))
    pruner = study.pruner.name
  }

  /// Whether nobody was told of `topic` in this run: what is wrong with one trial is so with
  /// hundreds.
  func isNew(_ topic: String) -> Bool { told.withLock { $0.insert(topic).inserted } }

  /// What has nothing to work on where an objective has a value and no series; nil when all is
  /// well.
  func warning(aboutSeries series: Set<String>, ofTrial number: Int) -> Explanation? {
    guard let objective = objectives.first(where: { !series.contains($0.name) }) else { return nil }
    let name = objective.name.jsonQuoted
    var idle: [String] = []
    if pruner != "none", objectives.count == 1 { idle.append("the pruner \(pruner)") }
    if let aggregate = objective.aggregate.sign { idle.append(aggregate) }
    guard !idle.isEmpty else { return nil }
    return Explanation(
      "trial \(number) gave \(name) once, without steps: \(idle.joined(separator: " and ")) "
        + "\(idle.count == 1 ? "has" : "have") no series to work on",
      try: ["the script prints {\"step\": N, \(name): NUMBER} on lines of its own as it goes"])
  }
}

extension MetricAggregate {
  /// As it is typed behind a metric's name; nil for the last value, which needs no series.
  fileprivate var sign: String? {
    switch self {
    case .last: nil
    case .minimum: "@min"
    case .maximum: "@max"
    case .mean(let count): "@mean:\(count)"
    }
  }
}
