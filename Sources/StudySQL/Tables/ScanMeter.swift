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
  private let rowsGiven = Mutex(0)

  func count(_ rows: Range<Int>, _ columns: ColumnSet) {
    loads.withLock { $0.append(Load(rows: rows, columns: columns)) }
  }

  /// Counts rows that SQLite is going to be given.
  func countPiece(_ rows: Int) { rowsGiven.withLock { $0 += rows } }

  /// How many rows SQLite is given while `body` runs; of the last piece all, also where it stops
  /// before.
  static func rows(of body: () throws -> Void) rethrows -> Int {
    let meter = ScanMeter()
    try $current.withValue(meter) { try body() }
    return meter.rowsGiven.withLock { $0 }
  }

  /// What is loaded while `body` runs.
  static func loads(of body: () throws -> Void) rethrows -> [Load] {
    let meter = ScanMeter()
    try $current.withValue(meter) { try body() }
    return meter.loads.withLock { $0 }
  }
}
