import StudyEngine
import Testing

@Suite struct FailureRuleTests {
  /// `F` fails, `.` does not; the place of the first verdict, and what it says.
  @Test(
    arguments: [
      (nil, "FFF", 3, "all of the first 3 trials failed"),
      (nil, "FF.FFFFFFFFF", nil, nil),
      (nil, ".FFFFFFFFFF", 11, "10 trials failed in a row"),
      (nil, ".FFFFFFFFF.FFFFFFFFFF", 21, "10 trials failed in a row"),
      (nil, "FF.", nil, nil),
      (1, "F", 1, "the first trial failed"),
      (1, "..F", 3, "1 trial failed"),
      (2, "F..F", 4, "2 trials failed"),
      (20, "FFFFFFFFFFFFFFF", nil, nil),
    ] as [(Int?, String, Int?, String?)])
  func `a run is hopeless`(maximum: Int?, trials: String, place: Int?, verdict: String?) {
    var rule = FailureRule(maximum: maximum)
    var first: (place: Int, verdict: FailureRule.Verdict)?
    for (index, trial) in trials.enumerated() where first == nil {
      let verdict = rule.record(failed: trial == "F", reason: "exit status \(index)")
      if let verdict { first = (index + 1, verdict) }
    }
    #expect(first?.place == place)
    #expect(first?.verdict.description == verdict)
    if let place { #expect(first?.verdict.lastReason == "exit status \(place - 1)") }
  }
}
