// What someone may have meant who misspelt a name.

/// Those of `names` that are nearest to `name`, at most three, the nearest first: none further
/// than a third of its length away by insertions, deletions, substitutions and swaps of
/// neighbours, upper and lower case being alike.
///
/// Source: the optimal string alignment distance (Damerau 1964).
public func nearestNames(to name: String, among names: [String]) -> [String] {
  let wanted = Array(name.lowercased().unicodeScalars)
  let limit = max(1, (wanted.count + 2) / 3)
  let near = names.compactMap { candidate -> (distance: Int, name: String)? in
    let letters = Array(candidate.lowercased().unicodeScalars)
    guard abs(letters.count - wanted.count) <= limit else { return nil }
    let distance = editDistance(wanted, letters)
    return distance <= limit ? (distance, candidate) : nil
  }
  return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
}

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var before = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in b.indices {
      let substitution = last[j] + (a[i] == b[j] ? 0 : 1)
      row[j + 1] = min(last[j + 1] + 1, row[j] + 1, substitution)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        row[j + 1] = min(row[j + 1], before[j - 1] + 1)
      }
    }
    before = last
    last = row
  }
  return last[b.count]
}
