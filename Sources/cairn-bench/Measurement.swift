// A measurement, as a line of text: the value, its unit and what it is of, between tabs.

/// Prints one figure, rounded to a thousandth of its unit.
func say(_ what: String, _ value: Double, _ unit: String) {
  print("\((value * 1000).rounded() / 1000)\t\(unit)\t\(what)")
}

/// How long `body` takes.
func seconds(_ body: () -> Void) -> Double {
  let elapsed = ContinuousClock().measure(body)
  return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
}
