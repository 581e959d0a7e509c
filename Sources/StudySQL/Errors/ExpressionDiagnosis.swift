// What may be wrong with an expression that someone typed, and what was probably meant.
// SQLite decides what is an expression; this explains its refusals, and catches what it would
// accept and nobody means.

internal import PlainText
internal import StudyModel

struct ExpressionDiagnosis {
  let expression: String
  private let columns: [TableColumn]
  private let metrics: [String]
  private let scan: SQLTokens

  init(_ expression: String, columns: [TableColumn], metrics: [String] = []) {
    self.expression = expression
    self.columns = columns
    self.metrics = metrics
    scan = SQLTokens(expression)
  }

  /// Throws when the text could not stand between brackets as one expression.
  func checkBefore() throws(QueryError) {
    if let open = scan.openEnd {
      throw .notOneExpression(
        reason: "\(open.what) begins and does not end", excerpt(open.offset))
    }
    guard let first = scan.tokens.first else { throw .emptyExpression }
    if ["select", "with", "values"].contains(where: first.isKeyword) {
      throw .notOneExpression(
        reason: "a \(first.text.uppercased()) needs brackets of its own",
        excerpt(first.range.lowerBound))
    }
    var depth = 0
    for token in scan.tokens {
      if token.isSymbol("(") { depth += 1 }
      if token.isSymbol(")") { depth -= 1 }
      if depth < 0 {
        throw .notOneExpression(
          reason: "a closing bracket has no opening one", excerpt(token.range.lowerBound))
      }
      if token.isSymbol(";") {
        throw .notOneExpression(reason: "a semicolon", excerpt(token.range.lowerBound))
      }
      if ["?", ":", "@"].contains(where: token.isSymbol)
        || (token.kind == .name && token.text.hasPrefix("$"))
      {
        throw .notOneExpression(
          reason: "a placeholder without a value", excerpt(token.range.lowerBound))
      }
    }
    if depth > 0 {
      throw .notOneExpression(
        reason: "a bracket is not closed", excerpt(expression.utf8.count))
    }
  }

  /// Throws when the text is a valid expression, and yet surely not what was meant.
  func checkAfter() throws(QueryError) {
    let words = scan.tokens.filter { !$0.isSymbol("(") && !$0.isSymbol(")") }
    if words.count == 1, words[0].isName, let column = column(words[0].text),
      column.kind != .boolean
    {
      throw .bareColumn(column.name)
    }
    try checkLiterals()
  }

  /// Why SQLite refused the expression, which stood `prefixBytes` into the text it was given.
  func explain(_ failure: PreparationFailure, prefixBytes: Int) -> QueryError {
    let offset = failure.offset.map { $0 - prefixBytes }
    let place = offset.flatMap(excerpt)
    if let column = quotableColumn {
      return .nameNeedsQuotes(column.name, excerpt(column.offset))
    }
    if let name = failure.message.removing(prefix: "no such column: ") {
      return unknown(name, at: offset, place)
    }
    if let name = failure.message.removing(prefix: "no such table: ") {
      return .unknownTable(name, candidates: [], place)
    }
    if failure.isRefusal { return .readsOnly(statement: "this expression") }
    if let offset, offset > expression.utf8.count {
      return .notOneExpression(reason: "it ends too early", excerpt(expression.utf8.count))
    }
    return .syntax(
      message: failure.message,
      example: "comparisons joined by and/or, such as lr < 1e-3 and state = 'complete'", place)
  }

  private func excerpt(_ offset: Int) -> Excerpt? { Excerpt(expression, offset: offset) }

  private func column(_ name: String) -> TableColumn? {
    columns.first { $0.name.foldedName == name.foldedName }
  }

  // MARK: Names

  /// A name that is no column: a misspelt one, or text without quotes.
  private func unknown(_ name: String, at offset: Int?, _ place: Excerpt?) -> QueryError {
    let index = scan.tokens.firstIndex {
      $0.isName && $0.text == name && (offset == nil || $0.range.lowerBound == offset)
    }
    let names = columns.map(\.name)
    var candidates = nearestNames(to: name, among: names)
    if metrics.contains(where: { $0.foldedName == name.foldedName }) {
      candidates = ["last", "min", "max"].map { name + "_" + $0 }.filter { column($0) != nil }
    }
    guard let index, let compared = columnCompared(withTokenAt: index) else {
      return .unknownColumn(name, candidates: candidates, place)
    }
    let isClose = candidates.contains { isMisspelling(name, of: $0) }
    let isText = compared.kind == .text || compared.kind == .word || compared.kind == .any
    if isText && (!isClose || scan.tokens[index].kind == .quotedName) {
      return .missingQuotes(word: name, literal: name.sqlLiteral, place)
    }
    return .unknownColumn(name, candidates: candidates, place)
  }

  /// The column that the word at `index` is compared with: `column = word`, `column IN (…, word`.
  private func columnCompared(withTokenAt index: Int) -> TableColumn? {
    let tokens = scan.tokens
    var place = index - 1
    while place > 0, tokens[place].isSymbol(",") || tokens[place].isSymbol("(") {
      place -= tokens[place].isSymbol("(") ? 1 : 2
      if place >= 0, tokens[place].isKeyword("in") { return column(beforeOperatorAt: place) }
    }
    guard place > 0 else { return nil }
    let comparisons = ["=", "==", "<>", "!=", "<", ">", "<=", ">="]
    if comparisons.contains(where: tokens[place].isSymbol)
      || ["is", "like", "glob"].contains(where: tokens[place].isKeyword)
    {
      return column(beforeOperatorAt: place)
    }
    return nil
  }

  private func column(beforeOperatorAt place: Int) -> TableColumn? {
    var before = place - 1
    if before >= 0, scan.tokens[before].isKeyword("not") { before -= 1 }
    guard before >= 0, scan.tokens[before].isName else { return nil }
    return column(scan.tokens[before].text)
  }

  /// A column such as `val/loss` that stands in the expression without quotes.
  private var quotableColumn: (name: String, offset: Int)? {
    for column in columns where column.name.needsQuotesVisibly {
      if let offset = scan.offset(ofUnquoted: column.name, in: expression) {
        return (column.name, offset)
      }
    }
    for metric in metrics where metric.needsQuotesVisibly {
      if let offset = scan.offset(ofUnquoted: metric, in: expression) {
        return (column(metric) == nil ? metric + "_last" : metric, offset)
      }
    }
    return nil
  }

  // MARK: Literals

  /// Throws when a column is compared with a text that it never is: `state` with a word that is
  /// no state, a boolean with `'true'`.
  private func checkLiterals() throws(QueryError) {
    let tokens = scan.tokens
    for (index, token) in tokens.enumerated() where token.kind == .string {
      guard let compared = columnCompared(withTokenAt: index) else { continue }
      if compared.kind == .boolean {
        throw .textForBoolean(
          token.text, column: compared.name, excerpt(token.range.lowerBound))
      }
      guard compared.kind == .word, compared.name == "state",
        !tokens[index - 1].isKeyword("like"), !tokens[index - 1].isKeyword("glob")
      else { continue }
      let states = TrialState.allCases.map(\.name)
      guard !states.contains(token.text.lowercased()) else { continue }
      let nearest = nearestNames(to: token.text, among: states).prefix(1)
      throw .unknownState(
        token.text, candidates: nearest.isEmpty ? states : Array(nearest),
        excerpt(token.range.lowerBound))
    }
  }
}

extension String {
  /// What follows `prefix`; nil when this begins otherwise.
  func removing(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
