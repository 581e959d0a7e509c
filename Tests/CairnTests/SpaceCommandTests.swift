import Testing

/// Spaces and templates from the command line to the script.
struct SpaceCommandTests {
  /// Appends its arguments to `lines` and prints 1.
  private static let script =
    #"for a in "$@"; do printf '<%s>' "$a"; done >> lines; echo >> lines; echo 1"#

  private func place(_ space: String? = nil) throws -> Workplace {
    let place = try Workplace()
    try place.write("t.sh", Self.script + "\n")
    if let space { try place.write("s.yaml", space) }
    return place
  }

  private func lines(_ place: Workplace) throws -> [String] {
    try place.read("lines").split(separator: "\n").map(String.init)
  }

  @Test func `choices arrive as they were typed, and the store and its exports keep it`() throws {
    let place = try place()
    let run = try place.run(
      "cairn run v --sampler grid -p torch=1.9,1.10 -p n=1e3,2e3 -- sh t.sh {args}")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try lines(place) == [
        "<--torch><1.9><--n><1e3>", "<--torch><1.9><--n><2e3>", "<--torch><1.10><--n><1e3>",
        "<--torch><1.10><--n><2e3>",
      ])
    let rows = try place.run("cairn trials v --where 'torch = 1.1 and n = 1000' --format csv")
    #expect(rows.output.contains(",1.10,1e3"))
    let export = try place.run("cairn export v -o v.csv")
    #expect(export.status == 0)
    #expect(try place.read("v.csv").contains(",1.10,2e3"))
    #expect(try place.run("cairn enqueue v torch=1.1 n=1e3").output == "4\n")
  }

  @Test func `a grid runs each point of a step once, by the decimals people type`() throws {
    let place = try place()
    try place.run("cairn create g --sampler grid -p s=0..1:step=0.1")
    #expect(try place.run("cairn enqueue g s=0.3").output == "0\n")
    try place.run("cairn run g -- sh t.sh {s}")
    #expect(
      Set(try lines(place))
        == [
          "<0.0>", "<0.1>", "<0.2>", "<0.3>", "<0.4>", "<0.5>", "<0.6>", "<0.7>", "<0.8>", "<0.9>",
          "<1.0>",
        ])
    #expect(try lines(place).count == 11)
    let found = try place.run("cairn trials g --where 's = 0.3' --columns number,s --format csv")
    #expect(found.output == "number,s\r\n0,0.3\r\n")
  }

  @Test func `conditions with or, defaults and a list to start with`() throws {
    let place = try place(
      """
      parameters:
        opt: {choices: [adam, sgd], default: adam}
        layers: {type: int, low: 1, high: 3, default: 2}
        momentum: {type: float, low: 0, high: 1, default: 0.5, when: "opt = 'sgd' or layers > 2"}
      start:
        - {opt: sgd, layers: 1, momentum: 0.25}
        - {opt: sgd}

      """)
    let run = try place.run(
      "cairn run s --space s.yaml --first 'layers=3 momentum=0.75 opt=adam' --trials 9 --seed 1 "
        + "-- sh t.sh {args}")
    #expect(run.status == 0, "\(run.errors)")
    let lines = try lines(place)
    #expect(lines.count == 9)
    #expect(lines[0] == "<--opt><adam><--layers><2>")
    #expect(lines[1] == "<--opt><sgd><--layers><1><--momentum><0.25>")
    #expect(lines[2].hasPrefix("<--opt><sgd><--layers>"))
    #expect(lines[3] == "<--opt><adam><--layers><3><--momentum><0.75>")
    for line in lines {
      let hasMomentum = line.contains("momentum")
      #expect(hasMomentum == (line.contains("sgd") || line.contains("<--layers><3>")), "\(line)")
    }
    let dry = try place.run("cairn run t --space s.yaml --dry-run 2 --seed 1 -- sh t.sh {args}")
    #expect(dry.output.contains("momentum  0.0..1.0 when opt = 'sgd' or layers > 2\n"))
    #expect(dry.output.contains("\nsh t.sh --opt adam --layers 2\n"))
    let wrong = try place.run(
      "cairn create w -p 'a=1..3' --first 'a=7'")
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("a cannot be \"7\": its domain is 1..3"))
  }

  @Test func `the best line is given back as it was`() throws {
    let place = try place("parameters: {aug: [null, crop], lr: -1.0..-0.5, amp: bool}\n")
    let run = try place.run(
      "cairn run b --space s.yaml --trials 1 --seed 2 "
        + "--first 'lr=-0.5 amp=true aug=crop' -- sh t.sh --shift={lr} {--amp} {--aug} end")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try lines(place) == ["<--shift=-0.5><--amp><--aug><crop><end>"])
    #expect(try place.run("cairn best b -o args").output == "--shift=-0.5 --amp --aug crop\n")
    #expect(
      try place.run("cairn best b -o command").output
        == "sh t.sh --shift=-0.5 --amp --aug crop end\n")
    #expect(
      try place.run("cairn show b 0").output
        .contains("sh t.sh --shift=-0.5 --amp --aug crop end\n"))
  }

  @Test func `a range of two whole numbers is named when it is made`() throws {
    let place = try place()
    let made = try place.run("cairn create p -p dropout=0..1")
    #expect(made.errors.hasSuffix("note: dropout is 0 or 1; for reals write 0.0..1.0\n"))
    #expect(
      try place.run("cairn run q --dry-run 1 -p dropout=0..1 -- echo {dropout}").output
        .contains("#   note: dropout is 0 or 1; for reals write 0.0..1.0\n"))
    #expect(try !place.run("cairn create r -p dropout=0.0..1.0").errors.contains("note"))
  }

  @Test func `placeholders in paths of metrics are checked`() throws {
    let place = try place()
    let wrong = try place.run(
      "cairn run m -p x=0.0..1.0 --metrics-from 'csv:{dri}/m.csv' -- sh t.sh {x}")
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("try: {dir}"))
  }
}
