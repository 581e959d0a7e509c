// What a study is mended with when it turns out to be another than it was thought: choices, the
// objective's name, parameters that exist only beside others.

import Foundation
import Testing

@Suite struct MendingTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  @Test func `choices are added by an edit, and only added`() throws {
    let run = "cairn run e -p opt=adam,sgd --sampler tpe --trials 6 -- sh -c 'echo 1 # {opt}'"
    #expect(try workplace.run(run).status == 0)
    let edit = try workplace.run("cairn edit e -p opt=rmsprop,sgd,adam --trials 20")
    #expect(edit.status == 0, "\(edit.errors)")
    #expect(edit.errors.contains("opt: adam,sgd -> rmsprop,sgd,adam"))
    #expect(try workplace.run("cairn resume e --quiet").status == 0)
    let counts = try workplace.run(
      "cairn query \"SELECT opt, count(*) > 0 FROM e GROUP BY opt\" --format csv")
    #expect(
      counts.output.split(whereSeparator: \.isNewline).dropFirst() == [
        "adam,1", "rmsprop,1", "sgd,1",
      ])
    let narrower = try workplace.run("cairn edit e -p opt=adam,sgd")
    #expect(narrower.status == 2)
    #expect(narrower.errors.contains("choices may be added"))
  }

  @Test func `a metric by another name is offered as the objective`() throws {
    let run =
      "cairn run m -p x=0.0..1.0 --trials 3 --minimize loss -- "
      + #"sh -c 'echo "{{\"step\": 1, \"val_loss\": {x}, \"acc\": 1}"'"#
    let failed = try workplace.run(run)
    #expect(failed.status == 1)
    #expect(
      failed.errors.contains("try: cairn edit m --minimize val_loss, for what it reported"),
      "\(failed.errors)")
    #expect(try workplace.run("cairn edit m --minimize val_loss").status == 0)
    #expect(try workplace.run("cairn resume m --more 3").status == 0)
    let reasons = try workplace.run(
      "cairn query \"SELECT state, attempt_reason LIKE '%loss%' AS why, last_line FROM m "
        + "WHERE number IN (0, 3)\" --format csv")
    let lines = reasons.output.split(whereSeparator: \.isNewline)
    try #require(lines.count == 3, "\(reasons.errors)")
    #expect(lines[1].hasPrefix("failed,1,") && lines[1].contains("val_loss"))
    #expect(lines[2].hasPrefix("complete,0,") && lines[2].contains("val_loss"))
  }

  @Test func `the example with conditional parameters runs`() throws {
    let example = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../tools/examples/moons").standardizedFileURL.path
    let run = try workplace.run(
      "cairn run moons --space '\(example)/space.yaml' --maximize accuracy --trials 8 --jobs 2 "
        + "--sampler random --seed 2 -- python3 '\(example)/train.py'")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("moons: 8 of 8 done"))
    let rows = try workplace.run(
      "cairn query \"SELECT count(*) AS n FROM moons WHERE (model = 'network') = (k IS NULL) "
        + "AND (ifnull(optimizer, '') = 'sgd') = (momentum IS NOT NULL) "
        + "AND value > 0.5\" --format csv")
    #expect(rows.output.split(whereSeparator: \.isNewline) == ["n", "8"], "\(rows.errors)")
  }
}
