import Glibc
import Numerics
import Testing

@Suite struct `Minimizing in a box` {
  /// Rosenbrock's valley, with its gradient.
  static func valley(_ x: [Double], _ gradient: inout [Double]) -> Double {
    var sum = 0.0
    for index in gradient.indices { gradient[index] = 0 }
    for i in 0..<(x.count - 1) {
      let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
      sum += 100 * a * a + b * b
      gradient[i] += -400 * a * x[i] - 2 * b
      gradient[i + 1] += 200 * a
    }
    return sum
  }

  @Test func `it follows a valley to the minimum`() {
    var minimizer = BoxMinimizer(
      lower: [-5, -5, -5, -5], upper: [5, 5, 5, 5])
    minimizer.maximumIterations = 500
    minimizer.gradientTolerance = 1e-9
    minimizer.valueTolerance = 0
    let found = minimizer.minimize(from: [-1.2, 1, -1.2, 1], Self.valley)
    for x in found.point { #expect(abs(x - 1) < 1e-6) }
    #expect(found.evaluations < 200)
  }

  /// scipy.optimize.minimize(rosen, [-1.2, 1, 0.5, -0.7], method="L-BFGS-B", bounds=[(-2, 0.5),
  /// (-1, 2), (-2, 0.2), (-3, 3)]).
  @Test func `it stops at bounds, as SciPy does`() {
    var minimizer = BoxMinimizer(lower: [-2, -1, -2, -3], upper: [0.5, 2, 0.2, 3])
    minimizer.maximumIterations = 500
    minimizer.gradientTolerance = 1e-9
    minimizer.valueTolerance = 0
    let found = minimizer.minimize(from: [-1.2, 1, 0.5, -0.7], Self.valley)
    let expected = [0.5, 0.26221320529800585, 0.07797600497602236, 0.0060802573505900435]
    for (x, y) in zip(found.point, expected) { #expect(abs(x - y) < 1e-6) }
    #expect(abs(found.value - 1.6678751226630704) < 1e-10)
  }

  @Test func `points stay in the box, and a start beside it is put in`() {
    let minimizer = BoxMinimizer(lower: [0, 0], upper: [1, 1])
    let found = minimizer.minimize(from: [7, -3]) { x, gradient in
      #expect(x.allSatisfy { $0 >= 0 && $0 <= 1 })
      gradient = [-1, 1]
      return x[1] - x[0]
    }
    #expect(found.point == [1, 0])
  }

  @Test func `where the function is no number it does not go`() {
    let minimizer = BoxMinimizer(lower: [-4], upper: [4])
    let found = minimizer.minimize(from: [1]) { x, gradient in
      gradient = [1 / x[0] - 0.001]
      return x[0] > 0.25 ? log(x[0]) : .nan
    }
    #expect(found.point[0] > 0.25 && found.point[0] < 0.3)
    let nowhere = minimizer.minimize(from: [1]) { _, _ in .nan }
    #expect(nowhere.point == [1] && nowhere.evaluations == 1)
  }

  @Test func `a flat function and an empty box end at once`() {
    let flat = BoxMinimizer(lower: [0], upper: [1]).minimize(from: [0.3]) { _, gradient in
      gradient = [0]
      return 2
    }
    #expect(flat.point == [0.3] && flat.evaluations == 1)
    let point = BoxMinimizer(lower: [0.5], upper: [0.5]).minimize(from: [0.3]) { _, gradient in
      gradient = [1]
      return 2
    }
    #expect(point.point == [0.5])
    #expect(BoxMinimizer(lower: [], upper: []).minimize(from: []) { _, _ in 1 }.value == 1)
  }

  @Test func `what does not come near its target is given up`() {
    func bowl(_ x: [Double], _ gradient: inout [Double]) -> Double {
      let (a, b) = (x[0] - 0.5, x[1] + 0.3)
      gradient = [2 * a + 4 * a * a * a, 40 * b]
      return 3 + a * a + a * a * a * a + 20 * b * b
    }
    var minimizer = BoxMinimizer(lower: [-2, -2], upper: [2, 2])
    let whole = minimizer.minimize(from: [-1.7, 1.5], bowl)
    #expect(abs(whole.value - 3) < 1e-6)
    minimizer.target = 3.1
    let reached = minimizer.minimize(from: [-1.7, 1.5], bowl)
    #expect(reached.value < 3.1)
    minimizer.target = -100
    let givenUp = minimizer.minimize(from: [-1.7, 1.5], bowl)
    #expect(givenUp.evaluations < whole.evaluations)
    #expect(givenUp.value > whole.value)
  }
}
