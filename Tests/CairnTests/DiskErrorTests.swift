// Disks that are full or must not be written.

import Foundation
import Testing

@Suite(.enabled(if: Enclosure.isAllowed, Enclosure.comment)) struct DiskErrorTests {
  @Test func `a store that may only be read is read, and writing says so`() throws {
    let place = try Workplace()
    #expect(
      try place.run("cairn run s -p x=0..99 --trials 2 --store store -- echo {x}").status == 0)
    let outcome = try place.runEnclosed(
      """
      mount --bind store store && mount -o remount,ro,bind store || exit 9
      for command in "run s --trials 9" "resume s" "ask s" "tell s 0 1" "enqueue s x=1" \
        "coprocess s" "delete s --yes" "edit s --trials 9" "stop s"; do
        echo "== $command"
        cairn $command --store store 2>&1 </dev/null
        echo "status $?"
      done
      echo "== new"
      cairn run n -p x=0..9 --store store/new -- echo {x} 2>&1
      echo "status $?"
      echo "== trials"
      cairn trials s --store store --columns state --format csv
      echo "status $?"
      """)
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    let commands = [
      "run s --trials 9", "resume s", "ask s", "tell s 0 1", "enqueue s x=1", "coprocess s",
      "delete s --yes", "edit s --trials 9", "stop s", "new",
    ]
    for command in commands {
      let text = Workplace.section(command, of: outcome.output)
      #expect(text.hasPrefix("error: ") && text.contains(" cannot be written\n"), "\(text)")
      #expect(text.contains(": Read-only file system\n  try: --store PATH"), "\(text)")
      #expect(text.hasSuffix("status 1\n"))
    }
    #expect(
      Workplace.section("trials", of: outcome.output)
        == "state\r\ncomplete\r\ncomplete\r\nstatus 0\n")
  }

  /// From too small for a store to room for a few trials.
  @Test(arguments: ["4k", "64k", "100k", "300k"])
  func `a full disk ends the run, keeps what was acknowledged, and room lets it go on`(
    size: String
  ) throws {
    let place = try Workplace()
    try place.write("objective.sh", #"echo '{"step": 1, "value": 2}'; echo $1"#)
    let outcome = try place.runEnclosed(
      """
      mkdir disk && mount -t tmpfs -o size=\(size) tmpfs disk || exit 9
      line="cairn run s -p x=0..999999 --seed 1 --store disk/store"
      echo "== full"
      $line --trials 2000 -- sh objective.sh {x} 2>&1
      echo "status $?"
      echo "== kept"
      cairn trials s --store disk/store --columns number,state,value --format csv
      echo "== again"
      $line --trials 2000 -- sh objective.sh {x} 2>&1
      echo "status $?"
      mount -o remount,size=40m disk || exit 9
      echo "== room"
      $line --trials 30 -- sh objective.sh {x} 2>&1
      echo "status $?"
      echo "== after"
      cairn trials s --store disk/store --columns number,state,value --format csv
      """)
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    for name in ["full", "again"] {
      let text = Workplace.section(name, of: outcome.output)
      let error =
        /error: there is no room for (\d+ more bytes in )?\S*\/disk\/store\S*\n(.*\n)*  try: free some space/
      #expect(text.contains(error), "\(text)")
      #expect(text.contains("No space left on device"), "\(text)")
      #expect(text.hasSuffix("\nstatus 1\n"))
    }
    let acknowledged = Workplace.section("full", of: outcome.output).split(separator: "\n")
      .filter { $0.hasPrefix("trial ") && $0.contains(" complete ") }
    let kept = Workplace.section("kept", of: outcome.output).split(separator: "\r\n")
    let after = Workplace.section("after", of: outcome.output).split(separator: "\r\n")
    for line in acknowledged {
      let words = line.split(separator: " ")
      let row = "\(words[1]),complete,\(words[4]).0"
      #expect(kept.contains { $0 == row }, "\(row)")
    }
    #expect(Workplace.section("room", of: outcome.output).hasSuffix("status 0\n"))
    for row in kept where row.contains("complete") { #expect(after.contains(row)) }
    #expect(after.count { $0.contains("complete") } == 30)
  }
}
