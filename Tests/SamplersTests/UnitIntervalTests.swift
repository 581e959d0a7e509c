import Glibc
import Numerics
import StudyModel
import Testing

@testable import Samplers

@Suite struct `Uniform draws` {
  @Test func `reach every member of a finite domain equally often`() {
    let domains: [Distribution] = [
      .int(-3, 6), .int(0, 47, step: 5), .float(0, 0.95, step: 0.1),
      .strings("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
    ]
    for domain in domains {
      var counts: [Double: Int] = [:]
      for k in 0..<1000 {
        counts[domain.internalValue(atQuantile: (Double(k) + 0.5) / 1000), default: 0] += 1
      }
      #expect(counts.count == 10)
      #expect(counts.values.allSatisfy { abs($0 - 100) <= 1 })
      #expect(counts.keys.allSatisfy(domain.contains))
    }
  }

  @Test(arguments: [
    Distribution.int(1, 1000, log: true), .float(1e-9, 1e3, log: true), .float(0.1, 0.3),
    .float(-1.7e308, 1.7e308), .int(-(1 << 53), 1 << 53), .float(0, 0.3, step: 0.1),
  ])
  func `stay inside to the ends`(domain: Distribution) {
    for u in [0, 0x1p-53, 0.25, 0.5, 0.999, 1 - 0x1p-53] {
      #expect(domain.contains(domain.internalValue(atQuantile: u)))
    }
  }

  @Test func `are even over the logarithm`() {
    let domain = Distribution.float(1e-4, 1, log: true)
    #expect(abs(domain.internalValue(atQuantile: 0.5) - 1e-2) < 1e-15)
    // Integers from 1 to 9: 1 has the share of 0.5 … 1.5 in 0.5 … 9.5.
    let integers = Distribution.int(1, 9, log: true)
    let ones = (0..<10_000).filter {
      integers.internalValue(atQuantile: (Double($0) + 0.5) / 10_000) == 1
    }
    #expect(abs(Double(ones.count) / 10_000 - 0.3731) < 0.001)
  }

  @Test(arguments: [
    Distribution.float(-3, 5), .float(1e-9, 1e3, log: true), .float(0, 1, step: 0.1),
    .int(-7, 12, step: 5), .int(1, 1000, log: true), .int(16, 512, log: true, step: 16),
    .float(0.01, 0.5, log: true, step: 0.01), .normal(3, 2), .normal(-7, 1.5, log: true),
    .normal(0, 1, step: 0.5), .wholeNormal(5, 2), .ordered("a", "b", "c"),
  ])
  func `are found again by their value`(domain: Distribution) {
    for k in 0..<200 {
      let u = (Double(k) + 0.3) / 200
      let value = domain.internalValue(atQuantile: u)
      let range = domain.quantiles(of: value)
      #expect(range.lowerBound <= u + 1e-9 && range.upperBound >= u - 1e-9)
      if domain.cardinality != nil {
        let middle = 0.5 * (range.lowerBound + range.upperBound)
        #expect(domain.internalValue(atQuantile: middle) == value)
        #expect(domain.member(at: domain.place(nearest: value)) == value)
      }
    }
  }

  @Test func `of a normal domain are normal`() {
    let domain = Distribution.normal(3, 2)
    #expect(abs(domain.internalValue(atQuantile: 0.5) - 3) < 1e-9)
    #expect(abs(domain.internalValue(atQuantile: normalCDF(1)) - 5) < 1e-6)
    let wide = Distribution.normal(-7, 1.5, log: true)
    #expect(abs(wide.internalValue(atQuantile: normalCDF(-1)) / exp(-8.5) - 1) < 1e-6)
    // A whole number has the share of the half steps around it.
    let range = Distribution.wholeNormal(5, 2).quantiles(of: 6)
    #expect(abs(range.lowerBound - normalCDF(0.25)) < 1e-6)
    #expect(abs(range.upperBound - normalCDF(0.75)) < 1e-6)
  }
}
