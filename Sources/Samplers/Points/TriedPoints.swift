// Which points of a space a study has tried: every trial's, whatever became of it. Points that
// running and waiting trials hold are taken.

import StudyModel

/// A parameter's values by trial row, read as values of `target`, which may have changed since.
struct ParameterReader {
  fileprivate let column: ParameterColumn?
  fileprivate let target: Distribution
  /// Whether all values ever kept mean in `target` what they meant when they were kept.
  fileprivate let isDirect: Bool

  init(_ parameter: Parameter, in history: History) {
    let column = history.trials.parameter(parameter.name)
    let target = parameter.distribution
    isDirect =
      column?.distributions.allSatisfy { distribution in
        switch (distribution, target) {
        case (.categorical(let old), .categorical(let new)): old.values == new.values
        case (.categorical, _), (_, .categorical): false
        case (.float, .integer): false
        default: true
        }
      } ?? true
    self.column = column
    self.target = target
  }

  /// NaN when the trial lacks the parameter, or has a value that `target` cannot hold.
  subscript(row: Int) -> Double {
    guard let column, let value = column.internalValues[row] else { return .nan }
    if isDirect { return value }
    return column.value(ofRow: row).flatMap(target.internalValue(of:)) ?? .nan
  }
}

extension ParameterReader {
  /// The values of rows 0 ..< `rows`, piece by piece, NaN where the subscript is.
  func forEachPiece(rows: Int, _ body: (_ values: [Double], _ first: Int) -> Void) {
    var next = 0
    if isDirect, let column {
      column.internalValues.forEachChunk { values, present, first in
        if present.contains(false) {
          body(zip(values, present).map { $1 ? $0 : .nan }, first)
        } else {
          body(values, first)
        }
        next = first + values.count
      }
    }
    if next < rows { body((next..<rows).map { self[$0] }, next) }
  }
}

struct TriedPoints {
  private let readers: [ParameterReader]
  private let rowCount: Int
  /// The row of the trial that is being proposed for, if it is there already.
  private let ownRow: Int?

  init(_ parameters: [Parameter], in history: History, except number: Int) {
    readers = parameters.map { ParameterReader($0, in: history) }
    rowCount = history.trials.count
    ownRow = history.trials.row(ofNumber: number)
  }

  /// - Complexity: O(n), for one point; see ``all()`` for many.
  func contains(_ point: [Double]) -> Bool {
    (0..<rowCount).contains { row in
      row != ownRow
        && readers.indices.allSatisfy { TriedPoints.isSame(readers[$0][row], point[$0]) }
    }
  }

  /// All of them, normalized by ``key(_:)``.
  func all() -> Set<[UInt64]> {
    var keys = Set<[UInt64]>()
    for row in 0..<rowCount where row != ownRow {
      keys.insert(Self.key(readers.map { $0[row] }))
    }
    return keys
  }

  /// What a point is in a set: one bit pattern a parameter, all NaN alike.
  static func key(_ point: [Double]) -> [UInt64] {
    point.map { $0.isNaN ? Double.nan.bitPattern : ($0 + 0).bitPattern }
  }

  private static func isSame(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }
}
