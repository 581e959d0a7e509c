// What goes wrong is told in three parts, as values, by whoever knows: the fact, the evidence,
// and what to try. They are joined to text once, where somebody reads them.

/// What an error has to say.
public struct Explanation: Hashable, Sendable {
  /// Whose turn it is, from which a door derives its exit code or its status.
  public enum Kind: Hashable, Sendable {
    /// What was asked for is wrong, or contradicts what is there: asked otherwise, it works.
    case wrongUsage
    /// It was asked rightly, and it failed.
    case failure
    /// Whoever asked wanted no answer any more.
    case interruption
  }

  /// What is wrong: one line without a full stop.
  public var fact: String
  /// What was seen, by lines.
  public var evidence: [String]
  /// What may help, best first.
  public var suggestions: [String]
  /// Whose turn it is.
  public var kind: Kind

  /// Puts the parts together; a failure unless `kind` says otherwise.
  public init(
    _ fact: String, evidence: [String] = [], try suggestions: [String] = [],
    kind: Kind = .failure
  ) {
    self.fact = fact
    self.evidence = evidence
    self.suggestions = suggestions
    self.kind = kind
  }

  /// What `error` says of itself. One that does not explain itself, as those of other libraries,
  /// is a failure with its description for a fact.
  public init(describing error: any Error) {
    self = (error as? any ExplainedError)?.explanation ?? Explanation(String(describing: error))
  }

  /// As evidence: a text of one line, and under it a mark below the part that is to blame.
  ///
  /// - Parameter range: counted in characters; empty where something is missing.
  package static func marking(_ range: Range<Int>, of text: String) -> [String] {
    guard !text.isEmpty, !text.contains(where: \.isNewline) else { return [] }
    let mark = String(repeating: "^", count: max(1, range.count))
    return [text, String(repeating: " ", count: range.lowerBound) + mark]
  }

  /// The parts as lines:
  ///
  ///     trial 0 exited 0 but never reported "accuracy"
  ///       it printed: "val_acc=0.91"
  ///       try: --metric accuracy='val_acc=(\S+)'
  ///        or: printing a line of JSON
  public var lines: [String] {
    var lines = [fact]
    lines += evidence.map { "  \($0)" }
    for (index, suggestion) in suggestions.enumerated() {
      lines.append((index == 0 ? "  try: " : "   or: ") + suggestion)
    }
    return lines
  }
}

/// An error that says what happened, what was seen, and what may help. Its description is made
/// of these parts, and nothing ever reads them out of it again.
public protocol ExplainedError: Error, CustomStringConvertible {
  var explanation: Explanation { get }
}

extension ExplainedError {
  /// The parts of the explanation, by lines.
  public var description: String { explanation.lines.joined(separator: "\n") }
}
