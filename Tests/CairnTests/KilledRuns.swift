// Runs of `cairn run` that are killed, and what the store holds afterwards.

import Foundation
import StudyModel
import StudyStorage
import Testing

/// A study in a directory of its own, run by the real program on a deterministic objective that
/// kills itself, its supervisor or the tool where a plan says so.
final class KilledRuns {
  let directory: URL
  var store: String { directory.appending(path: "store").path }
  private let arguments: [String]
  private var plan: URL { directory.appending(path: "plan") }

  /// Whether a hopeless trial waits to be pruned: where one trial runs at a time it surely is.
  private let waitsForPruning: Bool

  /// Trials that report badly.
  private let hopeless: [Int]

  /// - Parameter arguments: further options of `cairn run`.
  init(
    _ arguments: [String], hopeless: [Int] = [4, 8, 11], waitsForPruning: Bool = true
  ) throws {
    self.hopeless = hopeless
    self.waitsForPruning = waitsForPruning
    directory = FileManager.default.temporaryDirectory
      .appending(path: "cairn-killed-\(UUID().uuidString)")
    self.arguments = arguments
    try FileManager.default.createDirectory(
      at: directory.appending(path: "plan"), withIntermediateDirectories: true)
    try Self.objective.write(
      to: directory.appending(path: "objective.sh"), atomically: true, encoding: .utf8)
  }

  deinit {
    // What stays behind in the temporary directory is no failure of the run.
    try? FileManager.default.removeItem(at: directory)
  }

  /// Four reports, equal for all trials, and a value. A few trials report badly instead, and then
  /// hold until the pruner has them stopped: one that ends before it is stopped is complete, and
  /// which came first must not be left to chance. Where the plan has a file TRIAL-STEP, its words
  /// are processes to be killed right after that report; it is obeyed once.
  private static let objective = #"""
    echo "$CAIRN_ATTEMPT" >> "$CAIRN_TRIAL_DIR/attempts"
    tool=$(awk '{ print $4 }' /proc/$PPID/stat)
    exec awk -v x="$1" -v k="$2" -v c="$3" -v trial="$CAIRN_TRIAL" -v plan="$PLAN" \
      -v tool="$tool" -v supervisor=$PPID -v objective=$$ 'BEGIN {
        bad = index(ENVIRON["HOPELESS"], " " trial " ")
        for (step = 0; step < 4; step++) {
          printf "{\"step\": %d, \"value\": %.17g}\n", step, bad ? 100 : 1 / (step + 1)
          fflush()
          file = plan "/" trial "-" step
          if ((getline victims < file) > 0) {
            close(file)
            gsub("tool", tool, victims)
            gsub("supervisor", supervisor, victims)
            gsub("objective", objective, victims)
            system("rm " file "; kill -9 " victims "; exec sleep 60")
          }
          if (bad && ENVIRON["WAITS"]) system("exec sleep 600")
        }
        base = (x - 0.3) ^ 2 + 0.05 * k + (c == "b" ? 0.2 : 0)
        printf "{\"value\": %.17g}\n", base
      }'
    """#

  /// Has `victims` ("tool", "supervisor", "objective") killed after that report of that trial.
  func kill(_ victims: String, afterStep step: Int, ofTrial trial: Int) throws {
    try victims.write(
      to: plan.appending(path: "\(trial)-\(step)"), atomically: true, encoding: .utf8)
  }

  /// Starts the tool.
  func start() throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: Binary.cairn)
    process.arguments =
      ["run", "s", "--store", store, "--seed", "7"] + arguments
      + ["--", "sh", "objective.sh", "{x}", "{k}", "{c}"]
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PLAN": plan.path, "WAITS": waitsForPruning ? "yes" : "",
      "HOPELESS": hopeless.map { " \($0) " }.joined(),
    ]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try errors()
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func errors() throws -> FileHandle {
    let path = directory.appending(path: "errors")
    if !FileManager.default.fileExists(atPath: path.path) { try Data().write(to: path) }
    let handle = try FileHandle(forWritingTo: path)
    try handle.seekToEnd()
    return handle
  }

  /// What the runs wrote to standard error.
  var log: String {
    (try? String(contentsOf: directory.appending(path: "errors"), encoding: .utf8)) ?? ""
  }

  /// Runs again and again until a run ends by itself.
  ///
  /// - Returns: how many runs were killed.
  func runToTheEnd() throws -> Int {
    for killed in 0..<200 {
      let process = try start()
      process.waitUntilExit()
      if process.terminationReason == .exit {
        #expect(process.terminationStatus == 0, "\(log.suffix(2000))")
        return killed
      }
    }
    Issue.record("200 runs were killed")
    return 200
  }

  /// What the store holds.
  func outcome() throws -> [TrialOutcome] {
    let snapshot = try Store.open(at: store, for: .reading).snapshot()
    let state = try #require(snapshot.study(named: "s"))
    return try (0..<state.trialCount).map { try TrialOutcome(state, row: $0) }
  }

  func state() throws -> StudyRecord {
    try #require(try Store.open(at: store, for: .reading).snapshot().study(named: "s"))
  }

  /// Processes that still carry this store in their environment.
  func processes() throws -> [Int32] {
    let needle = Data("CAIRN_STORE=\(store)\0".utf8)
    return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
      guard let process = Int32(name),
        // A process that has ended meanwhile, or is another user's, is none of ours.
        let environment = try? Data(contentsOf: URL(filePath: "/proc/\(name)/environ")),
        environment.range(of: needle) != nil
      else { return nil }
      return process
    }
  }

  /// Waits until no process of the study is left; false when some still are after 20 seconds.
  func isQuietSoon() async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      if try processes().isEmpty { return true }
      try await Task.sleep(for: .milliseconds(20))
    }
    return false
  }
}

/// What a user can see of a trial, times and attempts aside.
struct TrialOutcome: Equatable, CustomStringConvertible {
  let number: Int
  let state: TrialState
  let parameters: String
  let values: [Double]
  let series: [MetricPoint]

  init(_ study: StudyRecord, row: Int) throws {
    let trial = try study.trial(row)
    number = trial.number
    state = trial.state
    parameters = trial.assignment.json
    values = trial.values
    series = try study.series(of: "value", row: row).map {
      MetricPoint(step: $0.step, value: $0.value, time: Timestamp(rawValue: 0))
    }
  }

  var description: String {
    "\(number) \(state) \(parameters) \(values) \(series.map { "\($0.step): \($0.value)" })"
  }
}
