// Lengths of time and sizes for people.

package enum Measures {
  /// `2.3 ms`, `0.44 s`, `3.2 s`, `42 s`, `3 min 5 s`, `2 h 14 min`, `3 d 2 h`
  package static func duration(seconds: Double) -> String {
    if seconds < 0.0995 { return (max(0, seconds) * 1000).text(significantDigits: 2) + " ms" }
    if seconds < 59.5 { return seconds.text(significantDigits: 2) + " s" }
    return duration(wholeSeconds: seconds)
  }

  /// The same without parts of seconds, for clocks that run.
  package static func duration(wholeSeconds seconds: Double) -> String {
    guard seconds.isFinite, seconds < 0x1p53 else { return "∞" }
    let whole = Int(max(0, seconds).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return joined(whole / 60, "min", whole % 60, "s") }
    if whole < 86_400 { return joined(whole / 3600, "h", whole % 3600 / 60, "min") }
    return joined(whole / 86_400, "d", whole % 86_400 / 3600, "h")
  }

  private static func joined(_ big: Int, _ bigUnit: String, _ small: Int, _ unit: String) -> String
  {
    small == 0 ? "\(big) \(bigUnit)" : "\(big) \(bigUnit) \(small) \(unit)"
  }

  /// `512 B`, `1.5 KiB`, `213.4 MiB`, in powers of 1024.
  package static func size(bytes: Int64) -> String {
    var value = Double(bytes)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return value.text(significantDigits: 4) + " " + unit }
      value /= 1024
    }
    return value.text(significantDigits: 4) + " TiB"
  }

  package static func count(_ count: Int, _ what: String) -> String {
    "\(count) \(what)\(count == 1 ? "" : "s")"
  }

  /// For words whose plural is no s.
  package static func count(_ count: Int, _ several: String, one: String) -> String {
    "\(count) \(count == 1 ? one : several)"
  }
}
