// Why a whole statement was refused, and what was probably meant.

internal import PlainText
internal import StudyModel

struct QueryDiagnosis {
  let sql: String
  let catalog: TableCatalog

  /// The first words of statements that do something.
  private static let verbs: Set<String> = [
    "alter", "analyze", "attach", "begin", "commit", "create", "delete", "detach", "drop", "end",
    "insert", "pragma", "reindex", "release", "replace", "rollback", "savepoint", "update",
    "vacuum",
  ]

  /// Throws for statements that would not read, so that they are called by their names.
  func checkBefore() throws(QueryError) {
    if let first = SQLTokens(sql).tokens.first, first.kind == .name,
      Self.verbs.contains(first.text.foldedName)
    {
      throw .readsOnly(statement: first.text.uppercased())
    }
  }

  /// Throws for a statement that SQLite takes, and that surely means something else.
  func checkAfter() throws(QueryError) {
    let scan = SQLTokens(sql)
    let excerpt = { (offset: Int) in Excerpt(sql, offset: offset) }
    for (name, original) in catalog.renamedStudies {
      for token in scan.tokens where token.isName && token.text.hasSameBytes(as: original) {
        throw .sameToSQL(
          original, column: name, other: catalog.tableName(like: original),
          excerpt(token.range.lowerBound))
      }
    }
    let aliases = scan.aliases
    let columns = mentionedColumns(scan).filter { !aliases.contains($0.name.foldedName) }
    try scan.checkSpelling(of: columns, excerpt)
    try LiteralCheck(scan, columns: columns, isExpression: false, excerpt: excerpt).run()
  }

  func explain(_ failure: PreparationFailure) -> QueryError {
    let place = failure.offset.flatMap { Excerpt(sql, offset: $0) }
    let scan = SQLTokens(sql)
    if failure.isRefusal || failure.message.hasSuffix(" may not be modified") {
      return .readsOnly(statement: "this (\(failure.message))")
    }
    if let open = scan.openEnd {
      return .notOneExpression(
        reason: "\(open.what) begins and does not end", Excerpt(sql, offset: open.offset))
    }
    let tables = catalog.tables.map(\.name)
    let columns = mentionedColumns(scan).map(\.name)
    for name in tables + columns where name.needsQuotesVisibly {
      if let offset = scan.offset(ofUnquoted: name, in: sql) {
        return .nameNeedsQuotes(name, Excerpt(sql, offset: offset))
      }
    }
    if let name = failure.message.removing(prefix: "no such table: ") {
      // SQLite does not say where; the name is where it stands first.
      let token = scan.tokens.first { $0.isName && $0.text == name }
      return .unknownTable(
        name, candidates: nearestNames(to: name, among: tables),
        token.flatMap { Excerpt(sql, offset: $0.range.lowerBound) })
    }
    if let name = failure.message.removing(prefix: "no such column: ") {
      // `t.lrr` speaks of the column behind the dot.
      let column = name.split(separator: ".").last.map(String.init) ?? name
      let isText = scan.tokens.contains { $0.kind == .quotedName && $0.text == name }
      let nearest = nearestNames(to: column, among: columns)
      let isStudy = catalog.sources.contains { $0.name == name }
      if (isText && nearest.isEmpty) || isStudy {
        return .missingQuotes(word: name, literal: name.sqlLiteral, place)
      }
      return .unknownColumn(name, candidates: nearest, place)
    }
    return .syntax(
      message: failure.message,
      example: "SELECT number, value FROM STUDY WHERE state = 'complete' ORDER BY value LIMIT 3",
      place)
  }

  /// The columns of the tables whose names stand in the statement.
  private func mentionedColumns(_ scan: SQLTokens) -> [TableColumn] {
    let mentioned = Set(scan.tokens.filter(\.isName).map(\.text.foldedName))
    return catalog.tables.filter { mentioned.contains($0.name.foldedName) }
      .flatMap { $0.table.columns }
  }
}

extension SQLTokens {
  /// Names, folded, that the statement itself gives to something: `… AS name`,
  /// `WITH t(name, name) AS …`.
  fileprivate var aliases: Set<String> {
    var names = Set<String>()
    for index in tokens.indices where tokens[index].isKeyword("as") {
      if index + 1 < tokens.count, tokens[index + 1].isName {
        names.insert(tokens[index + 1].text.foldedName)
      }
      guard isSymbol(")", at: index - 1) else { continue }
      var place = index - 2
      while place >= 0, tokens[place].isName || tokens[place].isSymbol(",") {
        names.insert(tokens[place].text.foldedName)
        place -= 1
      }
    }
    return names
  }
}
