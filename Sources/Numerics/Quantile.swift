// Quantiles of what is sorted already.

/// The quantile of ascending `values`, none of them NaN, by linear interpolation between order
/// statistics (NumPy's default); nil of none.
///
/// - Parameter share: of the values that are smaller, 0...1.
package func quantile(_ share: Double, ofSorted values: [Double]) -> Double? {
  guard let last = values.last else { return nil }
  let position = share * Double(values.count - 1)
  let below = Int(position.rounded(.down))
  guard below + 1 < values.count else { return last }
  let (low, high) = (values[below], values[below + 1])
  let fraction = position - Double(below)
  // Between equal infinities there is no difference.
  if low == high || fraction == 0 { return low }
  let difference = high - low
  if difference.isInfinite { return low * (1 - fraction) + high * fraction }
  // From the nearer end, so that neither is missed by a rounding.
  return fraction < 0.5 ? low + difference * fraction : high - difference * (1 - fraction)
}
