// What the tests of the store share: temporary directories, and events to record.

import Foundation
import StudyModel

@testable import StudyStorage

/// A directory that goes with the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "cairn-store-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var store: String { path + "/store" }
}

extension StudyDefinition {
  static let plain = StudyDefinition(seed: 7)
}

extension Store {
  /// Creates a study and returns its identity.
  func makeStudy(_ name: String) throws -> StudyID {
    try commit(.decision) { snapshot, context in
      let id = snapshot.nextStudyID
      return (
        [.studyCreated(id: id, name: name, definition: .plain, time: context.now)], id
      )
    }.result
  }

  /// Creates and claims the next trial of `study`.
  @discardableResult
  func makeTrial(_ study: StudyID) throws -> (number: Int, claim: ClaimID, commit: Commit) {
    let (result, commit) = try commit(.decision) { snapshot, context in
      let number = snapshot[study]?.nextNumber ?? 0
      let creation = TrialCreation(
        id: snapshot.nextTrialID, number: number, time: context.now,
        assignment: Assignment([
          .init(
            name: "lr",
            distribution: .float(try FloatDomain(low: 1e-5, high: 1, isLogarithmic: true)),
            internalValue: 0.001 * Double(number + 1))
        ]), proposer: "random")
      let claim = TrialClaim(
        claim: context.claim, lease: .held, host: "h", worker: "w", time: context.now)
      return (
        [.trialCreated(study, creation), .trialClaimed(study, trial: number, claim)],
        (number, context.claim)
      )
    }
    return (result.0, result.1, commit)
  }

  @discardableResult
  func report(
    _ study: StudyID, _ trial: Int, _ claim: ClaimID, step: Int64, _ value: Double
  ) throws -> Commit {
    try commit(.report) { _, context in
      let report = MetricReport(
        claim: claim, step: step, entries: [.init("loss", value)], time: context.now)
      return ([.metricsReported(study, trial: trial, report)], ())
    }.commit
  }

  @discardableResult
  func finish(_ study: StudyID, _ trial: Int, _ claim: ClaimID, _ value: Double) throws -> Commit {
    try commit(.decision) { _, context in
      let result = TrialResult(
        claim: claim, state: .complete, values: [value], time: context.now)
      return ([.trialFinished(study, trial: trial, result)], ())
    }.commit
  }
}
