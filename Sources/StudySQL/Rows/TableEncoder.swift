// Rows for people: columns fitted to the terminal.
//
// What is the same in every row is said once, above the table. Numbers stand to the right, with
// six significant digits. When the rest is too wide, the widest texts are cut first, down to a
// minimum; then the last columns go, and a line below says which.

internal import PlainText

struct TableEncoder: RowEncoder {
  /// A text column is not cut below this.
  private static let minimumWidth = 8
  private static let gap = "  "
  private static let nothing = Cell(text: "–", width: 1)

  private struct Cell {
    let text: String
    let width: Int

    init(_ text: String) { self.init(text: text, width: text.displayWidth) }

    init(text: String, width: Int) {
      self.text = text
      self.width = width
    }

    /// Cut or filled to `room` columns.
    func fitted(to room: Int, alignedRight: Bool) -> String {
      if width > room {
        return Cell(text.truncated(toWidth: room)).fitted(to: room, alignedRight: alignedRight)
      }
      let fill = String(repeating: " ", count: room - width)
      return alignedRight ? fill + text : text + fill
    }
  }

  let width: Int?
  private var columns: [ResultColumn] = []
  private var cells: [[Cell]] = []
  private var areNumbers: [Bool] = []
  private var firstRow: [SQLValue] = []
  /// Whether all values so far are that of the first row; what is shown of them may be the same
  /// when they are not.
  private var areConstant: [Bool] = []

  init(width: Int?) { self.width = width }

  mutating func begin(_ columns: [ResultColumn], _ output: inout String) {
    self.columns = columns
    areNumbers = columns.map { _ in true }
    areConstant = areNumbers
  }

  mutating func encode(_ row: [SQLValue], _ output: inout String) {
    if cells.isEmpty { firstRow = row }
    var texts: [Cell] = []
    texts.reserveCapacity(row.count)
    for (index, value) in row.enumerated() {
      if value != firstRow[index] { areConstant[index] = false }
      if case .text = value { areNumbers[index] = false }
      if columns[index].isBoolean { areNumbers[index] = false }
      texts.append(Self.cell(value, columns[index]))
    }
    cells.append(texts)
  }

  mutating func end(_ output: inout String) {
    guard !cells.isEmpty else {
      output += "(no rows)\n"
      return
    }
    let folded = columns.indices.filter(isConstant)
    if !folded.isEmpty { foldedLines(folded, &output) }
    var shown = columns.indices.filter { !folded.contains($0) }
    var widths = naturalWidths(shown)
    let left = fit(&shown, &widths)
    lines(shown, widths, &output)
    if !left.isEmpty {
      let names = left.map { columns[$0].name.neutralized }.joined(separator: ", ")
      output += "(not shown: \(names))\n"
    }
  }

  private static func cell(_ value: SQLValue, _ column: ResultColumn) -> Cell {
    if case .real(let value) = value, column.spelling[value] == nil {
      return Cell(value.text(significantDigits: 6))
    }
    return switch value.asWritten(in: column) {
    case .nothing: nothing
    case .plain(let text): Cell(text)
    case .text(let text): Cell(text.neutralized)
    }
  }

  /// Whether the column says the same in every row, of which there are several. The first
  /// column stays: it is what rows are called by.
  private func isConstant(_ column: Int) -> Bool {
    column > 0 && cells.count > 1 && areConstant[column]
  }

  private func foldedLines(_ folded: [Int], _ output: inout String) {
    var line = ""
    for column in folded {
      var item = "\(columns[column].name.neutralized) = \(cells[0][column].text)"
      if let width { item = item.truncated(toWidth: width) }
      let joined = line.isEmpty ? item : line + ", " + item
      if let width, !line.isEmpty, joined.displayWidth > width {
        output += line + "\n"
        line = item
      } else {
        line = joined
      }
    }
    output += line + "\n\n"
  }

  private func naturalWidths(_ shown: [Int]) -> [Int] {
    shown.map { column in
      cells.reduce(columns[column].name.neutralized.displayWidth) {
        max($0, $1[column].width)
      }
    }
  }

  /// Cuts and drops until the columns fit; returns those dropped.
  private func fit(_ shown: inout [Int], _ widths: inout [Int]) -> [Int] {
    guard let width else { return [] }
    func excess() -> Int {
      widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
    }
    while excess() > 0 {
      let texts = widths.indices.filter {
        !areNumbers[shown[$0]] && widths[$0] > Self.minimumWidth
      }
      guard let widest = texts.max(by: { widths[$0] < widths[$1] }) else { break }
      // Down to the next widest at once, so that equals shrink together.
      let next = texts.filter { widths[$0] < widths[widest] }.map { widths[$0] }.max()
      let floor = max(next ?? Self.minimumWidth, Self.minimumWidth)
      widths[widest] = max(
        floor - (next == nil ? 0 : 1), widths[widest] - excess(), Self.minimumWidth)
    }
    var dropped: [Int] = []
    while excess() > 0, shown.count > 1 {
      dropped.insert(shown.removeLast(), at: 0)
      widths.removeLast()
    }
    if let only = widths.first, shown.count == 1 { widths[0] = min(only, max(1, width)) }
    return dropped
  }

  private func lines(_ shown: [Int], _ widths: [Int], _ output: inout String) {
    func append(_ cells: [Cell]) {
      var line = ""
      for (place, column) in shown.enumerated() {
        if place > 0 { line += Self.gap }
        line += cells[column].fitted(to: widths[place], alignedRight: areNumbers[column])
      }
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      output += line + "\n"
    }
    append(columns.map { Cell($0.name.neutralized) })
    for row in cells { append(row) }
  }
}
