// Which parameters an SQL expression speaks of.

/// Those of `names` that `expression` names, in their order: as words, in upper or lower case, or
/// in double quotes. Texts in single quotes and comments name nothing.
func parentNames(in expression: String, among names: [String]) -> [String] {
  var found = Set<String>()
  var rest = expression.unicodeScalars[...]
  while let scalar = rest.popFirst() {
    switch scalar {
    case "'": _ = quoted(until: "'", from: &rest)
    case "\"": found.insert(quoted(until: "\"", from: &rest).foldedASCII)
    case "`": found.insert(quoted(until: "`", from: &rest).foldedASCII)
    case "[": found.insert(quoted(until: "]", from: &rest).foldedASCII)
    case "-" where rest.first == "-": rest = rest.drop { $0 != "\n" }
    case "/" where rest.first == "*": skipComment(in: &rest)
    case "0"..."9", ".":
      // 1e5 and 0x1F are numbers, and no names stand in them.
      rest = rest.drop { isWord($0) || $0 == "." }
    case _ where isWord(scalar):
      let tail = rest.prefix(while: isWord)
      rest = rest[tail.endIndex...]
      var word = String.UnicodeScalarView([scalar])
      word.append(contentsOf: tail)
      found.insert(String(word).foldedASCII)
    default: break
    }
  }
  return names.filter { found.contains($0.foldedASCII) }
}

private func isWord(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "a"..."z", "A"..."Z", "0"..."9", "_", "$": true
  default: scalar.value >= 0x80
  }
}

/// The text up to `end`, which stands twice for itself.
private func quoted(
  until end: Unicode.Scalar, from rest: inout Substring.UnicodeScalarView
) -> String {
  var text = String.UnicodeScalarView()
  while let scalar = rest.popFirst() {
    if scalar == end {
      guard rest.first == end, end != "]" else { break }
      rest.removeFirst()
    }
    text.append(scalar)
  }
  return String(text)
}

private func skipComment(in rest: inout Substring.UnicodeScalarView) {
  var last: Unicode.Scalar?
  rest.removeFirst()
  while let scalar = rest.popFirst() {
    if last == "*" && scalar == "/" { return }
    last = scalar
  }
}

extension String {
  /// The ASCII letters made small: SQL's idea of equal names.
  fileprivate var foldedASCII: String {
    String(decoding: utf8.map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
