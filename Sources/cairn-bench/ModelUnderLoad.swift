// Studies that are told events as a store would tell them.

import StudyModel

struct ModelUnderLoad {
  private(set) var snapshot = Snapshot()
  private let claim = ClaimID(epoch: 1, sequence: 1)
  private var lastTrial: UInt64 = 0

  init(studies: Int) {
    for study in 0..<studies {
      apply(
        .studyCreated(
          id: Self.id(study), name: "study \(study)", definition: StudyDefinition(seed: 1),
          time: Timestamp(rawValue: 0)))
    }
  }

  mutating func start(_ trial: Int, in study: Int = 0, _ assignment: Assignment = Assignment()) {
    lastTrial += 1
    apply(
      .trialCreated(
        Self.id(study),
        TrialCreation(
          id: TrialID(rawValue: lastTrial), number: trial, time: now, assignment: assignment,
          proposer: "random")))
    apply(
      .trialClaimed(
        Self.id(study), trial: trial,
        TrialClaim(
          claim: claim, lease: .held, host: "a-host-name.example.org", worker: "worker 12345",
          time: now)))
  }

  mutating func report(
    _ trial: Int, step: Int, in study: Int = 0, metric: String = "loss"
  ) {
    apply(
      .metricsReported(
        Self.id(study), trial: trial,
        MetricReport(
          claim: claim, step: Int64(step), entries: [.init(metric, 1 / Double(step + 1))],
          time: Timestamp(rawValue: Int64(step) * 1000))))
  }

  mutating func setAttribute(_ trial: Int, _ key: String) {
    apply(.trialAttributeSet(Self.id(0), trial: trial, .user, key: key, value: "1"))
  }

  mutating func finish(_ trial: Int) {
    let usage = ResourceUsage(wallSeconds: 1, cpuSeconds: 1, peakResidentBytes: 1 << 20)
    apply(
      .trialFinished(
        Self.id(0), trial: trial,
        TrialResult(
          claim: claim, state: .complete, values: [Double(trial)],
          end: AttemptEnd(
            outcome: .finished, reason: "", lastLines: "", exitStatus: 0, usage: usage),
          time: now)))
  }

  private var now: Timestamp { Timestamp(rawValue: Int64(lastTrial) * 1_000_000) }

  private static func id(_ study: Int) -> StudyID { StudyID(rawValue: UInt64(study) + 1) }

  private mutating func apply(_ event: StudyEvent) { _ = snapshot.apply(event) }
}
