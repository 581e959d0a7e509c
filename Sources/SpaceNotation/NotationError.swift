// Why a piece of notation on the command line was not understood.

package import PlainText
package import StudyModel

/// A text that could not be read, with the part that is to blame.
package struct NotationError: Error, Hashable, Sendable {
  package enum Problem: Hashable, Sendable {
    /// `what` ought to stand here.
    case missing(_ what: String)
    /// The part is no `what`.
    case notA(_ what: String)
    /// This part belongs to nothing.
    case unexpected
    /// A word out of a closed set.
    case unknown(_ kind: String, nearest: String?, known: [String])
    /// What is written is fine and means an impossible domain.
    case domain(DomainError)
    /// A value that is not a member of its parameter's domain, printed as `domain`.
    case outside(parameter: String, domain: String, nearest: String?)
    /// A parameter that does not exist beside the others given.
    case inactive(parameter: String, condition: String)
    case repeated
  }

  package let problem: Problem
  /// The whole text, as it was typed.
  package let text: String
  /// The offending part, counted in characters of `text`; empty where something is missing.
  package let range: Range<Int>
  /// What to write instead.
  package let suggestions: [String]

  package init(
    _ problem: Problem, in text: String, at part: Substring, suggestions: [String] = []
  ) {
    let start = text.distance(from: text.startIndex, to: part.startIndex)
    self.init(
      problem, in: text, range: start..<start + part.count, suggestions: suggestions)
  }

  package init(_ problem: Problem, in text: String, range: Range<Int>, suggestions: [String]) {
    self.problem = problem
    self.text = text
    self.range = range
    self.suggestions = suggestions
  }

  /// The same problem, seen in a longer text in which `text` stands `offset` characters from
  /// the start.
  func within(_ longer: String, at offset: Int) -> NotationError {
    NotationError(
      problem, in: longer, range: range.lowerBound + offset..<range.upperBound + offset,
      suggestions: suggestions)
  }

  /// The offending part.
  package var part: String { String(text.dropFirst(range.lowerBound).prefix(range.count)) }
}

extension NotationError: ExplainedError {
  package var explanation: Explanation {
    Explanation(fact, evidence: evidence, try: suggestions, kind: .wrongUsage)
  }

  /// One line: what is wrong.
  package var fact: String {
    switch problem {
    case .missing(let what): "\(what) is missing"
    case .notA(let what): "\(part.jsonQuoted) is not \(what)"
    case .unexpected: "\(part.jsonQuoted) does not belong here"
    case .unknown(let kind, let nearest, let known):
      "there is no \(kind) \(part.jsonQuoted); "
        + (nearest.map { "did you mean \($0)?" } ?? "known are \(known.joined(separator: ", "))")
    case .domain(let error): error.explanation.fact
    case .outside(let parameter, let domain, let nearest):
      "\(parameter) cannot be \(part.jsonQuoted): its domain is \(domain)"
        + (nearest.map { ", the nearest value \($0)" } ?? "")
    case .inactive(let parameter, let condition):
      "\(parameter) has no place here: it exists only when \(condition)"
    case .repeated: "\(part.jsonQuoted) is given twice"
    }
  }

  /// The text, and under it a mark below the offending part.
  package var evidence: [String] { Explanation.marking(range, of: text) }
}
