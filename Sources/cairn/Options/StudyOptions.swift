import PlainText
import ArgumentParser
import Samplers
import SpaceNotation
import StudyModel

/// What a study is: the options shared by `run`, `create` and `edit`.
struct StudyOptions: ParsableArguments {
  @Option(
    name: [.customShort("p"), .customLong("param")],
    help: ArgumentHelp(
      "A parameter and its domain; may be repeated.",
      discussion: """
        Ranges: 0.0..0.5; 1..4, whole numbers since both ends are; float:1..4; log:1e-5..1e-1; \
        log:16..512, whole again; 0..1:step=0.1; '0..<8' or 'range(0,8)', without the end. \
        normal:0,1 and lognormal:-7,2 (mean and standard deviation, for lognormal of the natural \
        logarithm), int:normal:32,8, cut off with normal:0,1:-2..2. \
        Choices: adam,sgd; 1.9,1.10, handed on as typed; ordered:small,medium,large; \
        '["adam", null, 16, [64, 64]]', each of its own kind, lists and mappings handed on as \
        JSON; bool. Always the same: fixed:7.
        """,
      valueName: "name=domain"))
  var parameters: [String] = []

  @Option(
    help: ArgumentHelp(
      "A search space in a file, with conditions, constraints, defaults; -p adds to it.",
      discussion: """
        parameters: by name a domain as -p has it, a list of choices, a number that is always the \
        same, or a mapping: {type: float, low: 1e-5, high: 1e-1, log: true, default: 1e-3}, with \
        the types float, int, normal, lognormal, choice, ordered, bool and fixed. when: {opt: \
        sgd}, or in SQL when: "opt = 'sgd' or layers > 2", says when it exists. constraints: a \
        list of SQL expressions. start: a list of configurations to try first. The whole grammar: \
        schema/search-space.json.
        """, valueName: "yaml|json"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var space: String?

  @Option(
    help: ArgumentHelp(
      "A configuration that a new study tries first: 'lr=0.001 opt=adam'; may be repeated.",
      discussion: "What it leaves open is sampled. It runs before those that are proposed.",
      valueName: "configuration"))
  var first: [String] = []

  @Option(
    help: ArgumentHelp(
      "A metric to minimize; may be repeated.",
      discussion: """
        @last, @min, @max or @mean:5 says how values reported by step become the final one. \
        Default: value.
        """,
      valueName: "metric"),
    transform: ObjectiveOption.init)
  var minimize: [ObjectiveOption] = []

  @Option(
    help: ArgumentHelp("A metric to maximize; may be repeated.", valueName: "metric"),
    transform: ObjectiveOption.init)
  var maximize: [ObjectiveOption] = []

  @Option(
    help: ArgumentHelp(
      "A bound on a reported metric, such as 'latency_ms <= 20'; may be repeated.",
      valueName: "bound"))
  var constraint: [String] = []

  @Option(
    help: ArgumentHelp(
      "Who proposes: \(ComponentKind.sampler.names.joined(separator: ", ")).",
      discussion: ComponentKind.sampler.discussion, valueName: "name"),
    completion: .list(ComponentKind.sampler.names),
    transform: { try ComponentChoice(parsing: $0, as: .sampler) })
  var sampler: ComponentChoice?

  @Option(
    help: ArgumentHelp(
      "Who gives hopeless trials up: \(ComponentKind.pruner.names.joined(separator: ", ")).",
      discussion: """
        Options follow a colon: percentile:25, median:startup=10. Steps, as in warmup, are the \
        trial's own: epochs where these are reported, batches in Lightning's CSV.
        \(ComponentKind.pruner.discussion)
        """,
      valueName: "name"),
    completion: .list(ComponentKind.pruner.names),
    transform: { try ComponentChoice(parsing: $0, as: .pruner) })
  var pruner: ComponentChoice?

  @Option(
    help: ArgumentHelp(
      "Older studies of this store to learn from, when a new one is made: A,B.",
      discussion: """
        Their finished trials up to now are part of the new study. How much each counts is \
        decided by how well it foretells the new study's own trials. Parameters are the same by \
        name; bounds may differ.
        """, valueName: "studies"))
  var warmStart: String?

  @Option(help: "The number that all randomness follows from.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "How many trials the study shall have, complete or pruned.", valueName: "count"),
    transform: Count.atLeast(1))
  var trials: Int?

  @Option(
    help: ArgumentHelp("So many trials more than it has or shall have.", valueName: "count"),
    transform: Count.atLeast(1))
  var more: Int?

  @Option(
    help: ArgumentHelp(
      "Stop when a trial's objective is this good, or better; none: no longer.",
      valueName: "value"),
    transform: TargetOption.init)
  var target: TargetOption?

  func validate() throws {
    if trials != nil && more != nil {
      throw ValidationError("--trials says how many in all, --more how many more: not both")
    }
  }
}

extension StudyOptions {
  /// What these options ask for, with the space file read.
  ///
  /// - Throws: ``Diagnostic`` for a text that is not understood, or a bad space file.
  func request() throws(Diagnostic) -> StudyRequest {
    var request = StudyRequest()
    do {
      if let space { request.file = try SpaceFile.read(path: space) }
    } catch {
      throw Diagnostic(describing: error)
    }
    for text in parameters {
      let parameter = try Self.read("-p", text) { text throws(NotationError) in
        try Parameter(notation: text)
      }
      if request.parameters.contains(where: { $0.name == parameter.name }) {
        throw Diagnostic(
          "-p declares \(parameter.name) twice", evidence: [text],
          try: ["one -p for each parameter"], status: .usage)
      }
      request.parameters.append(parameter)
    }
    request.objectives = try Self.objectives(minimize: minimize, maximize: maximize)
    for text in constraint {
      request.bounds.append(
        try Self.read("--constraint", text) { text throws(NotationError) in
          try MetricBound(notation: text)
        })
    }
    request.first = first
    request.sampler = sampler
    request.pruner = pruner
    request.warmStart =
      warmStart?.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty } ?? []
    request.seed = seed
    request.trials = trials
    request.target = target
    request.more = more
    return request
  }

  /// In the order of the command line.
  static func objectives(
    minimize: [ObjectiveOption], maximize: [ObjectiveOption]
  ) throws(Diagnostic) -> [Objective] {
    let options = minimize.map { ($0, StudyDirection.minimize) } + maximize.map { ($0, .maximize) }
    var objectives: [Objective] = []
    for (option, direction) in options.sorted(by: { $0.0.order < $1.0.order }) {
      let objective = try read("--\(direction.rawValue)", option.text) {
        text throws(NotationError) in try Objective(notation: text, direction: direction)
      }
      if objectives.contains(where: { $0.name == objective.name }) {
        throw Diagnostic("the objective \(objective.name) is named twice", status: .usage)
      }
      objectives.append(objective)
    }
    return objectives
  }

  private static func read<Value>(
    _ option: String, _ text: String, _ reader: (String) throws(NotationError) -> Value
  ) throws(Diagnostic) -> Value {
    do {
      return try reader(text)
    } catch {
      var diagnostic = Diagnostic(error, option: option)
      if option == "-p" && diagnostic.suggestions.isEmpty {
        diagnostic.suggestions = [
          "-p x=1..4, x=0.0..1.0, x=log:1e-5..1e-1, x=0..1:step=0.1 or x=adam,sgd"
        ]
      }
      throw diagnostic
    }
  }
}
