import Glibc
import Numerics
import StudyModel
import Testing

@testable import ImportanceAnalysis

/// Functions whose decomposition of the variance is known in closed form.
@Suite struct KnownAnswerTests {
  private func isNear(_ value: Double?, _ expected: Double, within tolerance: Double) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
  }

  /// sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on [−π, π]³: S₁ = 0.3139, S₂ = 0.4424, S₃ = 0, S₁₃ = 0.2437
  /// (Ishigami & Homma 1990).
  @Test func `the Ishigami function`() throws {
    let history = HistoryFixture.uniform(["x1", "x2", "x3"], count: 1000) { point in
      let (a, b, c) = ((2 * point[0] - 1) * .pi, (2 * point[1] - 1) * .pi, (2 * point[2] - 1) * .pi)
      return sin(a) + 7 * sin(b) * sin(b) + 0.1 * c * c * c * c * sin(a)
    }
    let report = try history.importance(seeds: 16, pairs: true)
    #expect(isNear(report["x1"], 0.3139, within: 0.05))
    // Of its two periods, a tree with so many leaves misses some.
    #expect(isNear(report["x2"], 0.4424, within: 0.15))
    #expect(isNear(report["x3"], 0, within: 0.03))
    #expect(isNear(report["x1", "x3"], 0.2437, within: 0.06))
    #expect(isNear(report["x1", "x2"], 0, within: 0.06))
    let sum = report.entries.reduce(0) { $0 + ($1.importance ?? 0) }
    #expect(sum > 0.9 && sum <= 1 + 1e-9)
  }

  /// Sobol's g-function, Π (|4xᵢ − 2| + aᵢ)/(1 + aᵢ): Vᵢ = (1/3)/(1 + aᵢ)², V = Π(1 + Vᵢ) − 1, and
  /// Vᵢⱼ = VᵢVⱼ.
  @Test func `the g-function`() throws {
    let a = [0.0, 1, 4.5, 9]
    let parts = a.map { 1 / (3 * (1 + $0) * (1 + $0)) }
    let variance = parts.reduce(1) { $0 * (1 + $1) } - 1
    let history = HistoryFixture.uniform(["p", "q", "r", "s"], count: 1000) { point in
      zip(point, a).reduce(1) { $0 * (abs(4 * $1.0 - 2) + $1.1) / (1 + $1.1) }
    }
    let report = try history.importance(seeds: 16, pairs: true)
    for (name, part) in zip(["p", "q", "r", "s"], parts) {
      #expect(isNear(report[name], part / variance, within: 0.05))
    }
    #expect(isNear(report["p", "q"], parts[0] * parts[1] / variance, within: 0.03))
    #expect(report.entries.prefix(2).map(\.parameters) == [["p"], ["q"]])
    #expect((report.fit ?? 0) > 0.9)
  }

  /// Coefficients 10, 3 and 1: the variance has parts 100 : 9 : 1.
  @Test(arguments: [ImportanceMethod.fanova, .permutation])
  func `a linear function has shares as the squares of its coefficients`(
    method: ImportanceMethod
  ) throws {
    let history = HistoryFixture.uniform(["ten", "three", "one"], count: 500) { point in
      10 * point[0] + 3 * point[1] + point[2]
    }
    let report = try history.importance(method, seeds: 16)
    #expect(isNear(report["ten"], 100.0 / 110, within: 0.04))
    #expect(isNear(report["three"], 9.0 / 110, within: 0.03))
    #expect(isNear(report["one"], 1.0 / 110, within: 0.01))
    let deviations = report.entries.compactMap(\.deviation)
    #expect(deviations.count == 3)
    #expect(deviations.allSatisfy { $0 > 0 && $0 < 0.1 })
  }

  /// The parent is 0 or x, each half the time: E f² = 1/6, so V = 5/48; the parent alone has 3/48,
  /// the child 1/48, and both together 1/48.
  @Test func `a conditional parameter matters as far as it is there`() throws {
    var history = HistoryFixture()
    var random = RandomStream(seed: 3, trial: 0)
    let parent = Distribution.strings(["off", "on"])
    for _ in 0..<500 {
      let isOn = random.uniform() < 0.5
      let x = random.uniform()
      let entries = [("parent", parent, isOn ? 1.0 : 0)] + (isOn ? [("child", .unit, x)] : [])
      history.add(entries, [isOn ? x : 0])
    }
    let report = try history.importance(seeds: 16, pairs: true)
    #expect(isNear(report["parent"], 0.6, within: 0.04))
    #expect(isNear(report["child"], 0.2, within: 0.04))
    #expect(isNear(report["parent", "child"], 0.2, within: 0.04))
  }

  /// The effect is the same in every decade, so on the logarithm it is a straight line.
  @Test func `logarithmic, integer and normal domains are measured by their own distribution`()
    throws
  {
    var history = HistoryFixture()
    var random = RandomStream(seed: 4, trial: 0)
    let rate = Distribution.float(1e-5, 1, log: true)
    let layers = Distribution.int(1, 5)
    let prior = try NormalPrior(mean: 0, deviation: 1)
    let normal = Distribution.float(try FloatDomain.normal(prior))
    for _ in 0..<500 {
      let (u, k) = (random.uniform(), Double(random.integer(below: 5)))
      let z = normalQuantile(random.openUniform())
      // Variances 1/12, 2 · (1/24) = 1/12, and 1/12.
      let value = u + k * (1.0 / 24).squareRoot() + z * (1.0 / 12).squareRoot()
      history.add(
        [("rate", rate, exp((u - 1) * 5 * log(10))), ("layers", layers, k + 1), ("z", normal, z)],
        [value])
    }
    let report = try history.importance(seeds: 16)
    for name in ["rate", "layers", "z"] {
      #expect(isNear(report[name], 1.0 / 3, within: 0.07), "\(name) \(report[name] ?? -1)")
    }
  }

  @Test func `PED-ANOVA tells what the best have in common`() throws {
    let history = HistoryFixture.uniform(["near", "far", "idle"], count: 400) { point in
      abs(point[0] - 0.3) + 0.1 * abs(point[1] - 0.8)
    }
    let report = try history.importance(.pedANOVA)
    #expect(report.entries[0].parameters == ["near"])
    #expect((report["near"] ?? 0) > 0.8)
    #expect((report["idle"] ?? 1) < 0.1)
    #expect(report.bestCount == 40)
    #expect(isNear(report.entries.reduce(0) { $0 + $1.importance! }, 1, within: 1e-12))
  }
}
