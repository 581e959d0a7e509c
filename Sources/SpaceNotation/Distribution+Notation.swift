// Domains as they are typed after `-p NAME=`, and as Cairn prints them.
//
//     domain := short | long
//     short  := "bool" | range | normal | choice | "fixed:" value
//     range  := ("int:" | "float:" | "log:")* bounds (":step=" number)?
//     bounds := number ".." number | number "..<" number
//     normal := ("int:")? ("normal:" | "lognormal:") mean "," deviation (":" bounds)?
//               (":step=" number)?
//     choice := ("ordered:")? (item ("," item)+ | JSON array)
//     long   := "float(" range ")" | "int(" … ")" | "log(" … ")" | "range(" … ")"
//             | "normal(" mean "," deviation … ")" | "choice(" items ")" | "ordered(" items ")"
//
// A range is of whole numbers when everything in it is written whole; `float:` and a point say
// otherwise, `int:` back again. The end behind `..<` does not belong, nor does that of `range(…)`,
// which is Python's. The mean and deviation of `lognormal:` are those of the logarithm. The
// choices between commas are numbers if all are numbers in JSON, bools if all are `true` or
// `false`, else text, and one in quotes makes them text. A JSON array keeps the kind of each; a
// list or mapping in it is a choice that is handed on as JSON. Numbers are handed on as they were
// typed. A fixed value is JSON if it can be.

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
      let step = domain.step.map { ":step=\($0.notation)" } ?? ""
      let bounds = "\(domain.low.notation)\(domain.highNotation)"
      guard let prior = domain.prior else {
        return (domain.isLogarithmic ? "log:" : "") + bounds + step
      }
      return (domain.isLogarithmic ? "lognormal:" : "normal:") + prior.notation
        + (domain.hasUsualBounds ? "" : ":" + bounds) + step
    case .integer(let domain):
      let step = domain.step == 1 ? "" : ":step=\(domain.step)"
      let bounds = "\(domain.low)..\(domain.high)"
      guard let prior = domain.prior else {
        return (domain.isLogarithmic ? "log:" : "") + bounds + step
      }
      return (domain.isLogarithmic ? "int:lognormal:" : "int:normal:") + prior.notation
        + (domain.hasUsualBounds ? "" : ":" + bounds) + step
    case .categorical(let choices): return Self.notation(of: choices)
    }
  }

  private static func notation(of choices: ChoiceDomain) -> String {
    if self.boolean == .categorical(choices) { return "bool" }
    let prefix = choices.isOrdered ? "ordered:" : ""
    if choices.count == 1, !choices.isOrdered { return "fixed:" + fixedNotation(of: choices) }
    if choices.count > 1, let items = bareItems(choices) {
      return prefix + items.joined(separator: ",")
    }
    let tokens = choices.indices.map { jsonNotation(of: choices, at: $0) }.joined(separator: ",")
    let isText = choices.allSatisfy { if case .string = $0 { true } else { false } }
    guard isText else { return prefix + "[\(tokens)]" }
    return (choices.isOrdered ? "ordered(" : "choice(") + "\(tokens))"
  }

  private static func fixedNotation(of choices: ChoiceDomain) -> String {
    guard case .string(let text) = choices[0] else { return jsonNotation(of: choices, at: 0) }
    let isPlain =
      DomainParser.isBareItem(text) && !text.contains("{")
      && (try? JSONReader.read(text, allowsNonFinite: true)) == nil
    return isPlain ? text : text.jsonQuoted
  }

  /// A choice as a JSON token, as it was typed where that is one.
  private static func jsonNotation(of choices: ChoiceDomain, at index: Int) -> String {
    let text = choices.text(at: index)
    return choices[index].number != nil && text.isJSONNumber ? text : choices[index].jsonNotation
  }

  /// The choices without quotes, if they are of one kind and keep it that way.
  private static func bareItems(_ choices: ChoiceDomain) -> [String]? {
    var kinds = Set<Int>()
    var items: [String] = []
    for (index, choice) in choices.enumerated() {
      switch choice {
      case .null, .structure: return nil
      case .bool:
        kinds.insert(0)
        items.append(choice.notation)
      case .integer, .float:
        guard choice.number?.isFinite == true else { return nil }
        kinds.insert(1)
        items.append(jsonNotation(of: choices, at: index))
      case .string(let text):
        guard DomainParser.isBareItem(text) else { return nil }
        kinds.insert(2)
        items.append(text)
      }
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

extension NormalPrior {
  /// `0.0,1.0`
  fileprivate var notation: String { "\(mean.notation),\(deviation.notation)" }
}

extension FloatDomain {
  /// `..1.0`, or `..<1.0` for the last number below 1.0.
  fileprivate var highNotation: String {
    let end = high.nextUp
    let isExcluded = step == nil && end.isFinite && end.notation.count + 6 < high.notation.count
    return isExcluded ? "..<\(end.notation)" : "..\(high.notation)"
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
