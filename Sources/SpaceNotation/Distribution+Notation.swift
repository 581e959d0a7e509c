// Domains as they are typed after `-p NAME=`, and as Cairn prints them.
//
//     domain := short | long
//     short  := "bool" | range | item ("," item)+ | JSON array
//     range  := ("int:" | "float:" | "log:")* number ".." number (":step=" number)?
//     long   := "float(" range ")" | "int(" … ")" | "log(" … ")" | "choice(" items ")"
//
// A range is of whole numbers when everything in it is written whole; `float:`, `log:` and a
// step with a point say otherwise, `int:` back again. The choices between commas are numbers
// if all are numbers in JSON, bools if all are `true` or `false`, else text, and one in quotes
// makes them text. A JSON array keeps the kind of each.

import PlainText
package import StudyModel

extension Distribution {
  /// Both choices of a flag, in the order that `bool` stands for.
  package static let boolean = Distribution.categorical([.bool(false), .bool(true)])

  /// Reads a domain in its short or long form.
  package init(notation text: String) throws(NotationError) {
    self = try DomainParser(text: text).parse()
  }

  /// This domain such that ``init(notation:)`` reads the same again: the short form wherever
  /// there is one.
  package var notation: String {
    switch self {
    case .float(let domain):
      (domain.isLogarithmic ? "log:" : "") + "\(domain.low.notation)..\(domain.high.notation)"
        + (domain.step.map { ":step=\($0.notation)" } ?? "")
    case .integer(let domain):
      (domain.isLogarithmic ? "int:log:" : "") + "\(domain.low)..\(domain.high)"
        + (domain.step == 1 ? "" : ":step=\(domain.step)")
    case .categorical(let choices): Self.notation(of: choices.values)
    }
  }

  private static func notation(of choices: [ParameterValue]) -> String {
    if choices == [.bool(false), .bool(true)] { return "bool" }
    if let items = bareItems(choices) {
      return items.count > 1 ? items.joined(separator: ",") : "choice(\(items.joined()))"
    }
    let tokens = choices.map(\.jsonNotation).joined(separator: ",")
    let isText = choices.allSatisfy { if case .string = $0 { true } else { false } }
    return isText ? "choice(\(tokens))" : "[\(tokens)]"
  }

  /// The choices without quotes, if they are of one kind and keep it that way.
  private static func bareItems(_ choices: [ParameterValue]) -> [String]? {
    var kinds = Set<Int>()
    var items: [String] = []
    for choice in choices {
      switch choice {
      case .null, .structure: return nil
      case .bool: kinds.insert(0)
      case .integer, .float:
        guard choice.number?.isFinite == true else { return nil }
        kinds.insert(1)
      case .string(let text):
        guard DomainParser.isBareItem(text) else { return nil }
        kinds.insert(2)
      }
      items.append(choice.notation)
    }
    guard kinds.count == 1 else { return nil }
    if kinds == [2] {
      let readsAsNumbers = items.allSatisfy { $0.jsonNumber != nil }
      let readsAsBools = items.allSatisfy { $0 == "true" || $0 == "false" }
      guard !readsAsNumbers, !readsAsBools else { return nil }
    }
    return items
  }
}

extension ParameterValue {
  /// As it is typed: like `description`, with exponents unpadded.
  package var notation: String {
    if case .float(let number) = self { number.notation } else { description }
  }

  /// As a JSON token, with exponents unpadded.
  package var jsonNotation: String {
    if case .float(let number) = self, number.isFinite { number.notation } else { json }
  }
}
