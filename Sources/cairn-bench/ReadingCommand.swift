// What it costs to read metrics out of what an objective prints.

import ArgumentParser
import Glibc
import MetricReading

struct ReadingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reading", abstract: "Measure how fast printed lines are read for metrics.")

  @Option(help: "How many lines of each kind.") var lines = 1_000_000

  func run() throws {
    let plain = text { "INFO 2026-01-01 12:00:00 worker: step finished, batch \($0) of many\n" }
    let printed = text { "epoch \($0) train_loss: \(1 / Double($0 + 1)) lr 0.001\n" }
    let json = text { "{\"step\": \($0), \"loss\": \(1 / Double($0 + 1))}\n" }
    let pattern = try MetricPattern(parsing: #"loss=train_loss: (\S+)"#)
    limit(plain)
    read("plain lines, JSON only", plain, .init(awaited: ["loss"]))
    read("plain lines", plain, .init(awaited: ["loss"], readsPrinted: true))
    read("plain lines, one pattern", plain, .init(awaited: ["loss"], patterns: [pattern]))
    read(
      "lines that name the objective", printed, .init(awaited: ["train_loss"], readsPrinted: true))
    read("lines that a pattern fits", printed, .init(awaited: ["loss"], patterns: [pattern]))
    read("lines of JSON", json, .init(awaited: ["loss"]))
  }

  private func text(_ line: (Int) -> String) -> [UInt8] {
    (0..<lines).flatMap { Array(line($0).utf8) }
  }

  /// The physical limit beside it: the ends of lines found, nothing read.
  private func limit(_ bytes: [UInt8]) {
    var found = 0
    let time = seconds {
      unsafe bytes.withUnsafeBytes { buffer in
        var rest = unsafe buffer[...]
        while let start = unsafe rest.isEmpty ? nil : buffer.baseAddress,
          let mark = unsafe memchr(start + rest.startIndex, 10, rest.count)
        {
          found += 1
          unsafe rest = buffer[(UnsafeRawPointer(mark) - start + 1)...]
        }
      }
    }
    say("ends of plain lines (memchr)", time / Double(max(1, found)) * 1e9, "ns a line")
  }

  private func read(_ what: String, _ bytes: [UInt8], _ rules: MetricRules) {
    let piece = 1 << 16
    var parser = MetricParser(rules)
    var found = 0
    let time = seconds {
      for start in stride(from: 0, to: bytes.count, by: piece) {
        found += parser.consume(Array(bytes[start..<min(start + piece, bytes.count)])).count
      }
    }
    say("\(what) (\(found) findings)", time / Double(lines) * 1e9, "ns a line")
  }
}
