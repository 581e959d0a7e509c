import PlainText
import ArgumentParser
import SpaceNotation
import StudyEngine
import StudyModel

struct TellCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell", abstract: "End a trial that you took with `cairn ask`.",
    discussion: """
      Without values, a trial has those that its reports come to. A trial that a running \
      `cairn run` or `cairn coprocess` holds is refused.
      """)

  enum State: String, CaseIterable, ExpressibleByArgument {
    case complete
    case pruned
    case failed
  }

  @Argument(help: "The study.") var study: String
  @Argument(help: "The trial's number.") var trial: Int

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "The objectives' values in their order, or NAME=VALUE for each.", valueName: "value"))
  var values: [String] = []

  @Option(help: "complete, pruned or failed.") var state = State.complete

  @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason = ""

  @OptionGroup var store: StoreOptions

  func validate() throws {
    if !values.isEmpty { try MetricArgument.refuseOptions(among: values) }
    if state == .failed && !values.isEmpty {
      throw ValidationError("a failed trial has no values")
    }
  }

  func run() async throws {
    let metrics = try values.map { text throws(Diagnostic) in try MetricArgument(text) }
    try await WritableStore.use(store) { opened in
      let state = try opened.database.study(named: study)
      let final = try FinalValues(metrics, of: state.study)
      if !final.bounded.isEmpty {
        try opened.database.report(
          state.study.id, trial: trial, claim: nil, step: state.lastStep(ofTrial: trial) ?? 0,
          final.bounded)
      }
      let outcome: TrialState =
        switch self.state {
        case .complete: .complete
        case .pruned: .pruned
        case .failed: .failed
        }
      try await opened.database.tell(
        state.study.id, trial: trial, claim: nil, state: outcome, values: final.objectives,
        end: AttemptEnd(outcome: outcome == .failed ? .failed : .finished, reason: reason))
      var output = StandardOutput()
      try output.writeLine("{\"ok\":true}")
      try output.flush()
    }
  }
}

/// What was told of a trial, sorted by what it is.
struct FinalValues: Equatable {
  /// In the objectives' order; none when none was told.
  var objectives: [Double] = []
  /// Metrics that the study bounds: recorded as reported.
  var bounded: [MetricReport.Entry] = []

  init(_ metrics: [MetricArgument], of study: Study) throws(Diagnostic) {
    let names = study.definition.objectives.map(\.name)
    let others = study.definition.bounds.map(\.metric).filter { !names.contains($0) }
    objectives = metrics.filter { $0.name == nil }.map(\.value)
    var named: [String: Double] = [:]
    for metric in metrics {
      guard let name = metric.name else { continue }
      if named.updateValue(metric.value, forKey: name) != nil {
        throw Diagnostic("\(name.jsonQuoted) is told twice", status: .usage)
      }
      if others.contains(name) {
        bounded.append(.init(name, metric.value))
      } else if !names.contains(name) {
        let known = names + others
        throw Diagnostic(
          "\(name.jsonQuoted) is no objective of \(study.name)",
          evidence: ["it has \(known.joined(separator: ", "))"],
          try: nearestNames(to: name, among: known).first.map { ["\($0)=\(metric.value)"] } ?? [],
          status: .usage)
      }
    }
    let told = names.compactMap { named[$0] }
    if !told.isEmpty && !objectives.isEmpty {
      throw Diagnostic("values come with names or without, not both", status: .usage)
    }
    if told.count == names.count { objectives = told }
    if !told.isEmpty && told.count < names.count {
      let missing = names.filter { named[$0] == nil }
      throw Diagnostic("there is no value of \(missing.joined(separator: ", "))", status: .usage)
    }
  }
}

extension StudyState {
  /// The highest step that any metric of the trial was reported at.
  fileprivate func lastStep(ofTrial number: Int) -> Int64? {
    guard let row = trials.row(ofNumber: number) else { return nil }
    return trials.metrics.compactMap { $0.summary(ofRow: row)?.last.step }.max()
  }
}
