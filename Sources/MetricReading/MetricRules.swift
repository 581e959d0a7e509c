// What to look for in what an objective says.

import PlainText
package import StudyModel

/// Something an objective said about its metrics.
package enum Observation: Hashable, Sendable {
  /// Values at a step.
  case intermediate(step: Int64, [MetricReport.Entry])
  /// Values without a step: final ones, or one of a series (``AttemptMetrics`` decides).
  case stepless([MetricReport.Entry])
  /// The last line that is nothing but a number: the value of an objective that nobody named,
  /// unless it has one otherwise.
  case bareNumber(Double)
  /// What was said of this step and later ones is void: the objective goes on from there.
  case restart(step: Int64)
}

/// What to look for. Made once for a run: it holds what its patterns have cost so far.
package struct MetricRules: Sendable {
  /// Names of objectives and bounded metrics: a JSON line without a step counts when it has one
  /// of them.
  package var awaited: Set<String>
  package var patterns: [MetricPattern]
  /// Whether a last line that is a bare number is the value: when no objective was named.
  package var takesBareNumber: Bool
  /// Whether what trainers print for people is understood as well.
  package var readsPrinted: Bool
  package var stepKeys: StepKeys

  package init(
    awaited: Set<String> = [], patterns: [MetricPattern] = [], takesBareNumber: Bool = false,
    readsPrinted: Bool = false, stepKeys: StepKeys = StepKeys()
  ) {
    self.awaited = awaited
    self.patterns = patterns
    self.takesBareNumber = takesBareNumber
    self.readsPrinted = readsPrinted
    self.stepKeys = stepKeys
  }

  /// The rules of a study: what trainers print is understood where an objective was named and
  /// nothing more exact, a pattern or a file, says where its values are.
  ///
  /// - Throws: ``MetricRuleError``.
  package init(
    objectives: [Objective], bounds: [MetricBound] = [], patterns: [String] = [],
    hasSources: Bool = false, readsPrinted: Bool = true, step: String? = nil
  ) throws(MetricRuleError) {
    var parsed: [MetricPattern] = []
    for text in patterns { parsed.append(try MetricPattern(parsing: text)) }
    let isNamed = objectives != [.standard]
    self.init(
      awaited: Set(objectives.map(\.name)).union(bounds.map(\.metric)), patterns: parsed,
      takesBareNumber: !isNamed, readsPrinted: isNamed && readsPrinted && !hasSources,
      stepKeys: StepKeys(first: step))
  }

  /// What may be found without a pattern: what has one is looked for by it alone.
  var awaitedInPrint: Set<String> { awaited.subtracting(patterns.map(\.name)) }

  /// What a JSON object says: at the step it names, or else, if something awaited is among its
  /// numbers, without one. Steps by other names than the one that counts are no metrics.
  func observation(
    of object: JSONLine, numbering: inout StepNumbering
  ) -> Observation? {
    var step: Double?
    var bestRank = Int.max
    var entries: [MetricReport.Entry] = []
    for member in object.members {
      let isAwaited = awaited.contains(member.name)
      if !isAwaited, let rank = stepKeys.rank(of: member.name) {
        guard rank < bestRank, let number = member.value.quotedNumber else { continue }
        bestRank = rank
        step = number
      } else if let number = isAwaited ? member.value.quotedNumber : member.number {
        entries.append(MetricReport.Entry(member.name, number))
      }
    }
    guard !entries.isEmpty else { return nil }
    if let step {
      let kind = entries.first { awaited.contains($0.metric) } ?? entries[0]
      return numbering.step(step, of: kind.metric).map { .intermediate(step: $0, entries) }
    }
    return entries.contains { awaited.contains($0.metric) } ? .stepless(entries) : nil
  }
}

extension JSONLine.Value {
  /// The number that this is, or that stands in its quotes.
  fileprivate var quotedNumber: Double? {
    if case .text(let text) = self { PrintedNumber.decimal(ArraySlice(text.utf8)) } else { number }
  }
}
