import Foundation
import Testing

/// How runs end: hopeless, out of time, interrupted, stopped from elsewhere.
struct RunEndingTests {
  /// Counts to 10 from where its checkpoint stands, and holds at 5 in its first attempt.
  private static let checkpointing = """
    echo "$CAIRN_ATTEMPT" >> "$CAIRN_TRIAL_DIR/attempts"
    i=0
    if [ -f "$CAIRN_TRIAL_DIR/checkpoint" ]; then i=$(cat "$CAIRN_TRIAL_DIR/checkpoint"); fi
    while [ $i -lt 10 ]; do
      echo "{\\"step\\": $i, \\"value\\": $i}"
      i=$((i + 1))
      echo $i > "$CAIRN_TRIAL_DIR/checkpoint"
      while [ $i = 5 ] && [ $CAIRN_ATTEMPT = 1 ] && [ ! -f go ]; do sleep 0.02; done
    done
    """

  @Test(arguments: [SIGINT, SIGTERM])
  func `an interrupted trial runs again in its own directory`(signal: Int32) throws {
    let place = try Workplace()
    try place.write("count.sh", Self.checkpointing)
    let run = try place.start(
      "cairn run s --trials 2 --jobs 2 -p x=0.0..1.0 --params-from-env -- sh count.sh")
    try run.wait("both trials to be half way") {
      try ["0", "1"].allSatisfy {
        let file = ".cairn/trials/1/\($0)/checkpoint"
        return try place.exists(file) && place.read(file) == "5\n"
      }
    }
    run.send(signal)
    let interrupted = try run.finish()
    #expect(interrupted.status == 130)
    #expect(interrupted.lines.contains("s: interrupted, 0 of 2 done, 2 waiting"))
    #expect(interrupted.lines.last == "to go on: cairn resume s")

    let resumed = try place.run("cairn resume s")
    #expect(resumed.status == 0)
    #expect(resumed.lines.first == "resuming s: 0 of 2 done, 2 waiting, store .cairn")
    #expect(resumed.lines.contains("s: 2 of 2 done"))
    for trial in ["0", "1"] {
      #expect(try place.read(".cairn/trials/1/\(trial)/attempts") == "1\n2\n")
    }
  }

  @Test func `a second signal ends a deaf objective at once`() throws {
    let place = try Workplace()
    try place.write("deaf.sh", "trap '' TERM INT; touch deaf; while :; do sleep 0.05; done")
    let run = try place.start(
      "cairn run s --trials 1 -p x=0.0..1.0 --params-from-env -- sh deaf.sh")
    try run.wait("the objective to be deaf") { place.exists("deaf") }
    run.send(SIGINT)
    Thread.sleep(forTimeInterval: 0.1)
    run.send(SIGINT)
    let outcome = try run.finish()
    #expect(outcome.status == 130)
    #expect(outcome.lines.contains("stopping at once"))
  }

  @Test func `cairn stop stops a run, and one trial, from elsewhere`() throws {
    let place = try Workplace()
    try place.write(
      "hold.sh", #"echo "{\"step\": 1, \"value\": $1}"; touch "$CAIRN_TRIAL_DIR/up"; sleep 60"#)
    #expect(try place.run("cairn stop s").status == 1)
    let run = try place.start(
      "cairn run s --trials 3 --jobs 2 --grace 5s -p x=1..9 -- sh hold.sh {x}")
    try run.wait("both trials to run") {
      place.exists(".cairn/trials/1/0/up") && place.exists(".cairn/trials/1/1/up")
    }
    let one = try place.run("cairn stop s 0")
    #expect(one.status == 0)
    #expect(one.errors.hasPrefix("trial 0 of s stops: asked pid \(run.process.processIdentifier)"))
    try run.wait("another trial to take its place") { place.exists(".cairn/trials/1/2/up") }
    #expect(try place.run("cairn stop s").status == 0)
    let outcome = try run.finish()
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("trial 0 pruned value"))
    #expect(
      outcome.lines.contains("s: stopped by `cairn stop`, 1 of 3 done (1 pruned), 2 waiting"))
    #expect(try place.run("cairn stop s").errors == "no worker runs s\n")
    #expect(try place.run("cairn stop s 1").status == 1)
  }

  @Test func `what never reports its objective is hopeless, with what may help`() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "cairn run s --trials 9 --maximize accuracy -p x=0..99 -- echo step {x} val_acc=0.91")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        #"""
        error: trial 0 exited 0 but never reported "accuracy"
          all of the first 3 trials failed
          it printed: "step
        """#), "\(outcome.errors)")
    #expect(outcome.errors.contains(#"try: --metric accuracy='val_acc=(\S+)'"#))
    let mended = try place.run(
      #"cairn run s --trials 9 --metric accuracy='val_acc=(\S+)' -- echo step {x} val_acc=0.91"#)
    #expect(mended.status == 0)
    #expect(mended.lines.contains("s: 9 of 9 done, 3 failed"))
  }

  @Test func `a failed attempt runs again, and so many failures end the run`() throws {
    let place = try Workplace()
    try place.write(
      "flaky.sh", "if [ $CAIRN_ATTEMPT = 1 ]; then echo no luck >&2; exit 3; fi; echo 1")
    let flaky = try place.run("cairn run s --trials 2 --retry 1 -p x=0..9 -- sh flaky.sh {x}")
    #expect(flaky.status == 0)
    #expect(flaky.lines.contains("trial 0, attempt 1: exit status 3; runs again"))
    #expect(flaky.lines.contains("    no luck"))
    #expect(flaky.lines.contains("s: 2 of 2 done"))
    let failing = try place.run(
      "cairn run t --trials 9 --max-failures 2 -p x=0..9 -- sh -c 'exit 4' {x}")
    #expect(failing.status == 1)
    #expect(failing.errors.contains("error: trial 0: exit status 4\n"))
    #expect(failing.lines.contains("t: gave up, 0 of 9 done, 2 failed"))
  }

  @Test func `time limits end attempts and runs`() throws {
    let place = try Workplace()
    let trial = try place.run(
      "cairn run s --trials 9 --trial-timeout 100ms --max-failures 1 -p x=0..9"
        + " -- sh -c 'sleep 60' {x}"
    )
    #expect(trial.status == 1)
    #expect(trial.errors.contains("error: trial 0: timed out after 0.1 s"))
    let run = try place.run(
      "cairn run t --trials 9 --timeout 300ms -p x=0..9 -- sh -c 'sleep 60' {x}")
    #expect(run.status == 0)
    #expect(run.lines.contains("t: the time is over, 0 of 9 done, 1 waiting"))
  }

  @Test func `watch sees a study through to its end`() throws {
    let place = try Workplace()
    try place.write("wait.sh", "while [ ! -f go ]; do sleep 0.02; done; echo 1")
    let run = try place.start("cairn run s --trials 3 -p x=0..99 -- sh wait.sh {x}")
    try run.wait("the study to be there") { place.exists(".cairn/trials/1/0/params.json") }
    let watch = try place.start("cairn watch s 2> watched")
    try watch.wait("the watcher to look") {
      try place.exists("watched") && place.read("watched").contains("0 of 3 done")
    }
    try place.write("go", "")
    #expect(try watch.finish().status == 0)
    #expect(try run.finish().status == 0)
    let lines = try place.read("watched").split(separator: "\n").map(String.init)
    #expect(lines.count { $0.hasPrefix("trial ") && $0.contains(" complete value 1 ") } == 3)
    #expect(lines.contains("s: 3 of 3 done"))
  }

  @Test func `two terminals share a study`() throws {
    let place = try Workplace()
    let line = "cairn run s --seed 1 --trials 12 --jobs 2 -p x=0..999 -- sh -c 'echo 1' {x}"
    let both = try [place.start(line), place.start(line)]
    let outcomes = try both.map { try $0.finish() }
    #expect(outcomes.allSatisfy { $0.status == 0 })
    let trials = outcomes.flatMap(\.lines).filter { $0.hasPrefix("trial ") }
      .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
    #expect(trials.sorted() == Array(0..<12))
  }
}
