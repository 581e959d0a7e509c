// Options that many commands have may stand before the command, too.

enum GlobalOptions {
  static let flags = ["--quiet", "-q", "--local"]
  static let withValue = ["--store", "--format"]

  /// `arguments` with those options behind the command's name that stand before it.
  static func behindCommand(_ arguments: [String]) -> [String] {
    var rest = arguments[...]
    var options: [String] = []
    while let first = rest.first, first.hasPrefix("-") {
      if flags.contains(first) || withValue.contains(where: { first.hasPrefix($0 + "=") }) {
        options.append(rest.removeFirst())
      } else if withValue.contains(first), rest.count > 1 {
        options += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else {
        return arguments
      }
    }
    guard !options.isEmpty, let command = rest.popFirst() else { return arguments }
    return [command] + options + rest
  }
}
