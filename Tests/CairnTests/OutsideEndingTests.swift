import Foundation
import Machine
import Testing

/// What ends a trial from outside is no failure of it.
struct OutsideEndingTests {
  private static let hold = """
    echo '{"step": 1, "value": 5}'
    touch "$CAIRN_TRIAL_DIR/up-$CAIRN_ATTEMPT"
    while [ ! -f go ]; do sleep 0.02; done
    echo '{"value": 7}'
    """

  private static func start(_ place: Workplace, _ script: String) throws -> Workplace.Running {
    try place.write("hold.sh", script)
    let run = try place.start(
      "cairn run s --trials 2 --jobs 2 --grace 5s -p x=0.0..1.0 --params-from-env -- sh hold.sh")
    try run.wait("both trials to run") {
      place.exists(".cairn/trials/1/0/up-1") && place.exists(".cairn/trials/1/1/up-1")
    }
    return run
  }

  /// The processes of a run, the tool first: supervisors, objectives, and what these started.
  private static func tree(of run: Workplace.Running) -> [Int32] {
    let tool = run.process.processIdentifier
    return [tool] + ProcessTable.descendants(of: tool)
  }

  private static func resume(_ place: Workplace) throws {
    #expect(
      try place.run("cairn query 'select number, state, attempt_outcome from s' --format tsv")
        .output
        == "number\tstate\tattempt_outcome\n0\twaiting\tinterrupted\n1\twaiting\tinterrupted\n")
    try place.write("go", "")
    let resumed = try place.run("cairn resume s")
    #expect(resumed.status == 0)
    #expect(resumed.lines.contains("s: 2 of 2 done"), "\(resumed.errors)")
  }

  @Test(arguments: [SIGTERM, SIGHUP], [true, false])
  func `a signal to the whole job interrupts it, whoever hears it first`(
    signal: Int32, toolIsFirst: Bool
  ) throws {
    let place = try Workplace()
    let run = try Self.start(place, Self.hold)
    let tree = Self.tree(of: run)
    #expect(tree.count >= 6)  // the tool, the supervisors' server, two of them, two objectives
    for process in toolIsFirst ? tree : tree.reversed() { kill(process, signal) }
    let outcome = try run.finish()
    #expect(outcome.status == 130)
    #expect(outcome.lines.contains("s: interrupted, 0 of 2 done, 2 waiting"), "\(outcome.errors)")
    try Self.resume(place)
  }

  @Test func `an objective that hears SIGTERM a moment before the tool is interrupted`() throws {
    let place = try Workplace()
    let run = try Self.start(place, Self.hold)
    for process in Self.tree(of: run).dropFirst(4) { kill(process, SIGTERM) }
    Thread.sleep(forTimeInterval: 0.2)
    run.send(SIGTERM)
    #expect(try run.finish().status == 130)
    try Self.resume(place)
  }

  @Test func `what answers SIGTERM with its value is complete`() throws {
    let place = try Workplace()
    let run = try Self.start(
      place,
      """
      trap 'echo "{\\"value\\": 7}"; exit 0' TERM
      touch "$CAIRN_TRIAL_DIR/up-$CAIRN_ATTEMPT"
      while :; do sleep 0.02; done
      """)
    run.send(SIGINT)
    let outcome = try run.finish()
    #expect(outcome.lines.contains("s: interrupted, 2 of 2 done"), "\(outcome.errors)")
    #expect(
      try place.run("cairn query 'select state, value from s' --format tsv").output
        == "state\tvalue\ncomplete\t7.0\ncomplete\t7.0\n")
  }

  @Test func `what saves itself at SIGTERM and has no value waits`() throws {
    let place = try Workplace()
    let run = try Self.start(
      place,
      """
      trap 'exit 0' TERM
      echo '{"step": 1, "value": 5}'
      touch "$CAIRN_TRIAL_DIR/up-$CAIRN_ATTEMPT"
      while [ ! -f go ]; do sleep 0.02; done
      echo '{"value": 7}'
      """)
    for process in Self.tree(of: run) { kill(process, SIGTERM) }
    #expect(try run.finish().status == 130)
    try Self.resume(place)
  }

  @Test func `a lost attempt spares the retries, three in a row fail the trial`() throws {
    let place = try Workplace()
    try place.write(
      "lose.sh", "if [ $CAIRN_ATTEMPT -lt 3 ]; then kill -9 $PPID; sleep 60; fi; echo 1")
    let spared = try place.run("cairn run s --trials 1 -p x=0..9 --params-from-env -- sh lose.sh")
    #expect(spared.status == 0, "\(spared.errors)")
    #expect(
      spared.lines.contains("trial 0, attempt 1: lost: its supervisor was killed; runs again"))
    #expect(spared.lines.contains("s: 1 of 1 done"))
    let ended = try place.run(
      "cairn run t --trials 1 --max-failures 1 --retry 5 -p x=0..9 -- sh -c 'kill -TERM $$' {x}")
    #expect(ended.status == 1)
    #expect(
      ended.errors.contains(
        "error: trial 0: lost 3 times in a row, the last time: killed by signal 15 (SIGTERM)"),
      "\(ended.errors)")
    #expect(
      try place.run("cairn query 'select attempts from t' --format tsv").output == "attempts\n3\n")
  }
}
