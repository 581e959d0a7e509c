import Glibc
import Numerics
import Testing

@testable import GaussianProcess

/// Reference values: scikit-learn 1.9, `GaussianProcessRegressor(ConstantKernel(1.7) *
/// Matern([0.3, 0.6], nu=2.5), alpha=1e-3, optimizer=None)` on the points below, and the same with
/// `nu=1.5` and `RBF([0.3, 0.6])`; leave-one-out by as many refits; the gradient with
/// `WhiteKernel(1e-3)` in place of `alpha`.
@Suite struct `A Gaussian process` {
  static let points = Matrix(
    [[0.1, 0.9], [0.4, 0.2], [0.55, 0.65], [0.8, 0.3], [0.95, 0.85], [0.4, 0.21]], columns: 2)
  static let targets = [0.7, -1.2, 0.1, -0.4, 1.6, -1.1]
  static let questions = Matrix([[0.5, 0.5], [0.1, 0.9], [0, 0]], columns: 2)
  static let plain = [InputDimension](repeating: .numeric(isConditional: false), count: 2)

  static func kernel(_ family: KernelFamily) -> Hyperparameters {
    Hyperparameters(
      family: family, logLengthscales: [log(0.3), log(0.6)], logSignalVariance: log(1.7),
      logNoiseVariance: log(1e-3))
  }

  init() throws { try LinearAlgebra.load() }

  @Test(arguments: [
    (
      KernelFamily.maternFiveHalves,
      [-0.27364715484543467, 0.6995598652174451, -0.3242117550674344],
      [0.0851078974187447, 0.0009993429216215157, 1.4212885162063167]
    ),
    (
      .maternThreeHalves, [-0.23471178267244852, 0.699529110885452, -0.28473329654152124],
      [0.1677061544857248, 0.0009993522640725505, 1.462831611222941]
    ),
    (
      .squaredExponential, [-0.3822332185231474, 0.6996224791990961, -0.35872728636944373],
      [0.020739824610791935, 0.0009993068039308994, 1.2674089239484052]
    ),
  ])
  func `predicts as scikit-learn does`(
    family: KernelFamily, means: [Double], variances: [Double]
  ) throws {
    let process = try GaussianProcess(
      Self.points, Self.targets, Self.plain, Self.kernel(family))
    let found = process.posterior(at: Self.questions)
    for (one, other) in zip(found.means + found.variances, means + variances) {
      #expect(abs(one - other) < 1e-10)
    }
  }

  @Test func `grows by an observation as if it had always been there`() throws {
    let kernel = Self.kernel(.maternFiveHalves)
    let first = Matrix((0..<4).map { Self.points.row($0) }, columns: 2)
    var grown = try GaussianProcess(first, Array(Self.targets[..<4]), Self.plain, kernel)
    for row in 4..<6 { try grown.append(Self.points.row(row)) }
    grown.setTargets(Self.targets)
    let whole = try GaussianProcess(Self.points, Self.targets, Self.plain, kernel)
    let (one, other) = (
      grown.posterior(at: Self.questions), whole.posterior(at: Self.questions)
    )
    for (a, b) in zip(one.means + one.variances, other.means + other.variances) {
      #expect(abs(a - b) < 1e-12)
    }
  }

  @Test func `says what each observation would have been from the others`() throws {
    let process = try GaussianProcess(
      Self.points, Self.targets, Self.plain, Self.kernel(.maternFiveHalves))
    let (means, variances) = process.leaveOneOut(Self.targets)
    let expected = [
      (0.0301639537843279, 1.5218884595493203), (-1.1115248371815891, 0.0025851414078136284),
      (0.10770251727052482, 0.8256404205236031), (0.3050592331234263, 1.0178609426499223),
      (-0.011415927774896417, 1.2368549955141064), (-1.185310053551881, 0.002544617129664694),
    ]
    for index in expected.indices {
      #expect(abs(means[index] - expected[index].0) < 1e-9)
      #expect(abs(variances[index] - expected[index].1) < 1e-9)
    }
  }

  @Test func `its likelihood is scikit-learn's`() {
    var likelihood = MarginalLikelihood(Self.points, Self.targets, Self.plain)
    var gradient = [Double](repeating: 0, count: 4)
    let value = likelihood.value(
      Self.kernel(.maternFiveHalves).vector, family: .maternFiveHalves, adding: &gradient)
    // −ln p without its constant n/2 ln 2π.
    #expect(abs(value - (6.711171202789423 - 3 * 1.8378770664093453)) < 1e-10)
    let expected = [
      1.0002794139163296, -0.991958609029278, -0.32714245768215733, 0.7570937928422088,
    ]
    for (one, other) in zip(gradient, expected) { #expect(abs(one + other) < 1e-8) }
  }

  /// A space of all kinds of dimensions, with absent numbers and repeated points.
  static let mixed: [InputDimension] = [
    .numeric(isConditional: false), .categorical, .numeric(isConditional: true),
    .numeric(isConditional: false),
  ]
  static func mixedPoints(_ count: Int, seed: UInt64 = 1) -> Matrix {
    var stream = RandomStream(seed: seed, trial: 0)
    var rows = (0..<count).map { _ -> [Double] in
      let kind = Double(stream.integer(below: 3))
      let u = stream.uniform()
      return [stream.uniform(), kind, kind == 0 ? .nan : u, stream.uniform()]
    }
    rows[count - 1] = rows[0]
    return Matrix(rows, columns: 4)
  }

  @Test(arguments: KernelFamily.allCases)
  func `the likelihood's gradient is that of differences`(family: KernelFamily) {
    let points = Self.mixedPoints(12)
    let targets = (0..<12).map { sin(Double($0)) }
    var likelihood = MarginalLikelihood(points, targets, Self.mixed)
    let prior = HyperparameterPrior(Self.mixed, isContinuous: true)
    func value(_ x: [Double], _ gradient: inout [Double]) -> Double {
      gradient = [Double](repeating: 0, count: x.count)
      return likelihood.value(x, family: family, adding: &gradient)
        + prior.penalty(x, adding: &gradient)
    }
    for x in [[-0.7, 0.2, 0.5, -1.1, 0.3, -4], [-2, -0.5, -1.9, -2.2, -0.4, -7]] {
      var gradient: [Double] = []
      _ = value(x, &gradient)
      for index in x.indices {
        var (up, down, unused) = (x, x, [Double]())
        up[index] += 1e-5
        down[index] -= 1e-5
        let slope = (value(up, &unused) - value(down, &unused)) / 2e-5
        #expect(abs(gradient[index] - slope) < 2e-5 * max(1, abs(slope)), "\(x) \(index)")
      }
    }
  }

  @Test(arguments: [true, false])
  func `the acquisition's gradient is that of differences`(isTurned: Bool) throws {
    var kernel = Hyperparameters(
      family: .maternFiveHalves, logLengthscales: [-1, 0.2, -0.4, -0.6], logSignalVariance: 0.2,
      logNoiseVariance: -6)
    if isTurned { kernel.axes = Matrix([[0.8, 0.6], [-0.6, 0.8]], columns: 2) }
    let points = Self.mixedPoints(14)
    let targets = (0..<14).map { cos(2 * Double($0)) }
    let process = try GaussianProcess(points, targets, Self.mixed, kernel)
    let normals = Matrix([[0.3, -1], [-1.2, 0.4], [0.1, 2]], columns: 2)
    let pending = [[0.31, 1, 0.2, 0.8], [0.7, 0, .nan, 0.4]]
    let feasible = Feasibility(process, atMost: -0.3)
    let acquisitions = [
      Acquisition(improvement: ExpectedImprovement(ProcessMixture(process), incumbent: -0.8)),
      Acquisition(improvement: ExpectedImprovement(ProcessMixture(process), incumbent: -3)),
      Acquisition(
        improvement: try ExpectedImprovement(
          ProcessMixture(process), incumbent: -0.8, pending: pending, normals: normals),
        feasibilities: [feasible]),
      Acquisition(improvement: nil, feasibilities: [feasible]),
      Acquisition(
        improvement: nil,
        feasibilities: [Feasibility(process, atMost: -1, isBarrier: true)]),
    ]
    for acquisition in acquisitions {
      for point in [[0.33, 2, 0.41, 0.27], [0.62, 0, .nan, 0.71]] {
        var gradient = [Double](repeating: 0, count: 4)
        let value = acquisition.value(at: point, adding: &gradient)
        #expect(abs(value - acquisition.values(at: Matrix([point], columns: 4))[0]) < 1e-9)
        #expect(gradient[1] == 0)
        for index in [0, 2, 3] where !point[index].isNaN {
          var (up, down) = (point, point)
          up[index] += 1e-6
          down[index] -= 1e-6
          let values = acquisition.values(at: Matrix([up, down], columns: 4))
          let slope = (values[0] - values[1]) / 2e-6
          #expect(abs(gradient[index] - slope) < 1e-4 * max(1, abs(slope)))
        }
      }
    }
  }

  @Test func `joint draws of pending values have the posterior's moments`() throws {
    let process = try GaussianProcess(
      Self.points, Self.targets, Self.plain, Self.kernel(.maternFiveHalves))
    let pending = [[0.5, 0.5], [0.52, 0.5], [0, 0]]
    var stream = RandomStream(seed: 5, trial: 0)
    let draws = 20_000
    let normals = Matrix(
      rows: draws, columns: 3,
      elements: (0..<3 * draws).map { _ in normalQuantile(stream.openUniform()) })
    let values = try process.observing(pending, normals: normals).values
    let (means, variances) = process.posterior(at: Matrix(pending, columns: 2))
    for place in 0..<3 {
      let column = (0..<draws).map { values[$0, place] }
      let mean = column.reduce(0, +) / Double(draws)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws)
      let noisy = variances[place] + 1e-3
      #expect(abs(mean - means[place]) < 4 * (noisy / Double(draws)).squareRoot())
      #expect(abs(variance / noisy - 1) < 0.05)
    }
    let together = (0..<draws).map { abs(values[$0, 0] - values[$0, 1]) }.reduce(0, +)
    #expect(together / Double(draws) < 0.1, "neighbours are drawn together")
  }

  @Test func `covariances of absent and repeated points can be factored`() throws {
    var points = (0..<40).map { [Double($0 % 2 == 0 ? 0.3 : 0.7), 1, .nan, 0.5] }
    points += (0..<20).map { [Double($0) / 20, 0, Double($0) / 19, 0.5] }
    points += [[0.3, 2, 0, 0], [0.3, 2, 0.5, 0], [0.3, 2, 1, 0], [0.3, 2, .nan, 0]]
    let matrix = Matrix(points, columns: 4)
    for family in KernelFamily.allCases {
      for length in [-4.5, 0, 4.6] {
        let kernel = Hyperparameters(
          family: family, logLengthscales: [Double](repeating: length, count: 4),
          logSignalVariance: 0, logNoiseVariance: -13.8)
        let process = try GaussianProcess(
          matrix, points.map { $0[0] }, Self.mixed, kernel)
        let (means, variances) = process.posterior(at: matrix)
        #expect(means.allSatisfy { $0.isFinite } && variances.allSatisfy { $0 > 0 })
      }
    }
  }
}
