import PlainText
import ArgumentParser
import StudyModel

/// `accuracy=0.91`, or `0.91` alone.
struct MetricArgument: Equatable {
  /// Nil where only a value was typed.
  let name: String?
  let value: Double

  init(_ text: String) throws(Diagnostic) {
    let sign = text.firstIndex(of: "=")
    let name = sign.map { String(text[..<$0]) }
    let number = sign.map { text[text.index(after: $0)...] } ?? text[...]
    guard name != "" else {
      throw Diagnostic("a metric needs a name", evidence: [text], status: .usage)
    }
    guard let value = Self.number(number) else {
      throw Diagnostic(
        "\(String(number).jsonQuoted) is not a number", evidence: [text],
        try: ["NAME=VALUE, such as accuracy=0.91"], status: .usage)
    }
    self.name = name
    self.value = value
  }

  /// Also what programs print that went wrong: `nan`, `inf`. No hexadecimal.
  private static func number(_ text: Substring) -> Double? {
    text.contains { "xXpP".contains($0) } ? nil : Double(text)
  }

  /// Negative values look like options, so everything that no option takes is taken for a
  /// value: here misspelt options are told from numbers.
  static func refuseOptions(among values: [String]) throws {
    for text in values where text.hasPrefix("-") && number(text[...]) == nil {
      throw ValidationError("Unknown option '\(text)'")
    }
    if values.isEmpty { throw ValidationError("Missing expected argument '<name=value> ...'") }
  }
}
