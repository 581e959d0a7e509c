// What the trials of a study say of its parameters.

package import PlainText
package import StudyModel

/// How much each parameter matters, largest first.
package struct ImportanceReport: Sendable {
  /// One parameter, or two together.
  package struct Entry: Hashable, Sendable {
    /// Their names: one or two.
    package let parameters: [String]
    /// The share that is theirs; nil when no trial can tell, since it never varied.
    package let importance: Double?
    /// The standard deviation over bootstrap samples of the trials; nil with one sample.
    package let deviation: Double?
  }

  /// Parameters and pairs, by descending importance.
  package let entries: [Entry]
  /// How many trials were looked at.
  package let trialCount: Int
  /// How many trials had the target.
  package let usableCount: Int
  /// Why other trials do not count: `3 failed`.
  package let omissions: [String]
  /// The share of the variance that the forest explains of trials it was not grown on; nil when
  /// there is no forest.
  package let fit: Double?
  /// How many trials are the best, of which importance is told; nil: it is told of all.
  package let bestCount: Int?
  /// What keeps it from being a firm conclusion.
  package let caveats: [Explanation]
}

extension StudyRecord {
  /// So many trials are needed at least to say anything.
  private static let leastTrials = 10
  /// Below, and by luck above with few trials, a forest has found nothing.
  private static let leastFit = 0.1
  /// Below, what it has found is not most of what there is.
  private static let goodFit = 0.5
  private static let leastBest = 3
  private static let goodBest = 5
  private static let mostChance = 0.05

  /// How much each parameter matters for a target.
  ///
  /// - Parameters:
  ///   - numbers: of the trials to look at; nil: all. Only complete ones count.
  /// - Throws: ``ImportanceError`` when the trials support no conclusion; when they cannot be read.
  /// - Complexity: O(seeds · trials · log trials · parameters), with at most 4,096 trials a tree.
  package func importance(
    _ question: ImportanceQuestion, among numbers: Set<Int>? = nil
  ) throws -> ImportanceReport {
    let trials = try TargetedTrials(of: question.target, in: self, among: numbers)
    let name = question.target.name(in: self)
    guard trials.targets.count >= Self.leastTrials else {
      throw ImportanceError.tooFewTrials(
        trials.targets.count, least: Self.leastTrials, target: name,
        omissions: trials.omissions.isEmpty
          ? [] : ["left out: \(trials.omissions.joined(separator: ", "))"])
    }
    guard let targets = Self.standardized(trials.targets) else {
      throw ImportanceError.constantTarget(name, trials: trials.targets.count)
    }
    let varied = trials.parameters.indices.filter { trials.parameters[$0].hasVaried }
    guard !varied.isEmpty else {
      throw ImportanceError.nothingVaried(trials: trials.targets.count)
    }
    return question.method == .pedANOVA
      ? try bestOnes(trials, varied, question)
      : try forest(trials, targets, varied, question, target: name)
  }

  /// Of mean 0 and variance 1; nil when they are all alike.
  private static func standardized(_ values: [Double]) -> [Double]? {
    // Scaled first, lest squares overflow or vanish.
    let low = values.min() ?? 0
    let range = (values.max() ?? 0) / 2 - low / 2
    guard range > 0 else { return nil }
    let scaled = values.map { ($0 / 2 - low / 2) / range }
    let mean = scaled.reduce(0, +) / Double(scaled.count)
    let variance = scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scaled.count)
    return scaled.map { ($0 - mean) / variance.squareRoot() }
  }

  private func forest(
    _ trials: TargetedTrials, _ targets: [Double], _ varied: [Int],
    _ question: ImportanceQuestion, target: String
  ) throws -> ImportanceReport {
    let axes = varied.map {
      BinnedAxis(trials.parameters[$0].values, of: trials.parameters[$0].domain)
    }
    let analysis = ForestAnalysis(
      axes, targets: targets, seeds: question.seedCount, withPairs: question.withPairs,
      isPermutation: question.method == .permutation)
    let least = max(Self.leastFit, 1 / Double(targets.count).squareRoot())
    guard let fit = analysis.fit, fit >= least else {
      throw ImportanceError.poorFit(
        analysis.fit ?? 0, least: least, target: target, trials: targets.count)
    }
    var entries = Self.entries(
      trials.parameters, varied, analysis.seeds.map(\.single))
    let pairs = Set(analysis.seeds.flatMap { $0.pairs.keys })
    for pair in pairs {
      entries.append(
        Self.entry(
          [pair.first, pair.second].map { trials.parameters[varied[$0]].name },
          analysis.seeds.map { $0.pairs[pair] ?? 0 }))
    }
    var caveats: [Explanation] = []
    if fit < Self.goodFit {
      let percent = (100 * fit).text(significantDigits: 2)
      caveats.append(
        Explanation(
          "a weak basis: of trials that it has not seen, the forest explains \(percent) % of the"
            + " variance of \(target.jsonQuoted)",
          try: ["more trials"]))
    }
    return report(trials, entries, fit: fit, bestCount: nil, caveats)
  }

  private func bestOnes(
    _ trials: TargetedTrials, _ varied: [Int], _ question: ImportanceQuestion
  ) throws -> ImportanceReport {
    let direction = question.direction ?? question.target.direction(in: self) ?? .minimize
    // What breaks a bound is no candidate for the best.
    let losses = zip(trials.targets, trials.isFeasible).map { value, isFeasible in
      isFeasible ? (direction == .minimize ? value : -value) : .infinity
    }
    let columns = varied.map { index in
      let parameter = trials.parameters[index]
      return DensityColumn(
        parameter.regimeValues, domains: parameter.regimeOfTrial, of: parameter.regimes)
    }
    let analysis = DensityANOVA(
      columns, losses: losses, quantile: question.quantile, seeds: question.seedCount)
    let (best, all) = (analysis.bestCount, losses.count)
    guard best >= Self.leastBest, all - best >= Self.leastBest else {
      throw ImportanceError.noBest(best, trials: all)
    }
    guard analysis.chance <= Self.mostChance else {
      throw ImportanceError.nothingStandsOut(chance: analysis.chance, best: best, trials: all)
    }
    var entries = Self.entries(trials.parameters, varied, [analysis.shares])
    for (place, index) in varied.enumerated() {
      let spread = Self.entry([], analysis.seeds.map { $0[place] }).deviation
      entries[index] = .init(
        parameters: entries[index].parameters, importance: entries[index].importance,
        deviation: spread)
    }
    var caveats: [Explanation] = []
    if best < Self.goodBest {
      caveats.append(
        Explanation(
          "a weak basis: the best are \(best) trials only", try: ["more trials", "--quantile 0.2"]))
    }
    return report(trials, entries, fit: nil, bestCount: best, caveats)
  }

  /// One for each parameter, in their order.
  private static func entries(
    _ parameters: [ObservedParameter], _ varied: [Int], _ shares: [[Double]]
  ) -> [ImportanceReport.Entry] {
    var entries = parameters.map {
      ImportanceReport.Entry(parameters: [$0.name], importance: nil, deviation: nil)
    }
    for (place, index) in varied.enumerated() {
      entries[index] = entry([parameters[index].name], shares.map { $0[place] })
    }
    return entries
  }

  private static func entry(_ names: [String], _ shares: [Double]) -> ImportanceReport.Entry {
    let count = Double(shares.count)
    let mean = shares.reduce(0, +) / max(1, count)
    let square = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return ImportanceReport.Entry(
      parameters: names, importance: mean,
      deviation: shares.count > 1 ? (square / (count - 1)).squareRoot() : nil)
  }

  private func report(
    _ trials: TargetedTrials, _ entries: [ImportanceReport.Entry], fit: Double?, bestCount: Int?,
    _ caveats: [Explanation]
  ) -> ImportanceReport {
    let order = entries.indices.sorted { a, b in
      let (first, second) = (entries[a].importance ?? -2, entries[b].importance ?? -2)
      if first != second { return first > second }
      return entries[a].parameters.lexicographicallyPrecedes(entries[b].parameters)
    }
    return ImportanceReport(
      entries: order.map { entries[$0] }, trialCount: trials.targets.count,
      usableCount: trials.usableCount, omissions: trials.omissions, fit: fit, bestCount: bestCount,
      caveats: caveats)
  }
}
