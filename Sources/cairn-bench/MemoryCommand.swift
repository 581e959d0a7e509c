// What a study holds in memory. One kind a process: what an allocator keeps of the kind before
// would be counted with it.

import ArgumentParser
import Glibc
import StudyModel

struct MemoryCommand: ParsableCommand {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case attributes, metrics, attempts, curves, large
  }

  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Measure the resident memory of a study of one kind.")

  @Argument(help: "What its trials have: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var kind: Kind
  @Option(help: "How many reports a trial has, where it has any.") var reports = 100

  func run() throws {
    switch kind {
    case .attributes:
      measure("trials with an attribute of their own", 8000) { model, trial in
        model.setAttribute(trial, "key number \(trial)")
      }
    case .metrics:
      measure("trials with a metric of their own", 8000) { model, trial in
        model.report(trial, step: 0, metric: "metric number \(trial)")
      }
    case .attempts: measure("trials with one attempt", 100_000) { _, _ in }
    case .curves:
      measure("trials of \(reports) reports", 1_000_000 / max(1, reports)) { model, trial in
        for step in 0..<reports { model.report(trial, step: step) }
      }
    case .large: try measureLarge()
    }
  }

  private func measureLarge() throws {
    let domain = Distribution.float(try FloatDomain(low: 0, high: 1))
    let assignment: (Int) -> Assignment = { trial in
      Assignment(
        (0..<10).map { parameter in
          Assignment.Entry(
            name: "parameter\(parameter)", distribution: domain,
            internalValue: Double(trial * 10 + parameter) / 1e6)
        })
    }
    measure("trials of 10 parameters and 10 reports", 100_000, assignment) { model, trial in
      for step in 0..<10 { model.report(trial, step: step) }
    }
  }

  private func measure(
    _ what: String, _ count: Int, _ assignment: (Int) -> Assignment = { _ in Assignment() },
    _ fill: (inout ModelUnderLoad, Int) -> Void
  ) {
    var model = ModelUnderLoad(studies: 1)
    let before = residentBytes()
    let time = seconds {
      for trial in 0..<count {
        model.start(trial, assignment(trial))
        fill(&model, trial)
        model.finish(trial)
      }
    }
    let resident = residentBytes() - before
    withExtendedLifetime(model) {
      say("\(count) \(what), resident", Double(resident) / 1e6, "MB")
      say("\(count) \(what), a trial", Double(resident) / Double(count), "B")
      say("\(count) \(what), to take in", time, "s")
    }
  }
}

/// This process's resident memory, as /proc tells it.
private func residentBytes() -> Int {
  guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
  defer { unsafe fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard unsafe fgets(&line, Int32(line.count), file) != nil else { return 0 }
  let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    .split(separator: " ")
  return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * Int(getpagesize())
}
