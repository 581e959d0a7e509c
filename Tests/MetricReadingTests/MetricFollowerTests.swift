import Foundation
import StudyModel
import Testing

@testable import MetricReading

private func step(_ step: Int64, _ entries: KeyValuePairs<String, Double>) -> Observation {
  .intermediate(step: step, entries.map { .init($0.key, $0.value) })
}

/// A trial's directory, gone with the test.
private final class TrialDirectory {
  let path = "/tmp/cairn-test-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws { try write([UInt8](text.utf8), to: name) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = URL(filePath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func append(_ text: String, to name: String) throws { try append([UInt8](text.utf8), to: name) }

  func append(_ bytes: [UInt8], to name: String) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: path + "/" + name))
    try file.seekToEnd()
    try file.write(contentsOf: bytes)
    try file.close()
  }

  func follow(_ source: String, _ rules: MetricRules = MetricRules()) throws -> MetricFollower {
    MetricFollower(
      try MetricSource(parsing: source), directory: path, trial: 7, workingDirectory: "/",
      rules: rules)
  }
}

/// Event files in Fixtures: with simple values, and with tensors.
private let plain = "events.out.tfevents.tensorboardX"
private let tensors = "events.out.tfevents.tensorboard"

@Suite struct MetricFollowerTests {
  @Test func `a CSV that appears and grows is read as it does`() throws {
    let trial = try TrialDirectory()
    var follower = try trial.follow("csv:{dir}/**/metrics.csv")
    #expect(follower.poll().isEmpty)
    // As Lightning's CSVLogger: epoch and step, and cells left empty.
    try trial.write(
      "epoch,step,loss,val_loss\r\n0,9,0.5,\r\n0,9,,0.75\r\n0,1", to: "logs/v0/metrics.csv")
    #expect(follower.poll() == [step(9, ["loss": 0.5]), step(9, ["val_loss": 0.75])])
    #expect(follower.poll().isEmpty)
    try trial.append("9,0.25,\n1,29,0.125,", to: "logs/v0/metrics.csv")
    #expect(follower.poll() == [step(19, ["loss": 0.25])])
    #expect(follower.finish() == [step(29, ["loss": 0.125])])
    #expect(follower.problems.isEmpty)
  }

  @Test func `a CSV that is written anew with another column repeats nothing`() throws {
    let trial = try TrialDirectory()
    var follower = try trial.follow("csv:{dir}/m.csv")
    try trial.write("step,a\n1,0.5\n2,0.25\n", to: "m.csv")
    #expect(follower.poll().count == 2)
    try trial.write("step,a,b\n1,0.5,\n2,0.25,\n3,0.125,9\n", to: "m.csv")
    #expect(follower.poll() == [step(3, ["a": 0.125, "b": 9])])
    try trial.write("step,a,b\n1,7,\n", to: "m.csv")
    #expect(follower.poll() == [step(1, ["a": 7])])
  }

  @Test func `quotes, a missing step and foreign cells`() throws {
    let trial = try TrialDirectory()
    var follower = try trial.follow("csv:{dir}/m.csv")
    try trial.write(
      "\"a \"\"x\"\", b\",name,c\n1,\"two,\nlines\",3\n\nnan,x,\n4.5,,inf\n", to: "m.csv")
    let found = follower.finish()
    #expect(found.count == 3)
    #expect(found.first == step(0, ["a \"x\", b": 1, "c": 3]))
    #expect(found.last == step(2, ["a \"x\", b": 4.5, "c": .infinity]))
  }

  @Test func `what earlier attempts wrote is not told again`() throws {
    let trial = try TrialDirectory()
    try trial.write("step,a\n1,0.5\n2,0.2", to: "m.csv")
    try trial.write("{\"step\":1,\"a\":0.5}\n{\"step\":2,", to: "m.jsonl")
    var csv = try trial.follow("csv:{dir}/m.csv")
    var lines = try trial.follow("jsonl:{dir}/m.jsonl")
    #expect(csv.poll().isEmpty && lines.poll().isEmpty)
    // The record that was cut off goes on with another attempt's: it says nothing.
    try trial.append("1,9\n3,0.125\n", to: "m.csv")
    try trial.append("\"a\":9}\n{\"step\":3,\"a\":0.125}\n", to: "m.jsonl")
    #expect(csv.poll() == [step(3, ["a": 0.125])])
    #expect(lines.poll() == [step(3, ["a": 0.125])])
  }

  @Test func `JSON lines, final ones too`() throws {
    let trial = try TrialDirectory()
    var follower = try trial.follow("jsonl:{dir}/*.jsonl", MetricRules(finals: ["a"]))
    try trial.write(
      "{\"epoch\":1,\"a\":2}\nnoise\n{\"a\":3}\n{\"b\":4}\n{\"step\":2,\"a\":5}", to: "r.jsonl")
    #expect(
      follower.finish() == [step(1, ["a": 2]), .final([.init("a", 3)]), step(2, ["a": 5])])
  }

  @Test func `event files of other writers are understood`() throws {
    let trial = try TrialDirectory()
    var follower = try trial.follow("tensorboard:{dir}/tb")
    try trial.write(try fixture(plain), to: "tb/events.out.tfevents.1")
    try trial.write(try fixture(tensors), to: "tb/events.out.tfevents.2")
    let found = follower.poll()
    let losses = [1, 0.5, 0.33333334, 0.25, 0.2].enumerated().map {
      step(Int64($0.offset), ["loss": $0.element])
    }
    let accuracies = [0.5, 0.59, 0.68, 0.77, 0.86].enumerated().map {
      step(Int64($0.offset) * 10, ["val/accuracy": $0.element])
    }
    #expect(found.count == 12)
    #expect(Array(found.prefix(5)) == losses)
    guard case .intermediate(5, let entries) = found[5] else {
      Issue.record("\(found[5])")
      return
    }
    #expect(entries.count == 1 && entries[0].value.isNaN)
    #expect(found[6] == step(1 << 40, ["lr": 0.001]))
    #expect(Array(found.suffix(5)) == accuracies)
    #expect(follower.problems.isEmpty)
  }

  @Test func `an event file in any pieces says the same`() throws {
    let bytes = try fixture(plain)
    var whole = TensorBoardMetrics(prefix: "")
    let expected = whole.consume(bytes).map { "\($0)" }
    for size in [1, 3, 50, 171] {
      var decoder = TensorBoardMetrics(prefix: "")
      var found: [Observation] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        found += decoder.consume(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(found.map { "\($0)" } == expected)
      #expect(decoder.damage == nil)
    }
  }

  @Test func `a flipped bit stops the reading at its record and is told`() throws {
    let bytes = try fixture(plain)
    for position in stride(from: 0, to: bytes.count, by: 61) {
      var damaged = bytes
      damaged[position] ^= 0x10
      var decoder = TensorBoardMetrics(prefix: "")
      let found = decoder.consume(damaged)
      // A length that grew may wait for more; nothing wrong is ever told.
      #expect(found.count < 7)
      #expect(decoder.damage != nil)
    }
  }

  @Test func `garbage with good checksums is refused`() {
    var generator = SystemRandom(seed: 3)
    for _ in 0..<300 {
      let data = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      var decoder = TensorBoardMetrics(prefix: "")
      _ = decoder.consume(TensorBoardRecord.bytes(data))
    }
  }

  @Test func `metrics of directories below have their path in front`() throws {
    let bytes = try fixture(plain)
    let trial = try TrialDirectory()
    var below = try trial.follow("tensorboard:{dir}")
    var each = try trial.follow("tensorboard:{dir}/**")
    try trial.write(bytes, to: "validation/events.out.tfevents.1")
    func names(_ found: [Observation]) -> Set<String> {
      Set(
        found.flatMap { observation in
          guard case .intermediate(_, let entries) = observation else { return [] as [String] }
          return entries.map(\.metric)
        })
    }
    #expect(names(below.poll()) == ["validation/loss", "validation/lr"])
    #expect(names(each.poll()) == ["loss", "lr"])
  }

  @Test func `the checksum is Castagnoli's`() {
    // RFC 3720, B.4.
    #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)[...]) == 0x8a91_36aa)
    #expect(CRC32C.checksum(of: [UInt8](repeating: 0xFF, count: 32)[...]) == 0x62a8_ab43)
    #expect(CRC32C.checksum(of: Array(UInt8(0)..<32)[...]) == 0x46dd_794e)
  }

  @Test(arguments: ["csv:", "xml:file", "metrics.csv", ""])
  func `a source needs a kind and a path`(text: String) {
    #expect(throws: MetricRuleError.notASource(text)) { try MetricSource(parsing: text) }
  }
}

/// The frame of a record, for tests of what is inside.
private enum TensorBoardRecord {
  static func bytes(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(masked(length)) + data + littleEndian(masked(data))
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    let crc = CRC32C.checksum(of: bytes[...])
    return (crc >> 15 | crc << 17) &+ 0xa282_ead8
  }
}

/// A file that a real writer wrote: `Fixtures/README.md` says which.
private func fixture(_ name: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  return try [UInt8](Data(contentsOf: folder.appending(path: name)))
}
