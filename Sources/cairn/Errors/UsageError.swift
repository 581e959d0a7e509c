import PlainText
import SpaceNotation
import StudyModel

/// A command line that ArgumentParser refused, in Cairn's way of telling.
struct UsageError {
  /// What is wrong.
  let message: String
  /// The same with the option's help and a pointer to the command's help.
  let fullText: String
  let arguments: [String]
  /// The names of all commands.
  let commands: [String]

  var diagnostic: Diagnostic {
    if let unknown = unknownCommand { return unknown }
    var lines = message.split(separator: "\n").map(String.init)
    let fact = lines.isEmpty ? "the command line is wrong" : lines.removeFirst()
    for line in fullText.split(separator: "\n") where line.hasPrefix("Help:") {
      lines.append(String(line.dropFirst("Help:".count).drop { $0 == " " }))
    }
    let suggestions = [forgottenTerminator, helpCommand].compactMap(\.self)
    return Diagnostic(
      fact.first.map { $0.lowercased() + fact.dropFirst() } ?? fact, evidence: lines,
      try: suggestions, status: .usage)
  }

  private var unknownCommand: Diagnostic? {
    guard let name = arguments.first, !name.hasPrefix("-"), name != "help",
      !commands.contains(name)
    else { return nil }
    let nearest = nearestNames(to: name, among: commands).first
    return Diagnostic(
      "there is no command \(name.jsonQuoted)",
      try: [nearest.map { "cairn \($0)" }, "cairn --help"].compactMap(\.self), status: .usage)
  }

  /// `cairn run digits python3 train.py --lr {lr}`: the objective's options were taken for
  /// Cairn's.
  private var forgottenTerminator: String? {
    guard arguments.first == "run", !arguments.contains("--"),
      message.hasPrefix("Unknown option") || message.lowercased().contains("unexpected argument")
    else { return nil }
    return "-- before the objective's command: cairn run STUDY [options] -- COMMAND…"
  }

  /// ArgumentParser names the command in question only in its text.
  private var helpCommand: String {
    let match = fullText.firstMatch(of: /See '([^']+)' for more information/)
    return match.map { String($0.1) } ?? "cairn --help"
  }
}
