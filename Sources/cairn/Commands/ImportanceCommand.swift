import ArgumentParser
import ImportanceAnalysis
import PlainText
import Presentation
import StudyModel
import StudySQL

struct ImportanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "importance", abstract: "Tell which parameters matter, and how surely.",
    discussion: """
      cairn importance digits --target loss --pairs

      --method says what is told of each parameter:
        fanova       its share of the variance over the whole search space, by itself, as a forest \
      of trees predicts it (Hutter et al. 2014); --pairs adds what two do together. Of whole \
      spaces, after random or broad search.
        ped-anova    its part in what sets the best trials apart from all (Watanabe et al. 2023): \
      the best --quantile of them. Of the region of good values, after any search; quick.
        permutation  its share alone and together with others: by how much a forest \
      predicts worse when its values are shuffled (Breiman 2001).

      `stderr` is the standard deviation over --seeds bootstrap samples of the trials. Only \
      complete trials count; of parameters that a trial lacks, it tells nothing. Where the trials \
      support no conclusion (too few, a target that is always the same, a forest that predicts \
      nothing) there is none: it ends with 1 and says why.
      """)

  @Argument(help: "The study.") var study: String

  @Option(
    help: ArgumentHelp(
      "What parameters are to explain: an objective, a metric (its last value), or duration_s.",
      discussion: "Default: value, which is the only objective.", valueName: "metric"))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "\(ImportanceMethod.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "method"))
  var method = ImportanceMethod.fanova

  @Flag(help: "Also tell what every two parameters do together, beyond what each does alone.")
  var pairs = false

  @Option(
    help: ArgumentHelp(
      "Of ped-anova: which share of the trials are the best.", valueName: "share"))
  var quantile: Double?

  @Option(
    help: ArgumentHelp(
      "Of ped-anova, for a metric that is no objective: lowest (the default) or highest.",
      valueName: "which"))
  var best: BestValues?

  @Option(
    help: ArgumentHelp(
      "How many bootstrap samples of the trials to look at (default: 64, of ped-anova 8).",
      valueName: "count"),
    transform: Count.atLeast(1))
  var seeds: Int?

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp(
      "Which trials: an SQL expression over the columns, in quotes.", valueName: "expression"))
  var filter: String?

  @OptionGroup var store: ReadingStoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if pairs && method != .fanova { throw ValidationError("--pairs is of --method fanova") }
    if quantile != nil && method != .pedANOVA {
      throw ValidationError("--quantile is of --method ped-anova")
    }
    if best != nil && method != .pedANOVA {
      throw ValidationError("--best is of --method ped-anova")
    }
    if let quantile, !(quantile > 0 && quantile < 1) {
      throw ValidationError("--quantile must be between 0 and 1")
    }
    if let seeds, seeds > 1000 { throw ValidationError("--seeds: 1000 are enough") }
  }

  func run() throws {
    let opened = try ReadableStore(store)
    let state = try opened.study(named: study)
    var question = ImportanceQuestion(try ImportanceTarget(named: target, in: state))
    question.method = method
    question.withPairs = pairs
    question.seeds = seeds
    if let quantile { question.quantile = quantile }
    question.direction = best.map { $0 == .lowest ? .minimize : .maximize }
    let report = try state.importance(question, among: try chosenTrials(of: state, in: opened))
    let listing = ImportanceListing(
      report, to: question, of: state, isForPeople: output.isForPeople)
    try output.print(listing.columns, listing.write)
    for note in listing.notes { output.note(note) }
    for caveat in report.caveats { output.warn(caveat) }
  }

  /// Numbers of the trials that `--where` lets through; nil: all.
  private func chosenTrials(of state: StudyRecord, in opened: ReadableStore) throws -> Set<Int>? {
    guard let filter else { return nil }
    QueryInterruption.install()
    let database = try opened.database(clock: output.clock)
    var rows = try database.trials(
      of: state.study.id, TrialListing(filter: filter, columns: ["number"]))
    var numbers = Set<Int>()
    while let row = try rows.next() {
      if case .integer(let number) = row[0] { numbers.insert(Int(number)) }
    }
    return numbers
  }
}

extension ImportanceMethod: ExpressibleByArgument {}

/// Which values of a metric are the best.
enum BestValues: String, ExpressibleByArgument, CaseIterable {
  case lowest
  case highest
}
