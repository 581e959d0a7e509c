// A parameter's values by trial row, whatever domain each trial drew them from.

import StudyModel

/// Values read as values of `target`, the parameter's domain now.
struct ParameterReader {
  private let column: ParameterColumn?
  private let target: Distribution
  /// Whether all values ever kept mean in `target` what they meant when they were kept.
  private let isDirect: Bool
  private let rowCount: Int

  init(_ parameter: Parameter, in history: History) {
    let column = history.trials.parameter(parameter.name)
    let target = parameter.distribution
    rowCount = history.trialCount
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
  /// The values of all rows, piece by piece, NaN where the subscript is.
  func forEachPiece(_ body: (_ values: [Double], _ first: Int) -> Void) {
    guard isDirect, let column else {
      return body((0..<rowCount).map { self[$0] }, 0)
    }
    column.internalValues.forEachPiece { values, present, first in
      if present.contains(false) {
        body(zip(values, present).map { $1 ? $0 : .nan }, first)
      } else {
        body(values, first)
      }
    }
  }
}
