// Rows as a table of GitHub-flavoured Markdown.

internal import PlainText

/// Columns are aligned by the values of the first row, numbers to the right; that way nothing
/// is kept. What Markdown would read as markup is escaped.
struct MarkdownEncoder: RowEncoder {
  private var columns: [ResultColumn] = []
  private var hasAlignment = false

  mutating func begin(_ columns: [ResultColumn], _ output: inout String) {
    self.columns = columns
    output += "|" + columns.map { " \(Self.escaped($0.name)) |" }.joined() + "\n"
  }

  mutating func encode(_ row: [SQLValue], _ output: inout String) {
    align(row, &output)
    output += "|"
    for (index, value) in row.enumerated() {
      switch value.asWritten(in: columns[index]) {
      case .nothing: output += "  |"
      case .plain(let text): output += " \(text) |"
      case .text(let text): output += " \(Self.escaped(text)) |"
      }
    }
    output += "\n"
  }

  mutating func end(_ output: inout String) {
    align(columns.map { _ in .null }, &output)
  }

  private mutating func align(_ row: [SQLValue], _ output: inout String) {
    guard !hasAlignment else { return }
    hasAlignment = true
    let marks = zip(columns, row).map { column, value in
      value.isNumber && !column.isBoolean ? " ---: |" : " --- |"
    }
    output += "|" + marks.joined() + "\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "\\", "*", "_", "`", "<", "[", "~":
        result += "\\"
        result.unicodeScalars.append(scalar)
      case "\n", "\r": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result.neutralized
  }
}
