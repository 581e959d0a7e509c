// Why the bytes of a block could not be read.

/// What is wrong with bytes that should be a block of a column.
package enum ColumnBlockError: Error, Hashable, Sendable, CustomStringConvertible {
  /// They end inside `what`.
  case truncated(what: String)
  /// `what` cannot be `value`.
  case invalid(what: String, value: UInt64)
  /// Values of another kind were asked for.
  case otherKind(stored: String, wanted: String)
  /// There are `count` bytes behind the end of the block.
  case surplus(count: Int)
  /// A text of a string column is no UTF-8.
  case notUTF8

  package var description: String {
    switch self {
    case .truncated(let what): "a block of a column ends inside its \(what)"
    case .invalid(let what, let value): "in a block of a column, \(what) cannot be \(value)"
    case .otherKind(let stored, let wanted):
      "a block of a column holds \(stored), and \(wanted) were asked for"
    case .surplus(let count): "a block of a column goes on for \(count) bytes behind its end"
    case .notUTF8: "a text in a block of a column is no UTF-8"
    }
  }
}
