// All points of a finite space, one after the other, without ever listing them.

import StudyModel

/// One parameter's values in order.
struct FiniteAxis: Sendable {
  let count: Int
  let value: @Sendable (Int) -> Double

  /// Nil when `distribution` is not countable.
  init?(_ distribution: Distribution) {
    guard let count = distribution.cardinality else { return nil }
    self.count = count
    value = { distribution.member(at: $0) }
  }

  init(_ values: [Double]) {
    count = values.count
    value = { values[$0] }
  }

  /// The place of `value` among the values; nil when it is none of them.
  func place(of value: Double, in distribution: Distribution) -> Int? {
    let nearest: Double =
      switch distribution {
      case .categorical: value
      case .integer(let domain): (value - Double(domain.low)) / Double(domain.step)
      case .float(let domain): domain.step.map { ((value - domain.low) / $0).rounded() } ?? 0
      }
    guard let place = Int(exactly: nearest), place >= 0, place < count else { return nil }
    return place
  }
}

/// Counts through the points of a frame, the last parameter fastest. Parameters that a point's
/// parents exclude are absent from it and take no part, so no point comes twice.
struct PointOdometer {
  private let frame: ProposalFrame
  private let axes: [FiniteAxis?]
  private var places: [Int]
  private(set) var point: [Double]

  /// Begins at the first point. `axes` has one axis for every free parameter.
  init(_ frame: ProposalFrame, axes: [FiniteAxis?]) {
    self.frame = frame
    self.axes = axes
    places = [Int](repeating: 0, count: frame.count)
    point = [Double](repeating: .nan, count: frame.count)
    settle(from: 0)
  }

  /// Begins at `start`, a point of the frame.
  init(_ frame: ProposalFrame, axes: [FiniteAxis?], at start: [Double]) {
    self.init(frame, axes: axes)
    for index in places.indices where frame.given[index] == nil && !start[index].isNaN {
      let distribution = frame.parameters[index].distribution
      places[index] = axes[index]?.place(of: start[index], in: distribution) ?? 0
    }
    settle(from: 0)
  }

  /// Goes to the next point; from the last to the first, returning false.
  mutating func advance() -> Bool {
    for index in places.indices.reversed() {
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

  /// Makes `point` agree with `places` from parameter `first` on.
  private mutating func settle(from first: Int) {
    for index in first..<places.count {
      if let value = frame.given[index] {
        point[index] = value
      } else if frame.isActive(index, in: point), let axis = axes[index] {
        point[index] = axis.value(places[index])
      } else {
        point[index] = .nan
      }
    }
  }
}
