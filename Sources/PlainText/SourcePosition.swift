// Places in texts, as compilers and editors count them.

/// A place in a file, both counted from 1; columns in Unicode scalars.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package var description: String { "\(line):\(column)" }
}

/// Finds lines and columns of places in a text that are known by their bytes.
package struct PositionTable: Sendable {
  private let bytes: [UInt8]
  /// The position of every `stride`th byte.
  private let marks: [SourcePosition]
  private static let stride = 128

  /// - Complexity: O(`bytes`).
  package init(_ bytes: [UInt8]) {
    var marks: [SourcePosition] = []
    marks.reserveCapacity(bytes.count / Self.stride + 1)
    var (line, column) = (1, 1)
    for (index, byte) in bytes.enumerated() {
      if index % Self.stride == 0 { marks.append(SourcePosition(line: line, column: column)) }
      Self.advance(&line, &column, over: byte)
    }
    self.bytes = bytes
    self.marks = marks
  }

  /// Where the byte `offset` stands; beyond the end, the place behind the last.
  ///
  /// - Complexity: O(1), however long the text and its lines are.
  package subscript(offset: Int) -> SourcePosition {
    let end = min(max(offset, 0), bytes.count)
    let mark = min(end / Self.stride, marks.count - 1)
    guard mark >= 0 else { return SourcePosition(line: 1, column: 1) }
    var (line, column) = (marks[mark].line, marks[mark].column)
    for byte in bytes[mark * Self.stride..<end] { Self.advance(&line, &column, over: byte) }
    return SourcePosition(line: line, column: column)
  }

  private static func advance(_ line: inout Int, _ column: inout Int, over byte: UInt8) {
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      // Scalars, not bytes: those that continue a character do not count.
      column += 1
    }
  }
}
