// Whether the objective is sought in the wrong direction: a study that minimizes an accuracy, or
// maximizes a loss, looks well until somebody reads its best trial, and a pruner gives up just the
// trials that learn.

internal import PlainText
internal import StudyModel

/// A look at the first curves of a run.
struct DirectionDoubt {
  /// So many curves must be there, of so many reports each, to say anything.
  private static let leastCurves = 8
  private static let leastReports = 5
  /// Of the curves, that get worse.
  private static let share = 0.9
  /// Only so many trials are looked at, the latest ones.
  private static let trialLimit = 16

  private var isSettled = false

  /// What is doubtful about the direction; nil while there are too few curves, when there is no
  /// doubt, and after it was said once.
  mutating func warning(about study: StudyRecord) throws -> Explanation? {
    // The smallest value of a curve is no worse than its first.
    let objectives = study.study.definition.objectives
    guard !isSettled, objectives.count == 1, let objective = objectives.first,
      objective.aggregate != .minimum, objective.aggregate != .maximum
    else { return nil }
    var (curves, worse) = (0, 0)
    for row in study.searchedRows.suffix(Self.trialLimit) {
      guard let summary = try study.summary(of: objective.name, row: row),
        summary.count >= Self.leastReports, summary.first.value.isFinite,
        summary.last.value.isFinite
      else { continue }
      curves += 1
      let (first, last) = (summary.first.value, summary.last.value)
      if objective.direction == .minimize ? last > first : last < first { worse += 1 }
    }
    guard curves >= Self.leastCurves else { return nil }
    isSettled = true
    guard Double(worse) >= Self.share * Double(curves) else { return nil }
    let (minimizes, other) =
      objective.direction == .minimize ? ("minimizes", "maximize") : ("maximizes", "minimize")
    return Explanation(
      "\(objective.name.jsonQuoted) ends \(minimizes == "minimizes" ? "higher" : "lower") than it "
        + "began in \(worse) of \(curves) trials, and the study \(minimizes) it",
      try: ["a new study with --\(other) \(ShellText.quoted(objective.name)), if that is better"])
  }
}
