import StudyModel
import Testing

@testable import ImportanceAnalysis

@Suite struct DomainMeasureTests {
  private func shares(_ distribution: Distribution, _ values: [Double]) -> [Double] {
    let measure = DomainMeasure(distribution)!
    return values.map { (measure.share(below: $0) * 1e9).rounded() / 1e9 }
  }

  @Test func `shares follow length, ratio or prior`() throws {
    #expect(shares(.float(-3, 5), [-4, -3, -1, 5, 9]) == [0, 0, 0.25, 1, 1])
    #expect(shares(.float(1e-4, 1, log: true), [0, 1e-3, 1e-2, 1]) == [0, 0.25, 0.5, 1])
    let prior = try NormalPrior(mean: 2, deviation: 3)
    let normal = Distribution.float(try FloatDomain.normal(prior))
    #expect(shares(normal, [2, 5]) == [0.5, 0.841344747])
  }

  @Test func `every member of a countable domain has its share`() {
    let measure = DomainMeasure(.int(1, 4))!
    #expect((1..<4).map { measure.shareBetween(Double($0), Double($0 + 1)) } == [0.25, 0.5, 0.75])
    // Of members between two that were observed, half go to each.
    #expect(measure.shareBetween(1, 4) == 0.5)
    let steps = DomainMeasure(.float(0, 0.9, step: 0.1))!
    #expect(abs(steps.shareBetween(0.1, 0.2) - 0.2) < 1e-12)
    let choices = DomainMeasure(.strings(["s", "m", "l"], isOrdered: true))!
    #expect(abs(choices.shareBetween(0, 1) - 1.0 / 3) < 1e-12)
    #expect(DomainMeasure(.strings(["a", "b"])) == nil)
  }

  @Test func `what lies outside has no share`() {
    let measure = DomainMeasure(.int(3, 6))!
    #expect(measure.shareBetween(-5, 2) == 0)
    #expect(measure.shareBetween(6, 9) == 1)
    #expect(DomainMeasure(.float(0, 1))!.shareBetween(1.5, 2) == 1)
  }

  @Test func `hostile domains have shares`() {
    #expect(shares(.float(-1e308, 1e308), [0]) == [0.5])
    #expect(shares(.float(2, 2), [1, 2, 3]) == [0, 0, 1])
    #expect(
      shares(.float(Double.leastNonzeroMagnitude, 1e308, log: true), [1]).allSatisfy {
        (0...1).contains($0)
      })
    let far = try! NormalPrior(mean: 1e6, deviation: 1e-3)
    let cut = Distribution.float(try! FloatDomain(low: 0, high: 1, prior: far))
    #expect(shares(cut, [0.5]).allSatisfy { (0...1).contains($0) })
  }
}
