// What can be asked: which figure of the trials is to be explained, and how.

package import StudyModel

/// The figure of a trial that parameters may explain.
package enum ImportanceTarget: Hashable, Sendable {
  /// The final value of the objective with this index.
  case objective(Int)
  /// The last value of a metric that was reported by step.
  case metric(String)
  /// Seconds spent in attempts.
  case duration

  /// The target that `name` means in a study: an objective or metric by its name, `duration_s`, or
  /// `value` for the only objective. Nil, too, means the only objective.
  ///
  /// - Throws: ``ImportanceError`` with the names there are.
  package init(named name: String?, in record: StudyRecord) throws(ImportanceError) {
    let objectives = record.study.definition.objectives
    if let name, let index = objectives.firstIndex(where: { $0.name.isSameName(as: name) }) {
      self = .objective(index)
    } else if let name, record.metricNames.contains(where: { $0.isSameName(as: name) }) {
      self = .metric(name)
    } else if name == Self.durationName {
      self = .duration
    } else if name == nil || name == "value" {
      guard objectives.count == 1 else {
        throw .severalObjectives(study: record.study.name, objectives.map(\.name))
      }
      self = .objective(0)
    } else {
      throw .unknownTarget(
        name ?? "", study: record.study.name,
        known: objectives.map(\.name) + record.metricNames + [Self.durationName])
    }
  }

  private static let durationName = "duration_s"

  /// What it is called.
  package func name(in record: StudyRecord) -> String {
    switch self {
    case .objective(let index): record.study.definition.objectives[index].name
    case .metric(let name): name
    case .duration: Self.durationName
    }
  }

  /// Which values are good; nil: nobody has said.
  package func direction(in record: StudyRecord) -> StudyDirection? {
    switch self {
    case .objective(let index): record.study.definition.objectives[index].direction
    case .metric: nil
    case .duration: .minimize
    }
  }
}

/// How importance is told.
package enum ImportanceMethod: String, Hashable, Sendable, CaseIterable {
  /// Shares of the variance of a random forest's prediction over the whole search space.
  case fanova
  /// How differently the best trials chose a parameter.
  case pedANOVA = "ped-anova"
  /// How much worse a random forest predicts when a parameter's values are shuffled.
  case permutation
}

/// What is asked of the trials of a study.
package struct ImportanceQuestion: Hashable, Sendable {
  /// What parameters are to explain.
  package var target: ImportanceTarget
  /// How.
  package var method = ImportanceMethod.fanova
  /// Whether to tell what two parameters do together; of ``ImportanceMethod/fanova``.
  package var withPairs = false
  /// The share of the trials that are the best; of ``ImportanceMethod/pedANOVA``.
  package var quantile = 0.1
  /// How many bootstrap samples of the trials are looked at, at least 1; nil: 64, each of which
  /// grows a tree, or 8 of ``ImportanceMethod/pedANOVA``, which asks them for the deviation alone.
  package var seeds: Int?
  var seedCount: Int { seeds ?? (method == .pedANOVA ? 8 : 64) }
  /// Which values of the target are good; of ``ImportanceMethod/pedANOVA``.
  package var direction: StudyDirection?

  /// Asks for the importance for `target`, all else by default.
  package init(_ target: ImportanceTarget) { self.target = target }
}
