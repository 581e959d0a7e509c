// Why there is no answer: the question names nothing, or the history supports no conclusion.

package import PlainText

/// Why importance is not told.
package enum ImportanceError: ExplainedError, Hashable {
  case unknownTarget(String, study: String, known: [String])
  case severalObjectives(study: String, [String])
  /// - Parameter omissions: why others do not count, by lines.
  case tooFewTrials(Int, least: Int, target: String, omissions: [String])
  case constantTarget(String, trials: Int)
  /// No parameter has more than one value.
  case nothingVaried(trials: Int)
  /// A forest explains too little of trials that it was not grown on.
  case poorFit(Double, least: Double, target: String, trials: Int)
  /// Shuffled histories look the same.
  case nothingStandsOut(chance: Double, best: Int, trials: Int)
  /// The best are all trials, or nearly none.
  case noBest(Int, trials: Int)

  package var explanation: Explanation {
    switch self {
    case .unknownTarget(let name, let study, let known):
      Explanation(
        "\(study.jsonQuoted) has no \(name.jsonQuoted) to explain",
        evidence: ["there is " + known.prefix(20).joined(separator: ", ").neutralized],
        try: nearestNames(to: name, among: known).map { "--target \(ShellText.quoted($0))" },
        kind: .wrongUsage)
    case .severalObjectives(let study, let names):
      Explanation(
        "\(study.jsonQuoted) has \(names.count) objectives, and each has its own importances",
        try: names.map { "--target \(ShellText.quoted($0))" }, kind: .wrongUsage)
    case .tooFewTrials(let count, let least, let target, let omissions):
      Explanation(
        "\(Measures.count(count, "trial")) with \(target.jsonQuoted) cannot tell what matters:"
          + " it takes \(least)",
        evidence: omissions)
    case .constantTarget(let target, let trials):
      Explanation(
        "\(target.jsonQuoted) is the same in all \(trials) trials, so nothing can explain it",
        try: ["another --target"])
    case .nothingVaried(let trials):
      Explanation("no parameter has two values in the \(trials) trials, so none can matter")
    case .poorFit(let fit, let least, let target, let trials):
      Explanation(
        "the \(trials) trials do not tell what \(target.jsonQuoted) depends on",
        evidence: [
          "of trials that it has not seen, a random forest explains"
            + " \(Self.percent(max(0, fit))) of the variance; it takes \(Self.percent(least))"
        ],
        try: ["more trials", "--where without the trials that went wildly wrong"])
    case .nothingStandsOut(let chance, let best, let trials):
      Explanation(
        "the best \(best) of \(trials) trials chose no parameter otherwise than all did",
        evidence: [
          "as large a difference came up in \(Self.percent(chance)) of shuffled histories"
        ],
        try: ["more trials", "another --quantile", "--method fanova"])
    case .noBest(let best, let trials):
      Explanation(
        "the best \(best) of \(trials) trials are no sample to compare with all",
        evidence: ["it takes at least 3, and as many others"],
        try: ["another --quantile", "more trials"])
    }
  }

  private static func percent(_ share: Double) -> String {
    "\((100 * share).text(significantDigits: 2)) %"
  }
}
