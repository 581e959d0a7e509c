// What a command line asks of a study: to be made so, to be so, or to become so.

import PlainText
import Samplers
import SpaceNotation
import StudyModel

struct StudyRequest: Equatable {
  /// From `-p`, in order.
  var parameters: [Parameter] = []
  /// From `--space`.
  var file: SpaceFile?
  /// From `--first`: configurations to start with, as they were typed.
  var first: [String] = []
  var objectives: [Objective] = []
  var bounds: [MetricBound] = []
  var sampler: ComponentChoice?
  var pruner: ComponentChoice?
  /// From `--warm-start`: names of studies.
  var warmStart: [String] = []
  var seed: UInt64?
  var trials: Int?
  var more: Int?
  var target: TargetOption?

  /// The space that is spelt out; nil when none is. A `-p` takes the place of the file's
  /// parameter of that name, under the same conditions.
  func space() throws(Diagnostic) -> SearchSpace? {
    if file == nil && parameters.isEmpty { return nil }
    return try overlaid(on: file?.space ?? .empty)
  }

  private func overlaid(
    on base: SearchSpace, without removed: [String] = []
  ) throws(Diagnostic) -> SearchSpace {
    var all = base.parameters.filter { !removed.contains($0.name) }
    for parameter in parameters {
      if let index = all.firstIndex(where: { $0.name == parameter.name }) {
        all[index] = Parameter(
          name: parameter.name, distribution: parameter.distribution,
          conditions: all[index].conditions, expression: all[index].expression)
      } else {
        all.append(parameter)
      }
    }
    do {
      return try SearchSpace(all, constraints: base.constraints)
    } catch {
      throw Diagnostic(describing: error)
    }
  }

  // MARK: A new study

  /// What a new study tries first: the file's configurations, then those of the command line.
  func start(in space: SearchSpace) throws(Diagnostic) -> [Assignment] {
    var start: [Assignment] = []
    for assignment in file?.start ?? [] {
      var entries: [Assignment.Entry] = []
      for entry in assignment.entries {
        // A -p may have put another domain in the place of the file's.
        guard let distribution = space[entry.name]?.distribution else { continue }
        guard let value = distribution.internalValue(of: entry.value), distribution.contains(value)
        else {
          throw Diagnostic(
            "\(entry.name) cannot start as \(entry.text): -p makes it \(distribution.notation)",
            try: ["another -p, or another configuration under start"], status: .usage)
        }
        entries.append(.init(name: entry.name, distribution: distribution, internalValue: value))
      }
      start.append(Assignment(entries))
    }
    for text in first {
      do {
        start.append(try Assignment(configuration: text, in: space))
      } catch {
        throw Diagnostic(describing: error)
      }
    }
    return start
  }

  /// The definition of a study that is made so.
  ///
  /// - Parameters:
  ///   - defaultSeed: serves where none was given.
  ///   - others: the studies of its store.
  func newDefinition(
    seed defaultSeed: UInt64, among others: Snapshot = Snapshot()
  ) throws(Diagnostic) -> StudyDefinition {
    var definition = StudyDefinition(
      objectives: objectives.isEmpty ? [.standard] : objectives, space: try space() ?? .empty,
      bounds: bounds, sampler: sampler ?? ComponentChoice("auto"),
      pruner: pruner ?? ComponentChoice("none"), seed: seed ?? defaultSeed,
      targetTrials: trials ?? more, targetValue: target?.value)
    try Self.checkTarget(definition)
    definition.sources = try sources(for: definition, among: others)
    return definition
  }

  private func sources(
    for definition: StudyDefinition, among others: Snapshot
  ) throws(Diagnostic) -> [WarmSource] {
    var sources: [WarmSource] = []
    for name in warmStart {
      guard let state = others.study(named: name) else {
        let names = others.studies.map(\.study.name)
        throw Diagnostic(
          "there is no study \(name.jsonQuoted) to learn from",
          try: nearestNames(to: name, among: names) + ["cairn studies"], status: .usage)
      }
      do {
        if sources.contains(where: { $0.study == state.study.id }) {
          throw WarmSourceError.namedTwice(source: name)
        }
        sources.append(try state.warmSource(for: definition))
      } catch {
        throw Diagnostic(describing: error)
      }
    }
    return sources
  }

  /// One value says nothing of several objectives.
  private static func checkTarget(_ definition: StudyDefinition) throws(Diagnostic) {
    guard definition.targetValue != nil, definition.objectives.count > 1 else { return }
    throw Diagnostic(
      "--target is for a study of one objective", evidence: [notation(definition.objectives)],
      try: ["--trials COUNT, for when to stop"], status: .usage)
  }

  static func notation(target: Double?) -> String { target?.text(significantDigits: 17) ?? "none" }

  // MARK: A study that is there

  /// The number of trials that a study with `accomplished` of them shall have.
  func trialCount(existing: Int?, accomplished: Int) -> Int? {
    if let more { return max(existing ?? 0, accomplished) + more }
    return trials ?? existing
  }

  /// Where the command line says otherwise than the study is: by lines that show both. What it
  /// leaves out is as it is. The number of trials is no part of it.
  func differences(from definition: StudyDefinition) throws(Diagnostic) -> [String] {
    var lines: [String] = []
    if let space = try space() {
      lines += SpaceDifference(from: definition.space, to: space).lines
    }
    func compare(_ what: String, _ old: String, _ new: String?) {
      if let new, new != old { lines.append("\(what): \(old) -> \(new)") }
    }
    compare(
      "objectives", Self.notation(definition.objectives),
      objectives.isEmpty ? nil : Self.notation(objectives))
    compare("seed", String(definition.seed), seed.map { String($0) })
    compare(
      "warm start", Self.notation(definition.sources.map(\.name)),
      warmStart.isEmpty ? nil : Self.notation(warmStart))
    let isBoundOtherwise = !bounds.isEmpty && Set(bounds) != Set(definition.bounds)
    compare(
      "bounds", Self.notation(definition.bounds),
      isBoundOtherwise ? Self.notation(bounds) : nil)
    compare("sampler", definition.sampler.notation, sampler?.notation)
    compare("pruner", definition.pruner.notation, pruner?.notation)
    compare(
      "target", Self.notation(target: definition.targetValue),
      target.map { Self.notation(target: $0.value) })
    return lines
  }

  /// Nothing of a study changes silently: what to tell who runs a study with other options than
  /// it has, nil when there is no contradiction.
  func conflict(
    with state: StudyRecord, spaceFile: String? = nil
  ) throws(Diagnostic) -> Diagnostic? {
    try conflict(
      with: state.study.definition, of: state.study.name, hasResults: state.hasResults,
      spaceFile: spaceFile)
  }

  func conflict(
    with definition: StudyDefinition, of study: String, hasResults: Bool = true,
    spaceFile: String? = nil
  ) throws(Diagnostic) -> Diagnostic? {
    let differences = try differences(from: definition)
    if differences.isEmpty { return nil }
    var suggestions: [String] = []
    if let command = try editCommand(
      for: study, definition, spaceFile, hasResults: hasResults)
    {
      suggestions.append(ShellText.line(command) + "   to change the study")
    }
    suggestions.append("\(ShellText.line(["cairn", "resume", study]))   to go on with it as it is")
    suggestions.append("another name, for a study of its own")
    return Diagnostic(
      "the study \(study.jsonQuoted) is not what this command line says",
      evidence: ["study -> command line"] + differences, try: suggestions, status: .usage)
  }

  /// The `cairn edit` that accepts what can be accepted; nil when nothing can.
  private func editCommand(
    for study: String, _ definition: StudyDefinition, _ spaceFile: String?, hasResults: Bool
  ) throws(Diagnostic) -> [String]? {
    // A study keeps its objectives, once it has results, and its seed: no edit makes it what is
    // asked for.
    let changesObjectives = !objectives.isEmpty && objectives != definition.objectives
    if changesObjectives && hasResults { return nil }
    if let seed, seed != definition.seed { return nil }
    if !warmStart.isEmpty && warmStart != definition.sources.map(\.name) { return nil }
    // Bounds are added and never taken away.
    if !bounds.isEmpty && !definition.bounds.allSatisfy(bounds.contains) { return nil }
    var options: [String] = []
    if changesObjectives {
      options += objectives.flatMap { ["--\($0.direction.rawValue)", $0.notation] }
    }
    if let space = try space() {
      let changes = SpaceDifference(from: definition.space, to: space).changes
      if let spaceFile, !changes.isEmpty {
        options += ["--space", spaceFile]
        options += parameters.flatMap { ["-p", $0.notation] }
      } else {
        options += changes.flatMap(\.editOptions)
      }
    }
    for bound in bounds where !definition.bounds.contains(bound) {
      options += ["--constraint", bound.notation]
    }
    if let sampler, sampler != definition.sampler { options += ["--sampler", sampler.notation] }
    if let pruner, pruner != definition.pruner { options += ["--pruner", pruner.notation] }
    if let target, target.value != definition.targetValue {
      options += ["--target", Self.notation(target: target.value)]
    }
    return options.isEmpty ? nil : ["cairn", "edit", study] + options
  }

  /// `definition` as `cairn edit` with this request leaves it: `--space` replaces the space,
  /// `-p` replaces or adds single parameters, bounds are added. Objectives, once there are
  /// results, and the seed are what the trials so far were made with, and stay.
  ///
  /// - Parameters:
  ///   - accomplished: how many trials are complete or pruned.
  ///   - hasResults: whether any has values.
  func edited(
    _ definition: StudyDefinition, without removed: [String] = [], accomplished: Int,
    hasResults: Bool = true
  ) throws(Diagnostic) -> StudyDefinition {
    if !objectives.isEmpty && objectives != definition.objectives && hasResults {
      throw Self.fixed(
        "objectives", Self.notation(definition.objectives), Self.notation(objectives))
    }
    if let seed, seed != definition.seed {
      throw Self.fixed("seed", String(definition.seed), String(seed))
    }
    if !warmStart.isEmpty && warmStart != definition.sources.map(\.name) {
      throw Self.fixed(
        "warm start", Self.notation(definition.sources.map(\.name)), Self.notation(warmStart))
    }
    for name in removed where definition.space[name] == nil {
      let names = definition.space.parameters.map(\.name)
      throw Diagnostic(
        "the study has no parameter \(name.jsonQuoted)",
        evidence: ["it has \(names.joined(separator: ", "))"],
        try: nearestNames(to: name, among: names).first.map { ["--without \($0)"] } ?? [],
        status: .usage)
    }
    var edited = definition
    if !objectives.isEmpty { edited.objectives = objectives }
    edited.space = try overlaid(on: file?.space ?? definition.space, without: removed)
    edited.bounds += bounds.filter { !definition.bounds.contains($0) }
    edited.sampler = sampler ?? definition.sampler
    edited.pruner = pruner ?? definition.pruner
    edited.targetTrials = trialCount(
      existing: definition.targetTrials, accomplished: accomplished)
    if let target { edited.targetValue = target.value }
    try Self.checkTarget(edited)
    return edited
  }

  private static func fixed(_ what: String, _ old: String, _ new: String) -> Diagnostic {
    Diagnostic(
      "the \(what) of a study cannot change: its trials so far were made with \(old)",
      evidence: ["\(what): \(old) -> \(new)"], try: ["cairn create with another name"],
      status: .usage)
  }

  private static func notation(_ sources: [String]) -> String {
    sources.isEmpty ? "none" : sources.joined(separator: ",")
  }

  static func notation(_ objectives: [Objective]) -> String {
    objectives.map { "\($0.direction.rawValue) \($0.notation)" }.joined(separator: ", ")
  }

  private static func notation(_ bounds: [MetricBound]) -> String {
    bounds.isEmpty ? "none" : bounds.map(\.notation).joined(separator: ", ")
  }
}

extension SpaceDifference.Change {
  /// The options of `cairn edit` that make this change; none for what only a file can say.
  fileprivate var editOptions: [String] {
    switch self {
    case .added(let parameter), .changed(_, let parameter): ["-p", parameter.notation]
    case .removed(let parameter): ["--without", parameter.name]
    case .constraintAdded, .constraintRemoved: []
    }
  }
}
