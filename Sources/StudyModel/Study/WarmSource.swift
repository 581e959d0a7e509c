// Studies that learn from others: a new study may begin with what finished trials of older ones
// have shown.

public import PlainText

/// A study whose trials another one of the same store learns from, as far as it had come when the
/// other was made. What finishes there later never counts, so that proposals stay what they were.
public struct WarmSource: Hashable, Sendable, Codable {
  /// Which study it is, whatever it may be called by now.
  public let study: StudyID
  /// What it was called.
  public let name: String
  /// How many of its trials count, in the order in which they finished; not negative.
  public let finishedCount: Int

  /// The first `finishedCount` trials that finished in `study`.
  public init(study: StudyID, name: String, finishedCount: Int) {
    self.study = study
    self.name = name
    self.finishedCount = finishedCount
  }
}

/// Why a study is of no use to another.
public enum WarmSourceError: ExplainedError, Hashable {
  case severalObjectives(source: String)
  case nothingFinished(source: String)
  /// No parameter of the one could be a parameter of the other.
  case nothingShared(source: String, its: [String], wanted: [String])
  case namedTwice(source: String)

  public var explanation: Explanation {
    switch self {
    case .severalObjectives(let source):
      Explanation(
        "nothing can be learned from \(source.jsonQuoted) for a single objective: "
          + "one of the two has several", kind: .wrongUsage)
    case .nothingFinished(let source):
      Explanation(
        "nothing can be learned from \(source.jsonQuoted) yet: none of its trials is complete",
        try: [ShellText.line(["cairn", "trials", source])], kind: .wrongUsage)
    case .nothingShared(let source, let its, let wanted):
      Explanation(
        "\(source.jsonQuoted) has no parameter in common with this study",
        evidence: [
          "it has      \(its.joined(separator: ", "))",
          "this one has \(wanted.joined(separator: ", "))",
          "a parameter is the same when name, kind, scale and choices are; bounds may differ",
        ], kind: .wrongUsage)
    case .namedTwice(let source):
      Explanation("\(source.jsonQuoted) is named twice to learn from", kind: .wrongUsage)
    }
  }
}

extension StudyRecord {
  /// This study as a source for one that is defined so, frozen at the trials it has finished.
  ///
  /// - Throws: ``WarmSourceError`` when there is nothing to learn.
  public func warmSource(
    for definition: StudyDefinition
  ) throws(WarmSourceError) -> WarmSource {
    let name = study.name
    guard study.definition.objectives.count == 1, definition.objectives.count == 1 else {
      throw .severalObjectives(source: name)
    }
    guard searchedCount(.complete) > 0 else { throw .nothingFinished(source: name) }
    let wanted = definition.space.parameters
    let isShared = wanted.contains { parameter in
      distributions(ofParameter: parameter.name).contains {
        $0.isCompatible(with: parameter.distribution)
      }
    }
    guard isShared else {
      throw .nothingShared(
        source: name, its: study.definition.space.parameters.map(\.name),
        wanted: wanted.map(\.name))
    }
    return WarmSource(study: study.id, name: name, finishedCount: finishedRows.count)
  }
}

/// What a sampler may know of a source: its finished trials as they were when it was frozen.
public struct SourceHistory: Sendable {
  /// Where it comes from.
  public let source: WarmSource
  /// The whole study. Only ``rows`` count.
  public let history: History

  /// `record` is the study that `source` names.
  public init(_ source: WarmSource, _ record: StudyRecord) {
    self.source = source
    history = History(record)
  }

  /// The rows of the trials that count, in the order in which they finished; those that were set
  /// aside since are not among them.
  public var rows: Slice<SearchedRows> {
    history.finishedRows.prefix(ofFinished: source.finishedCount)
  }
}
