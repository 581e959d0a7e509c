/// The name that was probably meant by `word`: the one the fewest edits away, if they are few.
func nearestName(to word: String, among names: [String]) -> String? {
  let closest = names.map { (name: $0, distance: editDistance(Array(word), Array($0))) }
    .min { $0.distance < $1.distance }
  guard let closest, closest.distance <= max(1, word.count / 2) else { return nil }
  return closest.name
}

/// How many characters must be inserted, removed or replaced to turn `a` into `b`
/// (Levenshtein).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
