import Testing

@Suite struct EditCommandTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  @Test func `two edits at the same time both hold`() throws {
    for round in 0..<5 {
      try workplace.run("cairn create s\(round) -p x=0.0..1.0 --trials 5")
      let a = try workplace.start("cairn edit s\(round) --trials 100")
      let b = try workplace.start("cairn edit s\(round) --pruner median")
      #expect(try a.finish().status == 0)
      #expect(try b.finish().status == 0)
      let show = try workplace.run("cairn show s\(round) --format json").output
      #expect(show.contains("\"pruner\": \"median\"") || show.contains("\"pruner\":\"median\""))
      let text = try workplace.run("cairn show s\(round)").output
      #expect(text.contains("0 of 100 done"), "\(text)")
    }
  }

  @Test func `another number of jobs is no edit`() throws {
    let line = "-q -p x=0.0..1.0 --trials 1 --sampler random -- sh -c 'echo 1' {x}"
    for jobs in 1...3 {
      let run = try workplace.run("cairn run s --jobs \(jobs) \(line)")
      #expect(run.status == 0, "\(run.errors)")
    }
    #expect(!(try workplace.run("cairn show s").output.contains("edited")))
  }
}
