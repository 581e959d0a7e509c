// The store that a reading command looks into.

import PlainText
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

/// A store opened for reading: nothing is created, no lock is taken that others wait for.
struct ReadableStore {
  let location: StoreLocation
  let store: Store
  /// Everything recorded when the store was opened, or up to the time that was asked for; what
  /// is lost by then does not run.
  let snapshot: Snapshot

  /// A command looks at most columns once; memory that is not new is faster.
  private static let cacheBytes = 16 << 20

  /// Opens the store that `options` mean, and tells on standard error what it has lost.
  ///
  /// - Throws: ``Diagnostic`` when there is none, or it is not one.
  init(_ options: StoreOptions) throws(Diagnostic) {
    try self.init(options.locate(for: .reading))
  }

  /// The same as it is or was.
  init(_ options: ReadingStoreOptions) throws(Diagnostic) {
    try self.init(options.store.locate(for: .reading), asOf: options.asOf?.time)
  }

  init(_ location: StoreLocation, asOf time: Timestamp? = nil) throws(Diagnostic) {
    self.location = location
    do {
      store = try Store.open(at: location.path, for: .reading, cacheBytes: Self.cacheBytes)
      let present = store.releasingLost(in: try store.snapshot())
      snapshot = try time.map { try present.asOf($0) } ?? present
    } catch {
      throw Diagnostic(describing: error)
    }
    for warning in store.warnings where !warning.isHarmless {
      Diagnostic(warning).print(as: .warning)
    }
  }

  /// - Throws: ``Diagnostic`` with the names that look like it.
  func study(named name: String) throws(Diagnostic) -> StudyRecord {
    if let state = snapshot.study(named: name) { return state }
    let names = snapshot.studies.map(\.study.name)
    let nearest = nearestNames(to: name, among: names)
    throw Diagnostic(
      "there is no study \(name.jsonQuoted) in \(location.path)",
      evidence: names.isEmpty ? ["it holds no studies"] : [],
      try: nearest.map(ShellText.quoted)
        + (names.isEmpty
          ? [ShellText.line(["cairn", "run", name]) + " … creates it"] : ["cairn studies"]))
  }

  /// The studies as SQL, with times by `clock`.
  func database(clock: ClockZone = .utc) throws(QueryError) -> HistoryDatabase {
    let path = location.path
    return try HistoryDatabase(
      snapshot, clock: clock, cancellation: QueryInterruption.cancellation
    ) { study, trial, attempt in
      TrialFiles(store: path, study: study, trial: trial).lastLine(ofAttempt: attempt)
    }
  }
}

extension StudyRecord {
  /// The row of trial `number`.
  ///
  /// - Throws: ``Diagnostic`` that says which numbers there are.
  func existingRow(ofTrial number: Int) throws(Diagnostic) -> Int {
    if let row = row(ofNumber: number) { return row }
    let range =
      switch trialCount {
      case 0: "it has no trials yet"
      case 1: "its only trial is \(nextNumber - 1)"
      default: "its trials are \(self.number(ofRow: 0)) to \(nextNumber - 1)"
      }
    throw Diagnostic(
      "\(study.name.jsonQuoted) has no trial \(number)", evidence: [range],
      try: [ShellText.line(["cairn", "trials", study.name])])
  }
}

extension Diagnostic {
  init(_ warning: StoreWarning) {
    self.init(
      warning.description.neutralized,
      try: warning.isLoss
        ? [
          "cairn repair --into DIRECTORY, which goes on with what can be read",
          "a backup of the store, if what is lost is missed",
        ] : [])
  }
}

extension StoreWarning {
  /// Whether nothing is lost that anybody was promised: what a killed writer left half written.
  fileprivate var isHarmless: Bool {
    if case .unfinishedTail = self { true } else { false }
  }
}
