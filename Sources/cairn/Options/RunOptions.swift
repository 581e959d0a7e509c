import PlainText
import ArgumentParser
import SpaceNotation
import StudyModel
import StudyStorage

/// How a study's objective is run as a process.
struct RunOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("How many trials run at the same time.", valueName: "count"),
    transform: Count.atLeast(1))
  var jobs: Int?

  @Option(
    help: ArgumentHelp("Processors a trial may use.", valueName: "count"),
    transform: Count.atLeast(1))
  var cpus: Int?

  @Option(
    help: ArgumentHelp(
      "GPUs a trial gets, by CUDA_VISIBLE_DEVICES.", valueName: "count"),
    transform: Count.atLeast(0))
  var gpus: Int?

  @Option(
    help: ArgumentHelp(
      "Memory for a trial with all its processes, such as 4G; beyond it, it is killed.",
      valueName: "size"),
    transform: Quantity.bytes)
  var memory: Int64?

  @Option(
    help: ArgumentHelp("Time for an attempt at a trial, such as 30m.", valueName: "duration"),
    transform: Quantity.seconds)
  var trialTimeout: Double?

  @Option(
    help: ArgumentHelp(
      "Time for the whole run; then running trials are interrupted.", valueName: "duration"),
    transform: Quantity.seconds)
  var timeout: Double?

  @Option(
    help: ArgumentHelp("Further attempts after a failed one.", valueName: "count"),
    transform: Count.atLeast(0))
  var retry: Int?

  @Option(
    help: ArgumentHelp(
      "Stop after so many failed trials.",
      discussion: "Default: when the first 3 all fail, or 10 in a row.", valueName: "count"),
    transform: Count.atLeast(1))
  var maxFailures: Int?

  @Option(
    help: ArgumentHelp(
      "Time between asking a process to stop and killing it (default: 30s).",
      valueName: "duration"),
    transform: Quantity.seconds)
  var grace: Double?

  @Option(
    help: ArgumentHelp(
      "Find a metric in what the objective prints: loss='loss[=:] *(\\S+)'; may be repeated.",
      valueName: "name=regex"))
  var metric: [String] = []

  @Option(
    help: ArgumentHelp(
      "Read metrics from a file the objective writes: csv:PATH, tensorboard:PATH, jsonl:PATH.",
      discussion: "In PATH, {dir} is the trial's directory and * and ** match names.",
      valueName: "kind:path"))
  var metricsFrom: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file to fill in for each trial; its path is {template} in the command.",
      discussion: """
        It has the same placeholders as the command. In .yaml, .json and .toml one that is a whole \
        value becomes a value of the format: numbers are numbers there, text is quoted where it \
        must be, what does not exist is null. In .toml, .ini and .cfg the line of what does not \
        exist is left out.
        """,
      valueName: "file"),
    completion: .file())
  var template: String?

  @Flag(
    help: "The objective reads its parameters from $CAIRN_PARAMS: the command need not use them.")
  var paramsFromEnv = false

  @Option(
    help: ArgumentHelp(
      "What a result survives: default, relaxed or strict.", valueName: "mode"))
  var durability = Durability.standard

  @Flag(help: "Insist on a new study: fail if there is one of that name.")
  var new = false

  @Option(
    help: ArgumentHelp(
      "Print the space and so many command lines, and record nothing.", valueName: "count"),
    transform: Count.atLeast(1))
  var dryRun: Int?

  @Flag(name: [.short, .long], help: "No progress on standard error.")
  var quiet = false
}

extension RunOptions {
  /// `base` with what these options say. `run` starts from a new configuration, `resume` from
  /// the one remembered.
  ///
  /// - Throws: ``Diagnostic`` for a metric pattern or source that is not of its form.
  func applied(to base: RunConfiguration) throws(Diagnostic) -> RunConfiguration {
    var configuration = base
    configuration.jobs = jobs ?? base.jobs
    configuration.cpusPerTrial = cpus ?? base.cpusPerTrial
    configuration.gpusPerTrial = gpus ?? base.gpusPerTrial
    configuration.memoryLimit = memory ?? base.memoryLimit
    configuration.trialTimeoutSeconds = trialTimeout ?? base.trialTimeoutSeconds
    configuration.retries = retry ?? base.retries
    configuration.maximumFailures = maxFailures ?? base.maximumFailures
    configuration.graceSeconds = grace ?? base.graceSeconds
    configuration.template = template ?? base.template
    configuration.readsEnvironment = paramsFromEnv || base.readsEnvironment
    if !metric.isEmpty {
      for pattern in metric { try Self.checkPattern(pattern) }
      configuration.metricPatterns = metric
    }
    if !metricsFrom.isEmpty {
      for source in metricsFrom { try Self.checkSource(source) }
      configuration.metricSources = metricsFrom
    }
    return configuration
  }

  private static func checkPattern(_ text: String) throws(Diagnostic) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw Diagnostic(
        "--metric needs a name and a pattern", evidence: [text],
        try: [#"--metric loss='loss[=:] *(\S+)'"#], status: .usage)
    }
  }

  private static func checkSource(_ text: String) throws(Diagnostic) {
    let kinds = ["csv", "tensorboard", "jsonl"]
    let usual = ["csv": "{dir}/metrics.csv", "jsonl": "{dir}/metrics.jsonl"]
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let kind = parts.first.map(String.init) ?? ""
    guard parts.count == 2, kinds.contains(kind), !parts[1].isEmpty else {
      let nearest = nearestNames(to: kind, among: kinds).first ?? "csv"
      let path =
        parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : usual[nearest] ?? "{dir}"
      throw Diagnostic(
        "--metrics-from needs csv, tensorboard or jsonl, a colon and a path", evidence: [text],
        try: ["--metrics-from \(ShellText.quoted("\(nearest):\(path)"))"], status: .usage)
    }
  }

  /// Where the objective runs as it is remembered: relative to the store's parent directory
  /// where it lies below, so that both can be moved together; absolute elsewhere.
  ///
  /// Both are absolute paths.
  static func rememberedDirectory(_ directory: String, storeParent: String) -> String {
    if directory == storeParent { return "." }
    let prefix = storeParent.hasSuffix("/") ? storeParent : storeParent + "/"
    return directory.hasPrefix(prefix) ? String(directory.dropFirst(prefix.count)) : directory
  }
}
