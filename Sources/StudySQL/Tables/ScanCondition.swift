// What a scan is told to look for: comparisons of columns with values, by SQLite's rules.
//
// SQLite converts before it compares, by the affinities of both sides, and tells a table only one
// of the two. Numbers in a column of numbers are compared as they are, whatever stands on the
// other side. But where a text meets a number, either may be converted. There a condition keeps
// what might be wanted, and SQLite looks again (see ScanPlan.isSettled).

enum Comparison {
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  /// IS and IS NOT.
  case identical, notIdentical

  func holds(_ order: Int) -> Bool {
    switch self {
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    case .equal, .identical: order == 0
    case .notEqual, .notIdentical: order != 0
    }
  }
}

/// A condition on one column.
struct ScanCondition {
  enum Test {
    case compare(Comparison, ComparedValue)
    /// NULL in the list has no effect.
    case among([ComparedValue])
    case isNull
    case isNotNull
    /// In the order of rows, not behind a row that has this value.
    case sorted(descending: Bool, last: ComparedValue)
  }

  let column: Int
  let test: Test
  let collation: Collation

  /// Whether a row with `value` may be wanted.
  func admits(_ value: SQLValue) -> Bool {
    switch test {
    case .isNull: return value.isNull
    case .isNotNull: return !value.isNull
    case .compare(let comparison, let operand):
      if isAmbiguous(value, operand) { return true }
      if let order = value.order(operand, collation) { return comparison.holds(order) }
      let isSame = value.isNull && operand == .null
      return comparison == .identical && isSame || comparison == .notIdentical && !isSame
    case .among(let operands):
      return operands.contains { isAmbiguous(value, $0) || value.order($0, collation) == 0 }
    case .sorted(let descending, let last):
      guard let order = value.order(last, collation) else {
        return descending ? last == .null : value.isNull
      }
      return descending ? order >= 0 : order <= 0
    }
  }

  /// Whether conversions decide how `value` compares with `operand`.
  private func isAmbiguous(_ value: SQLValue, _ operand: ComparedValue) -> Bool {
    if case .text = value { operand.isNumber } else { false }
  }

  /// The places among `count` whose value is admitted, of `selection` if there is one.
  func select(
    count: Int, among selection: [Int32]?, _ value: (Int) -> SQLValue
  ) -> [Int32] {
    if let selection { return selection.filter { admits(value(Int($0))) } }
    return (0..<count).compactMap { admits(value($0)) ? Int32($0) : nil }
  }
}

extension TableColumn.Kind {
  /// Whether SQLite takes the column for one of numbers, and all its values are numbers.
  var isNumeric: Bool {
    switch self {
    case .integer, .real, .boolean: true
    case .text, .word, .time, .any: false
    }
  }
}

/// The trial numbers that conditions leave.
struct NumberBounds {
  private(set) var low = Int.min
  private(set) var high = Int.max
  /// Ascending; nil: all between `low` and `high`.
  private(set) var list: [Int]?
  /// Whether there are conditions that the bounds do not say.
  private(set) var isRough = false

  init(_ conditions: [ScanCondition]) {
    for condition in conditions { narrow(condition) }
    if let list {
      self.list = Array(Set(list.filter { $0 >= low && $0 <= high })).sorted()
      isRough = isRough || list.count > 1
    }
  }

  private mutating func narrow(_ condition: ScanCondition) {
    switch condition.test {
    case .isNotNull: break
    case .isNull: exclude()
    case .sorted: isRough = true
    case .among(let operands):
      let numbers = operands.compactMap(Self.integer)
      let wanted = Set(numbers)
      list = list?.filter { wanted.contains($0) } ?? numbers
    case .compare(let comparison, let operand): narrow(comparison, operand)
    }
  }

  private static func integer(_ operand: ComparedValue) -> Int? {
    switch operand {
    case .integer(let value): Int(value)
    case .real(let value): Int(exactly: value)
    case .null, .text, .blob: nil
    }
  }

  private mutating func exclude() {
    low = .max
    high = .min
  }

  private mutating func narrow(_ comparison: Comparison, _ operand: ComparedValue) {
    switch comparison {
    case .notEqual, .notIdentical:
      isRough = true
      if comparison == .notEqual, operand == .null { exclude() }
    case .equal, .identical:
      guard let number = Self.integer(operand) else { return exclude() }
      low = max(low, number)
      high = min(high, number)
    case .less, .lessOrEqual:
      guard let last = Self.floor(operand, excluding: comparison == .less) else {
        if operand == .null || operand.isNumber { exclude() }
        return
      }
      high = min(high, last)
    case .greater, .greaterOrEqual:
      guard let first = Self.ceiling(operand, excluding: comparison == .greater) else {
        return exclude()
      }
      low = max(low, first)
    }
  }

  /// The largest integer that is at most `operand`, or below it; nil when there is none.
  private static func floor(_ operand: ComparedValue, excluding: Bool) -> Int? {
    switch operand {
    case .integer(let value):
      return excluding ? (value == .min ? nil : Int(value) - 1) : Int(value)
    case .real(let value):
      if value >= 0x1p63 { return .max }
      if value < -0x1p63 { return nil }
      let whole = value.rounded(.down)
      guard excluding, whole == value else { return Int(whole) }
      return whole == -0x1p63 ? nil : Int(whole) - 1
    case .null, .text, .blob: return nil
    }
  }

  /// The smallest integer that is at least `operand`, or above it; nil when there is none.
  private static func ceiling(_ operand: ComparedValue, excluding: Bool) -> Int? {
    switch operand {
    case .integer(let value):
      return excluding ? (value == .max ? nil : Int(value) + 1) : Int(value)
    case .real(let value):
      if value >= 0x1p63 { return nil }
      if value < -0x1p63 { return .min }
      let whole = value.rounded(.up)
      if whole >= 0x1p63 { return nil }
      return excluding && whole == value ? Int(whole) + 1 : Int(whole)
    case .null, .text, .blob: return nil
    }
  }
}
