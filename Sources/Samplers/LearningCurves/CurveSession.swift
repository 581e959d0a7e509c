// The curve pruner at work on one study: what is slow to compute is kept from report to report, and
// is computed anew where the history is another than it was.

import Glibc
import Numerics
import StudyModel

struct CurveSession: PrunerSession {
  private let options: CurvePruner.Options
  /// How many finished trials were looked at, and the last of them.
  private var seen = 0
  private var lastRow = -1
  /// Which trials were set aside then.
  private var setAside: UInt64 = 0
  private var tracker = CurveScaleTracker()
  /// Complete trials with curves, by rows in the order in which they finished.
  private var complete: [Int] = []
  /// The first step and the distance of reports, as the first complete trial has them.
  private var grid: (first: Int64, spacing: Double)?
  private var longest: Int64 = 0
  /// All of what follows is told on one axis and scale.
  private var frame: Frame?
  private var open: [Int: OpenCurve] = [:]
  /// How many curves were read whole: what it has cost.
  private(set) var curvesRead = 0

  private struct Frame: Sendable {
    let scale: CurveScale
    let axis: CurveAxis
    let lastStep: Int64
    var calibration: CurveCalibration
    /// How many of `complete` it holds.
    var count = 0
  }

  /// A running trial's curve, up to a report.
  private struct OpenCurve: Sendable {
    /// Of the attempt that reported last.
    let attempt: Int
    var series: AggregatedSeries
    var curve: LearningCurve
    var count = 0
    var lastStep = Int64.min
    var value = Double.nan
    var before: CurveOutlook?
    var latest: CurveOutlook?

    mutating func add(_ value: Double, atStep step: Int64) {
      self.value = series.next(value)
      curve.add(self.value, atStep: step)
      count += 1
      lastStep = step
      before = latest
      latest = curve.outlook
    }
  }

  init(_ options: CurvePruner.Options) { self.options = options }

  mutating func judge(_ request: JudgementRequest) throws -> Judgement {
    let history = request.history
    guard history.objectives.count == 1, let metric = history.intermediate(ofObjective: 0) else {
      return .goOn
    }
    try follow(history, metric)
    let isNumber = try metric.value(ofRow: request.row, atStep: request.step).map { !$0.isNaN }
    if isNumber == false, complete.count >= CurvePruner.leastTrialsForNaN { return .stop }
    guard complete.count >= CurvePruner.leastTrials,
      let outlooks = try outlooks(ofRow: request.row, metric, history), let frame, let target
    else { return .goOn }
    let isShort = frame.axis.length < CurvePruner.shortLength
    guard let latest = outlooks.latest, latest.bin < frame.axis.binCount,
      latest.place > CurvePruner.leastShare * frame.axis.length, latest.current >= target,
      isHopeless(latest, frame, target)
    else { return .goOn }
    if isShort { return .stop }
    return outlooks.before.map { isHopeless($0, frame, target) } ?? false ? .stop : .goOn
  }

  /// What is expected of the trial in `row`; nil while too few have finished, or the trial has gone
  /// on for longer than full ones do.
  ///
  /// - Throws: when curves cannot be read.
  mutating func forecast(ofRow row: Int, given history: History) throws -> CurveForecast? {
    guard history.objectives.count == 1, let metric = history.intermediate(ofObjective: 0) else {
      return nil
    }
    try follow(history, metric)
    guard complete.count >= CurvePruner.leastTrials,
      let outlooks = try outlooks(ofRow: row, metric, history), let latest = outlooks.latest,
      let frame, let target, latest.bin < frame.axis.binCount
    else { return nil }
    let expectation = frame.calibration.expectation(of: latest, target: target)
    let reach =
      expectation.deviation * studentQuantile(0.95, degrees: expectation.degrees)
    let sign = history.objectives[0].direction == .minimize ? 1.0 : -1
    func value(_ position: Double) -> Double { sign * frame.scale.value(atPosition: position) }
    return CurveForecast(
      step: outlooks.lastStep, lastStep: frame.lastStep, current: sign * outlooks.value,
      expected: value(expectation.mean), optimistic: value(expectation.mean - reach),
      pessimistic: value(expectation.mean + reach), best: sign * (tracker.best ?? .nan),
      chance: expectation.chance)
  }

  private func isHopeless(_ outlook: CurveOutlook, _ frame: Frame, _ target: Double) -> Bool {
    frame.calibration.expectation(of: outlook, target: target).chance < CurvePruner.leastChance
  }

  /// Where the best trial is on the scale, which is kept while it moves a little.
  private var target: Double? {
    tracker.best.flatMap { best in frame?.scale.position(best) }
  }

  // MARK: Finished trials

  private mutating func follow(_ history: History, _ metric: KnownMetric) throws {
    let finished = history.finishedRows
    // A store that lost its tail, or of which trials were dropped, is another history.
    if setAside != finished.fingerprint || seen > finished.count
      || (seen > 0 && finished[seen - 1] != lastRow)
    {
      self = CurveSession(options)
      setAside = finished.fingerprint
    }
    let known = seen
    while seen < finished.count {
      let row = finished[seen]
      (seen, lastRow) = (seen + 1, row)
      open[row] = nil
      let trial = try history.trial(row)
      guard trial.state == .complete, let summary = try metric.summary(ofRow: row),
        let final = trial.value(ofObjective: 0)
      else { continue }
      let sign = history.objectives[0].direction == .minimize ? 1.0 : -1
      var series = AggregatedSeries(history.objectives[0])
      tracker.add(
        first: series.next(summary.first.value), final: sign * final,
        isCandidate: (0..<history.boundCount).allSatisfy { bound in
          (trial.violation(ofBound: bound) ?? 0) <= 0
        })
      complete.append(row)
      longest = max(longest, summary.last.step)
      if grid == nil, summary.count > 1 {
        let steps = try metric.series(ofRow: row).map { Double($0.step) }
        let gaps = zip(steps, steps.dropFirst()).map { $1 - $0 }.sorted()
        grid = (summary.first.step, gaps[(gaps.count - 1) / 2])
        curvesRead += 1
      }
    }
    if known < seen || frame == nil { try calibrate(history, metric) }
  }

  /// Takes complete trials into the calibration; all of them again when the scale or the length has
  /// become another.
  private mutating func calibrate(_ history: History, _ metric: KnownMetric) throws {
    guard complete.count >= CurvePruner.leastTrialsForNaN, let scale = tracker.scale, let grid
    else { return }
    let lastStep = options.maxSteps.map { Int64($0) } ?? longest
    if frame?.scale != scale || frame?.lastStep != lastStep {
      let axis = CurveAxis(first: grid.first, spacing: grid.spacing, lastStep: lastStep)
      frame = Frame(
        scale: scale, axis: axis, lastStep: lastStep, calibration: CurveCalibration(axis))
      open = [:]
    }
    guard var frame else { return }
    self.frame = nil
    for row in complete[frame.count...] {
      let points = try metric.series(ofRow: row)
      curvesRead += 1
      let final = try history.trial(row).value(ofObjective: 0) ?? .nan
      let sign = history.objectives[0].direction == .minimize ? 1.0 : -1
      frame.calibration.add(
        Self.outlooks(points, history.objectives[0], frame.scale, frame.axis),
        final: frame.scale.position(sign * final))
      frame.count += 1
    }
    self.frame = frame
  }

  /// What a finished curve said at each bin. Before its first report, what it said then; after the
  /// last, it stays as it was.
  private static func outlooks(
    _ points: [MetricPoint], _ objective: Objective, _ scale: CurveScale, _ axis: CurveAxis
  ) -> [CurveOutlook] {
    var series = AggregatedSeries(objective)
    var curve = LearningCurve(scale, axis)
    var outlooks: [CurveOutlook] = []
    outlooks.reserveCapacity(axis.binCount)
    for (index, point) in points.enumerated() {
      let bin = axis.bin(ofPlace: axis.place(ofStep: point.step))
      if bin >= axis.binCount { break }
      curve.add(series.next(point.value), atStep: point.step)
      let isLastOfBin =
        index + 1 == points.count
        || axis.bin(ofPlace: axis.place(ofStep: points[index + 1].step)) > bin
      guard isLastOfBin, let outlook = curve.outlook else { continue }
      while outlooks.count < bin { outlooks.append(outlooks.last ?? outlook) }
      outlooks.append(outlook)
    }
    if let last = outlooks.last {
      while outlooks.count < axis.binCount { outlooks.append(last) }
    }
    return outlooks
  }

  // MARK: Running trials

  private typealias Outlooks = (
    latest: CurveOutlook?, before: CurveOutlook?, lastStep: Int64, value: Double
  )

  /// What the curve of a running trial says after its last report and after the one before.
  private mutating func outlooks(
    ofRow row: Int, _ metric: KnownMetric, _ history: History
  ) throws -> Outlooks? {
    guard let frame, let summary = try metric.summary(ofRow: row) else { return nil }
    func told(_ curve: OpenCurve) -> Outlooks {
      (curve.latest, curve.before, curve.lastStep, curve.value)
    }
    let attempt = try history.trial(row).lastAttempt?.index ?? 0
    // What an attempt reports at a step, earlier ones did not report there or later.
    if var known = open[row], known.attempt == attempt {
      if known.count == summary.count, known.lastStep == summary.last.step { return told(known) }
      // One report more, behind all others.
      if known.count + 1 == summary.count, known.lastStep < summary.last.step {
        open[row] = nil
        known.add(summary.last.value, atStep: summary.last.step)
        open[row] = known
        return told(known)
      }
    }
    var curve = OpenCurve(
      attempt: attempt, series: AggregatedSeries(history.objectives[0]),
      curve: LearningCurve(frame.scale, frame.axis))
    for point in try metric.series(ofRow: row) { curve.add(point.value, atStep: point.step) }
    curvesRead += 1
    open[row] = curve
    return told(curve)
  }
}
