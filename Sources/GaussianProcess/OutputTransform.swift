// Objective values made fit for a process that expects normal ones.

package import Numerics

/// Centers by the median, scales by the interquartile range, transforms by Yeo & Johnson's power
/// at its most likely, and standardizes. Strictly increasing but for values more than 10⁶ ranges
/// away; the same to whatever scale and offset the values have; equal values stay equal.
package struct OutputTransform: Hashable, Sendable {
  /// The median of what was fitted.
  package let center: Double
  /// Its interquartile range, or what stands for it.
  package let scale: Double
  package let power: YeoJohnson
  /// Of the transformed values.
  package let mean: Double
  package let deviation: Double

  private static let powers = -2.0...3.0
  private static let reach = 1e6
  private static let enough = 512

  /// The transformation of finite `values`, at least one.
  package init(fitting values: [Double]) {
    precondition(!values.isEmpty && values.allSatisfy(\.isFinite))
    let sorted = values.sorted()
    center = quantile(0.5, ofSorted: sorted)!
    // Halves, so that differences of the largest numbers there are stay finite.
    var half = quantile(0.75, ofSorted: sorted)! / 2 - quantile(0.25, ofSorted: sorted)! / 2
    if half <= 0 { half = sorted[sorted.count - 1] / 2 - sorted[0] / 2 }
    scale = half > 0 ? min(2 * half, .greatestFiniteMagnitude) : 1
    let ranged = values.map { [center, scale] value in Self.range(value, center, scale) }
    // Of very many values, evenly chosen ones say what their distribution is.
    let many = sorted.count / Self.enough
    let chosen =
      many < 2
      ? ranged
      : stride(from: many / 2, to: sorted.count, by: many).map { [center, scale] index in
        Self.range(sorted[index], center, scale)
      }
    power = YeoJohnson.fit(chosen, in: Self.powers)
    let transformed = ranged.map(power.apply)
    let count = Double(values.count)
    let average = transformed.reduce(0, +) / count
    mean = average
    let variance = transformed.reduce(0) { $0 + ($1 - average) * ($1 - average) } / count
    deviation = variance > 0 && variance.isFinite ? variance.squareRoot() : 1
  }

  /// A finite value, transformed.
  package func apply(_ value: Double) -> Double {
    (power.apply(Self.range(value, center, scale)) - mean) / deviation
  }

  /// The value whose transformed one is `y`; infinite where there is none.
  package func invert(_ y: Double) -> Double {
    power.invert(y * deviation + mean) * scale + center
  }

  private static func range(_ value: Double, _ center: Double, _ scale: Double) -> Double {
    min(max((value / 2 - center / 2) / (scale / 2), -reach), reach)
  }
}
