import Foundation
import StudyModel
import Testing

@testable import Samplers

/// Every decision of some runs against Optuna's; see tools/reference/pruners.py.
@Suite struct `Pruners against Optuna` {
  static let cases = try! JSONDecoder().decode(
    [PrunerCase].self, from: Data(prunerFixtures.utf8))

  /// Also where the trials report other metrics, with each report and in steps of their own.
  @Test(arguments: cases, [false, true])
  func `the same decision after every report`(
    _ fixture: PrunerCase, reportsMore: Bool
  ) throws {
    let direction = StudyDirection(rawValue: fixture.direction)!
    var pruner = try makePruner(
      ComponentChoice(parsing: fixture.pruner, as: .pruner),
      objectives: [Objective(name: "value", direction: direction)]
    ).session()
    var study = StudyFixture(directions: [direction])
    var stops = 0
    for event in fixture.events {
      switch event.event {
      case "start": #expect(study.start(Assignment()) == event.trial)
      case "complete": study.finish(event.trial, .complete, [event.value!.value])
      case "prune": study.finish(event.trial, .pruned)
      default:
        if reportsMore {
          study.report(event.trial, step: event.step! * 2 + 1, Double(event.trial), of: "other")
          study.report(event.trial, step: event.step!, -event.value!.value, of: "another")
        }
        study.report(event.trial, step: event.step!, event.value!.value)
        if reportsMore { study.report(event.trial, step: 1_000, .nan, of: "other") }
        let judgement = try pruner.judge(
          JudgementRequest(row: event.trial, at: event.step!, given: study.history))
        let stop = judgement == .stop
        #expect(stop == event.stop!, "trial \(event.trial) at step \(event.step!)")
        if stop { stops += 1 }
      }
    }
    #expect(stops >= 3)
  }
}

struct PrunerCase: Decodable, CustomTestStringConvertible {
  struct Event: Decodable {
    let event: String
    let trial: Int
    let step: Int64?
    let value: AnyNumber?
    let stop: Bool?
  }

  let name: String
  let pruner: String
  let direction: String
  let events: [Event]

  var testDescription: String { name }
}
