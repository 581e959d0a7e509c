import Testing

@testable import PlainText

@Suite struct DelimitedReaderTests {
  /// The records of `text`, which comes in pieces of `size` bytes.
  private func records(
    _ text: String, _ dialect: DelimitedDialect = .quoted, size: Int = 3
  ) throws -> [[String]] {
    try read(Array(text.utf8), dialect, size: size).map(\.fields)
  }

  private func read(
    _ bytes: [UInt8], _ dialect: DelimitedDialect, size: Int
  ) throws -> [(line: Int, fields: [String])] {
    var rest = bytes[...]
    var reader = DelimitedReader(dialect) {
      defer { rest = rest.dropFirst(size) }
      return Array(rest.prefix(size))
    }
    var records: [(line: Int, fields: [String])] = []
    while try reader.next() {
      records.append(
        (
          reader.line,
          try (0..<reader.count).map { index in
            (reader.isQuoted(index) ? "q:" : "") + (try reader.text(index))
          }
        ))
    }
    return records
  }

  @Test(arguments: 1...9)
  func `RFC 4180, however it is cut`(size: Int) throws {
    let text = "\u{FEFF}a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\n\r\n\n,\"\"\nlast,é"
    #expect(
      try records(text, size: size) == [
        ["a", "b"], ["1", "q:x, \"y\"\r\nz"], ["", "q:"], ["last", "é"],
      ])
  }

  @Test func `records know their lines`() throws {
    let found = try read(Array("a,b\n\"1\n2\",3\n\n4,5".utf8), .quoted, size: 2)
    #expect(found.map(\.line) == [1, 2, 5])
  }

  @Test(arguments: [
    ("a;b,c;d\n1;2,5;3", ["1", "2,5", "3"]), ("a\tb\n1\t2,5", ["1", "2,5"]),
    ("a\n1,2", ["1", "2"]), ("\"a;b;c\",d\n1,2", ["1", "2"]),
  ])
  func `the header says what separates`(text: String, second: [String]) throws {
    #expect(try records(text).last == second)
  }

  @Test func `tabs and backslashes`() throws {
    #expect(
      try records("a\tb\n\"1\\t2\\n\\\\\t\\r\"\n", .escaped) == [
        ["a", "b"], ["\"1\t2\n\\", "\r\""],
      ])
  }

  @Test func `what is no table is told with its line`() {
    func error(_ text: String) -> DelimitedError? {
      do {
        _ = try records(text)
        return nil
      } catch {
        return error as? DelimitedError
      }
    }
    #expect(error("a\n1\n\"2\n3") == .openQuote(line: 3))
    #expect(error("a,b\n\"1\"2,3") == .textAfterQuote(line: 2))
    #expect(throws: DelimitedError.notUTF8(line: 2)) {
      _ = try read([0x61, 0x0A, 0xFF, 0x0A], .quoted, size: 9)
    }
    #expect(throws: DelimitedError.utf16) {
      _ = try read([0xFF, 0xFE, 0x61, 0], .quoted, size: 9)
    }
  }

  @Test func `random records come back`() throws {
    var random = SystemRandomNumberGenerator()
    let parts = ["a", ",", "\"", "\n", "\r\n", "\r", "é", " ", "\t", ";", ""]
    for _ in 0..<300 {
      let count = Int.random(in: 2...4, using: &random)
      let rows = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        (0..<count).map { _ in
          (0..<Int.random(in: 0...4, using: &random)).map { _ in
            parts.randomElement(using: &random)!
          }.joined()
        }
      }
      let text = rows.map { row in
        row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
      }.joined(separator: "\r\n")
      let header = (0..<count).map { "c\($0)" }.joined(separator: ",") + "\n"
      let back = try records(header + text, size: Int.random(in: 1...20, using: &random))
      #expect(back.dropFirst().map { $0.map { String($0.dropFirst(2)) } } == rows)
    }
  }
}
