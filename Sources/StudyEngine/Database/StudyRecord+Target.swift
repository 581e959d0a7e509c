// When a study is good enough.

package import StudyModel

extension StudyRecord {
  /// Whether a complete trial that keeps the bounds has a value as good as the study's target.
  package var hasReachedTarget: Bool {
    let definition = study.definition
    guard let target = definition.targetValue, definition.objectives.count == 1,
      let best = bestTrials.first?.values.first
    else { return false }
    return definition.objectives[0].reaches(target, with: best)
  }
}
