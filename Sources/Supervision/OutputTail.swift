// What a failed attempt is remembered by.

/// The last lines of what was printed, for the record of a failure.
package struct OutputTail: Sendable {
  private let lines: Int
  private let byteLimit: Int
  private var bytes: [UInt8] = []

  package init(lines: Int = 20, byteLimit: Int = 8192) {
    self.lines = lines
    self.byteLimit = byteLimit
  }

  package mutating func append(_ more: some Collection<UInt8>) {
    bytes.append(contentsOf: more.suffix(byteLimit))
    if bytes.count > 2 * byteLimit { bytes.removeFirst(bytes.count - byteLimit) }
  }

  /// The last lines, without empty ones at the end; of a line that was overwritten by carriage
  /// returns, what stood there last. Invalid UTF-8 is replaced.
  package var text: String {
    String(decoding: bytes.suffix(byteLimit), as: UTF8.self)
      .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      .map { $0.split(separator: "\r").last ?? "" }
      .reversed().drop { $0.allSatisfy(\.isWhitespace) }.prefix(lines).reversed()
      .joined(separator: "\n")
  }
}
