import Testing

@testable import StudyEngine

@Suite struct RunControlTests {
  @Test func `the first reason to stop is the reason`() {
    let control = RunControl()
    #expect(control.stopping == nil)
    control.stop(because: .timedOut, grace: nil)
    #expect(control.stopping == .timedOut)
    #expect(!control.stopsRunning)
    control.stop(because: .interrupted, grace: 30)
    #expect(control.stopping == .timedOut)
    #expect(control.stopsRunning)
  }

  @Test func `trials that run are known until they end`() {
    let control = RunControl()
    _ = control.begin(trial: 3)
    _ = control.begin(trial: 5)
    #expect(Set(control.runningTrials) == [3, 5])
    control.end(trial: 3)
    #expect(control.runningTrials == [5])
    control.stop(trial: 3, grace: 0)  // no longer there: nothing happens
    #expect(control.stopping == nil)
  }
}
