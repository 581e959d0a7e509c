import Foundation
import Testing

/// `cairn run` and its relatives as processes, on real scripts.
struct RunCommandTests {
  private static let square = #"cairn run s --seed 7 -p x=0.0..1.0 -p n=1..9"#
  private static let command = #"-- sh -c 'echo "{\"step\": 1, \"value\": $1}"' - {x} {n}"#

  @Test func `a new study is made, and the same line does no more than what is left`() throws {
    let place = try Workplace()
    let first = try place.run("\(Self.square) --trials 3 \(Self.command)")
    #expect(first.status == 0)
    #expect(first.output.isEmpty)
    #expect(
      first.lines.first
        == "new study s: 3 trials, 2 parameters, sampler auto, seed 7, store .cairn (new)")
    #expect(first.lines.count { $0.hasPrefix("trial ") } == 3)
    #expect(first.lines.contains("s: 3 of 3 done"))

    let size = try place.logSize
    let again = try place.run("\(Self.square) --trials 3 \(Self.command)")
    #expect(again.status == 0)
    #expect(again.lines.first == "resuming s: 3 of 3 done, store .cairn")
    #expect(again.lines.count { $0.hasPrefix("trial ") } == 0)
    #expect(try place.logSize == size, "nothing was recorded where nothing changed")

    let more = try place.run("\(Self.square) --more 2 --jobs 2 \(Self.command)")
    #expect(more.lines.first == "resuming s: 3 of 5 done, store .cairn")
    #expect(more.lines.contains("s: 5 of 5 done"))
  }

  @Test func `equal seeds propose equal trials, in a dry run as in a run`() throws {
    let place = try Workplace()
    // What a sampler proposes that learns depends on results, which a dry run has none of.
    let square = "\(Self.square) --sampler random"
    let dry = try place.run("\(square) --dry-run 4 -- echo {x} {n}")
    #expect(dry.status == 0)
    #expect(!place.exists(".cairn"), "a dry run records nothing")
    #expect(
      dry.output.hasPrefix(
        """
        # study s: minimize value, sampler random, pruner none, seed 7
        #   x  0.0..1.0
        #   n  1..9
        echo 0.
        """))
    let run = try place.run(
      "\(square) --trials 4 -- sh -c 'echo echo $1 $2 >> lines; echo 1' - {x} {n}")
    #expect(run.status == 0)
    let lines = dry.output.split(separator: "\n").suffix(4).map(String.init)
    #expect(lines == (try place.read("lines")).split(separator: "\n").map(String.init))

    let next = try place.run("cairn run s --dry-run 1 -- echo {x} {n} {dir}")
    #expect(next.output.contains("/.cairn/trials/1/4\n"))
  }

  @Test func `a study does not change silently`() throws {
    let place = try Workplace()
    try place.run("\(Self.square) --trials 1 \(Self.command)")
    let other = try place.run("cairn run s -p x=0.0..2.0 -p n=1..9 --trials 2 \(Self.command)")
    #expect(other.status == 2)
    #expect(other.errors.contains("x: 0.0..1.0 -> 0.0..2.0"))
    #expect(other.errors.contains("try: cairn edit s -p x=0.0..2.0 "))
    let seed = try place.run("cairn run s --seed 8 --trials 2 \(Self.command)")
    #expect(seed.status == 2)
    #expect(!seed.errors.contains("cairn edit"))
    #expect(try place.run("cairn run s --new \(Self.command)").status == 2)

    #expect(try place.run("cairn edit s -p x=0.0..2.0 --trials 2").status == 0)
    let accepted = try place.run(
      "cairn run s -p x=0.0..2.0 -p n=1..9 -- sh -c 'echo 1' - {x} {n}")
    #expect(accepted.status == 0)
    #expect(accepted.errors.contains("warning: the command is another than before"))
    #expect(accepted.errors.contains("s: 2 of 2 done"))
  }

  @Test func `a changed commit is told of, and recorded`() throws {
    let place = try Workplace()
    let git = "git -c user.name=t -c user.email=t@example.org"
    try place.write("objective.sh", "echo 1")
    try place.run("sh -c 'git init -q . && git add objective.sh && \(git) commit -qm one'")
    let line = "cairn run s --trials 1 -p x=0..99 -- sh objective.sh {x}"
    #expect(try place.run(line).status == 0)
    try place.write("objective.sh", "echo 2")
    let dirty = try place.run("cairn resume s")
    #expect(dirty.errors.contains("warning: the code is another than before"))
    #expect(dirty.errors.contains("-dirty\n"))
    let size = try place.logSize
    #expect(try !place.run("cairn resume s").errors.contains("warning"))
    #expect(try place.logSize == size)
  }

  @Test func `edit says what changed and refuses another kind of parameter`() throws {
    let place = try Workplace()
    try place.run("\(Self.square) --trials 1 \(Self.command)")
    let edit = try place.run(
      "cairn edit s -p x=0.0..0.5 -p y=a,b --without n --sampler random --trials 9")
    #expect(edit.status == 0)
    #expect(
      edit.errors == """
        changed s:
          x: 0.0..1.0 -> 0.0..0.5
          n: 1..9 -> not there
          y: not there -> a,b
          sampler: auto -> random
          trials: 1 -> 9
        warning: the command that was last run does not fit any more: \
        there is no parameter for {n}
          sh -c 'echo "{\\"step\\": 1, \\"value\\": $1}"' - '{x}' '{n}'
          try: {x}
           or: {{n} for the braces as they are

        """)
    #expect(try place.run("cairn edit s --trials 9").errors.contains("nothing to change"))
    let kind = try place.run("cairn edit s -p x=log:0.1..1.0")
    #expect(kind.status == 2)
    #expect(kind.errors.hasPrefix("error: x cannot become log:0.1..1.0"))
    #expect(try place.run("cairn edit s --without z").status == 2)
    #expect(try place.run("cairn edit t --trials 2").status == 1)
  }

  @Test func `create makes a study that run goes on with`() throws {
    let place = try Workplace()
    #expect(try place.run("cairn create s -p x=1..3 --sampler grid --trials 9").status == 0)
    #expect(try place.run("cairn create s -p x=1..3").status == 0)
    #expect(try place.run("cairn create s -p x=1..4").status == 2)
    #expect(try place.run("cairn create u -p x=0.0..1.0 --sampler grid").status == 2)
    let resume = try place.run("cairn resume s")
    #expect(resume.status == 2)
    #expect(resume.errors.contains("was never run by a command"))
    let run = try place.run("cairn run s -- echo {x}")
    #expect(run.status == 0)
    #expect(
      run.lines.contains("s: every point of the space has been tried, 3 of 9 done"))
  }

  @Test(arguments: [
    ("cairn run s -p x=0..1", "there is no command to run"),
    ("cairn run s -- true", "the new study \"s\" has no parameters to search"),
    ("cairn run s -p x=0..1 -- no-such-program", "there is no program \"no-such-program\""),
    ("cairn run s -p x=0..1 -- ./script", "\"./script\" is not executable"),
    ("cairn run s -p x=0..1 -p yy=0..1 -- echo {x}", "the command never uses \"yy\""),
    ("cairn run s -p xx=0..1 -- echo {xy}", "there is no parameter for {xy}"),
    ("cairn run s -p x=0..1 --sampler grud -- echo {x}", "there is no sampler \"grud\""),
    (
      "cairn run s -p x=0.0..1.0 --sampler grid -- echo {x}",
      "grid cannot search this space"
    ),
    ("cairn run s -p x=0..1 --metric 'a=(' -- echo {x}", "the pattern of the metric \"a\""),
    ("cairn run s -p x=0..1 --template no -- echo {x}", "the template file \"no\" cannot be read"),
    ("cairn run s -p x=0..1 --space no.yaml -- echo {x}", "no.yaml"),
    ("cairn run s -p x=0..1 python3 --lr 3", "unknown option '--lr'"),
  ])
  func `what cannot work is refused before anything is recorded`(
    line: String, fact: String
  ) throws {
    let place = try Workplace()
    try place.write("script", "echo 1")
    let outcome = try place.run(line)
    #expect(outcome.status == 2, "\(outcome.errors)")
    #expect(outcome.errors.contains(fact), "\(outcome.errors)")
    #expect(!place.exists(".cairn"))
  }
}

extension RunCommandTests {
  @Test func `a final value of a bounded metric takes none of its steps away`() throws {
    let place = try Workplace()
    try place.write(
      "objective",
      """
      echo '{"step": 1, "value": 1, "latency": 3}'
      echo '{"step": 2, "value": 2, "latency": 4}'
      echo '{"value": 3, "latency": 5}'
      """)
    let outcome = try place.run(
      "cairn run s --trials 1 -p x=0..9 --constraint 'latency <= 4.5' -- sh objective {args}")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.lines.last == "best: none, no complete trial keeps the study's bounds")
    let latencies = try place.run("cairn metrics s --wide --format tsv").output
    #expect(
      latencies == "number\tstep\tvalue\tlatency\n0\t1\t1.0\t3.0\n0\t2\t2.0\t4.0\n0\t3\t\t5.0\n")
  }
}

extension Workplace {
  /// The bytes of the store's log, as far as studies are recorded in it.
  var logSize: Int {
    get throws {
      let directory = directory.appending(path: ".cairn/log")
      let files = try FileManager.default.contentsOfDirectory(
        at: directory, includingPropertiesForKeys: nil)
      return try files.reduce(0) { try $0 + Data(contentsOf: $1).count }
    }
  }
}
