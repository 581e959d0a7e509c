// What is compared with what in SQL text: as much of its grammar as it takes to see that a text
// in quotes stands where a column was meant. What is not plainly one operand beside another is
// left alone.

/// One side of a comparison.
struct SQLOperand {
  enum Kind: Equatable {
    /// A name, perhaps behind that of its table; `true` and `null` too.
    case name
    case string
    case number
    /// Anything that is computed.
    case other
  }

  let kind: Kind
  /// The place among the tokens of what it is, or of what of it stands next to the operator.
  let index: Int

  /// What cannot be told: nothing, or the call of a function.
  static let other = SQLOperand(kind: .other, index: -1)
}

/// `left OPERATOR right`, `left IN (…, right`, `left BETWEEN right` and `right`.
struct SQLComparison {
  enum Operator {
    /// `=`, `<>`, `IS`, `IN` and their like.
    case equality
    /// `<`, `BETWEEN` and their like.
    case order
    /// `LIKE`, `GLOB` and their like.
    case pattern
    /// `IS NULL` and its like: the right side is nothing.
    case presence
  }

  let left: SQLOperand
  let op: Operator
  let right: SQLOperand
}

extension SQLTokens {
  private static let orders: Set<String> = ["<", ">", "<=", ">="]
  private static let equalities: Set<String> = ["=", "==", "<>", "!="]
  private static let patterns: Set<String> = ["like", "glob", "match", "regexp"]

  /// Keywords in front of which, or behind which, an operand is whole.
  private static let starters: Set<String> = [
    "and", "or", "not", "where", "on", "having", "when", "then", "else", "case", "select",
    "distinct", "all", "by", "values", "between", "in",
  ]
  private static let enders: Set<String> = [
    "and", "or", "group", "order", "limit", "having", "then", "else", "end", "when", "union",
    "intersect", "except", "as", "asc", "desc", "from", "where", "collate", "escape", "window",
    "nulls", "left", "inner", "join", "cross",
  ]

  /// All comparisons whose operator is seen, in order.
  var comparisons: [SQLComparison] {
    var found: [SQLComparison] = []
    for index in tokens.indices { append(comparisonsAt: index, to: &found) }
    return found
  }

  private func append(comparisonsAt index: Int, to found: inout [SQLComparison]) {
    let token = tokens[index]
    func left(_ place: Int) -> SQLOperand {
      operand(endingAt: isKeyword("not", at: place) ? place - 1 : place)
    }
    if token.kind == .symbol {
      guard Self.equalities.contains(token.text) || Self.orders.contains(token.text) else { return }
      found.append(
        .init(
          left: left(index - 1), op: Self.orders.contains(token.text) ? .order : .equality,
          right: operand(startingAt: index + 1)))
      return
    }
    guard token.kind == .name else { return }
    switch token.text.foldedName {
    case "is":
      let start = isKeyword("not", at: index + 1) ? index + 2 : index + 1
      let isNull = isKeyword("null", at: start)
      found.append(
        .init(
          left: left(index - 1), op: isNull ? .presence : .equality,
          right: isNull ? .other : operand(startingAt: start)))
    case "isnull", "notnull":
      found.append(.init(left: left(index - 1), op: .presence, right: .other))
    case "between":
      found.append(
        .init(left: left(index - 1), op: .order, right: operand(startingAt: index + 1)))
      if let and = conjunction(ofBetweenAt: index) {
        found.append(
          .init(left: left(index - 1), op: .order, right: operand(startingAt: and + 1)))
      }
    case "in" where index + 1 < tokens.count && tokens[index + 1].isSymbol("("):
      for element in elements(ofListAt: index + 1) {
        found.append(.init(left: left(index - 1), op: .equality, right: element))
      }
    case let word where Self.patterns.contains(word):
      found.append(
        .init(left: left(index - 1), op: .pattern, right: operand(startingAt: index + 1)))
    default: break
    }
  }

  /// The AND that belongs to the BETWEEN at `index`.
  func conjunction(ofBetweenAt index: Int) -> Int? {
    var depth = 0
    for place in tokens.indices.suffix(from: index + 1) {
      if tokens[place].isSymbol("(") { depth += 1 }
      if tokens[place].isSymbol(")") { depth -= 1 }
      if depth < 0 { return nil }
      if depth == 0, tokens[place].isKeyword("and") { return place }
    }
    return nil
  }

  private func elements(ofListAt open: Int) -> [SQLOperand] {
    var elements: [SQLOperand] = []
    var depth = 0
    for place in tokens.indices.suffix(from: open) {
      if tokens[place].isSymbol("(") { depth += 1 }
      if depth == 1, tokens[place].isSymbol("(") || tokens[place].isSymbol(",") {
        elements.append(operand(startingAt: place + 1))
      }
      if tokens[place].isSymbol(")") { depth -= 1 }
      if depth == 0 { break }
    }
    return elements
  }

  func isKeyword(_ word: String, at place: Int) -> Bool {
    tokens.indices.contains(place) && tokens[place].isKeyword(word)
  }

  func isSymbol(_ symbol: String, at place: Int) -> Bool {
    tokens.indices.contains(place) && tokens[place].isSymbol(symbol)
  }

  // MARK: Operands

  /// The operand whose last token is at `last`, when it is a single one, in brackets or not.
  private func operand(endingAt last: Int) -> SQLOperand {
    var place = last
    while isSymbol(")", at: place) { place -= 1 }
    let depth = last - place
    guard tokens.indices.contains(place) else { return .other }
    let primary = place
    place -= 1
    if tokens[primary].isName {
      while isSymbol(".", at: place), tokens.indices.contains(place - 1) { place -= 2 }
    } else if isSymbol("-", at: place) || isSymbol("+", at: place) {
      place -= 1
    }
    for _ in 0..<depth {
      guard isSymbol("(", at: place) else { return .other }
      place -= 1
    }
    if depth > 0, place >= 0, isCall(place) { return .other }
    let isWhole =
      place < 0 || tokens[place].isSymbol("(") || tokens[place].isSymbol(",")
      || (tokens[place].kind == .name && Self.starters.contains(tokens[place].text.foldedName))
    return isWhole ? operand(at: primary) : SQLOperand(kind: .other, index: primary)
  }

  /// The operand whose first token is at `first`.
  private func operand(startingAt first: Int) -> SQLOperand {
    var place = first
    while isSymbol("(", at: place) { place += 1 }
    let depth = place - first
    if isSymbol("-", at: place) || isSymbol("+", at: place) { place += 1 }
    while isSymbol(".", at: place + 1), tokens.indices.contains(place + 2) { place += 2 }
    guard tokens.indices.contains(place) else { return .other }
    let primary = place
    place += 1
    if tokens[primary].isName, isSymbol("(", at: place) { return .other }
    for _ in 0..<depth {
      guard isSymbol(")", at: place) else { return .other }
      place += 1
    }
    return isEnd(place) ? operand(at: primary) : SQLOperand(kind: .other, index: primary)
  }

  /// Whether an operand is whole in front of the token at `place`.
  func isEnd(_ place: Int) -> Bool {
    guard tokens.indices.contains(place) else { return true }
    let token = tokens[place]
    return [")", ",", ";"].contains(where: token.isSymbol)
      || (token.kind == .name && Self.enders.contains(token.text.foldedName))
  }

  private func operand(at index: Int) -> SQLOperand {
    switch tokens[index].kind {
    case .name where tokens[index].text.hasPrefix("$"): .other
    case .name, .quotedName: SQLOperand(kind: .name, index: index)
    case .string where !isBlob(index): SQLOperand(kind: .string, index: index)
    case .number: SQLOperand(kind: .number, index: index)
    case .string, .symbol: .other
    }
  }

  /// Whether the name at `place` would call what stands in brackets behind it.
  private func isCall(_ place: Int) -> Bool {
    tokens[place].kind == .quotedName
      || (tokens[place].kind == .name && !Self.starters.contains(tokens[place].text.foldedName)
        && !Self.patterns.contains(tokens[place].text.foldedName))
  }

  /// `x'00ff'`: bytes and no text.
  func isBlob(_ index: Int) -> Bool {
    index > 0 && tokens[index - 1].isKeyword("x")
      && tokens[index - 1].range.upperBound == tokens[index].range.lowerBound
  }

  // MARK: Other places

  /// Whether the string at `index` is used as true or false all alone.
  func isCondition(_ index: Int, ofWholeExpression: Bool) -> Bool {
    var before = index - 1
    var after = index + 1
    while isSymbol("(", at: before), isSymbol(")", at: after) {
      before -= 1
      after += 1
    }
    guard isEnd(after), !isSymbol(",", at: after) else { return false }
    guard before >= 0 else { return ofWholeExpression }
    let token = tokens[before]
    if token.isKeyword("not") { return !isKeyword("is", at: before - 1) }
    if token.isKeyword("and") { return !isOfBetween(before) }
    return ["or", "where", "on", "having"].contains(where: token.isKeyword)
  }

  /// Whether the AND at `place` stands between the ends of a BETWEEN.
  private func isOfBetween(_ place: Int) -> Bool {
    tokens[..<place].indices.contains {
      tokens[$0].isKeyword("between") && conjunction(ofBetweenAt: $0) == place
    }
  }

  private static let arithmetic: Set<String> = ["+", "-", "*", "/", "%"]

  /// Functions whose first argument is a value of rows, and never a text of one's own.
  private static let aggregates: Set<String> = [
    "abs", "avg", "ceil", "ceiling", "coalesce", "count", "exp", "floor", "ifnull", "ln", "log",
    "log10", "log2", "max", "min", "nullif", "pow", "power", "round", "sign", "sqrt", "sum",
    "total",
  ]

  /// Whether the string at `index` is computed with as if it were a number, or a column: an
  /// operand of arithmetic, what an aggregate runs over, what rows are sorted or grouped by.
  func isComputedWith(_ index: Int) -> Bool {
    func isArithmetic(_ place: Int) -> Bool {
      tokens.indices.contains(place) && tokens[place].kind == .symbol
        && Self.arithmetic.contains(tokens[place].text)
    }
    if isArithmetic(index - 1) || isArithmetic(index + 1) { return true }
    if isKeyword("by", at: index - 1) { return true }
    guard isSymbol("(", at: index - 1), index >= 2, tokens[index - 2].kind == .name else {
      return false
    }
    return Self.aggregates.contains(tokens[index - 2].text.foldedName)
  }
}
