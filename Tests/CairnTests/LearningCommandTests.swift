import Testing

/// Warm starts, `why`, `best --by model` and what help says of samplers.
@Suite struct LearningCommandTests {
  private static let bowl = #"-p x=0.0..1.0 -- sh -c 'awk "BEGIN { print ($1 - 0.3) ^ 2 }"' - {x}"#

  private static func place() throws -> Workplace {
    let place = try Workplace()
    try place.run("cairn run old --seed 1 --sampler random --trials 12 \(bowl)")
    return place
  }

  @Test func `a study learns from another, says so, and keeps it from being deleted`() throws {
    let place = try Self.place()
    let new = "cairn run new --seed 2 --warm-start old"
    let run = try place.run("\(new) --trials 6 \(Self.bowl)")
    #expect(run.status == 0)
    #expect(
      try place.run("cairn show new").output.contains(
        "warm start  old, 12 finished trials, believed to "))
    let why = try place.run("cairn why new 5").output
    #expect(why.contains("proposed by    gp\n"))
    #expect(why.contains("borrowed from  old: "))
    #expect(why.contains("expected       value "))
    let deletion = try place.run("cairn delete old --yes")
    #expect(deletion.status == 1)
    #expect(deletion.errors.contains(#"other studies learn from "old""#))
    #expect(try place.run("cairn delete old --yes --force").status == 0)
    // It is no contradiction that the source is gone: the study was made so.
    #expect(try place.run("cairn run new --trials 7 \(Self.bowl)").status == 0)
    let other = try place.run("\(new),new --trials 8 \(Self.bowl)")
    #expect(other.status == 2)
    #expect(other.errors.contains("warm start: old -> old,new"))
  }

  @Test(arguments: [
    ("--warm-start odl", #"there is no study "odl" to learn from"#),
    ("--warm-start old,old", #""old" is named twice to learn from"#),
    ("--warm-start old --sampler tpe", "tpe learns from its own study only"),
    ("--warm-start old --minimize a --minimize b", "one of the two has several"),
  ])
  func `what cannot be learned from is refused`(options: String, fact: String) throws {
    let place = try Self.place()
    let run = try place.run("cairn run new --trials 2 \(options) \(Self.bowl)")
    #expect(run.status == 2)
    #expect(run.errors.contains(fact))
    let alien = try place.run("cairn create alien --warm-start old -p y=a,b")
    #expect(alien.status == 2)
    #expect(alien.errors.contains(#""old" has no parameter in common with this study"#))
  }

  @Test func `the best by a model is one of the trials, or it is said why there is none`() throws {
    let place = try Self.place()
    let best = try place.run("cairn best old --by model --output value")
    #expect(best.status == 0)
    #expect(Double(best.output.dropLast()).map { $0 < 0.05 } == true)
    try place.run("cairn run few --seed 1 --trials 3 \(Self.bowl)")
    let few = try place.run("cairn best few --by model")
    #expect(few.status == 1)
    #expect(few.errors.contains("from 10 to 1500 complete trials"))
  }

  @Test func `a pruned trial's curve is drawn with where it was going`() throws {
    let place = try Workplace()
    let curve =
      #"awk -v x=$1 "BEGIN { for (t = 1; t < 31; t++) "#
      + #"printf \"{\\\"step\\\": %d, \\\"loss\\\": %g}\\n\", t, x + 1 / t }""#
    try place.run(
      "cairn create s --seed 1 --minimize loss --sampler random -p x=0.0..1.0")
    for x in [0.1, 0.2, 0.3, 0.4] { try place.run("cairn enqueue s x=\(x)") }
    try place.run("cairn run s --trials 4 -- sh -c '\(curve)' - {x}")
    try place.run("cairn enqueue s x=0.9")
    let asked = try place.run("cairn ask s")
    #expect(asked.status == 0)
    for step in 1...12 {
      try place.run("cairn report s 4 --step \(step) loss=\(0.9 + 1 / Double(step))")
    }
    #expect(try place.run("cairn tell s 4 --state pruned").status == 0)
    let why = try place.run("cairn why s 4").output
    #expect(why.contains("its curve    stopped at step 12 of 30"))
    #expect(why.contains("┤") && why.contains("•") && why.contains("◆") && why.contains("┄"))
    #expect(!why.contains("deviations"))
  }

  @Test func `help says of each sampler and pruner what it is for`() throws {
    let place = try Workplace()
    let samplers = try place.run("cairn help samplers").output
    for name in ["auto", "gp", "tpe", "qmc", "grid", "random"] {
      #expect(samplers.contains("\n\(name): "))
      #expect(try place.run("cairn help \(name)").output.contains("\n  otherwise  "))
    }
    let pruners = try place.run("cairn help pruners").output
    for name in ["none", "median", "percentile", "asha", "curve"] {
      #expect(pruners.contains("\n\(name): "))
    }
    #expect(pruners.split(separator: "\n").allSatisfy { $0.count < 80 })
  }
}
