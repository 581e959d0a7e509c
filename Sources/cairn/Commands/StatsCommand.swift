import ArgumentParser
import PlainText
import StudySQL
import StudyStorage

struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Show what the store takes on the disk, and why.",
    discussion: """
      By default the files: the log, which what happens is appended to, and checkpoints, which \
      hold the same as compressed columns, twice. With --columns every column of the newest \
      checkpoint: how many values it has, what they take in memory and in the file, and how they \
      are encoded.
      """)

  @Flag(help: "Each column of each study.")
  var columns = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let location = try store.locate(for: .reading)
    let statistics = try StoreStatistics.measure(at: location.path)
    if columns {
      try printColumns(of: statistics)
    } else {
      try printFiles(of: statistics)
    }
    for note in statistics.notes { output.note(note) }
  }

  private func printFiles(of statistics: StoreStatistics) throws {
    try output.print(["kind", "files", "bytes"].map { ResultColumn($0) }) { writer in
      for files in statistics.files {
        try writer.write([
          .text(files.kind), .integer(Int64(files.count)),
          .integer(Int64(clamping: files.bytes)),
        ])
      }
    }
  }

  private func printColumns(of statistics: StoreStatistics) throws {
    let names = ["study", "column", "values", "raw_bytes", "bytes", "ratio", "encoding"]
    try output.print(names.map { ResultColumn($0) }) { writer in
      for column in statistics.columns {
        let ratio = Double(column.rawBytes) / Double(max(1, column.bytes))
        try writer.write([
          .text(column.study), .text(column.name), .integer(Int64(column.values)),
          .integer(Int64(clamping: column.rawBytes)), .integer(Int64(clamping: column.bytes)),
          output.isForPeople
            ? .text(ratio.text(significantDigits: 3)) : .real(ratio),
          .text(column.encodings.map { "\($0.name) (\($0.parts))" }.joined(separator: "; ")),
        ])
      }
    }
  }
}

extension StoreStatistics {
  /// What people want to know beside the rows.
  fileprivate var notes: [String] {
    var notes = [
      "\(Measures.count(studies, "studies", one: "study")), "
        + "\(Measures.count(trials, "trial")), \(Measures.count(reports, "report"))"
    ]
    let rest = Measures.size(bytes: Int64(clamping: unsealedBytes))
    notes.append(
      sealed == nil
        ? "no checkpoint yet: a store gets one by and by, and from cairn compact at once"
        : "\(rest) of log are not in the newest checkpoint")
    return notes
  }
}
