// The minimum of a smooth function within a box.

/// Where a minimization came to.
package struct BoxMinimum: Sendable {
  package var point: [Double]
  package var value: Double
  /// How often the function was computed.
  package var evaluations: Int
}

/// Limited-memory BFGS with bounds on each variable.
///
/// Variables at a bound that the gradient pushes against are left out of a step; the others take
/// the quasi-Newton direction of the last `memory` steps, cut off at their bounds, with
/// backtracking until the value falls as Armijo demands. A value that is not a finite number
/// counts as too high, so that a function may refuse a point.
///
/// Source: Liu & Nocedal (1989), "On the limited memory BFGS method for large scale
/// optimization"; bounds by projection after Bertsekas (1982), "Projected Newton methods for
/// optimization problems with simple constraints".
package struct BoxMinimizer: Sendable {
  /// By variable.
  package var lower: [Double]
  /// By variable, nowhere below ``lower``.
  package var upper: [Double]
  package var maximumIterations = 50
  /// Ends when no variable's projected gradient is larger.
  package var gradientTolerance = 1e-5
  /// Ends when the value falls by less than this part of it.
  package var valueTolerance = 1e-9
  /// How many steps are remembered.
  package var memory = 8
  /// How far the largest variable goes in a step of which no curvature is known yet.
  package var firstStep = 1.0
  /// What only a lower value is of use for: it ends where that is out of reach, as far as the last
  /// steps tell.
  package var target = Double.infinity
  /// Out of reach is what takes so many times the fall of the last two steps.
  private static let reach = 4.0

  /// A box with a lower and an upper bound for each variable.
  package init(lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count && zip(lower, upper).allSatisfy { $0 <= $1 })
    self.lower = lower
    self.upper = upper
  }

  /// Goes downhill from `start`.
  ///
  /// - Parameter compute: the function: sets the gradient, which comes with as many elements as
  ///   there are variables, and returns the value.
  /// - Returns: the best point met; `start`, put into the box, where nothing is better.
  package func minimize(
    from start: [Double], _ compute: (_ point: [Double], _ gradient: inout [Double]) -> Double
  ) -> BoxMinimum {
    precondition(start.count == lower.count)
    var x = clamp(start)
    var gradient = [Double](repeating: 0, count: x.count)
    var best = BoxMinimum(point: x, value: compute(x, &gradient), evaluations: 1)
    guard best.value.isFinite else { return best }
    var steps: [Step] = []
    var isSteepest = false
    var lastFall = Double.infinity
    for _ in 0..<maximumIterations {
      let free = freeVariables(x, gradient)
      let slope = free.reduce(0) { max($0, abs(gradient[$1])) }
      if free.isEmpty || slope < gradientTolerance { break }
      var direction = Self.direction(gradient, free, steps)
      if !(dot(direction, gradient, free) < 0) {
        steps = []
        direction = Self.direction(gradient, free, steps)
      }
      isSteepest = steps.isEmpty
      let length = isSteepest ? min(1, firstStep / slope) : 1
      guard
        let next = search(
          x, best.value, gradient, direction, length, free, &best.evaluations, compute)
      else {
        if isSteepest { break }
        steps = []
        continue
      }
      let step = Step(
        s: zip(next.point, x).map { $0 - $1 }, y: zip(next.gradient, gradient).map { $0 - $1 })
      steps.append(step)
      if steps.count > memory { steps.removeFirst() }
      let fall = best.value - next.value
      (x, gradient, best.point, best.value) = (next.point, next.gradient, next.point, next.value)
      if fall <= valueTolerance * max(abs(best.value), 1) { break }
      if best.value - Self.reach * (fall + lastFall) > target { break }
      lastFall = fall
    }
    return best
  }

  private struct Step {
    var s: [Double]
    var y: [Double]
  }

  private func clamp(_ point: [Double]) -> [Double] {
    point.indices.map { min(max(point[$0], lower[$0]), upper[$0]) }
  }

  private func freeVariables(_ x: [Double], _ gradient: [Double]) -> [Int] {
    x.indices.filter { index in
      !(x[index] <= lower[index] && gradient[index] >= 0)
        && !(x[index] >= upper[index] && gradient[index] <= 0)
    }
  }

  /// The two-loop recursion over the free variables.
  private static func direction(
    _ gradient: [Double], _ free: [Int], _ steps: [Step]
  ) -> [Double] {
    var q = [Double](repeating: 0, count: gradient.count)
    for index in free { q[index] = -gradient[index] }
    var used: [(step: Step, rho: Double, alpha: Double)] = []
    for step in steps.reversed() {
      let curvature = dot(step.s, step.y, free)
      guard curvature > 1e-10 * dot(step.y, step.y, free), curvature > 0 else { continue }
      let alpha = dot(step.s, q, free) / curvature
      for index in free { q[index] -= alpha * step.y[index] }
      used.append((step, 1 / curvature, alpha))
    }
    if let last = used.first {
      let scale = 1 / (last.rho * dot(last.step.y, last.step.y, free))
      for index in free { q[index] *= scale }
    }
    for (step, rho, alpha) in used.reversed() {
      let beta = rho * dot(step.y, q, free)
      for index in free { q[index] += (alpha - beta) * step.s[index] }
    }
    return q
  }

  /// Backtracks along the projected direction; nil when no step is short enough.
  private func search(
    _ x: [Double], _ value: Double, _ gradient: [Double], _ direction: [Double],
    _ first: Double, _ free: [Int], _ evaluations: inout Int,
    _ compute: ([Double], inout [Double]) -> Double
  ) -> (point: [Double], value: Double, gradient: [Double])? {
    var length = first
    for _ in 0..<25 {
      var point = x
      for index in free {
        point[index] = min(max(x[index] + length * direction[index], lower[index]), upper[index])
      }
      if point == x { return nil }
      var next = gradient
      let reached = compute(point, &next)
      evaluations += 1
      let expected = free.reduce(0) { $0 + gradient[$1] * (point[$1] - x[$1]) }
      if reached.isFinite, reached <= value + 1e-4 * expected, next.allSatisfy(\.isFinite) {
        return (point, reached, next)
      }
      // The minimum of the parabola through what is known, within reason.
      let shorter = reached.isFinite ? -0.5 * expected / (reached - value - expected) : 0.1
      length *= shorter.isFinite ? min(max(shorter, 0.1), 0.5) : 0.1
    }
    return nil
  }
}

private func dot(_ a: [Double], _ b: [Double], _ indices: [Int]) -> Double {
  indices.reduce(0) { $0 + a[$1] * b[$1] }
}
