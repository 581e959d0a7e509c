// What `cairn help TOPIC` says of things that are no commands: the objective, the search space,
// samplers and pruners, all of them or one by its name.

import PlainText
import Samplers

enum HelpTopic {
  /// Topics by the names that a list of them gives.
  static let names = ["objective", "space", "samplers", "pruners"]

  /// The text that `arguments`, those of the whole command line, ask for; nil when they ask for
  /// none of these.
  static func text(for arguments: [String]) -> String? {
    guard arguments.count == 2, arguments[0] == "help" else { return nil }
    switch arguments[1] {
    case "objective", "objectives": return HelpContracts.objective
    case "space", "spaces", "domains": return HelpContracts.space
    case "samplers", "sampler": return text(of: .sampler)
    case "pruners", "pruner": return text(of: .pruner)
    default:
      let known = ComponentKind.sampler.all + ComponentKind.pruner.all
      return known.first { $0.name == arguments[1] }.map(text)
    }
  }

  private static func text(of kind: ComponentKind) -> String {
    let opening =
      switch kind {
      case .sampler:
        "A sampler proposes the next trial: --sampler NAME, with options behind a colon,\n"
          + "as in tpe:startup=20."
      case .pruner:
        "A pruner gives hopeless trials up while they report: --pruner NAME, with\n"
          + "options behind a colon, as in median:startup=10."
      }
    return ([opening] + kind.all.map(text)).joined(separator: "\n\n")
  }

  private static func text(of component: ComponentDescription) -> String {
    let guidance = component.guidance
    var lines = ["\(component.name): \(component.summary)"]
    lines += wrapped("good for", guidance.purpose)
    lines += wrapped("needs", guidance.needs)
    lines += wrapped("otherwise", guidance.alternative)
    for (index, option) in component.options.enumerated() {
      lines += wrapped(
        index == 0 ? "options" : "",
        "\(option.name): \(option.summary) (default: \(option.standard))")
    }
    return lines.joined(separator: "\n")
  }

  /// A label and text beside it, for 80 columns.
  private static func wrapped(_ label: String, _ text: String) -> [String] {
    let indent = 13
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && line.count + 1 + word.count > 79 - indent {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines.enumerated().map { index, line in
      "  " + (index == 0 ? label : "").padded(toWidth: indent - 2) + line
    }
  }
}
