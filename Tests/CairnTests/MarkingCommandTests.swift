// What people say of trials, and trials that are run again outside the search.

import Foundation
import Testing

@Suite struct MarkingCommandTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func makeStudy() throws {
    let made = try workplace.run(
      "cairn create s -p x=0.0..1.0 --sampler random --seed 1 --trials 4")
    #expect(made.status == 0, "\(made.errors)")
    for (number, value) in [0.4, 0.1, 0.3].enumerated() {
      #expect(try workplace.run("cairn ask s").status == 0)
      #expect(try workplace.run("cairn tell s \(number) \(value)").status == 0)
    }
    #expect(try workplace.run("cairn ask s").status == 0)
    #expect(try workplace.run("cairn enqueue s x=0.5").status == 0)
  }

  @Test func `a trial is noted, tagged, dropped and restored`() throws {
    try makeStudy()
    #expect(try workplace.run("cairn note s 1 looks too good").status == 0)
    #expect(try workplace.run("cairn note s best").output == "looks too good\n")
    #expect(try workplace.run("cairn tag s 1 candidate 'needs a look'").status == 0)
    let drop = try workplace.run("cairn drop s best --reason 'half of the data'")
    #expect(drop.status == 0)
    #expect(
      drop.errors == "s: 2 of 4 done, 1 running, 1 waiting, 1 dropped; "
        + "best: value 0.3 (trial 2): \(try parameters(2))\n")
    let columns = "number,value,note,tags,dropped"
    #expect(
      try lines("trials s --columns \(columns) --limit 3") == [
        columns, "0,0.4,,,",
        "1,0.1,looks too good,\"candidate,needs a look\",half of the data", "2,0.3,,,",
      ])
    // Shown without being asked for, once there is one.
    #expect(try lines("trials s")[0].hasSuffix(",x,note,tags,dropped"))
    #expect(try lines("best s -n 9 ").dropFirst().map { $0.prefix(2) } == ["2,", "0,"])
    #expect(try lines("trials s --best 2 --columns number") == ["number", "2", "0"])
    #expect(try lines("trials s --best 2 --where 'x >= 0' --columns number").count == 3)
    let show = try workplace.run("cairn show s 1").output
    #expect(show.hasPrefix("trial 1 of s: complete, dropped\n"))
    #expect(show.contains("half of the data") && show.contains("candidate, needs a look"))
    #expect(
      try workplace.run("cairn show s").output.contains(
        "3 complete, 1 running, 1 waiting; not counted: 1 dropped"))
    #expect(try lines("query \"SELECT best_number FROM studies\"") == ["best_number", "2"])
    #expect(
      try workplace.run("cairn drop s 0 2 --reason 'all of it'").errors.hasSuffix("best: none\n"))
    #expect(
      try workplace.run("cairn best s").lines.prefix(2) == [
        "error: no trial of \"s\" is complete", "  it has 1 running, 1 waiting, 3 dropped",
      ])
    #expect(try workplace.run("cairn restore s 0 2 --quiet").errors.isEmpty)
    let restore = try workplace.run("cairn restore s 1")
    #expect(restore.errors.contains("3 of 4 done") && restore.errors.contains("(trial 1)"))
    #expect(try workplace.run("cairn restore s 1").errors.contains("nothing has changed"))
    #expect(try workplace.run("cairn tag s 1 candidate other --remove").errors.contains("other"))
    #expect(try workplace.run("cairn tag s 1").output == "needs a look\n")
    #expect(try workplace.run("cairn note s 1 --clear").status == 0)
    #expect(try lines("note s") == ["number,note"])
    for wrong in [
      "drop s 3 --reason x", "drop s 99 --reason x", "note nobody 1 text",
    ] {
      #expect(try workplace.run("cairn \(wrong)").status == 1, "\(wrong)")
    }
    for wrong in ["rerun s 1", "drop s 1", "drop s 1 --reason ''", "tag s 1 a,b", "note s --clear"]
    {
      #expect(try workplace.run("cairn \(wrong)").status == 2, "\(wrong)")
    }
  }

  /// The lines of a table in CSV, whose ends are of two characters.
  private func lines(_ command: String) throws -> [String] {
    try workplace.run("cairn \(command) --format csv").output.split(whereSeparator: \.isNewline)
      .map(String.init)
  }

  private func parameters(_ trial: Int) throws -> String {
    let x = try workplace.run(
      "cairn trials s --where 'number = \(trial)' --columns x --format json")
    let number = try #require(x.output.firstMatch(of: /[0-9.]+/)).output
    return "x=" + String(format: "%.4g", try #require(Double(number)))
  }

  @Test func `a trial is run again to see how noisy it is`() throws {
    // The trial's number is its noise.
    let run =
      "cairn run n -p x=0.0..1.0 --sampler random --trials 3 -- "
      + "sh -c 'test $CAIRN_TRIAL != 5 && echo $CAIRN_TRIAL'"
    #expect(try workplace.run(run).status == 0)
    let first = try workplace.run("cairn rerun n best --seeds 3")
    #expect(first.status == 0)
    #expect(first.errors.contains("running trial 0 of n again: 0 of 3 reruns done"))
    #expect(
      first.lines.last
        == "2 reruns of trial 0, 1 failed: value mean 3.5, deviation 0.707, from 3 to 4; "
        + "trial 0 had 0")
    // The same again does what is missing.
    let second = try workplace.run("cairn rerun n 0 --seeds 3")
    #expect(second.lines.last?.hasPrefix("3 reruns of trial 0, 1 failed: value mean 4.33") == true)
    #expect(try lines("trials n --columns rerun_of").filter { $0 == "0" }.count == 4)
    #expect(try workplace.run("cairn show n 0").output.contains("3 reruns of trial 0"))
    #expect(try workplace.run("cairn show n").output.contains("3 of 3 done"))
    #expect(try workplace.run("cairn resume n").errors.contains("n: 3 of 3 done"))
    // Nor is a rerun that failed retried as a trial of the search.
    #expect(try workplace.run("cairn retry n").errors.contains("nothing to retry"))
    let alike = try workplace.run(
      "cairn run c -p x=0.0..1.0 --trials 1 -- sh -c 'echo 1 # {x}'")
    #expect(alike.status == 0)
    #expect(
      try workplace.run("cairn rerun c last --seeds 2").lines.last?.hasPrefix("all alike") == true)
  }
}
