import Glibc
import Testing

@testable import GaussianProcess

@Suite struct `Covariance functions` {
  private static func covariances(
    _ family: KernelFamily, _ squared: [Double], signal: Double = 1
  ) -> (values: [Double], slopes: [Double]) {
    var (values, slopes) = (squared, [Double](repeating: .nan, count: squared.count))
    family.evaluate(&values, slopes: &slopes, in: values.indices, signal: signal)
    return (values, slopes)
  }

  /// The C library's exponential function is itself exact to 1 ulp.
  @Test func `exponentials are exact to the last bit but one, however small`() {
    let count = 200_001
    let squared = (0..<count).map { 1416 * Double($0) / Double(count - 1) }
    let found = Self.covariances(.squaredExponential, squared).values
    let worst = zip(squared, found).reduce(0) { worst, pair in
      let expected = exp(-0.5 * pair.0)
      return max(worst, abs(pair.1 - expected) / expected.ulp)
    }
    #expect(worst <= 1.5)
    #expect(found[0] == 1)
    let far = Self.covariances(.squaredExponential, [1e5, .infinity]).values
    #expect(far.allSatisfy { $0 == far[0] && $0 > 0 && $0 < 1e-300 })
    #expect(Self.covariances(.maternFiveHalves, [.nan]).values[0].isNaN)
  }

  @Test func `kernels are what they are said to be`() {
    let squared = (0..<400).map { 1e-9 * pow(1.07, Double($0)) } + [0]
    func expect(
      _ family: KernelFamily, _ expected: (Double) -> (correlation: Double, slope: Double)
    ) {
      let found = Self.covariances(family, squared, signal: 1.7)
      for (index, r2) in squared.enumerated() {
        let (correlation, slope) = expected(r2)
        #expect(abs(found.values[index] - 1.7 * correlation) <= 4e-15 * correlation)
        #expect(abs(found.slopes[index] - 1.7 * slope) <= 4e-15 * slope)
      }
    }
    expect(.maternFiveHalves) { r2 in
      let s = sqrt(5 * r2)
      return ((1 + s + s * s / 3) * exp(-s), 5.0 / 3 * (1 + s) * exp(-s))
    }
    expect(.maternThreeHalves) { r2 in
      let s = sqrt(3 * r2)
      return ((1 + s) * exp(-s), 3 * exp(-s))
    }
    expect(.squaredExponential) { (exp(-0.5 * $0), exp(-0.5 * $0)) }
  }

  @Test(arguments: KernelFamily.allCases)
  func `a distance gives the same bits wherever it stands`(family: KernelFamily) {
    let squared = (0..<67).map { 0.13 * Double($0) }
    let together = Self.covariances(family, squared, signal: 1.3)
    for first in 0..<9 {
      var (values, slopes) = (squared, squared)
      family.evaluate(&values, slopes: &slopes, in: first..<66, signal: 1.3)
      #expect(Array(values[first..<66]) == Array(together.values[first..<66]))
      #expect(Array(slopes[first..<66]) == Array(together.slopes[first..<66]))
      #expect(values[66] == squared[66] && Array(values[..<first]) == Array(squared[..<first]))
      var alone = squared
      family.evaluate(&alone, in: first..<first + 1, signal: 1.3)
      #expect(alone[first] == together.values[first])
    }
  }
}
