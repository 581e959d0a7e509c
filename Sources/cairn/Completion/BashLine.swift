// A line of bash up to the cursor, in words. bash splits words also at `=` and `:`, which belong
// to them here, and replaces only what stands behind the last of such signs.

struct BashLine {
  /// The words of the command that the cursor is in, quotes and redirections taken away, from the
  /// program on. The last is the one that is being typed.
  private(set) var words: [String] = []
  /// Whether the last word is the file of a redirection.
  private(set) var isRedirection = false
  /// How many characters of the last word bash leaves as they are.
  private var keptCount = 0
  /// The quote that is open at the end.
  private var quote: Character?

  /// - Parameter breaks: at which signs bash splits words, beside white space: its COMP_WORDBREAKS.
  init(_ line: String, breaks: String) {
    var word: String?
    var isRedirected = false
    func endWord(_ line: inout BashLine) {
      if let word, !isRedirected { line.words.append(word) }
      if word != nil { isRedirected = false }
      word = nil
    }
    var characters = line.makeIterator()
    while let character = characters.next() {
      switch (quote, character) {
      case ("'", "'"), ("\"", "\""): quote = nil
      case ("\"", "\\"):
        guard let next = characters.next() else { break }
        word? += "$`\"\\".contains(next) ? String(next) : "\\\(next)"
      case (.some, _): word?.append(character)
      case (nil, "\\"):
        if let next = characters.next() { word = (word ?? "") + String(next) }
      case (nil, "'"), (nil, "\""):
        quote = character
        word = word ?? ""
        keptCount = word?.count ?? 0
      case (nil, _) where character.isNewline || ";|&()`".contains(character):
        endWord(&self)
        words = []
        isRedirected = false
      case (nil, _) where character.isWhitespace: endWord(&self)
      case (nil, "<"), (nil, ">"):
        endWord(&self)
        isRedirected = true
      case (nil, _):
        if word == nil { keptCount = 0 }
        word = (word ?? "") + String(character)
        if breaks.contains(character) { keptCount = word?.count ?? 0 }
      }
    }
    if word == nil { keptCount = 0 }
    words.append(word ?? "")
    isRedirection = isRedirected
    let program = words.firstIndex { $0.split(separator: "/").last?.hasPrefix("cairn") ?? false }
    words.removeFirst(program ?? 0)
  }

  /// What bash is to put in for `candidate`, which begins as the last word does; nil where that
  /// cannot be written within the quote that is open.
  func insertion(of candidate: String) -> String? {
    let text = candidate.dropFirst(keptCount)
    switch quote {
    case "'": return text.contains("'") ? nil : String(text)
    case "\"": return text.reduce(into: "") { $0 += "$`\"\\".contains($1) ? "\\\($1)" : String($1) }
    default:
      return text.reduce(into: "") { result, character in
        let isSpecial = " \t!\"#$&'()*;<>?[\\]`|~".contains(character)
        result += isSpecial ? "\\\(character)" : String(character)
      }
    }
  }
}
