// Decoded columns, kept as long as there is room.

import StudyModel
import Synchronization

/// Columns by where they lie, the ones used least lately forgotten first.
///
/// They are in two generations: what is used moves into the young one, and when that has half of
/// all bytes it becomes the old one, and what was old is gone. So what has not been used while half
/// the limit was is forgotten, and a use costs O(1).
final class ColumnCache: Sendable {
  /// A part of a file.
  struct Place: Hashable, Sendable {
    /// Files are numbered as they are opened.
    let file: Int
    let offset: UInt64
  }

  /// What it did so far.
  struct Statistics: Sendable {
    var hits = 0
    /// How many columns were decoded.
    var misses = 0
    /// About how many bytes it holds.
    var bytes = 0
  }

  fileprivate struct State: Sendable {
    var young: [Place: PartValues] = [:]
    var old: [Place: PartValues] = [:]
    var youngBytes = 0
    var oldBytes = 0
    var statistics = Statistics()
    /// Blocks that were put together last: whoever reads trial by trial stays in one for long.
    var recent: [(place: Place, contents: BlockContents, block: TrialBlock)] = []
  }

  private static let recentCount = 4

  let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: bytes, about.
  init(limit: Int = Store.usualCacheBytes) { self.limit = limit }

  var statistics: Statistics {
    state.withLock { state in
      var statistics = state.statistics
      statistics.bytes = state.youngBytes + state.oldBytes
      return statistics
    }
  }

  /// The column at `place`; made by `decode`, which may be called by several at once, if it is
  /// not known.
  func column(
    at place: Place, _ decode: () throws(StorageError) -> PartValues
  ) throws(StorageError) -> PartValues {
    if let known = state.withLock({ $0.use(place, limit / 2) }) { return known }
    let column = try decode()
    state.withLock { $0.insert(column, at: place, limit / 2) }
    return column
  }

  /// The block at `place`, if it was put together lately: with `contents` if there is such a one,
  /// else with others.
  func block(
    at place: Place, _ contents: BlockContents
  ) -> (contents: BlockContents, block: TrialBlock)? {
    state.withLock { state in
      let known = state.recent.lazy.filter { $0.place == place }
      let best = known.last { $0.contents == contents } ?? known.last
      return best.map { ($0.contents, $0.block) }
    }
  }

  func keep(_ block: TrialBlock, at place: Place, _ contents: BlockContents) {
    state.withLock { state in
      if state.recent.count >= Self.recentCount { state.recent.removeFirst() }
      state.recent.append((place, contents, block))
    }
  }
}

extension ColumnCache.State {
  fileprivate mutating func use(_ place: ColumnCache.Place, _ limit: Int) -> PartValues? {
    if let column = young[place] {
      statistics.hits += 1
      return column
    }
    guard let column = old.removeValue(forKey: place) else {
      statistics.misses += 1
      return nil
    }
    statistics.hits += 1
    oldBytes -= column.cost
    add(column, at: place, limit)
    return column
  }

  fileprivate mutating func insert(
    _ column: PartValues, at place: ColumnCache.Place, _ limit: Int
  ) {
    // Another may have been faster.
    if young[place] != nil { return }
    if let known = old.removeValue(forKey: place) { oldBytes -= known.cost }
    add(column, at: place, limit)
  }

  private mutating func add(_ column: PartValues, at place: ColumnCache.Place, _ limit: Int) {
    let cost = column.cost
    if youngBytes + cost > limit {
      (old, oldBytes) = (young, youngBytes)
      (young, youngBytes) = ([:], 0)
    }
    if cost > limit { return }
    young[place] = column
    youngBytes += cost
  }
}
