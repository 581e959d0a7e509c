import Numerics
import Testing

@Suite struct QuantileTests {
  /// By numpy.quantile(values, share).
  @Test(arguments: [
    (0.0, [3.0, 4, 10], 3.0), (1, [3, 4, 10], 10), (0.5, [3, 4, 10], 4), (0.25, [3, 4, 10], 3.5),
    (0.9, [3, 4, 10], 8.8), (0.75, [1, 2, 3, 4], 3.25), (0.3, [7], 7),
  ])
  func `lies between order statistics`(share: Double, values: [Double], expected: Double) throws {
    let found = try #require(quantile(share, ofSorted: values))
    #expect(abs(found - expected) < 1e-12)
  }

  @Test func `of none there is none`() {
    #expect(quantile(0.5, ofSorted: []) == nil)
  }

  @Test func `numbers at the ends of the range are no trap`() {
    let most = Double.greatestFiniteMagnitude
    #expect(quantile(0.5, ofSorted: [-most, most]) == 0)
    #expect(quantile(0.5, ofSorted: [.infinity, .infinity]) == .infinity)
    #expect(quantile(0.5, ofSorted: [0, .infinity]) == .infinity)
  }
}
