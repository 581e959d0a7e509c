import ArgumentParser
import PlainText
import StudyStorage

struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Make a new store of everything that can be read of a damaged one.",
    discussion: """
      The damaged store stays as it is. What is damaged in one place is taken from its second \
      copy, if there is one; what was found, and what is lost, is told on standard error. The \
      files of trials (logs, checkpoints of models) are not copied: see the last line it prints.
      """)

  @Option(
    help: ArgumentHelp(
      "The new store: nothing may be there yet, or an empty directory.", valueName: "directory"),
    completion: .directory)
  var into: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Leave this study out; repeatable.", valueName: "study"))
  var without: [String] = []

  @OptionGroup var store: StoreOptions

  func run() throws {
    let location = try store.locate(for: .reading)
    let report: RepairReport
    do {
      report = try StoreRepair.run(from: location.path, into: into, without: Set(without))
    } catch let error as StorageError {
      throw Diagnostic(error.explanation)
    }
    for finding in report.findings where finding.isDamage {
      let place = finding.bytes.map { ", bytes \($0.lowerBound) to \($0.upperBound)" } ?? ""
      StandardError.writeLine("found: \(finding.path)\(place): \(finding.fact)")
      if !finding.held.isEmpty { StandardError.writeLine("  held: \(finding.held)") }
    }
    if report.blocksHealed > 0 {
      StandardError.writeLine(
        "\(Measures.count(report.blocksHealed, "block")) of trials taken from the second copy")
    }
    StandardError.writeLine(
      "\(into): \(Measures.count(report.studies, "studies", one: "study")) with "
        + "\(Measures.count(report.trials, "trial"))")
    StandardError.writeLine(
      "the files of trials stay where they are: "
        + ShellText.line(["cp", "-r", location.path + "/trials", into + "/"]))
  }
}
