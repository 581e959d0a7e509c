import StudyModel
import Testing

@Suite struct ObjectiveValuesTests {
  private func point(_ step: Int64, _ value: Double) -> MetricPoint {
    MetricPoint(step: step, value: value, time: Timestamp(rawValue: 0))
  }

  @Test func `aggregates are by step, whatever the order of arrival`() {
    let points = [point(3, 5), point(1, 1), point(2, 9), point(4, .nan)]
    #expect(MetricAggregate.last.value(of: points)?.isNaN == true)
    #expect(MetricAggregate.last.value(of: Array(points.dropLast())) == 5)
    #expect(MetricAggregate.minimum.value(of: points) == 1)
    #expect(MetricAggregate.maximum.value(of: points) == 9)
    #expect(MetricAggregate.mean(count: 2).value(of: Array(points.dropLast())) == 7)
    #expect(MetricAggregate.mean(count: 9).value(of: Array(points.dropLast())) == 5)
    #expect(MetricAggregate.last.value(of: []) == nil)
  }

  @Test func `what was told as final wins over steps, and steps over a bare number`() {
    let objectives = [Objective(name: "a", direction: .minimize)]
    func values(_ finals: [String: Double], _ bare: Double?, _ points: [MetricPoint])
      -> ObjectiveValues
    {
      ObjectiveValues(of: objectives, finals: finals, bareNumber: bare) { _ in points }
    }
    #expect(values(["a": 1], 2, [point(0, 3)]) == .complete([1]))
    #expect(values([:], 2, [point(0, 3)]) == .complete([3]))
    #expect(values([:], 2, []) == .complete([2]))
    #expect(values(["b": 1], nil, []) == .missing(["a"]))
  }
}
