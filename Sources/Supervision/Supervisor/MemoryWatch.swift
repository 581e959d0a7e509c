// How much memory a process tree holds: its peak, and whether it is over its limit.

import Machine

/// Samples the resident memory of a process tree, as often as is cheap.
struct MemoryWatch {
  let limit: Int64?
  /// The largest size seen: the sum of the resident sizes, or the proportional size where it
  /// was asked for.
  private(set) var peak: Int64 = 0
  /// Seconds until the next sample.
  private(set) var interval = 0.002
  private var samples = 0

  init(limit: Int64?) { self.limit = limit }

  /// A process that was reaped reached `bytes` on its own.
  mutating func note(peak bytes: Int64) { peak = max(peak, bytes) }

  /// Measures `processes`; returns their size when it is above the limit.
  ///
  /// Processes that were forked share pages, which their resident sizes count again and again.
  /// So over the limit the proportional size decides; it costs a hundred times more.
  mutating func sample(_ processes: [Int32], since start: Double) -> Int64? {
    var size = processes.reduce(0) { $0 + (ProcessTable.residentBytes(of: $1) ?? 0) }
    if let limit, size > limit {
      size = processes.reduce(0) { sum, process in
        sum
          + (ProcessTable.proportionalBytes(of: process)
            ?? ProcessTable.residentBytes(of: process) ?? 0)
      }
    }
    peak = max(peak, size)
    samples += 1
    interval = nextInterval(size: size, cost: MonotonicClock.now - start)
    guard let limit, size > limit else { return nil }
    return size
  }

  /// Densely at first, for short trials have peaks too, and close to the limit; never for more
  /// than a fiftieth of the time.
  private func nextInterval(size: Int64, cost: Double) -> Double {
    let usual = limit == nil ? 0.5 : 0.1
    let young = samples < 10 ? 0.002 * Double(1 << samples) : usual
    let close = limit.map { Double(size) > 0.7 * Double($0) } == true ? 0.02 : usual
    return max(min(usual, young, close), 50 * cost)
  }
}
