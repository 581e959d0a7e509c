import Glibc
import Numerics
import Testing

@testable import GaussianProcess

@Suite struct `A mixture of processes` {
  init() throws { try LinearAlgebra.load() }

  private static let dimensions: [InputDimension] = [
    .numeric(isConditional: false), .numeric(isConditional: true), .categorical,
  ]

  private static func process(seed: UInt64, count: Int) throws -> GaussianProcess {
    var stream = RandomStream(seed: seed, trial: 0)
    let points = (0..<count).map { _ in
      [
        stream.uniform(), stream.uniform() < 0.2 ? .nan : stream.uniform(),
        Double(stream.integer(below: 3)),
      ]
    }
    let targets = points.map { sin(5 * $0[0] + Double(seed)) + ($0[1].isNaN ? 0.3 : $0[1]) }
    let kernel = Hyperparameters(
      family: .maternFiveHalves, logLengthscales: [-1, -0.5, 0.2], logSignalVariance: 0.1,
      logNoiseVariance: -4)
    return try GaussianProcess(
      Matrix(points, columns: 3), targets, dimensions, kernel)
  }

  private static func mixture() throws -> ProcessMixture {
    ProcessMixture(
      try process(seed: 1, count: 9), weight: 0.5,
      lenders: [
        .init(try process(seed: 2, count: 14), weight: 0.3),
        .init(try process(seed: 3, count: 6), weight: 0.2),
        .init(try process(seed: 4, count: 6), weight: 0),
      ])
  }

  @Test func `means are summed by weights, variances by their squares`() throws {
    let mixture = try Self.mixture()
    let points = Matrix([[0.2, 0.4, 1], [0.9, .nan, 2]], columns: 3)
    let (means, variances) = mixture.posterior(at: points)
    for row in 0..<2 {
      var (mean, variance) = (0.0, 0.0)
      for (seed, count, weight) in [(1, 9, 0.5), (2, 14, 0.3), (3, 6, 0.2)] {
        let own = try Self.process(seed: UInt64(seed), count: count).posterior(at: points)
        mean += weight * own.means[row]
        variance += weight * weight * own.variances[row]
      }
      #expect(abs(means[row] - mean) < 1e-12)
      #expect(abs(variances[row] - variance) < 1e-12)
    }
  }

  @Test(arguments: [false, true])
  func `the gradient of its expected improvement is that of finite differences`(
    isPending: Bool
  ) throws {
    let mixture = try Self.mixture()
    let improvement =
      isPending
      ? try ExpectedImprovement(
        mixture, incumbent: -0.1, pending: [[0.3, 0.5, 0], [0.8, .nan, 1]],
        normals: Matrix([[0.3, -1.2], [-0.7, 0.4], [1.9, 0.1]], columns: 2))
      : ExpectedImprovement(mixture, incumbent: -0.1)
    var stream = RandomStream(seed: 9, trial: 0)
    for _ in 0..<20 {
      let point = [
        0.05 + 0.9 * stream.uniform(), 0.05 + 0.9 * stream.uniform(),
        Double(stream.integer(below: 3)),
      ]
      var gradient = [0.0, 0, 0]
      let value = improvement.value(at: point, adding: &gradient)
      #expect(abs(value - improvement.values(at: Matrix([point], columns: 3))[0]) < 1e-9)
      for dimension in 0..<2 {
        let step = 1e-6
        let ends = [-step, step].map { offset in
          var moved = point
          moved[dimension] += offset
          var ignored = [0.0, 0, 0]
          return improvement.value(at: moved, adding: &ignored)
        }
        let slope = (ends[1] - ends[0]) / (2 * step)
        #expect(abs(gradient[dimension] - slope) < 1e-5 * max(1, abs(slope)))
      }
    }
  }

  @Test func `where a trial runs lenders expect no improvement either`() throws {
    let lender = try Self.process(seed: 2, count: 14)
    let mixture = ProcessMixture(
      try Self.process(seed: 1, count: 9), weight: 0.02,
      lenders: [.init(lender, weight: 0.98)])
    let point = [0.55, 0.5, 1]
    let places = Matrix([point], columns: 3)
    let before = ExpectedImprovement(mixture, incumbent: 0).values(at: places)[0]
    let after = try ExpectedImprovement(
      mixture, incumbent: 0, pending: [point], normals: Matrix([[0.2], [-0.4]], columns: 1)
    ).values(at: places)[0]
    #expect(after < before - 0.3)
  }
}

@Suite struct `Weights by ranking` {
  init() throws { try LinearAlgebra.load() }

  private static let values = [0.9, 0.1, 0.5, 0.7, 0.3, 0.2, 0.8, 0.4, 0.6, 0.0]

  private static func weights(
    own: [Double], _ sources: [[Double]], values: [Double] = values
  ) -> RankingWeights {
    var stream = RandomStream(seed: 4, trial: 1)
    return RankingWeights(values, leaveOneOut: own, sources: sources, stream: &stream)
  }

  @Test func `a source that ranks rightly is believed, whatever its scale`() {
    let own = [0.5, 0.4, 0.1, 0.9, 0.8, 0.3, 0.6, 0.7, 0.2, 0.5]
    let right = Self.values.map { 1000 * exp(3 * $0) }
    let wrong = Self.values.map { -$0 }
    let weights = Self.weights(own: own, [wrong, right])
    #expect(weights.sources[0] == 0)
    #expect(weights.sources[1] > 0.9)
    #expect(abs(weights.target + weights.sources.reduce(0, +) - 1) < 1e-12)
  }

  @Test func `the target wins ties`() {
    let weights = Self.weights(own: Self.values, [Self.values])
    #expect(weights.target == 1 && weights.sources == [0])
  }

  @Test func `the inverse of what is sought is never believed`() {
    // Its own model knows nothing: it says the same of all.
    let own = [Double](repeating: 0.45, count: 10)
    #expect(Self.weights(own: own, [Self.values.map { -$0 }]).sources == [0])
  }

  @Test func `values that are all alike, one value, and none give sources nothing`() {
    for count in [0, 1, 12] {
      let same = [Double](repeating: 1, count: count)
      let other = (0..<count).map(Double.init)
      #expect(Self.weights(own: same, [other], values: same).sources == [0])
    }
  }

  @Test func `thousands of observations are weighed by some of them`() {
    let many = (0..<5000).map { Double(($0 * 37) % 5000) }
    let weights = Self.weights(
      own: many.map { -$0 }, [many], values: many)
    #expect(weights.sources == [1])
  }
}
