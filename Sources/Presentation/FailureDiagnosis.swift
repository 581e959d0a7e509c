// Why trials fail, and what may help: a script that calls its metric by another name, one that
// prints nothing, one that crashes.

import PlainText
import StudyModel
import _StringProcessing

struct FailureDiagnosis {
  let evidence: [String]
  let suggestions: [String]

  private static let evidenceLines = 5

  /// - Parameters:
  ///   - reported: the metrics that the trial did report.
  ///   - sources: the files they may come from, as `--metrics-from` has them.
  ///   - hasResults: whether trials have ended of which objectives are known, so that these stay.
  init(
    _ failure: FailedTrial, objectives: [Objective], study: String, reported: [String] = [],
    sources: [String] = [], hasResults: Bool = false
  ) {
    let printed = failure.end.lastLines.split(separator: "\n").map(String.init)
    let shown = printed.suffix(Self.evidenceLines)
    let heard =
      reported.isEmpty ? [] : ["it reported \(reported.map(\.jsonQuoted).joined(separator: ", "))"]
    evidence =
      heard
      + (shown.count == 1
        ? ["it printed: \(shown[shown.startIndex].jsonQuoted)"]
        : shown.isEmpty ? ["it printed nothing"] : ["it printed:"] + shown.map { "  \($0)" })
    var suggestions: [String] = []
    // Only a script that ran to its end was not heard; another has a fault of its own.
    if failure.end.exitStatus == 0 {
      let missing = objectives.filter { failure.end.reason.contains($0.name.jsonQuoted) }
      suggestions += missing.compactMap { Self.event(directoryOf: $0.name, reported, sources) }
      if objectives.count == 1, !missing.isEmpty, !hasResults {
        suggestions += Self.renaming(objectives[0], of: study, to: reported)
      }
      suggestions += missing.compactMap { Self.pattern(for: $0.name, in: printed) }
      if missing.count == 1, suggestions.isEmpty, printed.last?.isBareNumber ?? false {
        let option = "--metric \(ShellText.quoted(missing[0].name))='^\\s*(\\S+)\\s*$'"
        suggestions.append(option + ", a number on a line of its own")
      }
      suggestions += missing.prefix(1).map {
        "the script prints {\($0.name.jsonQuoted): NUMBER} on a line of its own"
      }
    }
    suggestions += Self.misreadArguments(printed)
    switch failure.end.outcome {
    case .timedOut: suggestions.append("a longer --trial-timeout")
    case .outOfMemory: suggestions.append("more --memory, or smaller values to search")
    case .finished, .interrupted, .lost, .failed: break
    }
    if !printed.isEmpty {
      suggestions.append(
        ShellText.line(["cairn", "logs", study, String(failure.trial)]) + " for all it printed")
    } else if suggestions.isEmpty {
      suggestions.append(
        ShellText.line(["cairn", "show", study, String(failure.trial)])
          + " for all that is known of it")
    }
    self.suggestions = suggestions
  }

  /// How a metric that was reported becomes the objective: the one most like it, or the first few.
  private static func renaming(
    _ objective: Objective, of study: String, to reported: [String]
  ) -> [String] {
    let likest = reported.map { likeness(of: $0[...], to: objective.name) }.max() ?? 0
    let names = reported.filter { likeness(of: $0[...], to: objective.name) == likest }.prefix(3)
    // Nobody has said yet which way an objective without a name goes.
    let rest = objective == .standard ? ", or --maximize" : ""
    return names.map {
      ShellText.line(["cairn", "edit", study, "--\(objective.direction.rawValue)", $0])
        + "\(rest), for what it reported"
    }
  }

  /// What to do where the script's own reader of arguments refused the command line.
  private static func misreadArguments(_ lines: [String]) -> [String] {
    for line in lines.reversed() {
      if line.contains(
        /(unrecognized arguments|unexpected extra argument).*\b([Tt]rue|[Ff]alse)\b/)
      {
        return ["{args:flags} or {--NAME}: a bool as a bare flag, or nothing"]
      }
      if let match = line.firstMatch(
        of: /argument (?:-\w\/)?--(?<name>[^\s:\/]+).*expected one argument/)
      {
        let name = match.output.name
        return [
          "--\(name)={\(name)} in one word, for a value that begins with \"-\"",
          "--\(name) {\(name)} and not {--\(name)}, for a bool that is to be spelt out",
        ]
      }
    }
    return []
  }

  /// TensorBoard's metrics are named with the directories below the one that is watched: the
  /// option that watches the directory in which the metric `name` is.
  private static func event(
    directoryOf name: String, _ reported: [String], _ sources: [String]
  ) -> String? {
    guard let source = sources.first(where: { $0.hasPrefix("tensorboard:") }),
      let found = reported.first(where: { $0.hasSuffix("/" + name) })
    else { return nil }
    let directory = source + "/" + found.dropLast(name.count + 1)
    return "--metrics-from \(ShellText.quoted(directory))"
  }

  /// The option that finds the metric `name` in what looks like a value of it: `NAME=0.9` or
  /// `NAME: 0.9`, the name most like it, the last of equals. One that is nothing like it is only
  /// offered where there is no other.
  static func pattern(for name: String, in lines: [String]) -> String? {
    let all = lines.flatMap(candidates)
    var best: (candidate: Candidate, likeness: Int)?
    for candidate in all {
      let likeness = likeness(of: candidate.name, to: name)
      if likeness >= best?.likeness ?? 0 { best = (candidate, likeness) }
    }
    guard let best, best.likeness > 0 || Set(all.map(\.name)).count == 1 else { return nil }
    return "--metric \(ShellText.quoted(name))='\(best.candidate.regex)'"
  }

  /// A name with a number behind it.
  private struct Candidate {
    let name: Substring
    let separator: Substring

    /// White space, however much of it, matches white space; signs stand for any character.
    var regex: String {
      var regex = ""
      for character in name + separator {
        if character.isWhitespace {
          if !regex.hasSuffix(#"\s*"#) { regex += #"\s*"# }
        } else if #"\^$.|?*+()[]{}'""#.contains(character) {
          regex += "."
        } else {
          regex.append(character)
        }
      }
      return regex + #"(\S+)"#
    }
  }

  private static func candidates(in line: String) -> [Candidate] {
    line.matches(
      of: /(?<name>[A-Za-z_][\w.\/-]*"?)(?<separator>[ \t]*[=:][ \t]*)(?<value>[-+]?[\d.]\S*)/
    ).compactMap { match in
      // No progress (`25%|###`), time or fraction.
      guard Self.isNumber(match.output.value) else { return nil }
      return Candidate(name: match.output.name, separator: match.output.separator)
    }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    var number = text
    while let last = number.last, ",;)]}%'\"".contains(last) { number.removeLast() }
    return number.decimalNumber != nil
  }

  /// 3: the same but for case and signs; 2: one holds the other, or a part of both is the same
  /// (`val_acc` and `accuracy`: one abbreviates the other); 1: spelt nearly alike; 0: neither.
  private static func likeness(of candidate: Substring, to name: String) -> Int {
    let a = words(candidate)
    let b = words(name)
    if a == b { return 3 }
    let related = a.contains { x in
      b.contains { y in x.count >= 2 && y.count >= 2 && (x.hasPrefix(y) || y.hasPrefix(x)) }
    }
    if related { return 2 }
    return nearestNames(to: name, among: [String(candidate)]).isEmpty ? 0 : 1
  }

  private static func words(_ name: some StringProtocol) -> [String] {
    name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
}

extension String {
  /// Whether it is a number and no more.
  fileprivate var isBareNumber: Bool {
    let text = drop { $0.isWhitespace }
    return text.prefix { !$0.isWhitespace }.decimalNumber != nil
      && text.split(whereSeparator: \.isWhitespace).count == 1
  }
}
