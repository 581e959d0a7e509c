// The best of several objectives' loss vectors: by rank of domination, and within the rank that
// must be divided, the subset that covers the largest hypervolume.

/// The indices of `count` of the loss vectors, 0 < `count` < their number, in no special order.
///
/// Whole ranks as far as they fit; from the next rank, greedily, whatever adds most to the
/// hypervolume against a reference point a tenth beyond the rank's worst.
///
/// Source: Guerreiro, Fonseca & Paquete (2016), "Greedy hypervolume subset selection in low
/// dimensions"; the use in TPE is Ozaki et al. (2022), multiobjective TPE.
func bestByHypervolume(_ count: Int, of losses: [[Double]]) -> [Int] {
  let ranks = dominationRanks(losses, count)
  var chosen: [Int] = []
  for rank in 0... {
    let members = losses.indices.filter { ranks[$0] == rank }
    if chosen.count + members.count <= count {
      chosen += members
      if chosen.count == count { return chosen }
    } else {
      return chosen + hypervolumeSubset(of: members, losses, size: count - chosen.count)
    }
  }
  return chosen
}

/// The rank of each vector: 0 for those that none dominates, 1 for those that only they do, …
/// Exact for the best `count` vectors and all of their ranks; the others share the next rank.
func dominationRanks(_ losses: [[Double]], _ count: Int) -> [Int] {
  let sorted = losses.indices.sorted { losses[$0].lexicographicallyPrecedes(losses[$1]) }
  var unique: [Int] = []
  var owner = [Int](repeating: 0, count: losses.count)
  for index in sorted {
    if unique.last.map({ losses[$0] != losses[index] }) ?? true { unique.append(index) }
    owner[index] = unique[unique.count - 1]
  }
  var ranks = [Int](repeating: 0, count: losses.count)
  var remaining = unique
  var rank = 0
  while unique.count - remaining.count < min(count, unique.count) {
    let front = Set(paretoFront(remaining, losses))
    for index in front { ranks[index] = rank }
    remaining.removeAll { front.contains($0) }
    rank += 1
  }
  for index in remaining { ranks[index] = rank }
  return losses.indices.map { ranks[owner[$0]] }
}

/// Those of `indices`, distinct and in lexicographic order, that no other dominates.
private func paretoFront(_ indices: [Int], _ losses: [[Double]]) -> [Int] {
  var front: [Int] = []
  var remaining = indices[...]
  // The first is dominated by none behind it, and by none before it, since those took with
  // them all that they dominate.
  while let top = remaining.first {
    front.append(top)
    remaining =
      remaining.filter { index in
        losses[index].indices.dropFirst().contains { losses[index][$0] < losses[top][$0] }
      }[...]
  }
  return front
}

private func hypervolumeSubset(
  of members: [Int], _ losses: [[Double]], size: Int
) -> [Int] {
  let reference = referencePoint(members.map { losses[$0] })
  let sorted = members.sorted {
    losses[$0] == losses[$1] ? $0 < $1 : losses[$0].lexicographicallyPrecedes(losses[$1])
  }
  var unique: [Int] = []
  for index in sorted where unique.last.map({ losses[$0] != losses[index] }) ?? true {
    unique.append(index)
  }
  if unique.count < size {
    let repeated = members.filter { !unique.contains($0) }
    return unique + repeated.prefix(size - unique.count)
  }
  if unique.count == size { return unique }
  guard reference.allSatisfy(\.isFinite) else { return Array(unique.prefix(size)) }
  return greedySubset(unique, losses, size, reference)
}

/// A tenth beyond the worst of each objective.
private func referencePoint(_ losses: [[Double]]) -> [Double] {
  losses[0].indices.map { objective in
    let worst = losses.map { $0[objective] }.max() ?? 0
    let point = max(1.1 * worst, 0.9 * worst)
    return point == 0 ? 1e-12 : point
  }
}

/// Takes `size` times the vector that adds most. What a vector adds only shrinks as others are
/// taken, so an old figure is an upper bound, and most need not be computed again.
private func greedySubset(
  _ candidates: [Int], _ losses: [[Double]], _ size: Int, _ reference: [Double]
) -> [Int] {
  var left = candidates.map { (index: $0, gain: boxVolume(losses[$0], reference), seen: 0) }
  var chosen: [Int] = []
  while chosen.count < size {
    while true {
      guard let best = left.indices.max(by: { left[$0].gain < left[$1].gain }) else {
        return chosen
      }
      // `max` gives the last of equals; the first is wanted.
      let first = left.firstIndex { $0.gain == left[best].gain } ?? best
      if left[first].seen == chosen.count {
        chosen.append(left[first].index)
        left.remove(at: first)
        break
      }
      let vector = losses[left[first].index]
      let overlaps = chosen.map { other in zip(vector, losses[other]).map { max($0, $1) } }
      left[first].gain = boxVolume(vector, reference) - hypervolume(overlaps, reference)
      left[first].seen = chosen.count
    }
  }
  return chosen
}

private func boxVolume(_ vector: [Double], _ reference: [Double]) -> Double {
  zip(vector, reference).reduce(1) { $0 * ($1.1 - $1.0) }
}

/// The volume that `vectors` dominate up to `reference`: each adds its box less what the ones
/// behind it cover of it (While, Bradstreet & Barone 2012, the WFG recursion).
func hypervolume(_ vectors: [[Double]], _ reference: [Double]) -> Double {
  var sorted = vectors.sorted { $0.lexicographicallyPrecedes($1) }
  if reference.count == 2 {
    var volume = 0.0
    var ceiling = reference[1]
    for vector in sorted where vector[1] < ceiling {
      volume += (reference[0] - vector[0]) * (ceiling - vector[1])
      ceiling = vector[1]
    }
    return volume
  }
  let front = paretoFront(Array(distinct(&sorted).indices), sorted).map { sorted[$0] }
  return front.indices.reduce(0) { total, index in
    let behind = front[(index + 1)...].map { other in
      zip(front[index], other).map { max($0, $1) }
    }
    return total + boxVolume(front[index], reference) - hypervolume(behind, reference)
  }
}

private func distinct(_ sorted: inout [[Double]]) -> [[Double]] {
  var result: [[Double]] = []
  for vector in sorted where result.last != vector { result.append(vector) }
  sorted = result
  return result
}
