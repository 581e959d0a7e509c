import Testing

/// A value at which a study stops.
struct TargetTests {
  private static let grid = "--sampler grid -p x=1..9 -- sh say.sh {x}"

  @Test(arguments: [("minimize", 3.0, "<="), ("maximize", 7.0, ">=")])
  func `a study stops at its target, and goes on when that is moved`(
    direction: String, target: Double, relation: String
  ) throws {
    let place = try Workplace()
    try place.write("say.sh", #"echo "{\"value\": $1}""#)
    let options = "--\(direction) value --target \(target) \(Self.grid)"
    let run = try place.run("cairn run s \(options)")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("s: the target is reached, "))
    let values = try place.run("cairn query 'select value from s order by number' --format tsv")
      .output.split(separator: "\n").dropFirst().compactMap { Double($0) }
    let reaches: (Double) -> Bool = { direction == "minimize" ? $0 <= target : $0 >= target }
    #expect(values.last.map(reaches) == true && !values.dropLast().contains(where: reaches))
    let count = try place.run("cairn trials s --format tsv").output.split(separator: "\n").count
    let show = try place.run("cairn show s").output
    #expect(show.contains("value \(relation) \(Int(target))\n"), "\(show)")

    let again = try place.run("cairn run s \(options)")
    #expect(again.errors.contains("s: the target is reached, "))
    #expect(
      try place.run("cairn trials s --format tsv").output.split(separator: "\n").count == count)

    #expect(
      try place.run("cairn edit s --target none").errors.contains("target: \(Int(target)) -> none"))
    let whole = try place.run("cairn resume s")
    #expect(whole.errors.contains("s: every point of the space has been tried, 9 done"))
  }

  @Test func `another target is no silent change, and one value is for one objective`() throws {
    let place = try Workplace()
    #expect(try place.run("cairn create s --target 0.5 -p x=0.0..1.0").status == 0)
    let other = try place.run("cairn run s --target 0.25 -- echo {x}")
    #expect(other.status == 2)
    #expect(other.errors.contains("target: 0.5 -> 0.25"))
    #expect(other.errors.contains("cairn edit s --target 0.25"))
    let two = try place.run("cairn create t --minimize a --minimize b --target 1 -p x=0.0..1.0")
    #expect(two.status == 2)
    #expect(two.errors.contains("--target is for a study of one objective"))
    #expect(try place.run("cairn create t --target good -p x=0.0..1.0").status == 2)
  }

  @Test func `a trial that breaks a bound reaches nothing`() throws {
    let place = try Workplace()
    try place.write(
      "bounded.sh", #"echo "{\"step\": 0, \"cost\": $1}"; echo "{\"value\": $1}""#)
    let run = try place.run(
      "cairn run s --sampler grid --maximize value --constraint 'cost <= 5' --target 7"
        + " -p x=1..9 -- sh bounded.sh {x}")
    #expect(run.errors.contains("s: every point of the space has been tried, 9 done"))
  }
}
