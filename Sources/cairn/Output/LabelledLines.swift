// What `show` prints: labels to the left, what belongs to each to the right of it.

import PlainText
import StudySQL

struct LabelledLines {
  private var rows: [(label: String, lines: [String])] = []

  /// Adds `lines` under `label`; nothing when there are none.
  mutating func add(_ label: String, _ lines: [String]) {
    if !lines.isEmpty { rows.append((label.neutralized, lines.map(\.neutralized))) }
  }

  mutating func add(_ label: String, _ line: String?) { add(label, line.map { [$0] } ?? []) }

  /// All lines, indented by two spaces.
  var text: String {
    let width = rows.reduce(0) { max($0, $1.label.displayWidth) }
    var text = ""
    for row in rows {
      for (index, line) in row.lines.enumerated() {
        text += "  " + (index == 0 ? row.label : "").padded(toWidth: width) + "  \(line)\n"
      }
    }
    return text
  }

  /// `cells` with each column as wide as its widest cell, but the last.
  static func aligned(_ cells: [[String]]) -> [String] {
    var widths: [Int] = []
    for row in cells {
      for (index, cell) in row.enumerated() {
        if index == widths.count { widths.append(0) }
        widths[index] = max(widths[index], cell.neutralized.displayWidth)
      }
    }
    return cells.map { row in
      row.enumerated().map { index, cell in
        index + 1 == row.count ? cell : cell.neutralized.padded(toWidth: widths[index])
      }.joined(separator: "  ")
    }
  }
}
