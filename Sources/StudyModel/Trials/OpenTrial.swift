// A trial that waits or runs: everything of it in one box, since most events touch one of these
// and nothing else.

/// A trial that is waiting or running.
public struct OpenTrial: Sendable {
  /// Its place among the study's trials: see ``StudyRecord``.
  public let row: Int
  /// Its number in the study.
  public let number: Int
  let id: TrialID
  let created: Timestamp
  /// `waiting` or `running`.
  public internal(set) var state = TrialState.waiting
  /// The claim under which it runs; nil unless it is running under one.
  public internal(set) var claim: ClaimID?
  /// When its first attempt began.
  public internal(set) var started: Timestamp?
  let proposer: String
  let retryOf: Int?
  /// Whether it was asked to stop since it runs.
  public internal(set) var stopRequested = false

  // By the numbers of the study's columns.
  var parameters = IntegerMap<KeptParameter>()
  var userAttributes = IntegerMap<String>()
  var systemAttributes = IntegerMap<String>()
  var series = IntegerMap<PointTree>()

  /// By index, from 1.
  var attempts = IntegerMap<Attempt>()
  /// The attempt that reported last, and has thereby superseded those before it.
  var reportingAttempt: Int?

  // What it comes to, once it has finished and until it is packed into a block.
  var ended: Timestamp?
  var values: [Double] = []
  var violations: [Double] = []

  init(_ creation: TrialCreation, row: Int) {
    self.row = row
    number = creation.number
    id = creation.id
    created = creation.time
    proposer = creation.proposer
    retryOf = creation.retryOf
  }

  /// How many attempts it has had, the current one included.
  public var attemptCount: Int { attempts.count }

  /// The one that runs, or ran last; nil when nobody has tried.
  public var lastAttempt: Attempt? { attempts[UInt64(attempts.count)] }

  /// The outcomes of its attempts that have ended, first to last.
  public var outcomes: [AttemptOutcome] { attempts.entries().compactMap { $0.value.end?.outcome } }
}

extension OpenTrial: Boxed {
  var copyCost: Int { 1 }
}

// How events change it. Whether they may is for ``StudyRecord`` to say.

extension OpenTrial {
  mutating func begin(_ claim: TrialClaim) {
    let index = attemptCount + 1
    attempts[UInt64(index)] = Attempt(
      index: index, claim: claim.claim, lease: claim.lease, host: claim.host,
      worker: claim.worker, started: claim.time)
    if started == nil { started = claim.time }
    self.claim = claim.claim
    state = .running
  }

  mutating func setProcess(_ process: ProcessIdentity) {
    attempts.modify(UInt64(attemptCount)) { $0.process = process }
  }

  /// Takes in a report; `metrics` are the numbers of its entries' metrics.
  mutating func record(_ report: MetricReport, as metrics: [Int]) {
    if attemptCount > 0, reportingAttempt != attemptCount {
      // A new attempt's first report takes back what earlier ones said of this step and later.
      if reportingAttempt != nil { removeReports(from: report.step) }
      reportingAttempt = attemptCount
    }
    for (entry, metric) in zip(report.entries, metrics) {
      let point = MetricPoint(step: report.step, value: entry.value, time: report.time)
      series.update(UInt64(metric), orInsert: PointTree()) { $0.set(point) }
    }
  }

  private mutating func removeReports(from step: Int64) {
    for (metric, _) in series.entries() {
      series.modify(metric) { $0.removeAll(from: step) }
      if series[metric]?.isEmpty == true { series[metric] = nil }
    }
  }

  /// Ends the attempt that runs, if one does.
  ///
  /// - Returns: whether one did.
  @discardableResult
  mutating func endAttempt(_ end: AttemptEnd, _ time: Timestamp) -> Bool {
    guard claim != nil else { return false }
    claim = nil
    attempts.modify(UInt64(attemptCount)) {
      $0.end = end
      $0.ended = time
    }
    return true
  }
}

/// A parameter's value in one trial: the number that it is kept as, and which of the
/// distributions that the study's trials drew it from it belongs to.
struct KeptParameter: Sendable {
  let value: Double
  let distribution: Int
}
