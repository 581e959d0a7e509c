import ArgumentParser
import PlainText
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

  var clock: ClockZone { local ? .local : .utc }

  /// The format to print in, given where standard output leads.
  func rowFormat(onTerminal: Bool = Terminal.output.isTerminal) -> RowFormat {
    format ?? (onTerminal ? .table : .tsv)
  }

  /// Whether the rows are for reading, not for another program.
  var isForPeople: Bool { rowFormat() == .table || rowFormat() == .markdown }

  /// Prints the rows that `produce` writes.
  func print(_ columns: [ResultColumn], _ produce: (inout RowWriter) throws -> Void) throws {
    var output = StandardOutput()
    var writer = RowWriter(
      rowFormat(), columns: columns,
      width: Terminal.output.isTerminal ? Terminal.output.width : nil
    ) { try output.write($0) }
    try produce(&writer)
    try writer.finish()
    try output.flush()
  }

  func print(_ rows: consuming QueryRows) throws {
    var rows = rows
    try print(rows.columns) { writer in
      while let row = try rows.next() { try writer.write(row) }
    }
  }

  /// Says something beside the data.
  func note(_ text: String) {
    if !quiet { StandardError.writeLine(text) }
  }

  /// Says what is wrong with the input, though the data are right.
  func warn(_ explanation: Explanation) {
    if !quiet { Diagnostic(explanation).print(as: .warning) }
  }
}
