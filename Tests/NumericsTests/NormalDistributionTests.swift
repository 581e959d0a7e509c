import Numerics
import Testing

/// Reference values: mpmath with 50 digits; scipy 1.17 for quantiles of probabilities.
@Suite struct `Normal distribution` {
  @Test(arguments: [
    (-1e4, -50000010.12927891), (-100, -5005.524208694205), (-38, -726.5572160188201),
    (-20.5, -214.0667289632638), (-19.5, -194.0169657774975), (-5, -15.064998393988725),
    (-1, -1.8410216450092636), (0, -0.6931471805599453), (0.5, -0.3689464152886564),
    (3, -0.0013508099647481938), (7, -1.279812543886654e-12), (20, -2.7536241186062337e-89),
  ])
  func `the logarithm of the distribution function`(x: Double, expected: Double) {
    #expect(isClose(logNormalCDF(x), expected, 2e-14))
  }

  @Test(arguments: [
    (-1.0, 1.0, -0.38171514630212605), (-0.5, -0.4999, -10.254253906743486),
    (3, 3.0001, -14.629428903095286), (30, 31, -454.32124395634327),
    (-40, -39, -765.0831565643775), (-1e-8, 2e-8, -18.24100698848893),
    (8, 9, -35.01361859343715), (-2, 5, -0.023013202653755123), (0.1, 0.11, -5.529625339915141),
    (-9, -8.999, -48.32219060423141), (100, 100.001, -5007.876277342747), (-50, 50, 0),
  ])
  func `the logarithm of an interval's mass`(a: Double, b: Double, expected: Double) {
    #expect(isClose(logNormalMass(a, b), expected, 2e-14))
    #expect(isClose(logNormalMass(-b, -a), expected, 2e-14))
  }

  @Test func `an empty interval has no mass`() {
    #expect(logNormalMass(1, 1) == -.infinity)
    #expect(logNormalMass(2, 1) == -.infinity)
    #expect(logNormalMass(.nan, 1).isNaN)
    #expect(logNormalCDF(-.infinity) == -.infinity)
    #expect(logNormalCDF(.infinity) == 0)
  }

  @Test(arguments: [
    (1e-300, -37.0470962993612), (1e-20, -9.262340089798409), (1e-5, -4.264890793922825),
    (0.02, -2.053748910631823), (0.3, -0.5244005127080409), (0.5, 0), (0.77, 0.7388468491852137),
    (0.999, 3.090232306167813), (0.999999999999, 7.0344869100478356),
  ])
  func `quantiles`(p: Double, expected: Double) {
    #expect(isClose(normalQuantile(p), expected, 2e-15))
  }

  @Test func `quantiles at and beyond the ends`() {
    #expect(normalQuantile(0) == -.infinity)
    #expect(normalQuantile(1) == .infinity)
    #expect(normalQuantile(-0.1).isNaN)
    #expect(normalQuantile(.nan).isNaN)
  }

  @Test(arguments: [
    (-1e5, -447.197893678525051), (-1000, -44.61574773196941), (-650, -35.93045235382608),
    (-10, -3.913946240531893), (-0.1, 1.309617799458493),
  ])
  func `quantiles of a probability's logarithm`(y: Double, expected: Double) {
    #expect(isClose(normalQuantile(ofLog: y), expected, 1e-13))
  }

  @Test(arguments: [
    (0.3, -1.0, 2.0, -0.2424038178892269), (0.9, 4, 5, 4.498290008785392),
    (0.5, -30, -29, -29.0238635120206), (0.01, 20, 40, 20.000501263556515),
    (0.5, -1000, -999, -999.0006938406963), (0.999, -0.1, 60, 3.2689023176170244),
  ])
  func `quantiles of a truncated normal`(q: Double, a: Double, b: Double, expected: Double) {
    #expect(isClose(truncatedNormalQuantile(q, from: a, to: b), expected, 1e-10))
  }

  @Test func `truncated quantiles stay inside and rise`() {
    for (a, b) in [(-1.0, 1.0), (-50, -45), (45, 50), (-1e-9, 1e-9), (-3, 1e6), (3, 3)] {
      var last = a
      for k in 0...100 {
        let x = truncatedNormalQuantile(Double(k) / 100, from: a, to: b)
        #expect(x >= last && x <= b)
        last = x
      }
    }
  }
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  a == b || abs(a - b) <= tolerance * max(abs(a), abs(b))
}
