// One parameter as trees see it: a few hundred bins, in each of which a share of the domain lies.
// Trees split between bins, so a box of a tree is a range of bins on each axis and its size a
// product of differences.

import StudyModel

/// The values of one parameter over some trials, by bins.
struct BinnedAxis {
  /// Numeric values are put into at most so many bins, of about equally many trials.
  static let binLimit = 256
  /// The code of a trial that lacks the parameter.
  static let absent = UInt16.max

  /// The bin of each trial.
  let codes: [UInt16]
  /// The share of the domain in front of each bin, and 1 at the end: ascending, from 0.
  let shares: [Double]
  /// Whether the bins are choices without an order.
  let isNominal: Bool

  var binCount: Int { shares.count - 1 }

  /// - Parameters:
  ///   - values: by trial, as kept; NaN where it lacks the parameter.
  ///   - distribution: of which the shares are.
  init(_ values: [Double], of distribution: Distribution) {
    if let measure = DomainMeasure(distribution) {
      self.init(numbers: values, measure)
    } else {
      self.init(choices: values, count: distribution.cardinality ?? 0)
    }
  }

  private init(numbers values: [Double], _ measure: DomainMeasure) {
    let sorted = values.filter { !$0.isNaN }.sorted()
    // The first value of each bin but the first, with the share in front of it.
    var starts: [(value: Double, share: Double)] = []
    let isSmall = Self.distinctCount(sorted) <= Self.binLimit
    var filled = 0
    for (place, value) in sorted.enumerated().dropFirst() where value != sorted[place - 1] {
      guard isSmall || place * Self.binLimit >= (filled + 1) * sorted.count else { continue }
      filled = isSmall ? filled + 1 : place * Self.binLimit / sorted.count
      starts.append((value, measure.shareBetween(sorted[place - 1], value)))
    }
    isNominal = false
    shares = [0] + starts.map(\.share) + [1]
    codes = values.map { value in
      if value.isNaN { return Self.absent }
      var (low, high) = (0, starts.count)
      while low < high {
        let middle = (low + high) / 2
        if starts[middle].value <= value { low = middle + 1 } else { high = middle }
      }
      return UInt16(low)
    }
  }

  private static func distinctCount(_ sorted: [Double]) -> Int {
    sorted.isEmpty ? 0 : 1 + zip(sorted, sorted.dropFirst()).count { $0 != $1 }
  }

  /// A bin for each choice that was tried, and one for all others together.
  private init(choices values: [Double], count: Int) {
    let tried = Set(values.filter { !$0.isNaN }).sorted()
    let bins = Dictionary(uniqueKeysWithValues: tried.enumerated().map { ($1, UInt16($0)) })
    codes = values.map { bins[$0] ?? Self.absent }
    let total = max(count, tried.count)
    let hasOthers = total > tried.count
    shares = (0...tried.count).map { Double($0) / Double(max(1, total)) } + (hasOthers ? [1] : [])
    isNominal = true
  }
}
