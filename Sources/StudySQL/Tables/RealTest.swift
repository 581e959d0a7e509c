// A condition on a column of numbers, made ready to be asked of thousands of them.

internal import StudyModel

/// Which numbers are wanted: those of a range, or all but those of it, or those of a list.
struct RealTest: Equatable {
  private var low = Double.infinity
  private var high = -Double.infinity
  private var isInverted = false
  /// Ascending; instead of a range.
  private var list: [Double]?
  /// Whether rows without a number are wanted. NaN is none.
  private(set) var admitsNull = false

  static let never = RealTest()
  private static let always = RealTest(low: -.infinity, high: .infinity)

  private init() {}

  private init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// What `condition` says of numbers.
  init(_ condition: ScanCondition) {
    switch condition.test {
    case .isNull:
      admitsNull = true
    case .isNotNull:
      self = .always
    case .among(let operands):
      list = operands.compactMap { operand in
        let bounds = Self.bounds(operand)
        return bounds.flatMap { $0.atMost == $0.atLeast ? $0.atMost : nil }
      }.sorted()
    case .compare(let comparison, let operand):
      self = Self.test(comparison, operand)
    case .sorted(let descending, let last):
      // NULL is the smallest of all.
      switch last {
      case .null:
        if descending { self = .always }
        admitsNull = true
      default:
        self = Self.test(descending ? .greaterOrEqual : .lessOrEqual, last)
        admitsNull = !descending
      }
    }
  }

  private static func test(_ comparison: Comparison, _ operand: ComparedValue) -> RealTest {
    if case .null = operand {
      switch comparison {
      case .identical:
        var test = never
        test.admitsNull = true
        return test
      case .notIdentical: return always
      default: return never
      }
    }
    guard let bounds = bounds(operand) else {
      // Every number is before every text.
      switch comparison {
      case .less, .lessOrEqual, .notEqual: return always
      case .notIdentical:
        var test = always
        test.admitsNull = true
        return test
      default: return never
      }
    }
    let (atMost, atLeast) = bounds
    let isExact = atMost == atLeast
    var test: RealTest
    switch comparison {
    case .less:
      if atLeast == -.infinity { return never }
      test = RealTest(low: -.infinity, high: isExact ? atMost.nextDown : atMost)
    case .lessOrEqual: test = RealTest(low: -.infinity, high: atMost)
    case .greater:
      if atMost == .infinity { return never }
      test = RealTest(low: isExact ? atLeast.nextUp : atLeast, high: .infinity)
    case .greaterOrEqual: test = RealTest(low: atLeast, high: .infinity)
    case .equal, .identical: test = isExact ? RealTest(low: atMost, high: atMost) : never
    case .notEqual, .notIdentical:
      test = isExact ? RealTest(low: atMost, high: atMost) : never
      test.isInverted = true
      test.admitsNull = comparison == .notIdentical
    }
    return test
  }

  /// The numbers next to `operand`; nil when it is no number.
  private static func bounds(_ operand: ComparedValue) -> (atMost: Double, atLeast: Double)? {
    switch operand {
    case .real(let value): return (value, value)
    case .integer(let value):
      let near = Double(value)
      let order = SQLValue.order(value, near)
      if order == 0 { return (near, near) }
      return order < 0 ? (near.nextDown, near) : (near, near.nextUp)
    case .null, .text, .blob: return nil
    }
  }

  /// Whether `value`, which may be NaN, is wanted.
  @inline(__always)
  func admits(_ value: Double) -> Bool {
    if value.isNaN { return admitsNull }
    if let list {
      let place = list.firstPlace { $0 >= value }
      return place < list.count && list[place] == value
    }
    return (value >= low && value <= high) != isInverted
  }

  /// Whether a row of `zone` may be wanted.
  func admits(_ zone: ColumnZone) -> Bool {
    if admitsNull && zone.others > 0 { return true }
    if zone.numbers == 0 { return false }
    if let list {
      let place = list.firstPlace { $0 >= zone.minimum }
      return place < list.count && list[place] <= zone.maximum
    }
    if isInverted { return !(zone.minimum >= low && zone.maximum <= high) }
    return zone.maximum >= low && zone.minimum <= high
  }

  /// Those of `selection` (nil: all places) at which a number is wanted; `values` and `present`
  /// are of the places from `shift` on.
  func select(
    _ values: [Double], _ present: [Bool], shift: Int, count: Int, among selection: [Int32]?
  ) -> [Int32] {
    var result = [Int32](repeating: 0, count: selection?.count ?? count)
    var found = 0
    if let selection {
      for place in selection {
        let index = Int(place) + shift
        result[found] = place
        found += (present[index] ? admits(values[index]) : admitsNull) ? 1 : 0
      }
    } else if list == nil && !isInverted && !admitsNull {
      let (low, high) = (low, high)
      for place in 0..<count {
        let value = values[place + shift]
        result[found] = Int32(truncatingIfNeeded: place)
        found += value >= low && value <= high && present[place + shift] ? 1 : 0
      }
    } else {
      for place in 0..<count {
        let index = place + shift
        result[found] = Int32(truncatingIfNeeded: place)
        found += (present[index] ? admits(values[index]) : admitsNull) ? 1 : 0
      }
    }
    result.removeLast(result.count - found)
    return result
  }
}
