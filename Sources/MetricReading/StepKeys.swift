// What programs call the number by which they count.

/// Names of steps, one list for everything that is read: standard output, JSON lines, CSV, and
/// what trainers print.
package struct StepKeys: Hashable, Sendable {
  /// The earlier counts where there are several. Compared without regard to case, and without
  /// what stands before a slash (`trainer/global_step`).
  package static let known = [
    "step", "global_step", "epoch", "iteration", "iter", "_step", "global_steps",
    "total_timesteps", "timesteps_total", "num_timesteps", "timesteps", "timestep",
    "training_iteration", "iterations", "num_updates", "update", "round", "generation", "gen",
  ]
  private static let knownRanks = Dictionary(
    uniqueKeysWithValues: known.enumerated().map { ($0.element, $0.offset) })

  /// A name of the caller's own, which comes before all.
  package let first: String?

  package init(first: String? = nil) { self.first = first }

  /// The place of `name` in the list, 0 the best; nil when it names no step.
  package func rank(of name: String) -> Int? {
    if let first {
      if name == first { return 0 }
    }
    if let rank = Self.knownRanks[name] { return rank + 1 }
    guard name.utf8.count <= 40 else { return nil }
    let last = name.lastIndex(of: "/").map { name[name.index(after: $0)...] } ?? name[...]
    return Self.knownRanks[last.lowercased()].map { $0 + 1 }
  }

  /// Which of `names` is the step.
  package func index(in names: some Collection<String>) -> Int? {
    names.enumerated().compactMap { index, name in rank(of: name).map { (index, $0) } }
      .min { $0.1 < $1.1 }?.0
  }
}

/// Steps that may be fractions of an epoch: rows that carry one are numbered, since a step is
/// whole, and so are all that follow of the same kind.
struct StepNumbering: Sendable {
  private struct Track: Sendable {
    var isByRow = false
    var last: Int64?
  }

  private var tracks: [String: Track] = [:]

  /// The step of the next row of the kind `key` whose own step is `value`; nil when that is no
  /// number.
  mutating func step(_ value: Double, of key: String) -> Int64? {
    guard value.isFinite else { return nil }
    var track = tracks[key] ?? Track()
    defer { tracks[key] = track }
    if !track.isByRow, let whole = Int64(exactly: value) {
      track.last = whole
      return whole
    }
    // Beyond the whole numbers that a step can be.
    guard abs(value) < 0x1p63 else { return nil }
    track.isByRow = true
    let next = track.last.map { $0 == .max ? $0 : $0 + 1 } ?? 0
    track.last = next
    return next
  }
}
