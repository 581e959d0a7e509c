// What a study is told to do. Kept in the store as JSON: it is small, seldom written, and
// grows with the versions.

internal import PlainText

/// Everything about a study that its owner decides.
public struct StudyDefinition: Hashable, Sendable, Codable {
  /// At least one.
  public var objectives: [Objective]
  /// Empty when trials declare their parameters as they go (Optuna's define-by-run).
  public var space: SearchSpace
  /// Trials that break one of these are no candidates for the best.
  public var bounds: [MetricBound]
  /// What proposes the trials.
  public var sampler: ComponentChoice
  /// What gives trials up early.
  public var pruner: ComponentChoice
  /// Older studies of the same store that its sampler learns from.
  public var sources: [WarmSource]
  /// All randomness is a function of this and the trial's number.
  public var seed: UInt64
  /// How many trials shall be accomplished (complete or pruned); nil: no end of its own.
  public var targetTrials: Int?
  /// The value of its single objective that is good enough: the study stops when a complete
  /// trial that keeps the bounds has it, or a better one. Nil: there is always more to gain.
  public var targetValue: Double?
  /// How `cairn run` runs it, when it is run so.
  public var run: RunConfiguration?

  /// What is left out has its default: one objective, no bounds, no target.
  public init(
    objectives: [Objective] = [.standard], space: SearchSpace = .empty,
    bounds: [MetricBound] = [], sampler: ComponentChoice = .init("auto"),
    pruner: ComponentChoice = .init("none"), sources: [WarmSource] = [], seed: UInt64,
    targetTrials: Int? = nil, targetValue: Double? = nil, run: RunConfiguration? = nil
  ) {
    precondition(!objectives.isEmpty)
    self.objectives = objectives
    self.space = space
    self.bounds = bounds
    self.sampler = sampler
    self.pruner = pruner
    self.sources = sources
    self.seed = seed
    self.targetTrials = targetTrials
    self.targetValue = targetValue
    self.run = run
  }
}

/// A sampler or pruner by its name on the command line, with its numeric options by theirs
/// (`percentile:25` is `percentile` with `percentile = 25`).
public struct ComponentChoice: Hashable, Sendable, Codable {
  /// As the catalogue has it: `tpe`.
  public let name: String
  /// Only those that were given.
  public let options: [String: Double]

  /// Options that are left out have their defaults.
  public init(_ name: String, options: [String: Double] = [:]) {
    self.name = name
    self.options = options
  }
}

/// How a study's objective is run as a process, remembered from one `run` to the next.
public struct RunConfiguration: Hashable, Sendable, Codable {
  /// The command and its arguments, with placeholders as they were typed.
  public var command: [String]
  /// Where it runs, relative to the store's parent directory where it lies below that.
  public var workingDirectory: String
  /// How many trials run at the same time.
  public var jobs = 1
  /// How many threads each trial is asked to start; nil: it is not asked.
  public var cpusPerTrial: Int?
  /// How many GPUs each trial gets for itself.
  public var gpusPerTrial = 0
  /// Bytes for a trial's whole process tree.
  public var memoryLimit: Int64?
  /// After how many seconds an attempt is ended; nil: never.
  public var trialTimeoutSeconds: Double?
  /// Further attempts after a failed one.
  public var retries = 0
  /// Stop after so many failed trials of this run; nil: the rule of the first 3 or 10 in a row.
  public var maximumFailures: Int?
  /// How many seconds pass between asking an objective to end and ending it.
  public var graceSeconds = 30.0
  /// `NAME=REGEX`: metrics found in what the objective prints.
  public var metricPatterns: [String] = []
  /// `csv:PATH`, `tensorboard:PATH`, `jsonl:PATH`: files the objective writes metrics to.
  public var metricSources: [String] = []
  /// What the objective calls its steps, where that is none of the usual names.
  public var stepName: String?
  /// Whether values are also looked for in what the objective prints for people.
  public var readsPrintedMetrics = true
  /// A file rendered into each trial's directory.
  public var template: String?
  /// Whether the objective reads its parameters from the environment, so that the command need
  /// not carry them.
  public var readsEnvironment = false
  /// The commit that was checked out when the command was last run, and whether it was clean.
  public var code: String?

  /// One trial at a time, without limits, with a grace of 30 s.
  public init(command: [String], workingDirectory: String) {
    self.command = command
    self.workingDirectory = workingDirectory
  }
}

/// Why a stored definition was refused.
struct DefinitionError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

// A definition written by an older version lacks what came later: every field that has a default
// may be missing. (Synthesized decoding would refuse the whole study.)

extension StudyDefinition {
  /// What is left out has its default: one objective, no bounds, no target.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    objectives = try fields.decode([Objective].self, forKey: .objectives)
    space = try fields.decodeIfPresent(SearchSpace.self, forKey: .space) ?? .empty
    bounds = try fields.decodeIfPresent([MetricBound].self, forKey: .bounds) ?? []
    sampler = try fields.decodeIfPresent(ComponentChoice.self, forKey: .sampler) ?? .init("auto")
    pruner = try fields.decodeIfPresent(ComponentChoice.self, forKey: .pruner) ?? .init("none")
    sources = try fields.decodeIfPresent([WarmSource].self, forKey: .sources) ?? []
    seed = try fields.decode(UInt64.self, forKey: .seed)
    targetTrials = try fields.decodeIfPresent(Int.self, forKey: .targetTrials)
    targetValue = try fields.decodeIfPresent(Double.self, forKey: .targetValue)
    run = try fields.decodeIfPresent(RunConfiguration.self, forKey: .run)
    try checkRules()
  }

  /// What no study can be told, and a store may say all the same.
  private func checkRules() throws {
    if objectives.isEmpty { throw DefinitionError("a study needs an objective") }
    var names = Set<NameKey>()
    for objective in objectives where !names.insert(NameKey(objective.name)).inserted {
      throw DefinitionError("the objective \(objective.name.jsonQuoted) stands there twice")
    }
    if bounds.contains(where: \.limit.isNaN) { throw DefinitionError("a bound that is no number") }
    if sources.contains(where: { $0.finishedCount < 0 }) {
      throw DefinitionError("a negative number of trials to learn from")
    }
    if let targetTrials, targetTrials < 0 { throw DefinitionError("\(targetTrials) trials") }
  }
}

extension RunConfiguration {
  /// What is left out has its default: one objective, no bounds, no target.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      command: try fields.decode([String].self, forKey: .command),
      workingDirectory: try fields.decode(String.self, forKey: .workingDirectory))
    func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
      value = try fields.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.jobs, into: &jobs)
    try read(.cpusPerTrial, into: &cpusPerTrial)
    try read(.gpusPerTrial, into: &gpusPerTrial)
    try read(.memoryLimit, into: &memoryLimit)
    try read(.trialTimeoutSeconds, into: &trialTimeoutSeconds)
    try read(.retries, into: &retries)
    try read(.maximumFailures, into: &maximumFailures)
    try read(.graceSeconds, into: &graceSeconds)
    try read(.metricPatterns, into: &metricPatterns)
    try read(.metricSources, into: &metricSources)
    try read(.stepName, into: &stepName)
    try read(.readsPrintedMetrics, into: &readsPrintedMetrics)
    try read(.template, into: &template)
    try read(.readsEnvironment, into: &readsEnvironment)
    try read(.code, into: &code)
    try checkRules()
  }

  private func checkRules() throws {
    func demand(_ isKept: Bool, _ rule: String) throws {
      if !isKept { throw DefinitionError(rule) }
    }
    try demand(!command.isEmpty, "a command without a word")
    try demand((1...Int(Int32.max)).contains(jobs), "\(jobs) jobs")
    try demand((cpusPerTrial ?? 0) >= 0, "\(cpusPerTrial ?? 0) processors a trial")
    try demand((0...Int(Int32.max)).contains(gpusPerTrial), "\(gpusPerTrial) GPUs a trial")
    try demand((memoryLimit ?? 0) >= 0, "\(memoryLimit ?? 0) bytes of memory")
    try demand((trialTimeoutSeconds ?? 0) >= 0, "\(trialTimeoutSeconds ?? 0) seconds a trial")
    try demand(retries >= 0, "\(retries) retries")
    try demand((maximumFailures ?? 0) >= 0, "\(maximumFailures ?? 0) failures")
    try demand(graceSeconds >= 0, "\(graceSeconds) seconds of grace")
  }
}
