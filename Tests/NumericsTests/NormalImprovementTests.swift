import Numerics
import Testing

/// Reference values: mpmath with 60 digits, as `log(npdf(z) + z*ncdf(z))`,
/// `exp(x**2)*erfc(x)` and `log(1-exp(x))`.
@Suite struct `Expected improvement` {
  @Test(arguments: [
    (-10000, -50000019.3396193072), (-2000, -2000016.12074420229), (-300, -45012.3265368145542),
    (-51, -1309.28374165303802), (-50, -1258.74418286846085), (-49, -1209.20382679237715),
    (-37.5, -711.294748447512722), (-12, -77.9091005450073483), (-5, -16.7443011626609901),
    (-2, -4.76878352391711416), (-1.0001, -2.48531145644588334), (-1, -2.48512102571264134),
    (-0.9999, -2.4849306021991763), (-0.5, -1.62051626438731992), (0, -0.918938533204672742),
    (0.3, -0.567817153677936896), (1, 0.08002621884930694), (3, 1.09873966532770777),
    (10, 2.30258509299404568),
  ])
  func `its logarithm`(z: Double, expected: Double) {
    #expect(abs(logExpectedImprovement(z) - expected) <= 4e-13 * max(1, abs(expected)))
  }

  @Test func `it rises everywhere, also where one formula gives way to the next`() {
    var last = -Double.infinity
    for step in 0..<40_000 {
      let z = -120 + 0.003 * Double(step) + 1e-9
      let value = logExpectedImprovement(z)
      #expect(value > last, "\(z)")
      last = value
    }
  }

  @Test(arguments: [
    (-2, 108.940904389977972), (-0.5, 1.95236048918255709), (0, 1.0), (0.5, 0.615690344192925875),
    (2, 0.255395676310505744), (4.9, 0.112879090559758747), (5, 0.110704637733068626),
    (5.1, 0.108611026313932802), (10, 0.0561409927438225859), (30, 0.0187958888614167515),
    (1000.0, 0.000564189301453387654), (1e8, 5.64189583547756259e-9),
  ])
  func `the scaled complementary error function`(x: Double, expected: Double) {
    #expect(abs(erfcx(x) / expected - 1) < 5e-15)
  }

  @Test(arguments: [
    (-1e-18, -41.4465316738928222), (-1e-5, -11.5129304649660617), (-0.5, -0.932752129567188572),
    (-0.7, -0.686341002808385153), (-3, -0.0510691809427015865), (-40, -4.248354255291589e-18),
  ])
  func `one less an exponential`(x: Double, expected: Double) {
    #expect(abs(log1mexp(x) / expected - 1) < 2e-15)
  }
}
