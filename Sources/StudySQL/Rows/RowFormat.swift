// The formats in which rows are written out.

/// How rows are written.
public enum RowFormat: String, Sendable, CaseIterable {
  /// Columns fitted to the width of a terminal, for people.
  case table
  /// RFC 4180, lossless.
  case csv
  /// One line a row, fields separated by tabs.
  case tsv
  /// One array of objects.
  case json
  /// One object a line.
  case jsonl
  case markdown
}

/// Writes rows to a sink, one format's way.
protocol RowEncoder {
  /// Text before the first row.
  mutating func begin(_ columns: [ResultColumn], _ output: inout String)
  mutating func encode(_ row: [SQLValue], _ output: inout String)
  /// Text after the last row.
  mutating func end(_ output: inout String)
}

/// Writes rows in a format, piece by piece: in constant memory, but for ``RowFormat/table``,
/// whose columns are as wide as their widest values.
public struct RowWriter {
  /// How much text is collected before the sink gets it, in bytes.
  private static let pieceSize = 16_384

  private let sink: (String) throws -> Void
  private var encoder: any RowEncoder
  private var output = ""
  private let columnCount: Int

  /// - Parameters:
  ///   - width: columns of the terminal, for ``RowFormat/table``; nil: as wide as it gets.
  ///   - sink: takes the text as it comes; line ends included.
  public init(
    _ format: RowFormat, columns: [ResultColumn], width: Int? = nil,
    to sink: @escaping (String) throws -> Void
  ) {
    self.sink = sink
    columnCount = columns.count
    encoder =
      switch format {
      case .table: TableEncoder(width: width)
      case .csv: CSVEncoder()
      case .tsv: TSVEncoder()
      case .json: JSONRowEncoder(isLines: false)
      case .jsonl: JSONRowEncoder(isLines: true)
      case .markdown: MarkdownEncoder()
      }
    encoder.begin(columns, &output)
  }

  /// Writes one row, with a value for each column.
  ///
  /// - Throws: what the sink throws.
  public mutating func write(_ row: [SQLValue]) throws {
    precondition(row.count == columnCount)
    encoder.encode(row, &output)
    if output.utf8.count >= Self.pieceSize { try flush() }
  }

  /// Writes what comes after the last row. Nothing may be written afterwards.
  public mutating func finish() throws {
    encoder.end(&output)
    try flush()
  }

  private mutating func flush() throws {
    guard !output.isEmpty else { return }
    try sink(output)
    output.removeAll(keepingCapacity: true)
  }
}
