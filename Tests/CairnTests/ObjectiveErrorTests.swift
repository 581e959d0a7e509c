// Objectives that go wrong: the run is given up with status 1, says what it saw, and the study is
// intact.

import PlainText
import Foundation
import TestSupport
import Testing

@Suite struct ObjectiveErrorTests {
  struct Case: CustomTestStringConvertible {
    let script: String
    let fact: String
    let evidence: String
    let suggestion: String
    var options = ""

    var testDescription: String { fact }
  }

  @Test(arguments: [
    Case(
      script: "true", fact: #"trial 0 exited 0 but never reported "value""#,
      evidence: "it printed nothing",
      suggestion: #"try: the script prints {"value": NUMBER} on a line of its own"#),
    Case(
      script: "echo val_acc=0.91", fact: #"trial 0 exited 0 but never reported "accuracy""#,
      evidence: #"it printed: "val_acc=0.91""#,
      suggestion: #"try: --metric accuracy='val_acc=(\S+)'"#, options: "--maximize accuracy"),
    Case(
      script: #"echo '{"acuracy": 1}'"#,
      fact: #"trial 0 exited 0 but never reported "accuracy""#,
      evidence: #"it printed: "{\"acuracy\": 1}""#, suggestion: "try: --metric accuracy=",
      options: "--maximize accuracy"),
    Case(
      script: "echo boom >&2; exit 3", fact: "trial 0: exit status 3",
      evidence: #"it printed: "boom""#, suggestion: "try: cairn logs s 0 for all it printed"),
    Case(
      script: "echo here; kill -9 $$", fact: "trial 0: killed by signal 9 (SIGKILL)",
      evidence: #"it printed: "here""#, suggestion: "try: cairn logs s 0 for all it printed"),
    Case(
      script: "kill -SEGV $$", fact: "trial 0: killed by signal 11 (SIGSEGV)",
      evidence: "it printed nothing", suggestion: "try: cairn show s 0"),
    Case(
      script: "echo nan", fact: #"trial 0: "value" is NaN"#, evidence: #"it printed: "nan""#,
      suggestion: #"try: the script prints {"value": NUMBER}"#),
    Case(
      script: "sleep 60", fact: "trial 0: timed out after 0.1 s", evidence: "it printed nothing",
      suggestion: "try: a longer --trial-timeout", options: "--trial-timeout 0.1s"),
  ])
  func `what fails again and again ends the run with what was seen`(_ example: Case) throws {
    let place = try Workplace()
    try place.write("objective.sh", example.script)
    let outcome = try place.run(
      "cairn run s -p x=0..99 --trials 9 \(example.options) -- sh objective.sh {x}")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\nerror: \(example.fact)\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\n  all of the first 3 trials failed\n"))
    #expect(outcome.errors.contains("\n  \(example.evidence)\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\n  \(example.suggestion)"), "\(outcome.errors)")
    let trials = try place.run("cairn trials s --columns number,state --format csv")
    #expect(trials.output == "number,state\r\n0,failed\r\n1,failed\r\n2,failed\r\n")
    // Mended, the same study goes on.
    try place.write("objective.sh", #"echo "{\"value\": 1, \"accuracy\": 1}""#)
    #expect(try place.run("cairn run s --trials 2 -- sh objective.sh {x}").status == 0)
  }

  @Test(arguments: [
    ("no-such-program", "there is no program \"no-such-program\"", "no directory of $PATH has it"),
    ("./plain", "\"./plain\" is not executable", "/plain"),
    ("./folder", "\"./folder\" is a directory, not a program", "/folder"),
    ("./gone", "there is no program \"./gone\"", "looked at "),
  ])
  func `a program that cannot be started is refused before anything is recorded`(
    program: String, fact: String, evidence: String
  ) throws {
    let place = try Workplace()
    try place.write("plain", "echo 1")
    try FileManager.default.createDirectory(
      at: place.directory.appending(path: "folder"), withIntermediateDirectories: true)
    let outcome = try place.run("cairn run s -p x=0..9 -- \(program) {x}")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("error: \(fact)\n"), "\(outcome.errors)")
    #expect(outcome.lines[1].contains(evidence))
    #expect(outcome.lines[2].hasPrefix("  try: "))
    #expect(!place.exists(".cairn"))
  }

  @Test(arguments: [
    (
      "echo 1\n", "./program is neither a program nor a script with a first line",
      "\n  try: to name it in the command, as in: -- sh ./program\n"
    ),
    (
      "#!/no/such/interpreter\n",
      "./program asks for an interpreter that is not there: #!/no/such/interpreter", "\n  try: "
    ),
  ])
  func `a script that the system does not start says why`(
    text: String, fact: String, suggestion: String
  ) throws {
    let place = try Workplace()
    try writeProgram(text, to: place.directory.appending(path: "program").path)
    let outcome = try place.run("cairn run s -p x=0..99 --trials 9 -- ./program {x}")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\nerror: trial 0: \(fact)"), "\(outcome.errors)")
    #expect(outcome.errors.contains(suggestion), "\(outcome.errors)")
    // The line of a trial is one line.
    #expect(outcome.lines.count { $0.hasPrefix("trial ") } == 3)
    #expect(!outcome.errors.contains("\\n"))
  }

  @Test func `a trial that fails alone costs the others nothing`() throws {
    let place = try Workplace()
    try place.write("objective.sh", "[ $CAIRN_TRIAL = 1 ] && kill -9 $$; echo $1")
    let outcome = try place.run(
      "cairn run s -p x=0..99 --trials 4 --seed 3 -- sh objective.sh {x}")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains("s: 4 of 4 done, 1 failed"))
    #expect(
      outcome.lines.contains { $0.hasPrefix("trial 1 failed (killed by signal 9 (SIGKILL))") })
  }
}
