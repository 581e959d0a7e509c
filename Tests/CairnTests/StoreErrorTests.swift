// Stores that are none, that are damaged, and places where none can be written.

import Foundation
@testable import StudyStorage
import Testing

@Suite struct StoreErrorTests {
  static let run = "cairn run s -p x=0..99999 --seed 1 --store store"

  /// With a study of three trials in `store`.
  private func makePlace() throws -> Workplace {
    let place = try Workplace()
    #expect(try place.run("\(Self.run) --trials 3 -- echo {x}").status == 0)
    return place
  }

  private static let log = "store/log/00000001.log"

  @Test(arguments: [
    ("file", 2, "store is a file; a store is a directory", "named by store (--store)"),
    ("foreign", 1, "store is not a Cairn store", "\"data\""),
    ("other", 1, "store is not a Cairn store", "its file FORMAT is of something else"),
  ])
  func `what is no store is left as it is`(
    kind: String, status: Int32, fact: String, evidence: String
  ) throws {
    let place = try Workplace()
    switch kind {
    case "file": try place.write("store", "text")
    case "foreign": try place.run("sh -c 'mkdir store && echo 1 > store/data'")
    default: try place.run("sh -c 'mkdir store && echo 1 > store/FORMAT'")
    }
    let before = try place.run("find store -ls").output
    for line in ["\(Self.run) -- echo {x}", "cairn studies --store store"] {
      let outcome = try place.run(line)
      #expect(outcome.status == status)
      #expect(outcome.lines[0].hasPrefix("error: ") && outcome.lines[0].hasSuffix(fact))
      if kind != "foreign" || line.hasPrefix("cairn run") {
        #expect(outcome.errors.contains(evidence), "\(outcome.errors)")
      }
      if kind != "file" { #expect(outcome.errors.contains("\n  try: --store PATH")) }
    }
    #expect(try place.run("find store -ls").output == before)
  }

  @Test func `a damaged FORMAT is told from a foreign one and from a later version`() throws {
    let place = try makePlace()
    let path = place.directory.appending(path: "store/FORMAT")
    let whole = try Data(contentsOf: path)
    var bytes = whole
    bytes[20] ^= 4
    try bytes.write(to: path)
    for line in ["\(Self.run) -- echo {x}", "cairn studies --store store"] {
      let outcome = try place.run(line)
      #expect(outcome.status == 1)
      #expect(outcome.lines[0].hasSuffix("FORMAT is damaged: it fails its checksum"))
      #expect(outcome.errors.contains("\n  try: "))
    }
    try FormatFixture.laterVersion(of: whole).write(to: path)
    let later = try place.run("\(Self.run) -- echo {x}")
    #expect(later.status == 1)
    #expect(later.lines[0].hasSuffix("is of a newer Cairn"), "\(later.errors)")
    #expect(later.errors.contains("its format is version 2, and this Cairn reads up to 1"))
    #expect(later.errors.contains("\n  try: a newer Cairn\n"))
    try whole.write(to: path)
    #expect(try place.run("cairn show s --store store").status == 0)
  }

  @Test func `a store whose FORMAT is gone is not made anew over its records`() throws {
    let place = try makePlace()
    let whole = try Data(contentsOf: place.directory.appending(path: Self.log))
    try place.run("sh -c 'mv store/FORMAT kept; rm -r store/trials'")
    let outcome = try place.run("\(Self.run) -- echo {x}")
    #expect(outcome.status == 1)
    #expect(outcome.lines[0].hasSuffix("store/FORMAT is missing"), "\(outcome.errors)")
    #expect(outcome.errors.contains("log/00000001.log holds records"))
    #expect(try Data(contentsOf: place.directory.appending(path: Self.log)) == whole)
    try place.run("mv kept store/FORMAT")
    #expect(try place.run("cairn trials s --store store --format csv").output.contains("complete"))
  }

  @Test func `a byte that flipped is told of with its place, and the rest goes on`() throws {
    let place = try makePlace()
    let path = place.directory.appending(path: Self.log)
    var bytes = try Data(contentsOf: path)
    // In the last trial's frames, well before the end.
    let position = bytes.count - 500
    bytes[position] ^= 1
    try bytes.write(to: path)
    for command in ["studies", "show s", "best s", "trials s", "query 'SELECT 1'"] {
      let outcome = try place.run("cairn \(command) --store store")
      #expect(outcome.status == 0)
      #expect(!outcome.output.isEmpty)
      let warning = try #require(outcome.lines.first)
      let range = try #require(
        warning.firstMatch(of: /00000001.log: bytes (\d+) to (\d+) are damaged; .* lost/))
      let (from, to) = (Int(range.1) ?? .max, Int(range.2) ?? 0)
      #expect(from <= position && position < to)
      #expect(outcome.lines[1].hasPrefix("  try: cairn repair --into"))
    }
    let run = try place.run("\(Self.run) --trials 5 -- echo {x}")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("are damaged; what they recorded is lost"))
    #expect(run.lines.contains("s: 5 of 5 done"))
    let numbers = try place.run("cairn trials s --store store --columns number --format tsv")
    #expect(Set(numbers.output.split(separator: "\n")).count == 1 + 5, "no number twice")
  }

  @Test func `a study that was lost lends the next one neither name, number nor files`() throws {
    let place = try makePlace()
    let path = place.directory.appending(path: Self.log)
    var bytes = try Data(contentsOf: path)
    bytes[4300] ^= 1  // in the first frame, which creates the study
    try bytes.write(to: path)
    let run = try place.run("\(Self.run) --trials 1 -- sh -c 'ls {dir}; echo {x}'")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("new study s: "))
    #expect(place.exists("store/trials/1/0/attempt-1.log"))
    #expect(place.exists("store/trials/2/0/attempt-1.log"))
  }

  @Test func `a new trial does not find the files of one that was lost`() throws {
    let place = try Workplace()
    #expect(try place.run("cairn create s -p x=0..9 --store store").status == 0)
    try place.run("sh -c 'mkdir -p store/trials/1/0 && echo 7 > store/trials/1/0/checkpoint'")
    try place.write("list.sh", #"ls "$CAIRN_TRIAL_DIR"; echo 1"#)
    let run = try place.run("cairn run s --trials 1 --store store -- sh list.sh {x}")
    #expect(run.status == 0)
    #expect(
      try place.run("cairn logs s 0 --store store").output == "attempt-1.log\nparams.json\n1\n")
    #expect(try place.read("store/trials/1/0.lost-1/checkpoint") == "7\n")
  }

  @Test func `a file that may not grow ends the run, and the store is whole`() throws {
    let place = try makePlace()
    let size = try Data(contentsOf: place.directory.appending(path: Self.log)).count
    // In blocks of 512 bytes, as sh counts; some more than the log has.
    let blocks = size / 512 + 8
    let outcome = try place.run(
      "sh -c 'ulimit -f \(blocks); exec \(Self.run) --trials 500 -- echo {x}'")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\nerror: there is no room for "), "\(outcome.errors)")
    #expect(outcome.errors.contains("File too large"))
    #expect(outcome.errors.contains("\n  try: "))
    let acknowledged = outcome.lines.count { $0.hasPrefix("trial ") && $0.contains(" complete ") }
    #expect(try completed(place) >= 3 + acknowledged)
    #expect(try place.run("\(Self.run) --trials 20 -- echo {x}").status == 0)
    #expect(try completed(place) >= 20)
  }

  private func completed(_ place: Workplace) throws -> Int {
    let count = try place.run(
      "cairn query \"SELECT count(*) FROM trials WHERE state = 'complete'\" --store store --format csv"
    )
    return count.output.split(whereSeparator: \.isNewline).last.flatMap { Int($0) } ?? -1
  }
}

/// FORMAT of a version that is yet to come.
enum FormatFixture {
  static func laterVersion(of format: Data) -> Data {
    var bytes = Array(format)
    bytes[12] = 2
    let checksum = xxHash64(bytes, 0..<56, seed: 0)
    for index in 0..<8 { bytes[56 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
    return Data(bytes)
  }
}
