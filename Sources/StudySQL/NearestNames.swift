// Which of the names there are was probably meant.

enum NearestNames {
  /// Up to `limit` of `names` that `word` may have meant, best first: the same but for case,
  /// beginnings of each other (`acc` and `acc_last`), and those a few typing mistakes away.
  static func of(_ word: String, among names: [String], limit: Int = 3) -> [String] {
    let wanted = Array(word.lowercased().unicodeScalars)
    guard !wanted.isEmpty else { return [] }
    var scored: [(name: String, score: Double)] = []
    for name in names {
      let candidate = Array(name.lowercased().unicodeScalars)
      let distance = editDistance(wanted, candidate)
      let allowed = max(1, min(wanted.count, candidate.count) / 3)
      if distance <= allowed {
        scored.append((name, Double(distance)))
      } else if wanted.count >= 2, candidate.starts(with: wanted) {
        scored.append((name, 2 + Double(candidate.count - wanted.count) / 100))
      }
    }
    // A stable order: equal scores stay as the names were given.
    let order = scored.indices.sorted { (scored[$0].score, $0) < (scored[$1].score, $1) }
    return order.prefix(limit).map { scored[$0].name }
  }

  /// Whether `word` is `name` with a slip of the finger.
  static func isTypo(_ word: String, of name: String) -> Bool {
    let a = Array(word.lowercased().unicodeScalars)
    let b = Array(name.lowercased().unicodeScalars)
    return editDistance(a, b) <= max(1, min(a.count, b.count) / 3)
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lie between the two
  /// (optimal string alignment).
  static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if abs(a.count - b.count) > 8 { return .max }
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in 0..<b.count {
        var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      before = last
      last = row
    }
    return last[b.count]
  }
}
