import Foundation
import Testing

/// What a run shares with others on the machine, and what its objectives find around them.
struct RunSurroundingsTests {
  @Test func `two runs never give one device to two trials`() throws {
    let place = try Workplace()
    let devices = ["a", "b"].map { "\($0)\(UUID().uuidString)" }
    // A device that is in use has a directory, which only one can make.
    try place.write(
      "use.sh",
      """
      mkdir "using-$CUDA_VISIBLE_DEVICES" || { echo "$CUDA_VISIBLE_DEVICES" >> twice; exit 1; }
      sleep 0.1
      rmdir "using-$CUDA_VISIBLE_DEVICES"
      echo "$CUDA_VISIBLE_DEVICES" >> used
      echo 1
      """)
    let line = "env CUDA_VISIBLE_DEVICES=\(devices.joined(separator: ",")) cairn run"
    let options = "--gpus 1 -j 2 --trials 6 -p x=0.0..1.0 --params-from-env -- sh use.sh"
    let runs = try [
      place.start("\(line) s --store one \(options)"),
      place.start("\(line) s --store one \(options)"),
      place.start("\(line) s --store two \(options)"),
    ]
    for run in runs { #expect(try run.finish().status == 0) }
    #expect(!place.exists("twice"))
    let used = try place.read("used").split(separator: "\n").map(String.init)
    #expect(used.count == 12)
    #expect(Set(used) == Set(devices))
  }

  @Test func `a run that waits for a device says for which, and can be ended`() throws {
    let place = try Workplace()
    let device = "d\(UUID().uuidString)"
    try place.write("hold.sh", "touch up; while [ ! -f go ]; do sleep 0.02; done; echo 1")
    let line =
      "env CUDA_VISIBLE_DEVICES=\(device) cairn run s --gpus 1 --trials 2 -p x=0.0..1.0"
      + " --params-from-env -- sh hold.sh"
    let first = try place.start(line)
    try first.wait("the first to run") { place.exists("up") }
    let second = try place.start("\(line) 2> waiting")
    try second.wait("the second to wait") {
      try place.exists("waiting") && place.read("waiting").contains("waiting for a GPU")
    }
    #expect(
      try place.read("waiting").contains(
        "used by other runs: \(device) by process \(first.process.processIdentifier)"))
    second.send(SIGINT)
    #expect(try second.finish().status == 130)
    try place.write("go", "")
    #expect(try first.finish().status == 0)
  }

  @Test func `times beyond all clocks are no limits`() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "cairn run s --timeout 1e30 --grace 1e30 --trial-timeout 1e30 --trials 1 -p x=0..9"
        + " -- sh -c 'sleep 60 & echo {x}'")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.lines.contains("s: 1 of 1 done"))
  }

  @Test func `an objective is as nice as the tool, and knows where it is`() throws {
    let place = try Workplace()
    let outcome = try place.run(
      "nice -n 3 cairn run s --trials 1 -p x=0.0..1.0 --params-from-env"
        + " -- sh -c 'nice; printenv PWD; pwd -P; echo 1'")
    #expect(outcome.status == 0)
    let lines = try place.run("cairn logs s 0").output.split(separator: "\n").map(String.init)
    let own = Int32(try place.run("nice").output.filter { $0 != "\n" }) ?? 0
    #expect(lines[0] == "\(min(19, own + 3))")
    #expect(lines[1] == lines[2])
  }

  @Test func `another directory is warned of, and resume goes back`() throws {
    let place = try Workplace()
    try place.run("mkdir sub")
    let line = "cairn run s -p x=0.0..1.0 --params-from-env --trials"
    #expect(try place.run("\(line) 1 -- sh -c 'pwd -P; echo 1'").status == 0)
    let moved = try place.run("sh -c \"cd sub && \(line) 2 -- sh -c 'pwd -P; echo 1'\"")
    #expect(moved.status == 0)
    let text = moved.errors
    #expect(text.hasPrefix("warning: the directory is another than before\n"), "\(text)")
    #expect(text.contains("/sub\n") && text.contains("try: cairn resume s, which goes on in"))
    // It is the study's now: resume stays there, from wherever it is typed.
    #expect(try place.run("cairn edit s --trials 3").status == 0)
    let resumed = try place.run("cairn resume s")
    #expect(resumed.status == 0)
    #expect(!resumed.errors.contains("warning"))
    #expect(try place.run("cairn logs s 2").output.contains("/sub\n"))
  }
}
