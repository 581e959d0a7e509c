// What someone may have meant who misspelt a name.

/// Those of `names` that `word` may have meant, at most three, best first: those that are a few
/// typing mistakes away, upper and lower case being alike, then those that `word` begins (`acc`
/// for `acc_last`). Equally good ones stay in the order of `names`.
///
/// - Complexity: O(|word|·|name|) for each name of similar length.
package func nearestNames(to word: String, among names: some Sequence<String>) -> [String] {
  let wanted = word.foldedScalars
  guard !wanted.isEmpty else { return [] }
  var near: [(name: String, score: Double)] = []
  for name in names {
    let candidate = name.foldedScalars
    if let distance = typingMistakes(between: wanted, and: candidate) {
      near.append((name, Double(distance)))
    } else if wanted.count >= 2, candidate.starts(with: wanted) {
      near.append((name, 2 + Double(candidate.count - wanted.count) / 100))
    }
  }
  let order = near.indices.sorted { (near[$0].score, $0) < (near[$1].score, $1) }
  return order.prefix(3).map { near[$0].name }
}

/// Whether `word` is `name` with a slip of the finger or two: at most one mistake for every
/// three letters, but one in any name.
package func isMisspelling(_ word: String, of name: String) -> Bool {
  typingMistakes(between: word.foldedScalars, and: name.foldedScalars) != nil
}

extension String {
  fileprivate var foldedScalars: [Unicode.Scalar] { Array(lowercased().unicodeScalars) }
}

/// How many insertions, deletions, substitutions and swaps of neighbours lie between the two;
/// nil when there are too many for a slip.
///
/// Source: the optimal string alignment distance (Damerau 1964).
private func typingMistakes(
  between a: [Unicode.Scalar], and b: [Unicode.Scalar]
) -> Int? {
  let limit = max(1, min(a.count, b.count) / 3)
  guard abs(a.count - b.count) <= limit else { return nil }
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
  return last[b.count] <= limit ? last[b.count] : nil
}
