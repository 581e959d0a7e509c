// The records of a table, however it is written, as cells by column.

import PlainText
import StudyModel

/// Reads a table's records one after the other.
struct TableReader {
  let file: TableFile
  // One of the two. Not an enum: what a reader holds would be copied with every access.
  private var delimited: DelimitedReader?
  private var objects: ObjectLineReader?
  /// The names of the columns so far: of lines of JSON, every object may bring more.
  private(set) var columns: [String] = []
  /// Where the current record begins.
  private(set) var line = 0

  /// - Parameter columns: those that are known of lines of JSON, in their order.
  /// - Throws: ``TableError``.
  init(_ file: TableFile, columns: [String] = []) throws {
    self.file = file
    let bytes = try file.bytes()
    guard file.format != .jsonl else {
      objects = ObjectLineReader(columns, bytes)
      self.columns = columns
      return
    }
    delimited = DelimitedReader(file.format == .csv ? .quoted : .escaped, nextBytes: bytes)
    try readHeader()
  }

  private mutating func readHeader() throws {
    guard try next(isHeader: true) else {
      throw TableError.unusable(
        TableError.Place(file.name), reason: "there is nothing in it", evidence: [], try: [])
    }
    for index in 0..<(delimited?.count ?? 0) { columns.append(try text(index)) }
  }

  /// Goes to the next record; false at the end.
  ///
  /// - Throws: ``TableError``.
  mutating func next() throws -> Bool { try next(isHeader: false) }

  private mutating func next(isHeader: Bool) throws -> Bool {
    do {
      if delimited != nil {
        guard try delimited!.next() else { return false }
        line = delimited!.line
        if !isHeader, delimited!.count != columns.count {
          throw TableError.raggedRecord(
            place(), fields: delimited!.count, expected: columns.count)
        }
      } else {
        guard try objects!.next() else { return false }
        line = objects!.line
        if objects!.columns.count != columns.count { columns = objects!.columns }
      }
      return true
    } catch let error as DelimitedError {
      throw error.told(of: file.name)
    } catch let error as ObjectLineError {
      throw TableError.malformed(
        TableError.Place(file.name, line: error.line), reason: error.reason, try: error.suggestions)
    }
  }

  /// The place of a column in the current record; of the record when nil.
  func place(_ column: Int? = nil) -> TableError.Place {
    TableError.Place(file.name, line: line, column: column.map { columns[$0] })
  }

  /// What stands in a column of the current record.
  ///
  /// - Throws: ``TableError``.
  func cell(_ column: Int) throws -> TableCell {
    if delimited == nil { return objects!.cell(column) }
    if delimited!.isEmpty(column) { return .absent }
    if !delimited!.isQuoted(column) {
      switch delimited!.number(column) {
      case .whole(let value): return .value(.integer(value))
      case .real(let value): return .value(.float(value))
      case nil: break
      }
      if let truth = delimited!.truth(column) { return .value(.bool(truth)) }
    }
    return .value(.string(try text(column)))
  }

  /// Whether nothing stands in a column of the current record.
  func isAbsent(_ column: Int) -> Bool {
    delimited == nil ? objects!.cell(column) == .absent : delimited!.isEmpty(column)
  }

  /// The letters that stand in a column of the current record, whatever they mean.
  func text(_ column: Int) throws -> String {
    guard delimited != nil else {
      if case .value(let value) = objects!.cell(column) { return value.description }
      return ""
    }
    do throws(DelimitedError) {
      return try delimited!.text(column)
    } catch {
      throw error.told(of: file.name)
    }
  }
}

extension DelimitedError {
  fileprivate func told(of file: String) -> TableError {
    switch self {
    case .openQuote(let line):
      .malformed(
        .init(file, line: line), reason: "a quote opens here and nothing closes it",
        try: ["quotes inside a field in quotes are doubled: \"\""])
    case .textAfterQuote(let line):
      .malformed(
        .init(file, line: line),
        reason: "something stands between a closing quote and the end of its field",
        try: ["quotes inside a field in quotes are doubled: \"\""])
    case .longRecord(let line):
      .malformed(
        .init(file, line: line), reason: "a record of more than 64 MiB begins here",
        try: ["a look at the quotes in this line"])
    case .notUTF8(let line):
      .malformed(
        .init(file, line: line), reason: "a text is not UTF-8",
        try: ["iconv -f LATIN1 -t UTF-8 \(file)"])
    case .utf16:
      .malformed(
        .init(file), reason: "it is UTF-16", try: ["iconv -f UTF-16 -t UTF-8 \(file)"])
    }
  }
}
