// Tables that trainers print: a header and rows, or a box with a name and a value a row.

import PlainText
import StudyModel

/// A header that named what is awaited, or a step, and the rows below it.
struct PrintedTable: Sendable {
  struct Row {
    var entries: [MetricReport.Entry] = []
    var unread: [(String, [UInt8])] = []
    var counter: Counter?
  }

  fileprivate enum Separator { case bar, tab, comma, blanks }

  private let separator: Separator
  private let columns: [String]
  private let step: Int?
  private let keys: StepKeys
  /// Whether a row was read whose first cell is a word: others below it are parts of the whole.
  private var hasTotal = false

  private static let columnLimit = 64

  /// Nil when `text` is no header.
  init?(header text: [UInt8], awaited: [String], keys: StepKeys) {
    let line = Self.withoutBar(text)
    var separator = Separator.blanks
    var cells = Self.cells(of: line, by: .blanks, atLeast: 2)
    for other in [Separator.bar, .tab, .comma]
    where line.contains(other.byte ?? 0) && cells.count < 3
      || other == .bar && line.contains(UInt8(ascii: "|"))
    {
      let found = Self.cells(of: line, by: other, atLeast: 1)
      guard found.count > 1 else { continue }
      cells = found
      separator = other
      break
    }
    if cells.count < 2, Self.cells(of: line, by: .blanks, atLeast: 1).count > 1 {
      // Single blanks are those of any sentence.
      cells = Self.cells(of: line, by: .blanks, atLeast: 1)
      guard let first = cells.first, Self.isStep(first, keys),
        cells.contains(where: { awaited.contains(String(decoding: $0, as: UTF8.self)) })
      else { return nil }
    }
    guard 2...Self.columnLimit ~= cells.count else { return nil }
    let names = cells.map(Self.name)
    guard names.allSatisfy({ $0.utf8.count <= 64 && PrintedNumber($0.utf8) == .none }) else {
      return nil
    }
    let step = Self.step(in: names, keys)
    guard names.contains(where: awaited.contains) || (step != nil && names.count > 2) else {
      return nil
    }
    columns = names
    self.separator = separator
    self.step = step
    self.keys = keys
  }

  /// What the row `text` says; nil when it is none of this table.
  mutating func row(_ text: [UInt8], awaited: [String]) -> Row? {
    let line = Self.withoutBar(text)
    guard line.contains(where: \.isDigit) else { return nil }
    let cells = Self.cells(of: line, by: separator, atLeast: 1)
    guard cells.count == columns.count else { return nil }
    var row = Row()
    if let step {
      guard let counter = Self.counter(cells[step], columns[step]) else { return nil }
      row.counter = counter
    }
    let isNamed = step == nil && PrintedNumber(cells[0]) == .none
    if isNamed && hasTotal { return nil }
    var others: [MetricReport.Entry] = []
    for (index, (name, cell)) in zip(columns, cells).enumerated() where index != step {
      guard !name.isEmpty, !row.entries.contains(where: { $0.metric == name }) else { continue }
      switch PrintedNumber(cell) {
      case .number(let value):
        if awaited.contains(name) {
          row.entries.append(.init(name, value))
        } else if keys.rank(of: name) == nil, Self.isName(name) {
          others.append(.init(name, value))
        }
      case .notWhole where awaited.contains(name): row.unread.append((name, Array(cell)))
      case .notWhole, .none: break
      }
    }
    if !row.entries.isEmpty {
      row.entries += others
      hasTotal = isNamed
    }
    return row
  }

  private static func isName(_ name: String) -> Bool {
    name.first.map { $0.isLetter || $0 == "_" } ?? false
  }

  private static func isStep(_ cell: ArraySlice<UInt8>, _ keys: StepKeys) -> Bool {
    keys.rank(of: String(decoding: cell, as: UTF8.self)) != nil
  }

  /// spaCy's `#` and `E` are steps and epochs, in a header only.
  private static func step(in names: [String], _ keys: StepKeys) -> Int? {
    keys.index(in: names) ?? names.firstIndex(of: "#") ?? names.firstIndex(of: "E")
  }

  /// `12`, `1/3`
  private static func counter(_ cell: ArraySlice<UInt8>, _ key: String) -> Counter? {
    let parts = cell.split(separator: UInt8(ascii: "/"), maxSplits: 1)
    guard let first = parts.first, let value = PrintedNumber.decimal(first), value.isFinite else {
      return nil
    }
    if parts.count == 2 { guard PrintedNumber.decimal(parts[1]) != nil else { return nil } }
    return Counter(key: key, value: value)
  }

  /// Without unpaired brackets and colons at its ends: `mAP50-95):`.
  private static func name(_ cell: ArraySlice<UInt8>) -> String {
    var bytes = cell
    while let last = bytes.last {
      let opening: UInt8? =
        last == UInt8(ascii: ")")
        ? UInt8(ascii: "(") : last == UInt8(ascii: "]") ? UInt8(ascii: "[") : nil
      guard last == UInt8(ascii: ":") || opening.map({ !bytes.contains($0) }) ?? false else {
        break
      }
      bytes.removeLast()
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text before a progress bar: a percentage with a bar behind it.
  private static func withoutBar(_ text: [UInt8]) -> ArraySlice<UInt8> {
    for index in text.indices where text[index] == UInt8(ascii: "%") && index > 0 {
      var after = index + 1
      while after < text.count, text[after] == 0x20 { after += 1 }
      guard after < text.count,
        text[after] == UInt8(ascii: "|") || text[after] == TerminalText.barGlyph
      else { continue }
      var start = index
      while start > 0, text[start - 1].isDigit { start -= 1 }
      while start > 0, text[start - 1].isBlank || text[start - 1] == UInt8(ascii: ":") {
        start -= 1
      }
      return text[..<start]
    }
    return text[...]
  }

  /// Trimmed; between bars the empty ones too, but for those outside.
  private static func cells(
    of line: ArraySlice<UInt8>, by separator: Separator, atLeast blanks: Int
  ) -> [ArraySlice<UInt8>] {
    guard let byte = separator.byte else { return words(line, apart: blanks) }
    var parts = line.split(separator: byte, omittingEmptySubsequences: false).map(\.trimmed)
    guard separator == .bar else { return parts }
    if parts.first?.isEmpty == true { parts.removeFirst() }
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts
  }

  /// What stands between runs of at least `blanks` blanks.
  private static func words(
    _ line: ArraySlice<UInt8>, apart blanks: Int
  ) -> [ArraySlice<UInt8>] {
    var words: [ArraySlice<UInt8>] = []
    var start: Int?
    var gap = blanks
    for index in line.indices {
      let byte = line[index]
      if byte.isBlank || byte == TerminalText.barGlyph {
        gap += 1
      } else {
        if gap >= blanks {
          if let begun = start { words.append(line[begun..<(index - gap)]) }
          start = index
        }
        gap = 0
      }
    }
    if let start { words.append(line[start..<(line.endIndex - gap)]) }
    return words
  }
}

extension PrintedTable.Separator {
  fileprivate var byte: UInt8? {
    switch self {
    case .bar: UInt8(ascii: "|")
    case .tab: 0x09
    case .comma: UInt8(ascii: ",")
    case .blanks: nil
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate var trimmed: ArraySlice<UInt8> {
    var slice = drop { $0.isBlank || $0 == TerminalText.barGlyph }
    while let last = slice.last, last.isBlank || last == TerminalText.barGlyph {
      slice.removeLast()
    }
    return slice
  }
}

/// Rows of `| name | value |` that belong together: a step among them is that of all.
struct PrintedBox: Sendable {
  struct Row: Sendable {
    var name: String
    /// `rollout/`, from the row that had no value.
    var section: String
    var value: PrintedNumber
    var text: ArraySlice<UInt8>
    var line: ArraySlice<UInt8>
    var lineNumber: Int
  }

  private var rows: [Row] = []
  private var section = ""
  private static let rowLimit = 256

  var isOpen: Bool { !rows.isEmpty || !section.isEmpty }

  /// The two cells of a row; nil for any other line. The first row has a number, or is the name
  /// of a section.
  func row(_ text: [UInt8]) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
    let line = text[...].trimmed
    guard line.count > 4, line.first == UInt8(ascii: "|"), line.last == UInt8(ascii: "|") else {
      return nil
    }
    let cells = line.dropFirst().dropLast()
      .split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map(\.trimmed)
    guard cells.count == 2, let first = cells[0].first, !first.isDigit, first != UInt8(ascii: "-"),
      isOpen || PrintedNumber(cells[1]) != .none
        || (cells[1].isEmpty && cells[0].last == UInt8(ascii: "/"))
    else { return nil }
    return (cells[0], cells[1])
  }

  /// Takes a row; false when there are too many.
  mutating func take(
    _ cells: (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>), line: ArraySlice<UInt8>,
    number: Int
  ) -> Bool {
    guard rows.count < Self.rowLimit else { return false }
    let name = String(decoding: cells.name, as: UTF8.self)
    if cells.value.isEmpty {
      section = name.hasSuffix("/") ? name : ""
      return true
    }
    rows.append(
      Row(
        name: name, section: section, value: PrintedNumber(cells.value), text: cells.value,
        line: line, lineNumber: number))
    return true
  }

  /// The rows so far, and none from now on; nil without any.
  mutating func close() -> [Row]? {
    defer {
      rows = []
      section = ""
    }
    return rows.isEmpty ? nil : rows
  }
}
