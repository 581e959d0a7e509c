// Rows as JSON objects.

internal import PlainText
internal import StudyModel

/// Objects with the columns' names as keys: in one array, or each on a line of its own. Numbers
/// read back as the same numbers; JSON has no infinities and no NaN, which are the texts
/// `"Infinity"`, `"-Infinity"` and `"NaN"`. Of columns with the same name, later ones are called
/// `name_2`, ….
struct JSONRowEncoder: RowEncoder {
  let isLines: Bool
  private var columns: [ResultColumn] = []
  private var keys: [String] = []
  private var isFirst = true

  init(isLines: Bool) { self.isLines = isLines }

  mutating func begin(_ columns: [ResultColumn], _ output: inout String) {
    self.columns = columns
    var taken = Set<String>()
    keys = columns.map { column in
      var name = column.name
      var count = 2
      while !taken.insert(name).inserted {
        name = "\(column.name)_\(count)"
        count += 1
      }
      return name.jsonQuoted
    }
    if !isLines { output += "[" }
  }

  mutating func encode(_ row: [SQLValue], _ output: inout String) {
    if !isLines { output += isFirst ? "\n" : ",\n" }
    isFirst = false
    output += "{"
    for (index, value) in row.enumerated() {
      if index > 0 { output += ", " }
      output += keys[index]
      output += ": "
      switch value {
      case .real(let value): output += value.jsonToken
      default:
        switch value.asWritten(in: columns[index]) {
        case .nothing: output += "null"
        case .plain(let text): output += text
        case .text(let text): output += text.jsonQuoted
        }
      }
    }
    output += isLines ? "}\n" : "}"
  }

  mutating func end(_ output: inout String) {
    if !isLines { output += isFirst ? "]\n" : "\n]\n" }
  }
}
