// Costs as counts: what tests hold this module to, on any machine.

import Synchronization

/// Counts what is moved in memory while it is ``current``. Without one, nothing is counted.
final class WorkMeter: Sendable {
  struct Work: Hashable, Sendable {
    /// Elements of boxes that were copied because a snapshot shares them.
    var copiedElements = 0
    /// Points of curves that made room for another, or were looked at again.
    var movedPoints = 0
    /// Rows that were written into a block of finished trials.
    var packedRows = 0
  }

  @TaskLocal static var current: WorkMeter?

  private let work = Mutex(Work())

  func count(_ add: (inout Work) -> Void) { work.withLock { add(&$0) } }

  /// What `body` takes.
  static func work(of body: () throws -> Void) rethrows -> Work {
    let meter = WorkMeter()
    try $current.withValue(meter) { try body() }
    return meter.work.withLock { $0 }
  }
}
