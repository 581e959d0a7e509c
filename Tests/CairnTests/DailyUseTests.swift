// What one types every day, and by what names things go.

import ArgumentParser
import Foundation
import Testing

@testable import cairn

@Suite struct DailyUseTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
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

  @Test func `trials go by last and best as well as by numbers`() throws {
    #expect(try workplace.run("cairn show s best").output.contains("trial 1 of s"))
    // The one that waits has not begun.
    #expect(try workplace.run("cairn show s last").output.contains("trial 3 of s"))
    #expect(try workplace.run("cairn why s best").output.hasPrefix("trial 1 of s"))
    let nonsense = try workplace.run("cairn show s worst")
    #expect(nonsense.status == 2)
    #expect(nonsense.errors.contains("worst"))
    #expect(try workplace.run("cairn create empty -p x=0..1.0").status == 0)
    let none = try workplace.run("cairn show empty best")
    #expect(none.status == 1)
    #expect(none.errors.contains("is the best: none is complete"))
    #expect(try workplace.run("cairn show empty last").status == 1)
  }

  @Test func `of several objectives best is the number of one`() throws {
    #expect(
      try workplace.run("cairn create two -p x=0.0..1.0 --minimize a --minimize b").status == 0)
    for (number, values) in ["1 2", "2 1"].enumerated() {
      #expect(try workplace.run("cairn ask two").status == 0)
      #expect(try workplace.run("cairn tell two \(number) \(values)").status == 0)
    }
    let best = try workplace.run("cairn show two best")
    #expect(best.status == 1)
    #expect(best.errors.contains("trials 0, 1"))
  }

  @Test func `the best few are listed in order`() throws {
    let best = try workplace.run("cairn best s -n 2 --format csv")
    let numbers = best.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.prefix(2) }
    #expect(numbers == ["1,", "2,"])
    #expect(try workplace.run("cairn best s -n 2 --output args").status == 2)
  }

  @Test func `options that many commands have may stand in front`() throws {
    let listing = try workplace.run("cairn trials s --format csv")
    #expect(listing.status == 0)
    for line in [
      "cairn --store .cairn trials s --format csv", "cairn --store=.cairn --format csv trials s",
      "cairn --quiet --format=csv trials s",
    ] {
      #expect(try workplace.run(line).output == listing.output, "\(line)")
    }
    #expect(
      GlobalOptions.behindCommand(["--store", "a", "run", "s", "--", "--store", "b"])
        == ["run", "--store", "a", "s", "--", "--store", "b"])
    // What is none of these stays where it is.
    #expect(GlobalOptions.behindCommand(["--version"]) == ["--version"])
    #expect(GlobalOptions.behindCommand(["--store"]) == ["--store"])
    #expect(GlobalOptions.behindCommand([]) == [])
  }

  @Test func `creating what is there as asked is fine, and what is not is told`() throws {
    let again = try workplace.run("cairn create s -p x=0.0..1.0 --sampler random --seed 1")
    #expect(again.status == 0)
    #expect(again.errors.hasPrefix("s is there as asked: "))
    let other = try workplace.run("cairn create s -p x=0.0..2.0")
    #expect(other.status == 2)
    #expect(other.errors.contains("cairn edit s -p x=0.0..2.0"))
  }

  @Test func `the objective can be named as long as there are no results`() throws {
    #expect(try workplace.run("cairn create t -p x=0.0..1.0").status == 0)
    let asked = try workplace.run("cairn create t -p x=0.0..1.0 --maximize acc")
    #expect(asked.status == 2)
    #expect(asked.errors.contains("cairn edit t --maximize acc"))
    let edit = try workplace.run("cairn edit t --maximize acc")
    #expect(edit.status == 0, "\(edit.errors)")
    #expect(edit.errors.contains("objectives: minimize value -> maximize acc"))
    for (number, value) in [0.2, 0.9].enumerated() {
      #expect(try workplace.run("cairn ask t").status == 0)
      #expect(try workplace.run("cairn tell t \(number) \(value)").status == 0)
    }
    #expect(try workplace.run("cairn best t -o value").output == "0.9\n")
    let late = try workplace.run("cairn edit t --minimize acc")
    #expect(late.status == 2)
    #expect(late.errors.contains("cannot change"))
  }

  @Test func `resume runs so many more`() throws {
    let run = "cairn run r -p x=0.0..1.0 --sampler random --trials 2 -- sh -c 'echo {x}'"
    #expect(try workplace.run(run).status == 0)
    let more = try workplace.run("cairn resume r --more 3")
    #expect(more.status == 0)
    #expect(more.errors.contains("r: 5 of 5 done"))
    #expect(try workplace.run("cairn logs r").status == 0)
    #expect(
      try workplace.run("cairn logs r").output == workplace.run("cairn logs r 4").output)
  }

  @Test func `a command in one pair of quotes is not run as a program of that name`() throws {
    let run = try workplace.run("cairn run q -p x=0.0..1.0 --trials 2 -- 'echo {x}'")
    #expect(run.status == 2)
    #expect(run.errors.contains("in one pair of quotes"))
    #expect(run.errors.contains("-- echo {x}   without the quotes"))
    #expect(try workplace.run("cairn show q").status == 1)
  }

  @Test func `a store in a repository is no part of it`() throws {
    #expect(try workplace.read(".cairn/.gitignore") == "*\n")
    let check = try workplace.run("cairn check")
    #expect(check.status == 0)
    #expect(!check.output.contains("gitignore"))
  }
}

@Suite struct SideBySideTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  @Test func `failures are grouped by reason, with what those of a group share`() throws {
    try workplace.write(
      "train.sh",
      """
      case $2 in sgd) echo "diverged at $1"; exit 3;; esac
      case $1 in *9) echo "no memory"; exit 4;; esac
      echo $1
      """)
    let run = try workplace.run(
      "cairn run s -p n=0..19 -p opt=adam,sgd --sampler grid --max-failures 100 --trials 40 "
        + "-- sh train.sh {n} {opt}")
    #expect(run.status == 0, "\(run.errors)")
    let failures = try workplace.run("cairn failures s --format tsv")
    let lines = failures.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.count == 3)
    #expect(lines[1][0] == "20" && lines[1][1].contains("3") && lines[1].last == "opt=sgd")
    #expect(lines[1][3].hasPrefix("diverged at "))
    #expect(lines[2][0] == "2" && lines[2][3] == "no memory")
    #expect(try workplace.run("cairn create none -p x=0..1.0").status == 0)
    #expect(try workplace.run("cairn failures none").errors == "no trial of none has failed\n")
  }

  @Test func `two trials differ in what they differ in`() throws {
    #expect(
      try workplace.run("cairn create s -p x=0.0..1.0 -p k=fixed:7 --sampler random").status == 0)
    for (number, value) in [0.4, 0.1].enumerated() {
      #expect(try workplace.run("cairn ask s").status == 0)
      #expect(try workplace.run("cairn report s \(number) loss=\(value) --step 1").status == 0)
      #expect(try workplace.run("cairn tell s \(number) \(value)").status == 0)
    }
    let diff = try workplace.run("cairn diff s 0 best --format tsv").output
    #expect(diff.hasPrefix("name\ttrial_0\ttrial_1\n"))
    #expect(diff.contains("\nvalue\t0.4\t0.1\n") && diff.contains("\nloss_last\t0.4\t0.1\n"))
    #expect(diff.contains("\nx\t") && !diff.contains("\nk\t"))
    #expect(
      try workplace.run("cairn diff s 0 best --all --format tsv").output.contains("\nk\t7\t7\n"))
  }

  @Test func `studies are compared by how far they came, and when`() throws {
    for (study, values) in [("a", [3.0, 1.0, 2.0, 4.0]), ("b", [2.5, 2.0])] {
      #expect(
        try workplace.run("cairn create \(study) -p x=0.0..1.0 --sampler random").status == 0)
      for (number, value) in values.enumerated() {
        #expect(try workplace.run("cairn ask \(study)").status == 0)
        #expect(try workplace.run("cairn tell \(study) \(number) \(value)").status == 0)
      }
    }
    let rows = try workplace.run("cairn compare a b --at 1 --at 3 --format tsv").output
      .split(separator: "\n").map {
        $0.split(separator: "\t", omittingEmptySubsequences: false).dropLast()
      }
    #expect(rows[0].suffix(3) == ["best_at_1", "best_at_3", "median"])
    #expect(
      rows[1] == ["a", "minimize value", "4", "0", "0", "1.0", "2", "3.0", "1.0", "2.5"])
    #expect(rows[2] == ["b", "minimize value", "2", "0", "0", "2.0", "2", "2.5", "", "2.25"])
    #expect(try workplace.run("cairn compare a nowhere").status == 1)
  }
}

@Suite struct HelpContractTests {
  @Test func `every domain that cairn help space shows is one`() throws {
    let domains = HelpContracts.space.split(separator: "\n").flatMap { line -> [String] in
      line.components(separatedBy: "-p ").dropFirst().map { text in
        if text.hasPrefix("'") { return String(text.dropFirst().prefix { $0 != "'" }) }
        return String(text.prefix { $0 != " " })
      }
    }
    #expect(domains.count > 20)
    for domain in domains where domain != "NAME=DOMAIN" {
      #expect(throws: Never.self, "\(domain)") {
        try StudyOptions.parse(["-p", domain]).request().newDefinition(seed: 1)
      }
    }
  }

  @Test func `the file that cairn help space shows is one`() throws {
    let lines = HelpContracts.space.split(separator: "\n", omittingEmptySubsequences: false)
    let file = lines.drop { !$0.hasPrefix("  parameters:") }.prefix { !$0.isEmpty }
    let workplace = try Workplace()
    try workplace.write("space.yaml", file.map { $0.dropFirst(2) }.joined(separator: "\n"))
    let dry = try workplace.run(
      "cairn run s --space space.yaml --dry-run 3 --seed 1 --trials 3 -- echo")
    #expect(dry.status == 0, "\(dry.errors)")
    #expect(dry.output.contains("echo --lr 0.001 --opt adam"))
  }

  /// Each placeholder does what is said of it.
  @Test func `what cairn help objective says of placeholders is so`() throws {
    let workplace = try Workplace()
    let space = "-p lr=fixed:0.5 -p fast=fixed:true -p gone=fixed:null"
    func line(_ command: String) throws -> String {
      let dry = try workplace.run(
        "cairn run s \(space) --dry-run 1 --seed 1 --trials 1 -- \(command)")
      #expect(dry.status == 0, "\(dry.errors)")
      return dry.output.split(separator: "\n").last.map(String.init) ?? ""
    }
    #expect(try line("echo {lr} {--fast} {--gone} {trial}") == "echo 0.5 --fast 0")
    #expect(try line("echo '{args:eq}'").hasPrefix("echo --lr=0.5 --fast=true"))
    #expect(try line("echo {args:flags}").hasPrefix("echo --lr 0.5 --fast"))
    #expect(try line("echo '{lr:-none}' {{ '{--fast}' '{--gone}'") == "echo 0.5 '{' --fast")
    for placeholder in [
      "{lr}", "{--lr}", "{args}", "{args:flags}", "{args:eq}", "{args:hydra}", "{a|b}",
      "{a:-text}", "{a:+text}", "{trial}", "{dir}", "{params.json}", "{template}", "{{",
    ] { #expect(HelpContracts.objective.contains(placeholder)) }
  }

  @Test func `every variable that an objective gets is listed`() throws {
    let workplace = try Workplace()
    let run = try workplace.run(
      "cairn run s -p x=0.0..1.0 --trials 1 --sampler random -- "
        + "sh -c 'env | grep -o \"^CAIRN_[A-Z_]*\\|^PYTHONUNBUFFERED\" >vars; echo {x}'")
    #expect(run.status == 0, "\(run.errors)")
    let variables = try workplace.read("vars").split(separator: "\n").filter {
      // These mark processes for Cairn itself.
      $0 != "CAIRN_MARK" && $0 != "CAIRN_OWNER"
    }
    #expect(variables.count >= 8)
    for variable in variables {
      #expect(HelpContracts.objective.contains("  \(variable) "), "\(variable)")
    }
  }

  @Test func `both fit 80 columns and are found`() throws {
    for text in [HelpContracts.objective, HelpContracts.space] {
      for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    #expect(HelpTopic.text(for: ["help", "objective"]) == HelpContracts.objective)
    #expect(HelpTopic.text(for: ["help", "space"]) == HelpContracts.space)
  }
}
