// Which trials are no part of the search, and the finished ones that are.

/// How many trials of a study are set aside, and where they stand among those that finished.
struct SetAsideTrials: Sendable {
  /// By state.
  private(set) var counts = [Int](repeating: 0, count: TrialState.allCases.count)
  /// Of those that have finished: their places in the order of finishing, ascending.
  private(set) var places: [Int] = []
  /// One number for which they are; 0: none.
  private(set) var fingerprint: UInt64 = 0

  /// How many there are.
  private(set) var count = 0

  /// A trial in `state` is set aside, or no more.
  ///
  /// - Parameter place: in the order of finishing; nil: it has not.
  mutating func set(_ isSetAside: Bool, row: Int, _ state: TrialState, place: Int?) {
    counts[Int(state.rawValue)] += isSetAside ? 1 : -1
    count += isSetAside ? 1 : -1
    // A sum of well-mixed numbers, so that it does not matter in which order they came.
    var mixed = UInt64(row) &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    fingerprint = isSetAside ? fingerprint &+ mixed : fingerprint &- mixed
    guard let place else { return }
    let index = places.firstPlace { $0 >= place }
    if isSetAside { places.insert(place, at: index) } else { places.remove(at: index) }
  }

  /// A trial that is set aside goes from one state to another.
  mutating func move(from old: TrialState, to new: TrialState) {
    counts[Int(old.rawValue)] -= 1
    counts[Int(new.rawValue)] += 1
  }

  /// A trial that is set aside has finished, as the last.
  mutating func finish(place: Int) { places.append(place) }
}

/// Rows of the finished trials that are part of the search, in the order in which they finished.
public struct SearchedRows: RandomAccessCollection, Sendable {
  private let all: FinishedRows
  /// Ascending places in `all` that are left out.
  private let left: [Int]
  /// One number for which trials of the study are set aside: what was learned of rows holds as
  /// long as it is the same.
  public let fingerprint: UInt64

  init(_ all: FinishedRows, without setAside: SetAsideTrials) {
    self.all = all
    left = setAside.places
    fingerprint = setAside.fingerprint
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// How many there are.
  public var endIndex: Int { all.count - left.count }

  /// - Complexity: O(log k) where k are left out.
  public subscript(index: Int) -> Int {
    left.isEmpty ? all[index] : all[index + leftBefore(index)]
  }

  /// How many are left out before the `index`-th of those that are not.
  private func leftBefore(_ index: Int) -> Int {
    var (low, high) = (0, left.count)
    while low < high {
      let middle = (low + high) / 2
      if left[middle] - middle <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Those of the first `count` trials that finished, left out ones counted.
  public func prefix(ofFinished count: Int) -> Slice<SearchedRows> {
    let known = Swift.min(count, all.count)
    return self[..<(known - left.firstPlace { $0 >= known })]
  }
}
