// Rows for people: columns fitted to the terminal.
//
// What is the same in every row is said once, above the table. Numbers stand to the right, with
// six significant digits. When the rest is too wide, names that are wider than what they stand
// above are written in several lines; then the widest texts are cut, down to a minimum; then
// those columns go that do not fit beside the ones before them, and a line below says which. A
// table that would not fit into memory is laid out by its first rows, and the others follow as
// they come.

internal import PlainText

struct TableEncoder: RowEncoder {
  /// A text column is not cut below this.
  private static let minimumWidth = 8
  private static let gap = "  "
  /// How much text is kept before the table is laid out, in bytes.
  private static let keptSize = 32 << 20
  /// What a cell takes beside its text.
  private static let cellSize = 32
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
  private var size = 0
  /// Which columns are shown and how wide, once rows have been written.
  private var layout: (shown: [Int], widths: [Int], left: [Int])?

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
    if let layout {
      line(texts, layout.shown, layout.widths, &output)
      return
    }
    cells.append(texts)
    size += texts.reduce(0) { $0 + $1.text.utf8.count + Self.cellSize }
    if size > Self.keptSize { layOut(folding: [], &output) }
  }

  mutating func end(_ output: inout String) {
    if layout == nil {
      guard !cells.isEmpty else {
        output += "(no rows)\n"
        return
      }
      let folded = columns.indices.filter(isConstant)
      if !folded.isEmpty { foldedLines(folded, &output) }
      layOut(folding: folded, &output)
    }
    if let left = layout?.left, !left.isEmpty {
      let names = left.map { columns[$0].name.neutralized }.joined(separator: ", ")
      output += "(not shown: \(names))\n"
    }
  }

  /// Fits the columns to the rows there are, and writes these.
  private mutating func layOut(folding folded: [Int], _ output: inout String) {
    var shown = columns.indices.filter { !folded.contains($0) }
    var widths = shown.map { column in
      cells.reduce(columns[column].name.neutralized.displayWidth) {
        max($0, $1[column].width)
      }
    }
    let left = fit(&shown, &widths)
    header(shown, widths, &output)
    for row in cells { line(row, shown, widths, &output) }
    cells = []
    layout = (shown, widths, left)
  }

  /// The names of the columns, in as many lines as the highest needs, flush with the rows.
  private func header(_ shown: [Int], _ widths: [Int], _ output: inout String) {
    let names = zip(shown, widths).map { ColumnName(columns[$0].name).lines(width: $1) }
    let height = names.map(\.count).max() ?? 0
    for place in 0..<height {
      var texts = columns.map { _ in Cell("") }
      for (column, lines) in zip(shown, names) where place >= height - lines.count {
        texts[column] = Cell(lines[place - (height - lines.count)])
      }
      line(texts, shown, widths, &output)
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

  /// Narrows and drops until the columns fit; returns those dropped.
  private func fit(_ shown: inout [Int], _ widths: inout [Int]) -> [Int] {
    guard let width else { return [] }
    func excess() -> Int {
      widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
    }
    let narrowest = shown.map { column in
      cells.reduce(ColumnName(columns[column].name).narrowest) { max($0, $1[column].width) }
    }
    let gains = widths.indices.sorted { widths[$0] - narrowest[$0] > widths[$1] - narrowest[$1] }
    for place in gains where excess() > 0 {
      widths[place] = max(narrowest[place], widths[place] - excess())
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
    if excess() <= 0 { return [] }
    let all = zip(shown, widths)
    var used = -Self.gap.count
    var kept: [(column: Int, width: Int)] = []
    for (column, wide) in all where kept.isEmpty || used + Self.gap.count + wide <= width {
      kept.append((column, kept.isEmpty ? min(wide, max(1, width)) : wide))
      used += Self.gap.count + wide
    }
    let dropped = shown.filter { column in !kept.contains { $0.column == column } }
    shown = kept.map(\.column)
    widths = kept.map(\.width)
    return dropped
  }

  private func line(
    _ cells: [Cell], _ shown: [Int], _ widths: [Int], _ output: inout String
  ) {
    var line = ""
    for (place, column) in shown.enumerated() {
      if place > 0 { line += Self.gap }
      line += cells[column].fitted(to: widths[place], alignedRight: areNumbers[column])
    }
    while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
    output += line + "\n"
  }
}

/// What a column is called, in one line or, where it has several parts, in more.
private struct ColumnName {
  private let parts: [String]

  init(_ name: String) {
    var parts = [""]
    for character in name.neutralized {
      parts[parts.count - 1].append(character)
      if "_./- ".contains(character) { parts.append("") }
    }
    self.parts = parts.filter { !$0.isEmpty }
  }

  var narrowest: Int { parts.map(\.displayWidth).max() ?? 0 }

  func lines(width: Int) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let line = lines.last, line.displayWidth + part.displayWidth <= width {
        lines[lines.count - 1] = line + part
      } else {
        lines.append(part)
      }
    }
    return lines
  }
}
