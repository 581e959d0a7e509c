// Values of curves on one scale, whatever the metric: 0 is the best trial so far, 1 about where
// trials begin, and what is far away counts as far away and no more.

import Glibc
import Numerics

/// An objective to be minimized, as learning curves are compared.
///
/// With θ the best final value and s how far trials commonly are from it, z = (y − θ)/s becomes
/// sign(z) · min(3, ln(1 + 10|z|)/ln 11): near the best, small differences show.
struct CurveScale: Equatable, Sendable {
  /// Where values that are no numbers are put, and all that are worse.
  static let limit = 3.0

  let best: Double
  let spread: Double

  func position(_ value: Double) -> Double {
    guard value.isFinite else { return Self.limit }
    let z = (value - best) / spread
    return (z < 0 ? -1 : 1) * min(Self.limit, log1p(10 * abs(z)) / log(11))
  }

  func value(atPosition position: Double) -> Double {
    let z = expm1(abs(position) * log(11)) / 10
    return best + (position < 0 ? -z : z) * spread
  }

  /// Whether `other` is so like this one that nothing need be computed anew.
  func isClose(to other: CurveScale) -> Bool {
    abs(other.best - best) <= 0.1 * spread && abs(other.spread - spread) <= 0.1 * spread
  }
}

/// What finished trials say of the scale, one after another.
struct CurveScaleTracker: Sendable {
  /// Ascending.
  private var firsts: [Double] = []
  private var finals: [Double] = []
  /// The best final value of all that may be the best.
  private(set) var best: Double?
  /// Changes only when it has moved by a tenth.
  private(set) var scale: CurveScale?

  /// - Parameters:
  ///   - first, final: of a complete trial, to be minimized.
  ///   - isCandidate: whether it may be the best trial.
  mutating func add(first: Double, final: Double, isCandidate: Bool) {
    if first.isFinite { firsts.insertAscending(first) }
    if final.isFinite { finals.insertAscending(final) }
    if isCandidate, final.isFinite { best = min(best ?? .infinity, final) }
    guard let best else { return }
    let spread = max(
      quantile(0.5, ofSorted: firsts).map { $0 - best } ?? 0,
      quantile(0.75, ofSorted: finals).map { $0 - best } ?? 0, 1e-12)
    let new = CurveScale(best: best, spread: min(spread, .greatestFiniteMagnitude))
    if let scale, scale.isClose(to: new) { return }
    scale = new
  }
}

extension [Double] {
  fileprivate mutating func insertAscending(_ value: Double) {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    insert(value, at: low)
  }
}
