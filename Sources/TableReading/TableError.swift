// What is wrong with a table: always with the file and the line, and what to do.

public import PlainText

/// Why a table is no study.
public enum TableError: ExplainedError, Hashable {
  /// A place in a file. The line is where the record begins, from 1; nil: the whole file.
  public struct Place: Hashable, Sendable {
    let file: String
    let line: Int?
    let column: String?

    init(_ file: String, line: Int? = nil, column: String? = nil) {
      self.file = file
      self.line = line
      self.column = column
    }

    var text: String {
      let line = line.map { ", line \($0)" } ?? ""
      return file.neutralized + line + (column.map { ", column \($0.jsonQuoted)" } ?? "")
    }
  }

  case unreadable(file: String, reason: String)
  /// Its bytes are no table.
  case malformed(Place, reason: String, try: [String])
  /// A record has another number of fields than the header.
  case raggedRecord(Place, fields: Int, expected: Int)
  /// A field is not what its column demands.
  case badField(Place, found: String, expected: String, try: [String])
  /// What is there or asked for makes no study.
  case unusable(Place, reason: String, evidence: [String], try: [String])

  public var explanation: Explanation {
    switch self {
    case .unreadable(let file, let reason):
      Explanation("\(file.neutralized) cannot be read: \(reason)")
    case .malformed(let place, let reason, let suggestions):
      Explanation("\(place.text): \(reason)", try: suggestions)
    case .raggedRecord(let place, let fields, let expected):
      Explanation(
        "\(place.text): \(Measures.count(fields, "field")), where the header has \(expected)",
        try: [
          "quotes around fields that hold what separates, or an end of line",
          "empty fields at the end of short records",
        ])
    case .badField(let place, let found, let expected, let suggestions):
      Explanation("\(place.text): \(found) is no \(expected)", try: suggestions)
    case .unusable(let place, let reason, let evidence, let suggestions):
      Explanation("\(place.text): \(reason)", evidence: evidence, try: suggestions)
    }
  }
}
