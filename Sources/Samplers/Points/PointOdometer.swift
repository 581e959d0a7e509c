// All points of a finite space, one after the other, without ever listing them.

import StudyModel

/// One parameter's values in order.
enum FiniteAxis: Sendable {
  /// All members of a countable domain.
  case members(Distribution, count: Int)
  /// Ascending.
  case values([Double])

  /// Nil when `distribution` is not countable.
  init?(_ distribution: Distribution) {
    guard let count = distribution.cardinality else { return nil }
    self = .members(distribution, count: count)
  }

  var count: Int {
    switch self {
    case .members(_, let count): count
    case .values(let values): values.count
    }
  }

  subscript(place: Int) -> Double {
    switch self {
    case .members(let distribution, _): distribution.member(at: place)
    case .values(let values): values[place]
    }
  }

  /// The place of the value nearest to `value`.
  func place(nearest value: Double) -> Int {
    switch self {
    case .members(let distribution, let count):
      return min(max(distribution.place(nearest: value), 0), count - 1)
    case .values(let values):
      let after = values.firstIndex { $0 >= value } ?? values.count - 1
      let before = max(after - 1, 0)
      return value - values[before] < values[after] - value ? before : after
    }
  }
}

/// Counts through the points of a frame, the last parameter fastest. Parameters that a point's
/// parents exclude are absent from it and take no part, so no point comes twice.
struct PointOdometer {
  private let frame: ProposalFrame
  private let axes: [FiniteAxis?]
  private var places: [Int]
  private(set) var point: [Double]

  /// Begins at the first point, or at the one nearest to `start`. `axes` has one axis for every
  /// free parameter.
  init(_ frame: ProposalFrame, axes: [FiniteAxis?], at start: [Double]? = nil) {
    self.frame = frame
    self.axes = axes
    places = [Int](repeating: 0, count: frame.count)
    point = [Double](repeating: .nan, count: frame.count)
    if let start {
      for index in places.indices where frame.given[index] == nil && !start[index].isNaN {
        places[index] = axes[index]?.place(nearest: start[index]) ?? 0
      }
    }
    settle(from: 0)
  }

  /// Goes to the next point; from the last to the first, returning false.
  ///
  /// - Parameter last: to the next that differs in this parameter or one before it: those
  ///   between have in common what was wrong with the current one.
  mutating func advance(past last: Int? = nil) -> Bool {
    for index in (0...(last ?? places.count - 1)).reversed() where index < places.count {
      guard frame.given[index] == nil, !point[index].isNaN, let axis = axes[index],
        places[index] + 1 < axis.count
      else { continue }
      places[index] += 1
      for later in (index + 1)..<places.count { places[later] = 0 }
      settle(from: index)
      return true
    }
    for index in places.indices { places[index] = 0 }
    settle(from: 0)
    return false
  }

  /// Whether the current point comes before that of `other` in the order of counting.
  func precedes(_ other: PointOdometer) -> Bool {
    places.lexicographicallyPrecedes(other.places)
  }

  /// Makes `point` agree with `places` from parameter `first` on. The place of a parameter that
  /// is absent is 0.
  private mutating func settle(from first: Int) {
    for index in first..<places.count {
      if let value = frame.given[index] {
        point[index] = value
      } else if frame.isActive(index, in: point), let axis = axes[index] {
        point[index] = axis[places[index]]
      } else {
        point[index] = .nan
        places[index] = 0
      }
    }
  }
}

/// The points of a frame once around, from any of them.
struct PointCircle {
  private(set) var odometer: PointOdometer
  private let start: PointOdometer
  private var hasTurned = false

  init(_ odometer: PointOdometer) {
    self.odometer = odometer
    start = odometer
  }

  var point: [Double] { odometer.point }

  /// Goes on as ``PointOdometer/advance(past:)`` does; false when the start has come again.
  mutating func advance(past last: Int? = nil) -> Bool {
    if !odometer.advance(past: last) {
      if hasTurned { return false }
      hasTurned = true
    }
    return !hasTurned || odometer.precedes(start)
  }
}
