// A density over some parameters: a mixture of kernels, one around each observed trial and one,
// the prior, over the whole domain. A kernel is a product over the parameters: normal, cut to
// the domain; a normal's mass per step where the domain is discrete; a share for each category.
//
// It is kept as trials come and go. What it is follows from which trials it is made of and not
// from how it came about, to the last bit: kernels stand in the order of the trials' rows, and
// whatever depends on neighbours is computed anew where they change.
//
// Source: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization"; the
// multivariate form is Falkner et al. (2018), BOHB. Bandwidths and weights as in Optuna 5. Where a
// domain has a normal prior, that is the prior's kernel, and its deviation stands for the width of
// the domain in the limits of the others, as in hyperopt: the bounds of such a domain are far out,
// and kernels as wide as they would propose what the prior rules out.

import Glibc
import Numerics

struct ParzenEstimator: Sendable {
  /// From so many kernels on, how narrow one may be no longer depends on their number.
  private static let narrowestCount = 98
  /// So many kernels, and a sixteenth of those there are, may come or go before all are sorted
  /// anew.
  private static let fewChanges = 4

  let domains: [KernelDomain]
  /// Whether all trials weigh the same; else later ones more, beyond the 25th.
  let isUniform: Bool
  /// By kernel: the row of its trial, ascending.
  private(set) var rows: [Int] = []
  /// By domain and kernel: where the kernel stands (a category's index).
  private(set) var centers: [[Double]]
  /// By domain and kernel: the standard deviation; empty for categories.
  private(set) var deviations: [[Double]]
  /// By domain: the kernels by ascending center and then row; empty for categories.
  private var ascending: [[Int32]]
  /// By domain and kernel: what the density along it has that does not depend on the point.
  private var offsets: [[Double]]
  /// What of the prior's log density does not depend on the point.
  let priorConstant: Double
  /// The kernels as the density wants them.
  var blocks: KernelBlocks
  /// How many times a kernel's width along a domain was computed so far: what it has cost.
  private(set) var widthsComputed = 0

  init(_ domains: [KernelDomain], isUniform: Bool = false) {
    self.domains = domains
    self.isUniform = isUniform
    centers = domains.map { _ in [] }
    deviations = centers
    offsets = centers
    ascending = domains.map { _ in [] }
    priorConstant = domains.reduce(0) { sum, domain in
      if case .categorical(let count) = domain { return sum - log(Double(count)) }
      let prior = domain.priorKernel
      return sum + domain.kernelOffset(center: prior.center, deviation: prior.deviation)
    }
    blocks = KernelBlocks(domains)
  }

  /// How many trials it was made from.
  var observationCount: Int { rows.count }

  /// Which kernel stands for the trial in `row`.
  private func place(ofRow row: Int) -> (index: Int, isThere: Bool) {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle] < row { low = middle + 1 } else { high = middle }
    }
    return (low, low < rows.count && rows[low] == row)
  }

  private func hasKernel(_ kernel: Int, at point: [Double]) -> Bool {
    point.indices.allSatisfy { centers[$0][kernel] == point[$0] }
  }

  /// Gives the trials in some rows kernels where `point` says, and takes theirs from those that
  /// have none (nil).
  ///
  /// - Parameter changes: by ascending row; a point is one coordinate a domain, as
  ///   ``KernelDomain/coordinate(_:)`` gives it.
  /// - Complexity: O(d log n) and some moving of memory for each that changes anything at the end.
  mutating func update(_ changes: [(row: Int, point: [Double]?)]) {
    let changes = changes.filter { row, point in
      let (kernel, isThere) = place(ofRow: row)
      guard let point else { return isThere }
      return !isThere || !hasKernel(kernel, at: point)
    }
    if changes.isEmpty { return }
    let countBefore = rows.count
    if changes.count > Self.fewChanges + countBefore / 16 {
      merge(changes)
      for index in domains.indices { sort(index) }
      blocks.resize(rows.count)
      refreshAll([Bool](repeating: true, count: rows.count))
      return
    }
    var touched = TouchedKernels()
    for (row, point) in changes {
      let (kernel, isThere) = place(ofRow: row)
      if isThere { remove(kernel, &touched) }
      if let point { insert(kernel, row, point, &touched) }
    }
    blocks.resize(rows.count)
    if min(countBefore, rows.count) < Self.narrowestCount {
      var isStale = [Bool](repeating: false, count: rows.count)
      for (_, kernel) in touched.places { isStale[kernel] = true }
      refreshAll(isStale)
    } else {
      refresh(touched)
    }
  }

  // MARK: Kernels come and go

  private mutating func merge(_ changes: [(row: Int, point: [Double]?)]) {
    var points: [Int: [Double]] = [:]
    for kernel in rows.indices { points[rows[kernel]] = centers.map { $0[kernel] } }
    for (row, point) in changes { points[row] = point }
    let merged = points.sorted { $0.key < $1.key }
    rows = merged.map(\.key)
    for index in domains.indices {
      centers[index] = merged.map { $0.value[index] }
      guard domains[index].bounds != nil else { continue }
      deviations[index] = rows.map { _ in .nan }
      offsets[index] = deviations[index]
    }
  }

  private mutating func sort(_ index: Int) {
    guard domains[index].bounds != nil else { return }
    let x = centers[index]
    ascending[index] = x.indices.map(Int32.init).sorted {
      x[Int($0)] == x[Int($1)] ? $0 < $1 : x[Int($0)] < x[Int($1)]
    }
  }

  private mutating func insert(
    _ kernel: Int, _ row: Int, _ point: [Double], _ touched: inout TouchedKernels
  ) {
    let isLast = kernel == rows.count
    rows.insert(row, at: kernel)
    blocks.insert(kernel)
    if !isLast { touched.makeRoom(for: kernel) }
    for index in domains.indices {
      centers[index].insert(point[index], at: kernel)
      touched.places.append((index, kernel))
      guard domains[index].bounds != nil else { continue }
      deviations[index].insert(.nan, at: kernel)
      offsets[index].insert(.nan, at: kernel)
      if !isLast { ascending[index].renumber(from: kernel, by: 1) }
      let place = self.place(point[index], kernel, index)
      ascending[index].insert(Int32(kernel), at: place)
      touchNeighbours(place, index, &touched)
    }
  }

  private mutating func remove(_ kernel: Int, _ touched: inout TouchedKernels) {
    let isLast = kernel == rows.count - 1
    for index in domains.indices {
      if domains[index].bounds != nil {
        let place = self.place(centers[index][kernel], kernel, index)
        touchNeighbours(place, index, &touched)
        ascending[index].remove(at: place)
        deviations[index].remove(at: kernel)
        offsets[index].remove(at: kernel)
        if !isLast { ascending[index].renumber(from: kernel + 1, by: -1) }
      }
      centers[index].remove(at: kernel)
    }
    rows.remove(at: kernel)
    blocks.remove(kernel)
    touched.leaveOut(kernel)
  }

  /// Where kernel `kernel`, of center `x`, is or would be among the ascending ones.
  private func place(_ x: Double, _ kernel: Int, _ index: Int) -> Int {
    let order = ascending[index]
    let centers = centers[index]
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      let other = Int(order[middle])
      let isBefore = centers[other] == x ? other < kernel : centers[other] < x
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func touchNeighbours(_ place: Int, _ index: Int, _ touched: inout TouchedKernels) {
    if place > 0 { touched.places.append((index, Int(ascending[index][place - 1]))) }
    if place + 1 < ascending[index].count {
      touched.places.append((index, Int(ascending[index][place + 1])))
    }
  }

  // MARK: Widths

  /// The limits of a kernel's width: `range`, and that over the number of kernels, at most a
  /// hundredth of it ("magic clip").
  private func widthLimits(_ index: Int) -> (narrowest: Double, range: Double) {
    let bounds = domains[index].bounds ?? (0, 0)
    let range = min(domains[index].priorKernel.deviation, bounds.high - bounds.low)
    return (range / min(100, 2 + Double(rows.count)), range)
  }

  /// As wide as the larger gap to its neighbours, within limits.
  private func width(
    _ place: Int, _ x: [Double], _ order: [Int32], _ bounds: (low: Double, high: Double),
    _ limits: (narrowest: Double, range: Double)
  ) -> Double {
    let here = x[Int(order[place])]
    let last = order.count - 1
    let below = here - (place == 0 ? bounds.low : x[Int(order[place - 1])])
    let above = (place == last ? bounds.high : x[Int(order[place + 1])]) - here
    var width = max(below, above)
    // With neighbours to go by, the ends of the domain are not taken for trials.
    if last > 0 && place == 0 { width = above }
    if last > 0 && place == last { width = below }
    return min(max(width, limits.narrowest), limits.range)
  }

  /// Brings the widths of some kernels up to date.
  private mutating func refresh(_ touched: TouchedKernels) {
    let limits = domains.indices.map(widthLimits)
    for (index, kernel) in touched.places {
      if let bounds = domains[index].bounds {
        let place = self.place(centers[index][kernel], kernel, index)
        let width = width(place, centers[index], ascending[index], bounds, limits[index])
        set(kernel, index, width)
      }
      pack(kernel, index)
    }
    for (_, kernel) in touched.places { packConstant(kernel) }
  }

  /// Brings all widths up to date.
  ///
  /// - Parameter isStale: by kernel, whether it is another than before, whatever its widths.
  private mutating func refreshAll(_ isStale: [Bool]) {
    var isStale = isStale
    for index in domains.indices {
      guard let bounds = domains[index].bounds else { continue }
      let limits = widthLimits(index)
      let (x, order) = (centers[index], ascending[index])
      for place in order.indices {
        let kernel = Int(order[place])
        if set(kernel, index, width(place, x, order, bounds, limits)) { isStale[kernel] = true }
      }
    }
    for kernel in rows.indices where isStale[kernel] { pack(kernel) }
  }

  /// - Returns: whether the width was another.
  @discardableResult
  private mutating func set(_ kernel: Int, _ index: Int, _ deviation: Double) -> Bool {
    widthsComputed += 1
    if deviations[index][kernel] == deviation { return false }
    deviations[index][kernel] = deviation
    offsets[index][kernel] = domains[index].kernelOffset(
      center: centers[index][kernel], deviation: deviation)
    return true
  }

  private mutating func pack(_ kernel: Int) {
    for index in domains.indices { pack(kernel, index) }
    packConstant(kernel)
  }

  private mutating func pack(_ kernel: Int, _ index: Int) {
    blocks.set(
      kernel, index, center: centers[index][kernel],
      deviation: deviations[index].isEmpty ? nil : deviations[index][kernel])
  }

  private mutating func packConstant(_ kernel: Int) {
    var constant = 0.0
    for index in domains.indices where !offsets[index].isEmpty {
      constant += offsets[index][kernel]
    }
    blocks.setConstant(kernel, constant)
  }

  // MARK: Weights

  /// By kernel, summing to 1; the prior is the last.
  var weights: [Double] {
    let rule = weightRule
    return (rows.indices.map { rule[$0] } + [1]).map { $0 / rule.total }
  }

  var weightRule: WeightRule { WeightRule(count: rows.count, isUniform: isUniform) }

  /// The weight of a category that a kernel was not observed with, where the observed one
  /// weighs this plus one.
  var categoryPrior: Double { 1 / Double(observationCount + 1) }
}

/// What kernels weigh, the prior being 1: the last 25 as much as it, those before less the older
/// they are.
struct WeightRule {
  private let ramp: Int
  private let first: Double
  private let slope: Double
  /// Of all kernels and the prior.
  let total: Double

  init(count: Int, isUniform: Bool) {
    ramp = isUniform ? 0 : max(count - 25, 0)
    first = 1 / Double(max(count, 1))
    slope = ramp > 1 ? (1 - first) / Double(ramp - 1) : 0
    let rampTotal = Double(ramp) * (ramp > 1 ? 0.5 * (1 + first) : first)
    total = rampTotal + Double(count - ramp) + 1
  }

  subscript(kernel: Int) -> Double { kernel < ramp ? first + slope * Double(kernel) : 1 }
}

/// Kernels that came, or whose neighbours came or went: along which domain.
private struct TouchedKernels {
  var places: [(index: Int, kernel: Int)] = []

  /// Numbers as they are once a kernel has come to `place`.
  mutating func makeRoom(for place: Int) {
    for touched in places.indices where places[touched].kernel >= place {
      places[touched].kernel += 1
    }
  }

  /// Numbers as they are once the kernel at `place` has gone.
  mutating func leaveOut(_ place: Int) {
    places.removeAll { $0.kernel == place }
    for touched in places.indices where places[touched].kernel > place {
      places[touched].kernel -= 1
    }
  }
}

extension [Int32] {
  /// Adds `step` to all elements from `first` on (by value).
  fileprivate mutating func renumber(from first: Int, by step: Int32) {
    let first = Int32(first)
    // Without branches, several at once.
    for place in indices { self[place] &+= self[place] >= first ? step : 0 }
  }
}
