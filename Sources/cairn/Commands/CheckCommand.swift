import ArgumentParser
import PlainText
import StudyStorage

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Verify every byte of the store, and say what is damaged.",
    discussion: """
      Each file of the store stands on a line, then what is wrong with any: which bytes, and what \
      they held as far as that can be made out. Nothing is changed, and the store may be in use. \
      Ends with status 1 when something is damaged; what a killed writer left half written is \
      not, since nobody was promised it.
      """)

  @OptionGroup var store: StoreOptions

  func run() throws {
    let location = try store.locate(for: .reading)
    let report = try StoreCheck.run(at: location.path)
    var output = StandardOutput()
    for line in report.lines { try output.writeLine(line) }
    try output.flush()
    if !report.isSound { throw ExitStatus.failure }
  }
}

extension StoreReport {
  /// As people read it.
  fileprivate var lines: [String] {
    files.map(line) + findings.flatMap(lines) + [conclusion]
  }

  private func line(_ file: File) -> String {
    let frames = file.frames.map { ", \(Measures.count($0, "frame"))" } ?? ""
    return "\(file.path.neutralized): \(file.bytes) bytes\(frames)"
  }

  private func lines(_ finding: Finding) -> [String] {
    let place = finding.bytes.map { ", bytes \($0.lowerBound) to \($0.upperBound)" } ?? ""
    let label = finding.isDamage ? "damaged" : "note"
    let first = "\(label): \(finding.path.neutralized)\(place): \(finding.fact.neutralized)"
    return finding.held.isEmpty ? [first] : [first, "  held: \(finding.held.neutralized)"]
  }

  private var conclusion: String {
    let damages = findings.count(where: \.isDamage)
    let crashed =
      crashedWriters == 0
      ? "" : "; \(Measures.count(crashedWriters, "writer")) ended without closing it"
    return "\(damages == 0 ? "sound" : Measures.count(damages, "damage")): "
      + "\(studies) stud\(studies == 1 ? "y" : "ies") with "
      + "\(Measures.count(trials, "trial")) can be read\(crashed)"
  }
}
