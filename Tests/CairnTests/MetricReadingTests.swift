// What objectives print and write, through whole runs.

import Foundation
import Testing

@Suite struct MetricReadingTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// One trial of `script`.
  private func run(
    _ script: String, _ options: String, study: String = "s", trials: Int = 1
  ) throws -> Workplace.Outcome {
    try place.write("\(study).sh", script)
    return try place.run(
      "cairn run \(study) --trials \(trials) --max-failures 1 -p x=0.0..1.0 \(options) "
        + "-- sh \(study).sh {x}")
  }

  @Test func `steps under another key are steps`() throws {
    let script = """
      n=0; for l in 0.9 0.1 0.8; do n=$((n+1)); echo "{\\"epoch\\": $n, \\"val_loss\\": $l}"; done
      """
    let outcome = try run(script, "--pruner median --minimize val_loss@min")
    #expect(outcome.status == 0)
    #expect(!outcome.errors.contains("warning"))
    #expect(try place.run("cairn best s -o value").output.hasPrefix("0.1"))
  }

  @Test func `a pruner and an aggregate without a series are warned of once`() throws {
    let outcome = try run(
      #"echo '{"loss": 0.5}'"#, "--pruner median --minimize loss@min", trials: 3)
    #expect(outcome.status == 0)
    let warning =
      #"warning: trial 0 gave "loss" once, without steps: the pruner median and @min have no "#
      + "series to work on"
    #expect(outcome.errors.contains(warning), "\(outcome.errors)")
    #expect(outcome.errors.components(separatedBy: "no series").count == 2)
  }

  @Test func `an objective whose curves get worse is asked about once`() throws {
    let script = #"for s in 1 2 3 4 5; do echo "{\"step\": $s, \"acc\": 0.$s}"; done"#
    let doubt =
      #"warning: "acc" ends higher than it began in 8 of 8 trials, and the study minimizes it"#
    let outcome = try run(script, "--minimize acc", study: "wrong", trials: 12)
    #expect(outcome.errors.components(separatedBy: doubt).count == 2, "\(outcome.errors)")
    #expect(outcome.errors.contains("try: a new study with --maximize acc, if that is better"))
    for (study, options) in [("right", "--maximize acc"), ("least", "--minimize acc@min")] {
      let other = try run(script, options, study: study, trials: 12)
      #expect(other.status == 0 && !other.errors.contains("ends higher"))
    }
    #expect(try !run(script, "--minimize acc", study: "young", trials: 7).errors.contains("ends"))
  }

  @Test func `what a trainer prints is recorded, and nothing when that is switched off`() throws {
    let script = "for e in 1 2 3; do echo \"Epoch $e/3\"; echo \"loss: 0.$e - acc: 0.9\"; done"
    #expect(try run(script, "--minimize loss").status == 0)
    #expect(try place.run("cairn best s -o value").output.hasPrefix("0.3"))
    let off = try run(script, "--minimize loss --no-guess", study: "off")
    #expect(off.status == 1)
    #expect(off.errors.contains(#"never reported "loss""#))
    #expect(off.errors.contains(#"--metric loss='loss:\s*(\S+)'"#))
  }

  @Test func `all that came late in one piece counts, whatever the pruner says of it`() throws {
    let script = """
      f=$(echo $1 | cut -c3)
      out=""; for s in 1 2 3 4 5 6; do
        if [ $s -lt 6 ]; then v=9$f; else v=0.5; fi
        out="$out{\\"step\\": $s, \\"loss\\": $v}
      "; done; printf '%s' "$out"
      """
    let outcome = try run(
      script, "--minimize loss --pruner median:startup=1 --seed 1", trials: 5)
    #expect(outcome.status == 0)
    let states = try place.run("cairn trials s --columns state --format csv").output
    #expect(states == "state\r\n" + String(repeating: "complete\r\n", count: 5))
  }

  @Test func `a later attempt's line without a step leaves the curve`() throws {
    let script = """
      if [ $CAIRN_ATTEMPT = 1 ]; then
        for s in 0 1 2 3 4; do echo "{\\"step\\": $s, \\"loss\\": $s}"; done; exit 1
      fi
      echo '{"loss": 0.01, "latency": 12}'
      """
    let outcome = try run(script, "--retry 1 --minimize loss --constraint 'latency <= 20'")
    #expect(outcome.status == 0)
    let points = try place.run("cairn metrics s --format csv").output
    #expect(points.contains("0.0") && points.contains("4.0"))
    #expect(try place.run("cairn best s -o value").output.hasPrefix("0.01"))
    #expect(points.contains("12.0"))
  }

  @Test func `a file that the second attempt writes anew counts for it`() throws {
    let script = """
      sleep 0.02
      { echo step,value; for i in 0 1 2; do echo $i,$((5-i)); done; } > $CAIRN_TRIAL_DIR/m.csv
      [ $CAIRN_ATTEMPT = 2 ]
      """
    let outcome = try run(script, "--retry 1 --metrics-from 'csv:{dir}/m.csv'")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try place.run("cairn best s -o value").output.hasPrefix("3"))
  }

  @Test func `a store below a directory with signs in its name works`() throws {
    let inner = try Workplace()
    try FileManager.default.createDirectory(
      at: inner.directory.appending(path: "a[lr]*"), withIntermediateDirectories: true)
    try inner.write(
      "a[lr]*/o.sh",
      """
      echo '{"value": 3}' >> "$CAIRN_REPORT"
      printf 'step,value\\n0,5\\n' > "$CAIRN_TRIAL_DIR/m.csv"
      """)
    let line =
      "sh -c 'cd \"a[lr]*\" && cairn run s --trials 1 -p x=0.0..1.0 -- sh o.sh {x} && cairn run t "
      + "--trials 1 -p x=0.0..1.0 --metrics-from csv:{dir}/m.csv -- sh o.sh {x}'"
    #expect(try inner.run(line).status == 0)
  }

  @Test func `a file that never came, or has other columns, is named`() throws {
    let never = try run("true", "--minimize loss --metrics-from csv:{dir}/none.csv", study: "a")
    #expect(
      never.errors.contains(#"never reported "loss": no file came for csv:{dir}/none.csv"#),
      "\(never.errors)")
    let other = try run(
      "printf 'step,val_loss\\n1,2\\n' > $CAIRN_TRIAL_DIR/m.csv",
      "--minimize loss --metrics-from csv:{dir}/m.csv", study: "b")
    #expect(
      other.errors.contains(#"csv:{dir}/m.csv has no "loss" but the columns "step", "val_loss""#),
      "\(other.errors)")
  }

  @Test func `part of a number is no value, and said so`() throws {
    let printed = try run("echo 'loss: 0,512'", "--minimize loss", study: "a")
    #expect(printed.status == 1)
    #expect(printed.errors.contains(#"being no number as a whole: "0,512""#), "\(printed.errors)")
    let bare = try run("echo 100; echo 0,512", "", study: "b")
    #expect(bare.status == 1)
    #expect(bare.errors.contains(#"being no number as a whole: "0,512""#), "\(bare.errors)")
    let some = try run("echo 'loss: 0,5'; echo 'loss: 0.25'", "--minimize loss", study: "c")
    #expect(some.status == 0)
    #expect(
      some.errors.contains(#"warning: trial 0: 1 value of "loss" left out"#), "\(some.errors)")
  }

  @Test func `two metrics of a step in two reports are judged as one`() throws {
    let script = """
      for s in 1 2 3 4; do
        echo "{\\"step\\": $s, \\"train\\": 1}"
        sleep 0.01
        echo "{\\"step\\": $s, \\"val\\": $((9-s))}"
      done
      """
    let outcome = try run(
      script, "--minimize val --pruner median:startup=1 --grace 1s", trials: 4)
    #expect(outcome.status == 0)
    let states = try place.run("cairn trials s --columns state --format csv").output
    #expect(!states.contains("pruned"))
  }

  @Test func `an endless pattern ends with its line, and is named once`() throws {
    let script = "printf 'a%.0s' $(seq 60); echo; echo loss=0.5"
    let outcome = try run(
      script, #"--minimize loss --metric 'loss=(a+)+b|loss=(?<value>\S+)'"#)
    #expect(outcome.errors.components(separatedBy: "was given up: it took too long").count == 2)
    #expect(outcome.status == 1)
  }
}
