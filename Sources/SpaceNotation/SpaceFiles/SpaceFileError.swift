// Why a space file was refused, and where in it.

package import PlainText
package import StudyModel

package struct SpaceFileError: Error, Hashable, Sendable {
  package enum Problem: Hashable, Sendable {
    case unreadable(String)
    case notText
    case tooLarge(bytes: Int, limit: Int)
    case empty
    case syntax(String)
    case unknownKey(String, nearest: String?, known: [String])
    case missingKey(String)
    case misplacedKey(String, type: String)
    case wrongKind(expected: String, found: String)
    case unknownType(String, nearest: String?, known: [String])
    /// A value that its parameter cannot have, whose domain is printed as `domain`.
    case outside(parameter: String, domain: String)
    /// A condition in SQL that names no other parameter.
    case conditionWithoutParent(String)
    case notation(NotationError)
    case domain(DomainError)
    case space(SearchSpaceError)
  }

  package let problem: Problem
  package let file: String
  package let position: SourcePosition?
  /// Which entry, such as `parameters.lr.low`; empty for the file as a whole.
  package let field: String
  /// The line of the file that `position` is in.
  package let line: String?
}

extension SpaceFileError: ExplainedError {
  package var explanation: Explanation {
    Explanation(fact, evidence: evidence, try: suggestions, kind: .wrongUsage)
  }

  /// `space.yaml:3:12`, as compilers and editors know it.
  package var location: String { file + (position.map { ":\($0)" } ?? "") }

  /// One line: where and what.
  package var fact: String {
    "\(location): " + (field.isEmpty ? "" : "\(field): ") + reason
  }

  private var reason: String {
    switch problem {
    case .unreadable(let why): "the space file cannot be read: \(why)"
    case .notText: "the space file is not UTF-8 text"
    case .tooLarge(let bytes, let limit):
      "the space file has \(bytes) bytes; more than \(limit) is no search space"
    case .empty: "the space file is empty"
    case .syntax(let reason): reason
    case .unknownKey(let key, let nearest, let known):
      "there is no key \(key.jsonQuoted); "
        + (nearest.map { "did you mean \($0)?" } ?? "known are \(known.joined(separator: ", "))")
    case .missingKey(let key): "\(key) is missing"
    case .misplacedKey(let key, let type): "\(key) means nothing for type \(type)"
    case .wrongKind(let expected, let found): "here should be \(expected), not \(found)"
    case .unknownType(let name, let nearest, let known):
      "there is no type \(name.jsonQuoted); "
        + (nearest.map { "did you mean \($0)?" } ?? "there are \(known.joined(separator: ", "))")
    case .outside(let parameter, let domain):
      "\(parameter) cannot be this: its domain is \(domain)"
    case .conditionWithoutParent(let text):
      "the condition \(text.jsonQuoted) names no other parameter"
    case .notation(let error): error.fact
    case .domain(let error): error.explanation.fact
    case .space(let error): error.explanation.fact
    }
  }

  /// The line in question with a mark under the place.
  package var evidence: [String] {
    guard let line, let position, !line.isEmpty else { return [] }
    let before = String(String.UnicodeScalarView(line.unicodeScalars.prefix(position.column - 1)))
    let padding = before.map { $0 == "\t" ? "\t" : " " }.joined()
    return [line, padding + "^"]
  }

  package var suggestions: [String] {
    switch problem {
    case .notation(let error): error.suggestions
    case .empty, .missingKey("parameters"):
      ["parameters: {lr: {type: float, low: 1e-5, high: 1e-1, log: true}}"]
    case .missingKey("type"): ["type: float, int, choice or bool"]
    case .unreadable: ["the path of a YAML or JSON file"]
    case .unknownKey(_, .some, _), .unknownType(_, .some, _): []  // what was meant is said already
    case .outside: ["a value of the domain"]
    case .conditionWithoutParent: ["when: {opt: sgd}", "when: \"opt = 'sgd' or layers > 2\""]
    default: ["lr: {type: float, low: 1e-5, high: 1e-1, log: true}, as a parameter is written"]
    }
  }
}
