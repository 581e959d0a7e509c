import Glibc
import Numerics
import Testing

@testable import GaussianProcess

@Suite struct `Fitting a model` {
  init() throws { try LinearAlgebra.load() }

  private static let plain = `A Gaussian process`.plain

  private static func grid(_ count: Int, _ f: ([Double]) -> Double) -> (Matrix, [Double]) {
    let sobol = SobolSequence(dimensions: 2)
    let points = (0..<count).map { index in
      (0..<2).map { sobol.scrambledCoordinate(point: UInt64(index), dimension: $0, seed: 9) }
    }
    let values = points.map(f)
    let transform = OutputTransform(fitting: values)
    return (Matrix(points, columns: 2), values.map(transform.apply))
  }

  private static func fit(_ points: Matrix, _ targets: [Double]) -> (ModelFitter, ModelFit) {
    let prior = HyperparameterPrior(plain, isContinuous: true)
    let fitter = ModelFitter(points, targets, plain, prior: prior)
    return (fitter, fitter.fit(from: [prior.start(.maternFiveHalves)]))
  }

  @Test func `a parameter that does nothing gets a longer lengthscale`() {
    let (points, targets) = Self.grid(40) { sin(9 * $0[0]) + 0.01 * $0[1] }
    let lengths = Self.fit(points, targets).1.hyperparameters.logLengthscales
    #expect(lengths[1] > lengths[0] + 1)
  }

  @Test func `noise is told from structure`() {
    var stream = RandomStream(seed: 3, trial: 0)
    let smooth = Self.grid(80) { sin(3 * $0[0]) + $0[1] }
    let noisy = Self.grid(80) {
      sin(3 * $0[0]) + $0[1] + 0.5 * normalQuantile(stream.openUniform())
    }
    let quiet = Self.fit(smooth.0, smooth.1).1.hyperparameters
    let loud = Self.fit(noisy.0, noisy.1).1.hyperparameters
    #expect(quiet.logNoiseVariance < -5)
    #expect(loud.logNoiseVariance > -2.5)
  }

  @Test func `the lengthscale's prior is what it is said to be`() {
    let prior = HyperparameterPrior(Self.plain, isContinuous: true)
    let center = log(0.5) + 0.25 * log(2)
    #expect(prior.start(.maternFiveHalves).logLengthscales == [center, center])
    var unused = [Double](repeating: 0, count: 4)
    func penalty(_ u: [Double]) -> Double {
      prior.penalty(u.map { $0 + center } + [0, -5], adding: &unused)
    }
    // For equal u: m minimises m²/2v + 2 ln(1 + ((u − m)/0.3)²); found here by search.
    for u in [0.8, -0.8] {
      let v = u < 0 ? 0.25 : 1.0
      let least = stride(from: -1.0, through: 1, by: 1e-4).map { m in
        m * m / (2 * v) + 2 * log1p((u - m) * (u - m) / 0.09)
      }.min()!
      #expect(abs(penalty([u, u]) - least) < 1e-3)
    }
    #expect(penalty([0, 0]) == 0)
    #expect(penalty([1, 1]) < penalty([-1, -1]), "short scales are less likely")
    #expect(penalty([1, 1]) < penalty([1, -1]), "scales are alike")
  }

  @Test func `a slanted valley is seen along its own axes`() throws {
    let (points, targets) = Self.grid(60) { x in
      let (a, b) = (x[0] + x[1] - 1, x[0] - x[1])
      return sin(12 * a) + 0.05 * b
    }
    let (fitter, fit) = Self.fit(points, targets)
    let turned = try fitter.tryAxes(fit, HyperparameterPrior(Self.plain, isContinuous: true))
    let axes = try #require(turned.hyperparameters.axes)
    #expect(turned.objective < fit.objective - 0.5)
    #expect(abs(abs(axes[0, 0]) - abs(axes[0, 1])) < 0.1)
    // A function along the dimensions keeps them.
    let (other, targetsOfOther) = Self.grid(60) { sin(12 * $0[0]) + 0.05 * $0[1] }
    let (straightFitter, straight) = Self.fit(other, targetsOfOther)
    let kept = try straightFitter.tryAxes(
      straight, HyperparameterPrior(Self.plain, isContinuous: true))
    #expect(kept.objective <= straight.objective)
  }

  @Test func `a smooth function gets the smooth kernel`() {
    let (points, targets) = Self.grid(40) { sin(4 * $0[0]) * cos(3 * $0[1]) }
    let (fitter, fit) = Self.fit(points, targets)
    #expect(fitter.tryFamilies(fit).hyperparameters.family == .squaredExponential)
    var stream = RandomStream(seed: 3, trial: 0)
    let (same, noise) = Self.grid(8) { _ in stream.uniform() }
    let (blind, dull) = Self.fit(same, noise)
    #expect(blind.tryFamilies(dull).hyperparameters.family == .maternFiveHalves)
  }

  @Test(
    arguments: [
      [1, 1, 1, 1], [1], [1e300, -1e300, 5, 1e300], [1e-300, 2e-300, 1e-300, 0],
      [0, 0, 0, .leastNonzeroMagnitude],
      [1, 2, .greatestFiniteMagnitude, 3, -.greatestFiniteMagnitude], [1, 1, 1, 1, 1, 1, 1, 2],
    ] as [[Double]])
  func `any finite values can be fitted`(values: [Double]) throws {
    let transform = OutputTransform(fitting: values)
    let targets = values.map(transform.apply)
    #expect(targets.allSatisfy { $0.isFinite }, "\(targets)")
    for (a, x) in zip(values, targets) {
      for (b, y) in zip(values, targets) { #expect(a == b ? x == y : a < b ? x <= y : x >= y) }
    }
    let points = Matrix(
      rows: values.count, columns: 2, elements: [Double](repeating: 0.5, count: 2 * values.count))
    let (_, fit) = Self.fit(points, targets)
    #expect(fit.hyperparameters.isSane)
    let process = try GaussianProcess(points, targets, Self.plain, fit.hyperparameters)
    #expect(process.posterior(at: points).means.allSatisfy { $0.isFinite })
  }

  @Test func `the output transform knows neither scale nor offset, and can be undone`() {
    let values = [0.3, 0.1, 0.7, 12, 0.2, 0.25, 0.9]
    let one = OutputTransform(fitting: values)
    let other = OutputTransform(fitting: values.map { 1e-3 * $0 - 7 })
    for value in values {
      #expect(abs(one.apply(value) - other.apply(1e-3 * value - 7)) < 1e-6)
      #expect(abs(one.invert(one.apply(value)) - value) < 1e-9)
    }
    let targets = values.map(one.apply)
    #expect(abs(targets.reduce(0, +)) < 1e-12)
    #expect(abs(targets.reduce(0) { $0 + $1 * $1 } - 7) < 1e-9)
  }
}
