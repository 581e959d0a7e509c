// What TPE knows of a study's trials, as far as it reads them: where they were, which of them are
// good, and which parameters they had.
//
// It follows the order in which trials finish, and reads each once, since a finished trial never
// changes; only those that run are read every time. What it holds is a function of the history,
// whether it grew with it or begins with it.

import Numerics
import StudyModel

struct ObservationTable: Sendable {
  let parameters: [Parameter]
  let domains: [KernelDomain]
  private let objectives: [Objective]
  /// By row.
  private var trials: [Observation?] = []
  private var ranking: TrialRanking
  /// The parameters that finished trials had together, each combination once.
  private var patterns: [[Bool]] = []
  private var knownPatterns: Set<[Bool]> = []
  private var settledGroups: [[Int]] = []

  /// Rows of the good trials, ascending.
  private(set) var good: [Int] = []
  /// Rows of trials that run, ascending, but for the one that is proposed for.
  private(set) var running: [Int] = []
  /// The parameters that occur together, as ``parameterGroups(_:)`` has them.
  private(set) var groups: [[Int]] = []
  /// Rows of which something may have become another since the last update.
  private(set) var changed: Set<Int> = []

  /// How many finished trials have been read, and which was the last of them.
  private var seen = 0
  private var lastSeen: (row: Int, fingerprint: UInt64)?
  /// Which trials were set aside when these were read.
  private var setAside: UInt64 = 0
  /// How many trials were read so far, those that run repeatedly: what it has cost.
  private(set) var trialsRead = 0

  private struct Observation {
    /// By parameter: the coordinate, NaN where the trial has none.
    var point: [Double]
    var role: Role
  }

  /// What a trial counts for.
  enum Role {
    case finished
    /// It failed by what its objective did.
    case failed
    case running
  }

  init(_ parameters: [Parameter] = [], _ objectives: [Objective] = []) {
    self.parameters = parameters
    self.objectives = objectives
    domains = parameters.map { KernelDomain($0.distribution) }
    ranking = TrialRanking(objectives)
  }

  /// By parameter, the coordinate of the trial in `row`, NaN where it has none; nil where the
  /// trial says nothing.
  func point(_ row: Int) -> [Double]? { row < trials.count ? trials[row]?.point : nil }

  func role(_ row: Int) -> Role? { row < trials.count ? trials[row]?.role : nil }

  /// All rows that say something, ascending.
  var rows: [Int] { trials.indices.filter { trials[$0] != nil } }

  /// Makes the table that of `history`, whatever it was of before.
  ///
  /// - Parameter ownRow: the trial that is proposed for, which is no observation.
  /// - Returns: false when nothing of what it was still holds.
  /// - Throws: when trials cannot be read.
  mutating func update(_ history: History, except ownRow: Int?) throws -> Bool {
    let readers = parameters.map { ParameterReader($0, in: history) }
    let isSame = try follows(history, readers)
    if !isSame {
      self = ObservationTable(parameters, history.objectives)
      setAside = history.setAsideFingerprint
    }
    changed = Set(running)
    while trials.count < history.trialCount { trials.append(nil) }
    for row in running { trials[row] = nil }
    try readFinished(history, readers)
    let open = try readRunning(history, readers, except: ownRow)
    groups = open.isEmpty ? settledGroups : parameterGroups(patterns + open)
    changed.formUnion(running)
    return isSame
  }

  /// Whether what was seen last is still there.
  private func follows(_ history: History, _ readers: [ParameterReader]) throws -> Bool {
    guard objectives == history.objectives, setAside == history.setAsideFingerprint,
      trials.count <= history.trialCount
    else { return false }
    guard let lastSeen else { return true }
    let finished = history.finishedRows
    return try seen <= finished.count && finished[seen - 1] == lastSeen.row
      && fingerprint(lastSeen.row, history, readers) == lastSeen.fingerprint
  }

  /// One number for what a trial was and came to.
  private func fingerprint(
    _ row: Int, _ history: History, _ readers: [ParameterReader]
  ) throws -> UInt64 {
    let trial = try history.trial(row)
    var fingerprint = UInt64(trial.state.rawValue)
    func mix(_ bits: UInt64) { fingerprint = SplitMix64.mix(fingerprint &+ bits) }
    for reader in readers { mix(reader.value(in: trial).bitPattern) }
    for index in objectives.indices { mix(trial.value(ofObjective: index)?.bitPattern ?? 1) }
    return fingerprint
  }

  private func read(_ trial: TrialCells, _ readers: [ParameterReader]) -> [Double] {
    readers.indices.map { domains[$0].coordinate(readers[$0].value(in: trial)) }
  }

  private mutating func readFinished(_ history: History, _ readers: [ParameterReader]) throws {
    let finished = history.finishedRows
    if seen == finished.count { return }
    var hasNewPattern = false
    for index in seen..<finished.count {
      let row = finished[index]
      trialsRead += 1
      let trial = try history.trial(row)
      let hasFailed = trial.state == .failed
      if hasFailed && !trial.isFailedByObjective { continue }
      let point = read(trial, readers)
      trials[row] = Observation(point: point, role: hasFailed ? .failed : .finished)
      if !hasFailed { try ranking.insert(row, history) }
      let pattern = point.map { !$0.isNaN }
      if knownPatterns.insert(pattern).inserted {
        patterns.append(pattern)
        hasNewPattern = true
      }
      changed.insert(row)
    }
    seen = finished.count
    let last = finished[seen - 1]
    lastSeen = (last, try fingerprint(last, history, readers))
    if hasNewPattern { settledGroups = parameterGroups(patterns) }
    let before = good
    good = ranking.good
    if good != before { changed.formUnion(Set(before).symmetricDifference(good)) }
  }

  /// - Returns: combinations of parameters that no finished trial has.
  private mutating func readRunning(
    _ history: History, _ readers: [ParameterReader], except ownRow: Int?
  ) throws -> [[Bool]] {
    running = []
    var patterns: [[Bool]] = []
    for row in history.openRows where row != ownRow {
      let trial = try history.trial(row)
      guard trial.state == .running else { continue }
      trialsRead += 1
      running.append(row)
      let point = read(trial, readers)
      trials[row] = Observation(point: point, role: .running)
      let pattern = point.map { !$0.isNaN }
      if !knownPatterns.contains(pattern) { patterns.append(pattern) }
    }
    return patterns
  }
}

extension TrialCells {
  /// Whether the trial, which failed, ended by what its objective did, or was told to have
  /// failed, and not by what befell its worker.
  var isFailedByObjective: Bool {
    guard let end = lastAttempt?.end else { return true }
    return switch end.outcome {
    case .finished, .failed, .timedOut, .outOfMemory: true
    case .interrupted, .lost: false
    }
  }
}
