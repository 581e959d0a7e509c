// Which points of a finite space a study has tried: every trial's, whatever became of it, but for
// those that are set aside. Points that running and waiting trials hold are taken.

import Numerics
import StudyModel

/// Kept from one proposal to the next, it reads only rows that are new or were open when it
/// looked last: the parameters of a finished trial never change.
///
/// Points are known by a 64-bit number. That two share one by chance, so that the second would
/// never be tried, has a probability of n²/2⁶⁵: one in 10⁷ after a million trials.
struct TriedPoints: Sendable {
  private var parameters: [Parameter] = []
  /// By row; nil: it is set aside.
  private var keys: [UInt64?] = []
  /// Which trials are.
  private var setAside: UInt64 = 0
  /// How many trials have each point.
  private var holders: [UInt64: Int32] = [:]
  /// Rows that were open when they were read, ascending.
  private var openRows: [Int] = []
  /// How many rows have been read so far, some of them repeatedly: what it has cost.
  private(set) var rowsRead = 0

  /// Makes it that of `history`.
  ///
  /// - Throws: when trials cannot be read.
  mutating func update(_ parameters: [Parameter], _ history: History) throws {
    if self.parameters != parameters || setAside != history.setAsideFingerprint
      || history.trialCount < keys.count
    {
      self = TriedPoints()
      self.parameters = parameters
      setAside = history.setAsideFingerprint
    }
    let readers = parameters.map { ParameterReader($0, in: history) }
    func key(_ row: Int) throws -> UInt64? {
      if history.isSetAside(row) { return nil }
      let trial = try history.trial(row)
      return Self.key(readers.map { $0.value(in: trial) }, parameters)
    }
    for row in openRows {
      if let key = keys[row] { remove(key) }
      keys[row] = try key(row)
      if let key = keys[row] { holders[key, default: 0] += 1 }
    }
    rowsRead += openRows.count + history.trialCount - keys.count
    for row in keys.count..<history.trialCount {
      keys.append(try key(row))
      if let key = keys[row] { holders[key, default: 0] += 1 }
    }
    openRows = history.openRows
  }

  private mutating func remove(_ key: UInt64) {
    let left = (holders[key] ?? 0) - 1
    holders[key] = left > 0 ? left : nil
  }

  /// Whether a trial other than the one in `ownRow` has `point`.
  func contains(_ point: [Double], except ownRow: Int?) -> Bool {
    let key = Self.key(point, parameters)
    let own: Int32 = ownRow.map { keys[$0] == key ? 1 : 0 } ?? 0
    return (holders[key] ?? 0) > own
  }

  /// One number for a point. Values that are a domain's member but for rounding are that member.
  private static func key(_ point: [Double], _ parameters: [Parameter]) -> UInt64 {
    var key: UInt64 = 0
    for (value, parameter) in zip(point, parameters) {
      let distribution = parameter.distribution
      let isMember = distribution.cardinality != nil && distribution.contains(value)
      let known = isMember ? distribution.nearestMember(to: value) : value
      // All NaN are alike, and so are both zeros.
      key = RandomStream.fold(
        key, known.isNaN ? Double.nan.bitPattern : (known + 0).bitPattern)
    }
    return key
  }
}
