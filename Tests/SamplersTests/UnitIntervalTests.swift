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
}
