// A measurement, as a line of text: the value, its unit and what it is of, between tabs.

import Glibc

/// Prints one figure, rounded to a thousandth of its unit.
func say(_ what: String, _ value: Double, _ unit: String) {
  print("\((value * 1000).rounded() / 1000)\t\(unit)\t\(what)")
}

/// How much of a processor's time `body` takes, whatever else the machine does.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = clock()
  try body()
  // POSIX: a million clocks are a second.
  return Double(clock() - start) / 1e6
}
