import ArgumentParser
import StudySQL

/// For every command that prints rows.
///
/// Columns that are sorted by descend with a sign, `--sort -value`, which looks like an option:
/// such an option is declared with `parsing: .unconditional`.
struct OutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How rows are printed: \(RowFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
      discussion: "Default: table on a terminal, tsv otherwise.", valueName: "format"))
  var format: RowFormat?

  @Flag(help: "Times in the local time zone instead of UTC.")
  var local = false

  @Flag(name: [.short, .long], help: "Data only: no notes on standard error.")
  var quiet = false

  /// The format to print in, given where standard output leads.
  func rowFormat(onTerminal: Bool = Terminal.output.isTerminal) -> RowFormat {
    format ?? (onTerminal ? .table : .tsv)
  }
}
