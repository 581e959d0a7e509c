import Numerics
import Testing

/// Reference values: scipy.stats.yeojohnson and yeojohnson_llf.
@Suite struct `Yeo and Johnson's transformation` {
  static let values = [-1.2, -0.3, 0.0, 0.1, 0.4, 0.9, 2.5, 7.0, 30.0]

  @Test(
    arguments: [
      (
        0.5,
        [
          -1.5087515562147278, -0.32148536841925296, 0.0, 0.0976176963403031, 0.3664319132398464,
          0.7568097504180444, 1.7416573867739416, 3.6568542494923797, 9.135528725660045,
        ]
      ),
      (
        2, [-0.7884573603642702, -0.26236426446749106, 0.0, 0.105, 0.48, 1.305, 5.625, 31.5, 480.0]
      ),
      (
        0,
        [
          -1.92, -0.345, 0.0, 0.09531017980432487, 0.33647223662121295, 0.6418538861723948,
          1.252762968495368, 2.0794415416798357, 3.4339872044851463,
        ]
      ),
    ] as [(Double, [Double])])
  func `as SciPy has it, and back`(lambda: Double, expected: [Double]) {
    let transform = YeoJohnson(lambda: lambda)
    for (x, y) in zip(Self.values, expected) {
      #expect(abs(transform.apply(x) - y) < 1e-13 * max(1, abs(y)))
      #expect(abs(transform.invert(transform.apply(x)) - x) < 1e-12 * max(1, abs(x)))
    }
  }

  @Test func `the most likely power, as SciPy finds it`() {
    #expect(
      abs(YeoJohnson.logLikelihood(of: 0.5, Self.values) + 13.305069033381377) < 1e-12)
    let fitted = YeoJohnson.fit(Self.values, in: -3...3)
    #expect(abs(fitted.lambda + 0.09673744623375678) < 1e-3)
  }

  @Test func `what has no likelihood is left alone`() {
    #expect(YeoJohnson.fit([1, 1, 1], in: -2...3).lambda.isFinite)
    #expect(YeoJohnson.fit([.nan, 1], in: -2...3).lambda == 1)
    #expect(YeoJohnson(lambda: -2).invert(0.6) == .infinity)
  }
}
