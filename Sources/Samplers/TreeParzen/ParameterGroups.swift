// Which parameters are modelled together: those that trials always had together.

/// Parts the parameters that occur in `patterns` into groups, so that every trial has all of a
/// group's parameters or none. Parameters that no trial has are in none.
///
/// - Parameter patterns: of each trial, or of each kind of trials: by parameter, whether it has it.
/// - Returns: the parameters' indices, ascending, groups by their first.
///
/// The partition is that of Optuna's group-decomposed search space: two parameters are apart as
/// soon as one trial has one without the other.
func parameterGroups(_ patterns: [[Bool]]) -> [[Int]] {
  var groups: [[Int]] = []
  for index in (patterns.first ?? []).indices {
    guard patterns.contains(where: { $0[index] }) else { continue }
    let home = groups.firstIndex { group in patterns.allSatisfy { $0[index] == $0[group[0]] } }
    if let home { groups[home].append(index) } else { groups.append([index]) }
  }
  return groups
}
