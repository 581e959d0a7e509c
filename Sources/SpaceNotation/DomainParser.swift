// Reads the notation of domains: see Distribution+Notation.swift for its grammar.

import PlainText
import StudyModel

struct DomainParser {
  let text: String

  private static let forms = [
    "float", "int", "log", "normal", "lognormal", "range", "choice", "ordered", "fixed", "bool",
  ]

  func parse() throws(NotationError) -> Distribution {
    let body = text[...].trimmed
    if body.isEmpty { throw error(.missing("a domain"), at: body, try: ["1..4", "adam,sgd"]) }
    if body == "bool" { return .boolean }
    if body.unicodeScalars.first == "[" { return try typedChoice(body, isOrdered: false) }
    if let value = body.rest(behind: "fixed:") { return try fixed(value) }
    if let items = body.rest(behind: "ordered:") {
      if items.unicodeScalars.first == "[" { return try typedChoice(items, isOrdered: true) }
      return try choice(self.items(of: items), in: body, isOrdered: true)
    }
    if let open = body.unicodeScalars.firstIndex(of: "("), body[..<open].isWord {
      return try longForm(
        body, name: body[..<open], inside: body[body.unicodeScalars.index(after: open)...])
    }
    if Self.isNormal(body) { return try range(body) }
    if body.unicodeScalars.contains(",") {
      try refuseRange(amongChoices: body)
      return try choice(items(of: body), in: body, isOrdered: false)
    }
    return try range(body)
  }

  // MARK: Ranges

  private struct Scale {
    var isInteger = false
    var isFloat = false
    var isLogarithmic = false
    var isNormal = false
  }

  /// The parts of a range as they were typed.
  private struct Span {
    var low: Substring?
    var high: Substring?
    var excludesHigh = false
    var step: Substring?
    var mean: Substring?
    var deviation: Substring?
  }

  private static func isNormal(_ body: Substring) -> Bool {
    body.split(separator: ":", omittingEmptySubsequences: false).dropLast()
      .prefix { ["int", "float", "log", "normal", "lognormal"].contains($0.trimmed) }
      .contains { $0.trimmed.hasSuffix("normal") }
  }

  /// `log:1..1024`, `0..1:step=0.1`, `normal:0,1:-3..3`
  private func range(_ body: Substring) throws(NotationError) -> Distribution {
    var scale = Scale()
    var span = Span()
    var fields = body.split(separator: ":", omittingEmptySubsequences: false).map(\.trimmed)
    while let word = fields.first, fields.count > 1, !word.contains("..") {
      if scale.isNormal && word.decimalNumber != nil || word.contains(",") { break }
      try note(word, in: &scale)
      fields.removeFirst()
    }
    guard let first = fields.first else { throw notARange(body) }
    if scale.isNormal {
      let parts = first.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
      guard parts.count == 2 else {
        throw error(
          .notA("a mean and a standard deviation"), at: first,
          try: ["\(body[..<first.startIndex])0,1"])
      }
      span.mean = parts[0]
      span.deviation = parts[1]
    } else {
      guard first.contains("..") else { throw notARange(body) }
      try readBounds(first, into: &span)
    }
    for option in fields.dropFirst() {
      if scale.isNormal, span.low == nil, option.contains("..") {
        try readBounds(option, into: &span)
      } else if span.step == nil, let value = option.value(of: "step") {
        span.step = value
      } else {
        throw error(.unexpected, at: option, try: ["\(first):step=0.1"])
      }
    }
    return try domain(span, scale, whole: body)
  }

  /// `0..1`, `0..<1`
  private func readBounds(
    _ field: Substring, into span: inout Span
  ) throws(NotationError) {
    guard let dots = field.firstRange(of: "..") else { throw error(.notA("a range"), at: field) }
    let low = field[..<dots.lowerBound].trimmed
    var high = field[dots.upperBound...].trimmed
    if high.first == "." {
      throw error(.notA("a range"), at: field, try: ["\(low)..\(high.drop { $0 == "." })"])
    }
    if high.first == "<" {
      span.excludesHigh = true
      high = high.dropFirst().trimmed
    }
    span.low = low
    span.high = high
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
    case "normal", "lognormal":
      isNew = !scale.isNormal && !scale.isLogarithmic
      scale.isNormal = true
      scale.isLogarithmic = word == "lognormal"
    default:
      if word.decimalNumber != nil { throw notARange(word.base[word.startIndex...]) }
      throw unknown(
        "kind of range", word, known: ["int", "float", "log", "normal", "lognormal"])
    }
    if !isNew { throw error(.unexpected, at: word) }
  }

  private func domain(
    _ span: Span, _ scale: Scale, whole: Substring
  ) throws(NotationError) -> Distribution {
    let written = [span.low, span.high, span.step].compactMap(\.self)
    let isInteger =
      scale.isInteger
      || (!scale.isNormal && !scale.isFloat && written.allSatisfy(\.isWrittenWhole))
    var draft = RangeDraft(isLogarithmic: scale.isLogarithmic, excludesHigh: span.excludesHigh)
    if let mean = span.mean, let deviation = span.deviation {
      draft.mean = try number(mean, "the mean")
      draft.deviation = try number(deviation, "the standard deviation")
    }
    if isInteger {
      draft.lowWhole = try wholeNumber(span.low, "the lower bound")
      draft.highWhole = try wholeNumber(span.high, "the upper bound")
      draft.stepWhole = try wholeNumber(span.step, "the step")
    } else {
      if let low = span.low { draft.low = try number(low, "the lower bound") }
      if let high = span.high { draft.high = try number(high, "the upper bound") }
      if let step = span.step { draft.step = try number(step, "the step") }
    }
    do throws(DomainError) {
      if isInteger { return .integer(try draft.integerDomain()) }
      return .float(try draft.floatDomain())
    } catch {
      var remedy: [String] = []
      if case .crossed = error, let low = span.low, let high = span.high {
        remedy = ["\(high)..\(low)"]
      }
      throw self.error(.domain(error), at: whole, try: remedy)
    }
  }

  private func number(_ part: Substring, _ what: String) throws(NotationError) -> Double {
    if part.isEmpty { throw error(.missing(what), at: part) }
    guard let number = part.decimalNumber else { throw error(.notA("a number"), at: part) }
    return number
  }

  private func wholeNumber(_ part: Substring?, _ what: String) throws(NotationError) -> Int64? {
    guard let part else { return nil }
    let number = try number(part, what)
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
      try: ["a range, LOW..HIGH", "a choice, A,B", "a single value, fixed:\(body)"])
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
    ["int:", "float:", "log:", "normal:", "lognormal:", "ordered:", "fixed:"]
      .contains { item.hasPrefix($0) }
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
    _ items: [Substring], in whole: Substring, isOrdered: Bool
  ) throws(NotationError) -> Distribution {
    for item in items where item.isEmpty {
      throw error(.missing("a choice between commas"), at: item)
    }
    var values: [ParameterValue]
    var texts: [String] = []
    if items.allSatisfy({ $0.jsonNumber != nil }) {
      values = items.compactMap(\.jsonNumber)
      texts = items.map { String($0) }
    } else if items.allSatisfy({ $0 == "true" || $0 == "false" }) {
      values = items.map { .bool($0 == "true") }
    } else {
      values = []
      for item in items { values.append(.string(try unquoted(item))) }
    }
    return try distribution(values, texts, isOrdered: isOrdered, at: whole)
  }

  /// One value, as JSON where it is JSON, else as text.
  private func fixed(_ part: Substring) throws(NotationError) -> Distribution {
    let part = part.trimmed
    if part.isEmpty {
      throw error(.missing("the value"), at: part, try: ["fixed:7", "fixed:adam"])
    }
    do {
      let node = try JSONReader.read(String(part), allowsNonFinite: true)
      return .fixed(node.parameterValue, text: node.typedText)
    } catch {
      if ["\"", "[", "{"].contains(part.unicodeScalars.first) { _ = try json(part) }
      return .fixed(.string(String(part)))
    }
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

  /// `["adam", null, 16, [64, 64]]`
  private func typedChoice(
    _ body: Substring, isOrdered: Bool
  ) throws(NotationError) -> Distribution {
    guard case .sequence(let elements) = try json(body).content else {
      throw error(.notA("a list"), at: body)
    }
    return try distribution(
      elements.map(\.parameterValue), elements.map(\.typedText), isOrdered: isOrdered, at: body)
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
    _ values: [ParameterValue], _ texts: [String], isOrdered: Bool, at part: Substring
  ) throws(NotationError) -> Distribution {
    do {
      return try .choice(values, texts: texts, isOrdered: isOrdered)
    } catch {
      var remedy: [String] = []
      if case .sameNumber(let one, let other) = error {
        remedy = ["choice(\(one.jsonQuoted),\(other.jsonQuoted))"]
      }
      throw self.error(.domain(error), at: part, try: remedy)
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
    if name == "fixed" { return try fixed(arguments) }
    let items = try items(of: arguments)
    if name == "choice" || name == "ordered" {
      return try choice(items, in: body, isOrdered: name == "ordered")
    }
    var scale = Scale()
    var span = Span()
    // As Python's: the end does not belong.
    if name == "range" { span.excludesHigh = true } else { try note(name, in: &scale) }
    var bounds: [Substring] = []
    for item in items {
      if let value = item.value(of: "step"), span.step == nil {
        span.step = value
      } else if ["log", "int", "float"].contains(item) {
        try note(item, in: &scale)
      } else if scale.isNormal, span.low == nil, item.contains("..") {
        try readBounds(item, into: &span)
      } else if bounds.count < 2 && !item.contains("=") {
        bounds.append(item)
      } else {
        throw error(
          .unexpected, at: item, try: [scale.isNormal ? "\(name)(0,1)" : "\(name)(LOW,HIGH)"])
      }
    }
    guard bounds.count == 2 else {
      throw error(
        .missing(scale.isNormal ? "the standard deviation" : "the upper bound"),
        at: arguments.suffix(0))
    }
    if scale.isNormal {
      (span.mean, span.deviation) = (bounds[0], bounds[1])
    } else {
      (span.low, span.high) = (bounds[0], bounds[1])
    }
    return try domain(span, scale, whole: body)
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

  /// What follows `prefix`, when it stands at the start.
  fileprivate func rest(behind prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count).trimmed : nil
  }

  /// What follows `name=`.
  fileprivate func value(of name: String) -> Substring? {
    guard let sign = firstIndex(of: "="), self[..<sign].trimmed == name else { return nil }
    return self[index(after: sign)...].trimmed
  }
}
