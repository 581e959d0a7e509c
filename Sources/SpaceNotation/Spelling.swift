// Which name was meant.

/// Finds the known name that a misspelt one is closest to.
package enum Spelling {
  /// The name of `candidates` nearest to `word`, by edits that people make (a letter more, less,
  /// other, or two swapped), upper and lower case alike; nil when none is near enough to be
  /// worth suggesting. The earliest of equals.
  ///
  /// - Complexity: O(|word|·|candidate|) for each candidate of similar length.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    let tolerance = max(1, letters.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let other = Array(candidate.lowercased())
      guard abs(other.count - letters.count) <= tolerance else { continue }
      let distance = editDistance(letters, other)
      if distance <= tolerance && distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.name
  }

  /// Optimal string alignment: Levenshtein's distance with swaps of neighbours.
  private static func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
