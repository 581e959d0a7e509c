// A parameter's values by trial, whatever domain each trial drew them from.

import StudyModel

/// Values read as values of `target`, the parameter's domain now.
struct ParameterReader {
  private let parameter: KnownParameter?
  private let target: Distribution
  /// Whether all values ever kept mean in `target` what they meant when they were kept.
  private let isDirect: Bool

  init(_ parameter: Parameter, in history: History) {
    let known = history.parameter(parameter.name)
    let target = parameter.distribution
    isDirect = (0..<(known?.distributionCount ?? 0)).allSatisfy { index in
      switch (known?.distribution(index), target) {
      case (.categorical(let old), .categorical(let new)): old.values == new.values
      case (.categorical, _), (_, .categorical): false
      case (.float, .integer): false
      default: true
      }
    }
    self.parameter = known
    self.target = target
  }

  /// NaN when the trial lacks the parameter, or has a value that `target` cannot hold.
  func value(in trial: TrialCells) -> Double {
    guard let parameter, let kept = trial.parameter(parameter) else { return .nan }
    if isDirect { return kept.value }
    let value = parameter.distribution(kept.distribution).value(of: kept.value)
    return target.internalValue(of: value ?? .float(kept.value)) ?? .nan
  }
}
