// Reads the notation of domains: see Distribution+Notation.swift for its grammar.

import PlainText
import StudyModel

struct DomainParser {
  let text: String

  private static let forms = ["float", "int", "log", "choice", "bool"]

  func parse() throws(NotationError) -> Distribution {
    let body = text[...].trimmed
    if body.isEmpty { throw error(.missing("a domain"), at: body, try: ["1..4", "adam,sgd"]) }
    if body == "bool" { return .boolean }
    if body.unicodeScalars.first == "[" { return try typedChoice(body) }
    if let open = body.unicodeScalars.firstIndex(of: "("), body[..<open].isWord {
      return try longForm(
        body, name: body[..<open], inside: body[body.unicodeScalars.index(after: open)...])
    }
    if body.unicodeScalars.contains(",") {
      try refuseRange(amongChoices: body)
      return try choice(items(of: body), in: body)
    }
    return try range(body)
  }

  // MARK: Ranges

  private struct Scale {
    var isInteger = false
    var isFloat = false
    var isLogarithmic = false
  }

  /// `int:log:1..1024`, `0..1:step=0.1`
  private func range(_ body: Substring) throws(NotationError) -> Distribution {
    var scale = Scale()
    var fields = body.split(separator: ":", omittingEmptySubsequences: false).map(\.trimmed)
    while let word = fields.first, fields.count > 1, !word.contains("..") {
      try note(word, in: &scale)
      fields.removeFirst()
    }
    guard let span = fields.first, let dots = span.firstRange(of: "..") else {
      throw notARange(body)
    }
    let high = span[dots.upperBound...].trimmed
    if high.first == "." {
      let fixed = "\(span[..<dots.lowerBound])..\(high.drop { $0 == "." })"
      throw error(.notA("a range"), at: span, try: [fixed])
    }
    var step: Substring?
    for option in fields.dropFirst() {
      guard step == nil, let value = option.value(of: "step") else {
        throw error(.unexpected, at: option, try: ["\(span):step=0.1"])
      }
      step = value
    }
    return try domain(span[..<dots.lowerBound].trimmed, high, step: step, scale, whole: body)
  }

  private func note(_ word: Substring, in scale: inout Scale) throws(NotationError) {
    let isNew: Bool
    switch word {
    case "int":
      isNew = !scale.isInteger && !scale.isFloat
      scale.isInteger = true
    case "float":
      isNew = !scale.isInteger && !scale.isFloat
      scale.isFloat = true
    case "log":
      isNew = !scale.isLogarithmic
      scale.isLogarithmic = true
    default:
      if word.decimalNumber != nil { throw notARange(word.base[word.startIndex...]) }
      throw unknown("kind of range", word, known: ["int", "float", "log"])
    }
    if !isNew { throw error(.unexpected, at: word) }
  }

  private func domain(
    _ lowText: Substring, _ highText: Substring, step stepText: Substring?, _ scale: Scale,
    whole: Substring
  ) throws(NotationError) -> Distribution {
    let low = try number(lowText, "the lower bound")
    let high = try number(highText, "the upper bound")
    let step: Double? = if let stepText { try number(stepText, "the step") } else { nil }
    let allWhole =
      lowText.isWrittenWhole && highText.isWrittenWhole && stepText?.isWrittenWhole != false
    if scale.isInteger || (allWhole && !scale.isFloat && !scale.isLogarithmic) {
      let low = try wholeNumber(low, lowText)
      let high = try wholeNumber(high, highText)
      let step: Int64 = if let step, let stepText { try wholeNumber(step, stepText) } else { 1 }
      do throws(DomainError) {
        return .integer(
          try IntegerDomain(
            low: low, high: high, isLogarithmic: scale.isLogarithmic, step: step))
      } catch {
        throw self.error(.domain(error), at: whole, try: remedy(error, lowText, highText))
      }
    }
    do throws(DomainError) {
      return .float(
        try FloatDomain(low: low, high: high, isLogarithmic: scale.isLogarithmic, step: step))
    } catch {
      throw self.error(.domain(error), at: whole, try: remedy(error, lowText, highText))
    }
  }

  private func remedy(_ problem: DomainError, _ low: Substring, _ high: Substring) -> [String] {
    if case .crossed = problem { ["\(high)..\(low)"] } else { [] }
  }

  private func number(_ part: Substring, _ what: String) throws(NotationError) -> Double {
    if part.isEmpty { throw error(.missing(what), at: part) }
    guard let number = part.decimalNumber else { throw error(.notA("a number"), at: part) }
    return number
  }

  private func wholeNumber(
    _ number: Double, _ part: Substring
  ) throws(NotationError) -> Int64 {
    if part.isWrittenWhole {
      guard let whole = Int64(part) else { throw error(.domain(.integerTooLarge), at: part) }
      return whole
    }
    guard let whole = Int64(exactly: number) else {
      throw error(.notA("a whole number"), at: part)
    }
    return whole
  }

  /// What is neither a range nor a choice: guess which it should have been.
  private func notARange(_ body: Substring) -> NotationError {
    let numbers = body.split(separator: ":").compactMap(\.trimmed.decimalNumber)
    if numbers.count == 2 && body.filter({ $0 == ":" }).count == 1 {
      return error(
        .notA("a domain"), at: body, try: [body.replacing(":", with: "..").filter { $0 != " " }])
    }
    let known = Self.forms
    if let nearest = nearestNames(to: String(body), among: known).first, body.isWord {
      return error(.unknown("domain", nearest: nearest, known: known), at: body)
    }
    return error(
      .notA("a domain"), at: body,
      try: ["a range, LOW..HIGH", "a choice, A,B", "a single value, choice(\(body))"])
  }

  // MARK: Choices

  /// Whether `text` may stand between commas without quotes.
  static func isBareItem(_ text: String) -> Bool {
    if text.isEmpty || text[...].trimmed != text || text.contains("..") { return false }
    if startsLikeRange(text[...]) { return false }
    return text.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && !"\"(),[]".unicodeScalars.contains($0)
    }
  }

  private static func startsLikeRange(_ item: Substring) -> Bool {
    ["int:", "float:", "log:"].contains { item.hasPrefix($0) }
  }

  /// `0..1,2` and `log:1,10` are no choices that anybody means.
  private func refuseRange(amongChoices body: Substring) throws(NotationError) {
    for item in try items(of: body)
    where item.unicodeScalars.first != "\"" && (item.contains("..") || Self.startsLikeRange(item)) {
      throw error(
        .unexpected, at: item,
        try: ["one range, LOW..HIGH", "text in quotes, choice(\"\(item)\",…)"])
    }
  }

  /// The parts between commas that are outside of quotes.
  private func items(of body: Substring) throws(NotationError) -> [Substring] {
    // By scalars: a combining mark behind a comma or a quote does not hide it.
    let scalars = body.unicodeScalars
    var items: [Substring] = []
    var start = scalars.startIndex
    var index = start
    var quote: Substring.Index?
    while index < scalars.endIndex {
      switch scalars[index] {
      case "\"": quote = quote == nil ? index : nil
      case "\\" where quote != nil:
        scalars.formIndex(after: &index)
        if index == scalars.endIndex { continue }
      case "," where quote == nil:
        items.append(body[start..<index].trimmed)
        start = scalars.index(after: index)
      default: break
      }
      scalars.formIndex(after: &index)
    }
    if let quote { throw error(.missing("the closing quote"), at: body[quote...]) }
    return items + [body[start...].trimmed]
  }

  private func choice(
    _ items: [Substring], in whole: Substring
  ) throws(NotationError) -> Distribution {
    for item in items where item.isEmpty {
      throw error(.missing("a choice between commas"), at: item)
    }
    let values: [ParameterValue]
    if items.allSatisfy({ $0.jsonNumber != nil }) {
      values = items.compactMap(\.jsonNumber)
    } else if items.allSatisfy({ $0 == "true" || $0 == "false" }) {
      values = items.map { .bool($0 == "true") }
    } else {
      var texts: [ParameterValue] = []
      for item in items { texts.append(.string(try unquoted(item))) }
      values = texts
    }
    return try distribution(values, at: whole)
  }

  private func unquoted(_ item: Substring) throws(NotationError) -> String {
    guard item.unicodeScalars.contains("\"") else { return String(item) }
    guard item.unicodeScalars.first == "\"",
      case .scalar(.string(let text), _) = try json(item).content
    else {
      throw error(.notA("a text in quotes"), at: item)
    }
    return text
  }

  /// `["adam", null, 16]`
  private func typedChoice(_ body: Substring) throws(NotationError) -> Distribution {
    guard case .sequence(let elements) = try json(body).content else {
      throw error(.notA("a list"), at: body)
    }
    var values: [ParameterValue] = []
    for element in elements {
      guard case .scalar(let value, _) = element.content else {
        throw error(.notA("a list of plain values"), at: body)
      }
      values.append(value)
    }
    return try distribution(values, at: body)
  }

  private func json(_ part: Substring) throws(NotationError) -> DocumentNode {
    do {
      return try JSONReader.read(String(part), allowsNonFinite: true)
    } catch {
      let start = text.distance(from: text.startIndex, to: part.startIndex)
      throw NotationError(
        .notA("JSON: \(error.reason)"), in: text, range: start..<start + part.count,
        suggestions: [])
    }
  }

  private func distribution(
    _ values: [ParameterValue], at part: Substring
  ) throws(NotationError) -> Distribution {
    do {
      return try .choice(values)
    } catch {
      throw self.error(.domain(error), at: part)
    }
  }

  // MARK: Long form

  private func longForm(
    _ body: Substring, name: Substring, inside: Substring
  ) throws(NotationError) -> Distribution {
    guard Self.forms.dropLast().contains(String(name)) else {
      throw unknown("domain", name, known: Self.forms)
    }
    guard inside.unicodeScalars.last == ")" else {
      throw error(.missing("the closing parenthesis"), at: body[body.endIndex...])
    }
    let arguments = Substring(inside.unicodeScalars.dropLast())
    let items = try items(of: arguments)
    if name == "choice" { return try choice(items, in: body) }
    var scale = Scale()
    try note(name, in: &scale)
    var bounds: [Substring] = []
    var step: Substring?
    for item in items {
      if let value = item.value(of: "step"), step == nil {
        step = value
      } else if ["log", "int", "float"].contains(item) {
        try note(item, in: &scale)
      } else if bounds.count < 2 && !item.contains("=") {
        bounds.append(item)
      } else {
        throw error(.unexpected, at: item, try: ["\(name)(LOW,HIGH)"])
      }
    }
    guard bounds.count == 2 else {
      throw error(.missing("the upper bound"), at: arguments.suffix(0))
    }
    if name == "float" || (name == "log" && !scale.isInteger) { scale.isFloat = true }
    return try domain(bounds[0], bounds[1], step: step, scale, whole: body)
  }

  // MARK: Errors

  private func error(
    _ problem: NotationError.Problem, at part: Substring, try suggestions: [String] = []
  ) -> NotationError {
    NotationError(problem, in: text, at: part, suggestions: suggestions)
  }

  private func unknown(_ kind: String, _ word: Substring, known: [String]) -> NotationError {
    let nearest = nearestNames(to: String(word), among: known).first
    return error(.unknown(kind, nearest: nearest, known: known), at: word)
  }
}

extension Substring {
  fileprivate var isWord: Bool { !isEmpty && allSatisfy { $0.isLetter || $0 == "_" } }

  /// What follows `name=`.
  fileprivate func value(of name: String) -> Substring? {
    guard let sign = firstIndex(of: "="), self[..<sign].trimmed == name else { return nil }
    return self[index(after: sign)...].trimmed
  }
}
