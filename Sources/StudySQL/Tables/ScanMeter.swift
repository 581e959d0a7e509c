// Costs as counts: what tests hold the scans to, on any machine.

internal import StudyModel
internal import Synchronization

/// Writes down what scans load while it is ``current``. Without one, nothing is kept.
final class ScanMeter: Sendable {
  struct Load: Hashable, Sendable {
    let rows: Range<Int>
    let columns: ColumnSet
  }

  @TaskLocal static var current: ScanMeter?

  private let loads = Mutex<[Load]>([])

  func count(_ rows: Range<Int>, _ columns: ColumnSet) {
    loads.withLock { $0.append(Load(rows: rows, columns: columns)) }
  }

  /// What is loaded while `body` runs.
  static func loads(of body: () throws -> Void) rethrows -> [Load] {
    let meter = ScanMeter()
    try $current.withValue(meter) { try body() }
    return meter.loads.withLock { $0 }
  }
}
