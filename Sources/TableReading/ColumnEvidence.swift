// What stands in a column, all of it: from that the domain of a parameter is inferred.

import PlainText
import StudyModel

/// What was seen of one column so far.
struct ColumnEvidence {
  /// More different values are no choice.
  static let choiceLimit = 1000
  /// More different values are no choice where some are numbers and others not: rather something
  /// is wrong with the others.
  static let mixedLimit = 16

  /// How many cells hold something.
  private(set) var count = 0
  private var wholes = 0
  private var reals = 0
  private var truths = 0
  private var others = 0
  private var lowestWhole = Int64.max
  private var highestWhole = Int64.min
  private var low = Double.infinity
  private var high = -Double.infinity
  /// How many numbers lie between 2^k and 2^(k+1), by k + 1075; those that are not above zero
  /// are at the start.
  private var magnitudes: [Int] = []
  /// In the order in which they came; nil when they are too many.
  private var distinct: [ParameterValue]? = []
  private var known = Set<ParameterValue>()
  private var latest = ParameterValue.null

  /// The line of the first value that is no number, and what it is.
  private(set) var firstOther: (line: Int, value: ParameterValue)?
  /// The same of what is infinite or NaN.
  private var firstNonFinite: (line: Int, value: ParameterValue)?

  mutating func add(_ cell: TableCell, line: Int) {
    guard case .value(let value) = cell else { return }
    count += 1
    note(value)
    switch value {
    case .integer(let number):
      wholes += 1
      lowestWhole = min(lowestWhole, number)
      highestWhole = max(highestWhole, number)
      add(Double(number))
    case .float(let number):
      reals += 1
      if number.isFinite {
        add(number)
      } else if firstNonFinite == nil {
        firstNonFinite = (line, value)
      }
    case .bool:
      truths += 1
      if firstOther == nil { firstOther = (line, value) }
    case .string, .structure, .null:
      others += 1
      if firstOther == nil, cell.number == nil { firstOther = (line, value) }
    }
  }

  private mutating func add(_ number: Double) {
    low = min(low, number)
    high = max(high, number)
    if magnitudes.isEmpty { magnitudes = [Int](repeating: 0, count: 2100) }
    magnitudes[number > 0 ? Int(number.exponent) + 1075 : 0] += 1
  }

  private mutating func note(_ value: ParameterValue) {
    guard distinct != nil, value != latest || known.isEmpty else { return }
    latest = value
    guard known.insert(value).inserted else { return }
    guard known.count <= Self.choiceLimit else {
      distinct = nil
      known = []
      return
    }
    distinct?.append(value)
  }

  enum Finding {
    case domain(Distribution)
    /// Nothing stands in it.
    case empty
    /// Nothing can be made of it: where that shows, and why.
    case none(line: Int?, reason: String)
  }

  /// The domain of the parameter that this is the column of.
  ///
  /// - Throws: ``DomainError`` when choices contradict each other.
  func finding() throws -> Finding {
    if count == 0 { return .empty }
    let numbers = wholes + reals
    if truths == count { return .domain(.categorical([.bool(false), .bool(true)])) }
    if numbers == count, firstNonFinite == nil {
      let limit = Int64(1) << 53
      if reals > 0 {
        return .domain(
          .float(try FloatDomain(low: low, high: high, isLogarithmic: isLogarithmic)))
      }
      if lowestWhole >= -limit, highestWhole <= limit {
        return .domain(
          .integer(
            try IntegerDomain(
              low: lowestWhole, high: highestWhole, isLogarithmic: isLogarithmic)))
      }
    }
    if numbers > 0, numbers < count, distinct.map({ $0.count > Self.mixedLimit }) ?? true,
      let firstOther
    {
      return .none(
        line: firstOther.line,
        reason: "\(TableCell.value(firstOther.value).shown) is no number, where "
          + "\(numbers) others are")
    }
    guard let distinct else {
      let what =
        others + truths > 0
        ? "texts" : firstNonFinite == nil ? "whole numbers beyond 2^53" : "numbers and no numbers"
      return .none(
        line: firstOther?.line ?? firstNonFinite?.line,
        reason: "it holds more than \(Self.choiceLimit) different values, \(what) among them, "
          + "which make neither a range nor a choice")
    }
    return .domain(.categorical(try ChoiceDomain(distinct)))
  }

  /// Positive numbers over three powers of ten at least, more than half of them in the lower tenth
  /// of their range: evenly spread ones would have a tenth of them there.
  private var isLogarithmic: Bool {
    guard low > 0, high / low >= 1000 else { return false }
    let border = (high / 10).exponent
    let below = magnitudes[..<max(0, min(Int(border) + 1075, magnitudes.count))].reduce(0, +)
    return 2 * below > wholes + reals
  }
}
