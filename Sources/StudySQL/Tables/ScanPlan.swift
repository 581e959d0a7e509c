// How a table is going to be read: which of the conditions that SQLite offers it looks at itself,
// in which order it gives its rows, and what that costs.

/// What SQLite offers a table, and asks of it.
struct ScanOffer {
  struct Condition {
    enum Operator: Equatable {
      case compare(Comparison)
      case isNull, isNotNull
    }

    let column: Int
    let `operator`: Operator
    /// Nil when texts are compared by a rule that is not known here.
    let collation: CollationName?
    /// Whether it is a list, handed over at once.
    let isList: Bool
    /// Whether the value is known to be a text, known to be none, or not known yet.
    let isText: Bool?
  }

  enum CollationName { case binary, noCase, time }

  struct Order: Equatable {
    let column: Int
    let isDescending: Bool
  }

  /// The usable ones that can be understood, each with its place among all.
  var conditions: [(place: Int, condition: Condition)] = []
  /// In which order the rows are wanted; empty: in any.
  var order: [Order] = []
  /// How many of the rows are wanted, those to be left out first included; nil: all.
  var limit: Int?
  var usedColumns = UInt64.max
}

/// A scan that was chosen.
struct ScanPlan {
  let conditions: [(place: Int, condition: ScanOffer.Condition)]
  /// For each of `conditions`, whether SQLite need not look again.
  let isSettled: [Bool]
  /// How the rows are to be put in order, and how many of them are wanted; nil: as they come.
  let sorting: Sorting?
  /// Whether rows come in the order that was asked for.
  let isOrdered: Bool
  let usedColumns: UInt64
  let estimatedRows: Double
  let estimatedCost: Double
  /// Whether there is one row at most.
  let isUnique: Bool

  struct Sorting {
    let order: [ScanOffer.Order]
    let limit: Int
  }

  /// More rows than these are better sorted by SQLite.
  private static let mostSorted = 10_000

  init(_ offer: ScanOffer, of table: some ColumnarTable, _ size: TableSize) {
    let columns = table.columns
    func kind(_ condition: ScanOffer.Condition) -> TableColumn.Kind {
      columns[condition.column].kind
    }
    // Of `<>` and IS NOT, SQLite hands over the right side alone, and says of the collation that
    // it is the usual one, whatever the column's is: where texts may stand, it looks by itself.
    let conditions = offer.conditions.filter { _, condition in
      guard condition.collation != nil else { return false }
      switch condition.operator {
      case .compare(.notEqual), .compare(.notIdentical): return kind(condition).isNumeric
      default: return true
      }
    }
    self.conditions = conditions
    isSettled = conditions.map { _, condition in
      condition.operator != .isNull && condition.operator != .isNotNull
        ? kind(condition).isNumeric || condition.isText == true : true
    }
    func has(_ column: Int?, _ isWanted: (ScanOffer.Condition) -> Bool) -> Bool {
      conditions.contains { $0.condition.column == column && isWanted($0.condition) }
    }
    func isEqual(_ condition: ScanOffer.Condition) -> Bool {
      condition.operator == .compare(.equal) && !condition.isList
    }
    let isOneStudy = table.studyColumn == nil || has(table.studyColumn, isEqual)
    let isOneTrial = isOneStudy && has(table.numberColumn, isEqual)
    let natural = Self.isNatural(offer.order, table, isOneStudy: isOneStudy)
    if !natural, let limit = offer.limit, limit <= Self.mostSorted, !offer.order.isEmpty {
      sorting = Sorting(order: offer.order, limit: limit)
    } else {
      sorting = nil
    }
    isOrdered = natural || sorting != nil
    usedColumns = offer.usedColumns
    isUnique = isOneTrial && size.perTrial == 1

    var visited = Double(max(1, size.total))
    let perTrial = Double(max(1, size.perTrial))
    let studies = Double(max(1, size.total / max(1, size.perStudy)))
    // What has to be looked at, and what is left of it.
    if isOneStudy && table.studyColumn != nil { visited /= studies }
    if has(table.numberColumn, isEqual) {
      visited = perTrial * (isOneStudy ? 1 : studies)
    } else if has(table.numberColumn, { $0.isList }) {
      visited = min(visited, 25 * perTrial)
    } else if has(table.numberColumn, { _ in true }) {
      // Nobody knows the numbers yet: as SQLite guesses of its own tables.
      visited /= 4
    }
    var rows = visited
    for (_, condition) in conditions
    where condition.column != table.studyColumn && condition.column != table.numberColumn {
      rows *= Self.selectivity(condition)
    }
    estimatedRows = max(1, rows)
    estimatedCost = 20 + visited / 20 + max(1, rows)
  }

  /// How many rows a condition leaves, about, of each that it looks at.
  private static func selectivity(_ condition: ScanOffer.Condition) -> Double {
    if condition.isList { return 0.2 }
    return switch condition.operator {
    case .compare(.equal), .compare(.identical), .isNull: 0.1
    case .compare(.notEqual), .compare(.notIdentical), .isNotNull: 0.9
    case .compare: 0.3
    }
  }

  /// Whether rows by ascending trial number are in the order asked for.
  private static func isNatural(
    _ order: [ScanOffer.Order], _ table: some ColumnarTable, isOneStudy: Bool
  ) -> Bool {
    guard isOneStudy, let first = order.first, let number = table.numberColumn else {
      return false
    }
    // A trial's only row: what else to order by makes no difference.
    let isEnough = order.count == 1 || table.hasOneRowPerTrial
    return isEnough && first == ScanOffer.Order(column: number, isDescending: false)
  }
}
