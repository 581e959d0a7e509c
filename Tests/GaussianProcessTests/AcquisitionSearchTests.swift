import Glibc
import Numerics
import Testing

@testable import GaussianProcess

/// Floats, integers of some levels, and categories, without conditions.
private struct Domain: AcquisitionDomain {
  var dimensions: [InputDimension]
  /// nil: a continuum.
  var levels: [Int?]
  var forbidden: @Sendable ([Double]) -> Bool = { _ in false }

  var continuous: [Int] { levels.indices.filter { levels[$0] == nil } }
  var discrete: [Int] { levels.indices.filter { levels[$0] != nil } }

  func number(atQuantile u: Double, of dimension: Int) -> Double {
    guard dimensions[dimension] == .categorical, let count = levels[dimension] else { return u }
    return min((u * Double(count)).rounded(.down), Double(count - 1))
  }

  func point(at place: [Double]) -> [Double] {
    place.indices.map { dimension in
      guard dimensions[dimension] != .categorical, let count = levels[dimension] else {
        return place[dimension]
      }
      let level = min(max((place[dimension] * Double(count)).rounded(.down), 0), Double(count - 1))
      return (level + 0.5) / Double(count)
    }
  }

  func alternatives(to number: Double, of dimension: Int) -> [Double] {
    let count = levels[dimension] ?? 0
    let all = (0..<count).map {
      dimensions[dimension] == .categorical ? Double($0) : (Double($0) + 0.5) / Double(count)
    }
    return all.filter { $0 != number }
  }

  func allows(_ point: [Double]) -> Bool { !forbidden(point) }
}

@Suite struct `Searching an acquisition function` {
  init() throws { try LinearAlgebra.load() }

  private static let dimensions: [InputDimension] = [
    .numeric(isConditional: false), .numeric(isConditional: false), .categorical,
  ]

  /// A process that knows a function with one minimum, best at category 1.
  private static func acquisition() throws -> Acquisition {
    var stream = RandomStream(seed: 1, trial: 0)
    let points = (0..<30).map { _ in
      [stream.uniform(), stream.uniform(), Double(stream.integer(below: 3))]
    }
    let targets = points.map { x in
      (x[0] - 0.3) * (x[0] - 0.3) + (x[1] - 0.6) * (x[1] - 0.6) + abs(x[2] - 1)
    }
    let kernel = Hyperparameters(
      family: .maternFiveHalves, logLengthscales: [-0.7, -0.7, 0], logSignalVariance: 0,
      logNoiseVariance: -8)
    let process = try GaussianProcess(
      Matrix(points, columns: 3), targets, dimensions, kernel)
    return Acquisition(
      improvement: ExpectedImprovement(ProcessMixture(process), incumbent: targets.min()!))
  }

  @Test(arguments: [[nil, nil, 3], [nil, 10, 3], [7, 10, 3]] as [[Int?]])
  func `it finds nothing worse than a fine grid does`(levels: [Int?]) throws {
    let domain = Domain(dimensions: Self.dimensions, levels: levels)
    let acquisition = try Self.acquisition()
    let search = AcquisitionSearch()
    let candidates = search.candidates(domain, good: [[0.5, 0.5, 0]], seed: 4)
    let best = search.maximize(acquisition, over: domain, from: candidates)[0]
    var grid: [[Double]] = []
    for a in 0...60 {
      for b in 0...60 {
        for c in 0..<3 {
          grid.append(domain.point(at: [Double(a) / 60, Double(b) / 60, Double(c)]))
        }
      }
    }
    let top = acquisition.values(at: Matrix(grid, columns: 3)).max()!
    #expect(best.value >= top - 1e-9)
    let point = domain.point(at: best.place)
    // But for rounding, which may depend on how many points are valued together.
    #expect(abs(acquisition.values(at: Matrix([point], columns: 3))[0] - best.value) < 1e-12)
  }

  @Test func `what is forbidden is not among what it finds`() throws {
    let free = Domain(dimensions: Self.dimensions, levels: [nil, nil, 3])
    let acquisition = try Self.acquisition()
    let search = AcquisitionSearch()
    let first = search.maximize(
      acquisition, over: free, from: search.candidates(free, good: [], seed: 4))[0]
    var barred = free
    let center = free.point(at: first.place)
    barred.forbidden = { abs($0[0] - center[0]) + abs($0[1] - center[1]) < 0.1 }
    let found = search.maximize(
      acquisition, over: barred, from: search.candidates(barred, good: [center], seed: 4))
    #expect(found.count > 100)
    #expect(found.allSatisfy { !barred.forbidden(barred.point(at: $0.place)) })
    #expect(found[0].value < first.value)
    #expect(found[0].value >= found[search.climbs].value)
    barred.forbidden = { _ in true }
    #expect(
      search.maximize(
        acquisition, over: barred, from: search.candidates(barred, good: [], seed: 4)
      ).isEmpty)
  }

  @Test func `a trial that runs keeps others away`() throws {
    let domain = Domain(dimensions: Array(Self.dimensions[..<2]), levels: [nil, nil])
    let points = Matrix([[0.1, 0.1], [0.9, 0.9], [0.1, 0.9], [0.9, 0.1]], columns: 2)
    let kernel = Hyperparameters(
      family: .maternFiveHalves, logLengthscales: [-1, -1], logSignalVariance: 0,
      logNoiseVariance: -8)
    let process = try GaussianProcess(
      points, [0, 0.1, 0.2, 0.3], domain.dimensions, kernel)
    let search = AcquisitionSearch()
    let candidates = search.candidates(domain, good: [], seed: 4)
    let alone = search.maximize(
      Acquisition(improvement: ExpectedImprovement(ProcessMixture(process), incumbent: 0)),
      over: domain,
      from: candidates)[0].place
    let normals = Matrix(
      rows: 8, columns: 1, elements: (0..<8).map { normalQuantile((Double($0) + 0.5) / 8) })
    let beside = search.maximize(
      Acquisition(
        improvement: try ExpectedImprovement(
          ProcessMixture(process), incumbent: 0, pending: [alone], normals: normals)), over: domain,
      from: candidates)[0].place
    #expect(hypot(alone[0] - beside[0], alone[1] - beside[1]) > 0.15)
  }
}
