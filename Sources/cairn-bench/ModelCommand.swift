// What an event costs a study in memory, without a store or a disk.

import ArgumentParser

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Measure events of studies that nothing records.")

  @Option(help: "How many reports.") var reports = 1_000_000

  func run() throws {
    measureReports()
    measureDescendingReports()
  }

  /// A report with nothing else, with a snapshot alive, and beside many studies.
  private func measureReports() {
    var model = ModelUnderLoad(studies: 1)
    model.start(0)
    let alone = seconds { for step in 0..<reports { model.report(0, step: step) } }
    say("a report", alone / Double(reports) * 1e6, "us")
    let kept = 20_000
    let beside = seconds {
      for step in reports..<reports + kept {
        let snapshot = model.snapshot
        model.report(0, step: step)
        withExtendedLifetime(snapshot) {}
      }
    }
    say("a report with a snapshot alive, \(reports) before it", beside / Double(kept) * 1e6, "us")

    let studies = 5000
    var many = ModelUnderLoad(studies: studies)
    for study in 0..<studies { many.start(0, in: study) }
    let among = seconds {
      for step in 0..<kept {
        let snapshot = many.snapshot
        many.report(0, step: step, in: step % studies)
        withExtendedLifetime(snapshot) {}
      }
    }
    say("a report with a snapshot alive, \(studies) studies", among / Double(kept) * 1e6, "us")
  }

  private func measureDescendingReports() {
    let count = 40_000
    var model = ModelUnderLoad(studies: 1)
    model.start(0)
    let time = seconds { for step in 0..<count { model.report(0, step: count - step) } }
    say("\(count) reports in descending order", time, "s")
  }
}
