// Which parameters are modelled together: those that trials always had together.

/// Parts the parameters that occur in `rows` into groups, so that every trial has all of a
/// group's parameters or none. Parameters that no trial has are in none.
///
/// - Parameter coordinates: by parameter and row, NaN where the trial lacks it.
/// - Returns: the parameters' indices, ascending, groups by their first.
///
/// The partition is that of Optuna's group-decomposed search space: two parameters are apart as
/// soon as one trial has one without the other.
func parameterGroups(_ coordinates: [[Double]], rows: [Int]) -> [[Int]] {
  var groups: [[Int]] = []
  for (index, column) in coordinates.enumerated() {
    guard rows.contains(where: { !column[$0].isNaN }) else { continue }
    let home = groups.firstIndex { group in
      let other = coordinates[group[0]]
      return rows.allSatisfy { column[$0].isNaN == other[$0].isNaN }
    }
    if let home { groups[home].append(index) } else { groups.append([index]) }
  }
  return groups
}
