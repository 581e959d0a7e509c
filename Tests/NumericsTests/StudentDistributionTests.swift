import Glibc
import Numerics
import Testing

/// Against SciPy 1.17: `scipy.stats.t.cdf(x, degrees)`, `scipy.stats.t.ppf(p, degrees)`.
@Suite struct StudentDistributionTests {
  @Test(arguments: [
    (-0.5, 3.0, 0.3257239824240755), (-2, 3.5, 0.06306926128795672),
    (-8, 12.25, 1.6461093248498633e-06), (-40, 30, 6.863022597203209e-28),
    (1.7, 5, 0.925061606575838), (0, 7, 0.5), (-1e-3, 3, 0.49963244748473046),
    (-1e6, 4, 2.99999999998e-24),
  ])
  func `the distribution is SciPy's`(x: Double, degrees: Double, expected: Double) {
    #expect(abs(studentCDF(x, degrees: degrees) / expected - 1) < 1e-11)
  }

  @Test(arguments: [
    (0.05, 3.0, -2.353363434801824), (0.001, 7.5, -4.6303190940341015),
    (0.95, 30, 1.697260886593957), (0.5, 4, 0),
  ])
  func `quantiles are SciPy's`(p: Double, degrees: Double, expected: Double) {
    #expect(abs(studentQuantile(p, degrees: degrees) - expected) < 1e-9)
  }

  @Test func `ends of the line`() {
    #expect(studentCDF(-.infinity, degrees: 3) == 0)
    #expect(studentCDF(.infinity, degrees: 3) == 1)
    #expect(studentCDF(.nan, degrees: 3).isNaN)
    #expect(studentQuantile(0, degrees: 3) == -.infinity)
    #expect(studentQuantile(1.5, degrees: 3).isNaN)
  }

  @Test func `ln Γ of whole numbers is that of factorials`() {
    var factorial = 1.0
    for n in 1...20 {
      #expect(abs(logGamma(Double(n)) - log(factorial)) < 1e-13 * max(1, log(factorial)))
      factorial *= Double(n)
    }
    #expect(abs(logGamma(0.5) - 0.5 * log(Double.pi)) < 1e-14)
  }
}
