// A share as a bar of text.

package enum Bar {
  private static let eighths = Array("▏▎▍▌▋▊▉█")

  /// `share` of a bar of `width` columns, to an eighth of one; empty for nothing and less, and at
  /// least the thinnest mark for what is more.
  package static func text(_ share: Double, width: Int) -> String {
    guard share > 0 else { return "" }
    let count = max(1, Int((min(1, share) * Double(8 * width)).rounded()))
    let rest = count % 8
    return String(repeating: eighths[7], count: count / 8)
      + (rest > 0 ? String(eighths[rest - 1]) : "")
  }
}
