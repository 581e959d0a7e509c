// How small columns of numbers become, and how fast they come back.

import ArgumentParser
import ColumnCodecs
import Foundation

struct CodecsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codecs",
    abstract: "Measure the column codecs on files of little-endian Float64.",
    discussion: """
      Prints a line a file: its name, the bytes of its blocks, the seconds to encode and to decode
      all of it (the best of several rounds), and how many blocks chose which encoding.
      """)

  @Argument(help: "Files, each a column.") var files: [String]
  @Option(help: "How often a column is decoded.") var rounds = 50

  @Flag(help: "Keep the blocks of each file beside it, as .blocks.") var keep = false

  func run() throws {
    for file in files {
      let url = URL(filePath: file)
      let blocks = values(of: [UInt8](try Data(contentsOf: url)))
      var encoded: [[UInt8]] = []
      let encoding = seconds { encoded = blocks.map { ColumnBlock.encode($0) } }
      var decoding = Double.infinity
      for _ in 0..<max(1, rounds) {
        var failure: (any Error)?
        var count = 0
        let time = seconds {
          do {
            for block in encoded { count += try ColumnBlock.floats(block, block.indices).count }
          } catch {
            failure = error
          }
        }
        if let failure { throw failure }
        guard count == blocks.reduce(0, { $0 + $1.count }) else {
          throw ValidationError("\(file) did not come back whole")
        }
        decoding = min(decoding, time)
      }
      try check(encoded, blocks, file)
      if keep {
        try Data(encoded.joined()).write(
          to: url.deletingPathExtension().appendingPathExtension("blocks"))
      }
      var encodings: [String: Int] = [:]
      for block in encoded {
        encodings[try ColumnBlock.summary(of: block, block.indices).encoding, default: 0] += 1
      }
      let chosen = encodings.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
      let total = encoded.reduce(0) { $0 + $1.count }
      let name = url.deletingPathExtension().lastPathComponent
      print("\(name)\t\(total)\t\(encoding)\t\(decoding)\t\(chosen.joined(separator: "; "))")
    }
  }

  private func values(of bytes: [UInt8]) -> [[Double]] {
    let all = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
      Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) })
    }
    return stride(from: 0, to: all.count, by: ColumnBlock.capacity).map {
      Array(all[$0..<min($0 + ColumnBlock.capacity, all.count)])
    }
  }

  private func check(_ encoded: [[UInt8]], _ blocks: [[Double]], _ file: String) throws {
    for (block, values) in zip(encoded, blocks) {
      let back = try ColumnBlock.floats(block, block.indices)
      guard back.map(\.bitPattern) == values.map(\.bitPattern) else {
        throw ValidationError("\(file) did not come back bit for bit")
      }
    }
  }
}
