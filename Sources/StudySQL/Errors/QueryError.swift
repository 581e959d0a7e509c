// What can go wrong with a question, told so that the next one succeeds.

internal import PlainText

/// Why a query, a filter or a constraint was refused, or ended early.
public enum QueryError: Error, Hashable, Sendable {
  /// `candidates`: names that exist and look like it, best first.
  case unknownColumn(String, candidates: [String], Excerpt?)
  case unknownTable(String, candidates: [String], Excerpt?)
  case unknownStudy(UInt64)
  /// A word that should be text: `opt = adam`. `literal` is how to write it.
  case missingQuotes(word: String, literal: String, Excerpt?)
  /// A name that SQL takes apart, `val/loss`: it needs double quotes.
  case nameNeedsQuotes(String, Excerpt?)
  /// A filter that is a column and no more, and the column is no boolean.
  case bareColumn(String)
  case emptyExpression
  case emptyQuery
  case severalStatements(rest: String)
  /// Not one expression: a closing bracket too many, text or a comment without end.
  case notOneExpression(reason: String, Excerpt?)
  /// A boolean column compared with text: `amp = 'true'`.
  case textForBoolean(String, column: String, Excerpt?)
  case unknownState(String, candidates: [String], Excerpt?)
  /// The message is SQLite's; `example` is how it is done.
  case syntax(message: String, example: String, Excerpt?)
  /// Anything but reading.
  case readsOnly(statement: String)
  /// A constraint may compute with the parameters, and with nothing else.
  case notForConstraints(String)
  case interrupted
  case tooMuchWork(operations: Int)
  /// Computing failed; the message is SQLite's.
  case failed(message: String)
  /// `index` counts from 1.
  indirect case constraint(index: Int, expression: String, QueryError)
  /// When a parameter exists.
  indirect case condition(parameter: String, expression: String, QueryError)
}

/// The place in a text that an error speaks of.
public struct Excerpt: Hashable, Sendable {
  /// The line, as it was typed, control characters made visible.
  public let line: String
  /// How many columns of the terminal come before the place.
  public let column: Int

  /// The place `offset` bytes into `text`; nil when it is not inside.
  init?(_ text: String, offset: Int) {
    let bytes = Array(text.utf8)
    guard offset >= 0, offset <= bytes.count else { return nil }
    let newline = UInt8(ascii: "\n")
    let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
    line = String(decoding: bytes[start..<end], as: UTF8.self).neutralized
    column = String(decoding: bytes[start..<offset], as: UTF8.self).neutralized.displayWidth
  }
}
