import ArgumentParser
import PlainText
import StudyStorage

struct CompactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact", abstract: "Seal the store: its log becomes compressed columns.",
    discussion: """
      Long stores are sealed by and by while they are written to; this does it now, for all of \
      the log. What was recorded is written column by column, read back, compared, and kept \
      twice; then the log it stood in is taken away. Others may go on reading and writing.
      """)

  @Flag(name: [.short, .long], help: "Say nothing.")
  var quiet = false

  @OptionGroup var store: StoreOptions

  func run() async throws {
    let location = try store.locate(for: .reading)
    let before = try StoreStatistics.bytes(at: location.path)
    try await WritableStore.use(store) { opened in
      guard case .damaged(let losses) = try opened.store.compact() else { return }
      throw Diagnostic(
        "\(location.path) is damaged, and is not sealed as long as it is",
        evidence: losses.map(\.description),
        try: ["cairn repair --into DIRECTORY", "cairn check, which says what was lost"])
    }
    if quiet { return }
    let after = try StoreStatistics.bytes(at: location.path)
    StandardError.writeLine("\(location.path): \(text(before)) before, \(text(after)) now")
  }

  private func text(_ bytes: UInt64) -> String { Measures.size(bytes: Int64(clamping: bytes)) }
}
