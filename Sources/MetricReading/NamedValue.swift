// What a line of print names: values and counters, and whether a name is the one that was meant.

import PlainText

/// A name with a value behind it.
struct NamedValue {
  enum Form {
    /// `NAME: 0.5`, `NAME=0.5`
    case signed
    /// `"NAME": 0.5`, in quotes as in JSON and Python's dictionaries
    case quoted
    /// `NAME 0.5`
    case adjacent
  }

  /// Words in front of the value, as far as the segment reaches: the name is their end.
  var words: String
  var value: PrintedNumber
  var text: ArraySlice<UInt8>
  var form: Form
  /// Whether the first of the words may be the value of a sign before them.
  var followsSign: Bool
  /// Whether it looks like a place in a program: `train.py:123`, `module:function:42`.
  var isPlace: Bool
}

/// A step that the line names: `epoch 3`, `Step [100/600]`, `"iter": 5`.
struct Counter: Equatable {
  var key: String
  var value: Double
  /// Of how many.
  var total: Int64?
}

extension NamedValue.Form: CustomStringConvertible {
  var description: String {
    switch self {
    case .signed: "NAME: VALUE"
    case .quoted: "dictionary"
    case .adjacent: "NAME VALUE"
    }
  }
}

extension NamedValue {
  /// Whether `name` is the whole name of this value: all of the words in front of it, but for a
  /// number, a log's level, or the value of the sign before. `val loss` is not `loss`.
  func isNamed(_ name: String) -> Bool {
    var words = Substring(words)
    if form == .adjacent {
      for verb in [" is", " was"] where words.hasSuffix(verb) {
        words = words.dropLast(verb.count).trimmed
      }
    }
    if words == name { return true }
    guard form != .quoted, words.hasSuffix(name) else { return false }
    let before = words.dropLast(name.count)
    guard before.last?.isWhitespace == true else { return false }
    let others = before.split(whereSeparator: \.isWhitespace)
    guard let last = others.last else { return true }
    if last.utf8.first?.isDigit == true || Self.levels.contains(last.uppercased()) { return true }
    return followsSign && others.count == 1 && !Self.qualifiers.contains(last.lowercased())
  }

  /// The name to keep the value by when nobody asked for it; nil where it is no metric.
  func ownName(_ keys: StepKeys) -> String? {
    var words = self.words.split(whereSeparator: \.isWhitespace)
    if form != .quoted {
      while let first = words.first,
        first.utf8.first?.isDigit == true || Self.levels.contains(first.uppercased())
      {
        words.removeFirst()
      }
      if form == .adjacent, words.count != 1 || Self.fillers.contains(words[0].lowercased()) {
        return nil
      }
    }
    guard !words.isEmpty, words.count <= 4, !isPlace else { return nil }
    let name = words.joined(separator: " ")
    guard let first = name.first, first.isLetter || first == "_", name.utf8.count <= 64,
      keys.rank(of: name) == nil
    else { return nil }
    return name
  }

  private static let levels: Set<String> = [
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARNING", "WARN", "ERROR", "CRITICAL", "SUCCESS", "AND",
    "WITH", "THE",
  ]
  private static let qualifiers: Set<String> = [
    "train", "training", "val", "valid", "validation", "test", "testing", "eval", "evaluation",
    "dev", "best", "mean", "avg", "average", "min", "max", "total", "final", "initial", "ema",
    "running", "smoothed", "median", "std", "last", "previous", "prev", "old", "new",
  ]
  private static let fillers: Set<String> = [
    "in", "of", "at", "to", "from", "after", "for", "on", "took", "with", "is", "by", "than",
    "over", "and", "or", "the", "a", "an", "all", "line", "version", "v", "top", "got",
  ]
}
