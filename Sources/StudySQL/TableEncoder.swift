// Rows for people: columns fitted to the terminal.
//
// What is the same in every row is said once, above the table. Numbers stand to the right, with
// six significant digits. When the rest is too wide, the widest texts are cut first, down to a
// minimum; then the last columns go, and a line below says which.

struct TableEncoder: RowEncoder {
  /// A text column is not cut below this.
  private static let minimumWidth = 8
  private static let gap = "  "
  private static let nothing = "–"

  let width: Int?
  private var columns: [ResultColumn] = []
  private var cells: [[String]] = []
  private var areNumbers: [Bool] = []

  init(width: Int?) { self.width = width }

  mutating func begin(_ columns: [ResultColumn], _ output: inout String) {
    self.columns = columns
    areNumbers = columns.map { _ in true }
  }

  mutating func encode(_ row: [SQLValue], _ output: inout String) {
    var texts: [String] = []
    texts.reserveCapacity(row.count)
    for (index, value) in row.enumerated() {
      if case .text = value { areNumbers[index] = false }
      if columns[index].isBoolean { areNumbers[index] = false }
      texts.append(Self.text(value, columns[index]))
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

  private static func text(_ value: SQLValue, _ column: ResultColumn) -> String {
    switch value {
    case .real(let value): return value.text(significantDigits: 6)
    default: break
    }
    switch value.asWritten(in: column) {
    case .nothing: return nothing
    case .plain(let text): return text
    case .text(let text): return text.neutralized
    }
  }

  /// Whether the column says the same in every row, of which there are several. The first
  /// column stays: it is what rows are called by.
  private func isConstant(_ column: Int) -> Bool {
    column > 0 && cells.count > 1 && cells.allSatisfy { $0[column] == cells[0][column] }
  }

  private func foldedLines(_ folded: [Int], _ output: inout String) {
    var line = ""
    for column in folded {
      var item = "\(columns[column].name.neutralized) = \(cells[0][column])"
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
        max($0, $1[column].displayWidth)
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
    func append(_ texts: [String]) {
      var line = ""
      for (place, column) in shown.enumerated() {
        if place > 0 { line += Self.gap }
        line += texts[column].truncated(toWidth: widths[place])
          .padded(toWidth: widths[place], alignedRight: areNumbers[column])
      }
      while line.hasSuffix(" ") { line.removeLast() }
      output += line + "\n"
    }
    append(columns.map(\.name.neutralized))
    for row in cells { append(row) }
  }
}
