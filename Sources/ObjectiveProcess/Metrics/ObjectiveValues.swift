// From what was observed to what is recorded: one value an objective.

package import StudyModel

extension MetricAggregate {
  /// The value that `points`, in any order, come to: nil when there are none. Last and mean are
  /// by step, and NaN when what they count is; smallest and largest pass over NaN.
  package func value(of points: [MetricPoint]) -> Double? {
    guard let any = points.first else { return nil }
    switch self {
    case .last:
      return points.dropFirst().reduce(any) { $1.step >= $0.step ? $1 : $0 }.value
    case .minimum: return points.reduce(any.value) { Double.minimum($0, $1.value) }
    case .maximum: return points.reduce(any.value) { Double.maximum($0, $1.value) }
    case .mean(let count):
      let last = points.sorted { $0.step < $1.step }.suffix(max(1, count))
      return last.reduce(0) { $0 + $1.value } / Double(last.count)
    }
  }
}

/// What an attempt that exited with 0 said its objectives are.
package enum ObjectiveValues: Hashable, Sendable {
  /// One an objective, in their order. They may be NaN or infinite.
  case complete([Double])
  /// These objectives were never reported.
  case missing([String])

  /// The value of each objective: the final one that was told last, else the aggregate of its
  /// values over the steps, else (a single objective) the bare number.
  package init(
    of objectives: [Objective], finals: [String: Double], bareNumber: Double? = nil,
    series: (String) -> [MetricPoint]
  ) {
    var values: [Double] = []
    var missing: [String] = []
    for objective in objectives {
      if let value = finals[objective.name]
        ?? objective.aggregate.value(of: series(objective.name))
        ?? (objectives.count == 1 ? bareNumber : nil)
      {
        values.append(value)
      } else {
        missing.append(objective.name)
      }
    }
    self = missing.isEmpty ? .complete(values) : .missing(missing)
  }
}

/// The last lines of what was printed, for the record of a failure.
package struct OutputTail: Sendable {
  private let lines: Int
  private let byteLimit: Int
  private var bytes: [UInt8] = []

  package init(lines: Int = 20, byteLimit: Int = 8192) {
    self.lines = lines
    self.byteLimit = byteLimit
  }

  package mutating func append(_ more: some Collection<UInt8>) {
    bytes.append(contentsOf: more.suffix(byteLimit))
    if bytes.count > 2 * byteLimit { bytes.removeFirst(bytes.count - byteLimit) }
  }

  /// The last lines, without empty ones at the end; of a line that was overwritten by carriage
  /// returns, what stood there last. Invalid UTF-8 is replaced.
  package var text: String {
    String(decoding: bytes.suffix(byteLimit), as: UTF8.self)
      .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      .map { $0.split(separator: "\r").last ?? "" }
      .reversed().drop { $0.allSatisfy(\.isWhitespace) }.prefix(lines).reversed()
      .joined(separator: "\n")
  }
}
