// The values of a part, as they are in memory.

import ColumnCodecs

enum PartValues: Sendable {
  case floats([Double])
  case integers([Int64])
  case strings([String])
  case flags([Bool])

  /// As they are stored.
  var encoded: [UInt8] {
    switch self {
    case .floats(let values): ColumnBlock.encode(values)
    case .integers(let values): ColumnBlock.encode(values)
    case .strings(let values): ColumnBlock.encode(values)
    case .flags(let values): ColumnBlock.encode(values)
    }
  }

  /// About how many bytes of memory they take.
  var cost: Int {
    switch self {
    case .floats(let values): values.count * 8 + 64
    case .integers(let values): values.count * 8 + 64
    case .strings(let values):
      values.reduce(64) { $0 + 16 + ($1.utf8.count > 15 ? $1.utf8.count + 32 : 0) }
    case .flags(let values): values.count + 64
    }
  }

  /// Whether `other` has the same values to the bit.
  func isIdentical(to other: PartValues) -> Bool {
    switch (self, other) {
    case (.floats(let a), .floats(let b)): a.elementsEqual(b) { $0.bitPattern == $1.bitPattern }
    case (.integers(let a), .integers(let b)): a == b
    case (.strings(let a), .strings(let b)):
      a.elementsEqual(b) { $0.utf8.elementsEqual($1.utf8) }
    case (.flags(let a), .flags(let b)): a == b
    default: false
    }
  }
}
