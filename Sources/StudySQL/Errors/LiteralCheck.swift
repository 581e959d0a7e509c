// Texts and numbers that SQLite would compare with what they never are, and quietly come to all
// rows or none: `'learning-rate' > 0.1`, `lr < 'abc'`, `state = 'completed'`, `started > 2026`.

internal import PlainText
internal import StudyModel

struct LiteralCheck {
  /// A typed text, in tokens.
  let scan: SQLTokens
  /// The place of a token, for the error.
  let excerpt: (Int) -> Excerpt?
  /// All columns that the text may speak of.
  let columns: [TableColumn]
  /// Whether the text is one expression, and no statement.
  let isExpression: Bool

  private let columnsByName: [String: [TableColumn]]

  init(
    _ scan: SQLTokens, columns: [TableColumn], isExpression: Bool,
    excerpt: @escaping (Int) -> Excerpt?
  ) {
    self.scan = scan
    self.columns = columns
    self.isExpression = isExpression
    self.excerpt = excerpt
    columnsByName = Dictionary(grouping: columns, by: \.name.foldedName)
  }

  /// Throws for the first literal that nobody means.
  func run() throws(QueryError) {
    for comparison in scan.comparisons {
      try check(comparison.left, against: comparison.right, comparison.op)
      try check(comparison.right, against: comparison.left, comparison.op)
    }
    for (index, token) in scan.tokens.enumerated()
    where token.kind == .string && !scan.isBlob(index) {
      let isCondition = scan.isCondition(index, ofWholeExpression: isExpression)
      guard isCondition || scan.isComputedWith(index) else { continue }
      try refuseColumn(index)
      if isCondition && isExpression { throw .textAlone(token.text, place(index)) }
    }
  }

  // MARK: Columns

  /// The columns that the name at `index` may mean.
  private func columns(at index: Int) -> [TableColumn] {
    columnsByName[scan.tokens[index].text.foldedName] ?? []
  }

  /// What the column at `index` holds; nil when it is none, or tables disagree.
  private func column(at index: Int) -> TableColumn? {
    let all = columns(at: index)
    guard let first = all.first, all.allSatisfy({ $0.kind == first.kind }) else { return nil }
    return first
  }

  private func place(_ index: Int) -> Excerpt? { excerpt(scan.tokens[index].range.lowerBound) }

  /// Throws when the text at `index` is what a column is called.
  private func refuseColumn(_ index: Int) throws(QueryError) {
    let text = scan.tokens[index].text
    guard let column = columnsByName[text.foldedName]?.first else { return }
    throw .textIsColumn(text, column: column.name, place(index))
  }

  // MARK: Comparisons

  private func check(
    _ operand: SQLOperand, against other: SQLOperand, _ op: SQLComparison.Operator
  ) throws(QueryError) {
    switch (operand.kind, other.kind) {
    case (.string, .string): try refuseColumn(operand.index)
    case (.string, .number): try checkText(operand.index, againstNumber: other.index)
    case (.string, .other) where op == .presence: try refuseColumn(operand.index)
    case (.string, .name):
      if let column = column(at: other.index), op == .equality || op == .order {
        try checkText(operand.index, against: column)
      }
    case (.number, .name):
      if let column = column(at: other.index), op == .equality || op == .order {
        try checkNumber(operand.index, against: column, op)
      }
    case (.other, .name) where operand.index >= 0 && scan.tokens[operand.index].kind == .number:
      // `started > 2026-11-27`, which computes 1988.
      if let column = column(at: other.index), column.kind == .time {
        throw .numberForTime(column: column.name, place(operand.index))
      }
    default: break
    }
  }

  private func checkText(_ index: Int, againstNumber number: Int) throws(QueryError) {
    try refuseColumn(index)
    let text = scan.tokens[index].text
    guard !text.isSQLNumber else { return }
    throw .textAgainstNumber(
      text, number: scan.tokens[number].text,
      candidates: nearestNames(to: text, among: columns.map(\.name)), place(index))
  }

  private func checkText(_ index: Int, against column: TableColumn) throws(QueryError) {
    let text = scan.tokens[index].text
    switch column.kind {
    case .text, .any: break
    case .word: try checkWord(index, column)
    case .boolean:
      if text.foldedName != column.name.foldedName { try refuseColumn(index) }
      throw .textForBoolean(text, column: column.name, place(index))
    case .integer, .real:
      guard !text.isSQLNumber else { return }
      try refuseColumn(index)
      throw .textForNumber(text, column: column.name, place(index))
    case .time:
      guard ClockZone.utc.canonicalText(text) == nil else { return }
      try refuseColumn(index)
      throw .notATime(text, column: column.name, place(index))
    }
  }

  private func checkWord(_ index: Int, _ column: TableColumn) throws(QueryError) {
    let text = scan.tokens[index].text
    guard column.name == "state" else { return }
    let states = TrialState.allCases.map(\.name)
    guard !states.contains(text.foldedName) else { return }
    let nearest = nearestNames(to: text, among: states).prefix(1)
    throw .unknownState(
      text, candidates: nearest.isEmpty ? states : Array(nearest), place(index))
  }

  private func checkNumber(
    _ index: Int, against column: TableColumn, _ op: SQLComparison.Operator
  ) throws(QueryError) {
    let text = scan.tokens[index].text
    switch column.kind {
    case .time: throw .numberForTime(column: column.name, place(index))
    case .word where column.name == "state":
      throw .unknownState(text, candidates: TrialState.allCases.map(\.name), place(index))
    case .text where op == .order || text.asSQLiteWritesIt != text:
      // Text against text: '16' comes before '8', and 1.10 is the text '1.1'.
      throw .numberForText(text, column: column.name, place(index))
    default: break
    }
  }
}

extension String {
  /// Whether SQLite makes a number of this text where one is wanted.
  fileprivate var isSQLNumber: Bool { Substring(self).trimmed.decimalNumber != nil }

  /// What SQLite makes of this number where a text is wanted.
  fileprivate var asSQLiteWritesIt: String? {
    if let whole = Int64(self) { return String(whole) }
    guard let number = decimalNumber, number.isFinite else { return nil }
    return number.description
  }
}

extension SQLTokens {
  /// Throws for a name that is a parameter's to the letter, and another column to SQL, which does
  /// not tell `LR` from `lr`.
  func checkSpelling(
    of columns: [TableColumn], _ excerpt: (Int) -> Excerpt?
  ) throws(QueryError) {
    let renamed = columns.filter { column in
      column.original.map { original in
        original.foldedName != column.name.foldedName
          && !columns.contains { $0.name.hasSameBytes(as: original) }
      } ?? false
    }
    guard !renamed.isEmpty else { return }
    for token in tokens where token.isName {
      guard
        let meant = renamed.first(where: { $0.original?.hasSameBytes(as: token.text) ?? false }),
        let other = columns.first(where: { $0.name.foldedName == token.text.foldedName })
      else { continue }
      throw .sameToSQL(
        token.text, column: meant.name, other: other.name, excerpt(token.range.lowerBound))
    }
  }
}
