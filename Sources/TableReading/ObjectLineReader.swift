// Lines that are JSON objects, with a column for every key that any of them has.

import PlainText
import StudyModel

struct ObjectLineError: Error {
  let line: Int
  let reason: String
  var suggestions: [String] = []
}

/// Reads one object a line.
struct ObjectLineReader {
  private static let lineLimit = 64 << 20

  private let nextBytes: () throws -> [UInt8]
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  private(set) var line = 0
  /// In the order in which they came.
  private(set) var columns: [String]
  private var numbers: [String: Int]
  private var cells: [TableCell] = []

  init(_ columns: [String], _ nextBytes: @escaping () throws -> [UInt8]) {
    self.columns = columns
    self.nextBytes = nextBytes
    numbers = Dictionary(uniqueKeysWithValues: zip(columns, 0...))
  }

  func cell(_ column: Int) -> TableCell { column < cells.count ? cells[column] : .absent }

  mutating func next() throws -> Bool {
    while let range = try nextLine() {
      line += 1
      let bytes = buffer[range]
      let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      if isBlank { continue }
      try read(bytes)
      return true
    }
    return false
  }

  private mutating func nextLine() throws -> Range<Int>? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        return start..<end
      }
      if isAtEnd {
        defer { start = buffer.count }
        return start < buffer.count ? start..<buffer.count : nil
      }
      buffer.removeSubrange(0..<start)
      start = 0
      searched = buffer.count
      guard buffer.count < Self.lineLimit else {
        throw ObjectLineError(line: line + 1, reason: "a line of more than 64 MiB")
      }
      let bytes = try nextBytes()
      isAtEnd = bytes.isEmpty
      buffer += bytes
      if line == 0, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    }
  }

  private mutating func read(_ bytes: ArraySlice<UInt8>) throws(ObjectLineError) {
    var builder = CellBuilder()
    let parts: CellBuilder.Part
    do throws(JSONError) {
      parts = try JSONParser.parse(
        bytes, as: JSONDialect(allowsNonFinite: true), by: &builder)
    } catch {
      let isArray = bytes.first == UInt8(ascii: "[")
      throw ObjectLineError(
        line: line, reason: error.reason,
        suggestions: isArray
          ? ["one object a line, as cairn export -o FILE.jsonl and jq -c '.[]' write it"] : [])
    }
    guard case .object(let members) = parts else {
      throw ObjectLineError(
        line: line, reason: "it is no JSON object",
        suggestions: ["one object a line, as cairn export -o FILE.jsonl writes it"])
    }
    cells.replaceSubrange(
      0..., with: repeatElement(.absent, count: columns.count))
    // Mostly the keys of the line before, in their order.
    for (place, member) in members.enumerated() {
      let column: Int
      if place < columns.count, columns[place] == member.name {
        column = place
      } else if let known = numbers[member.name] {
        column = known
      } else {
        column = columns.count
        numbers[member.name] = column
        columns.append(member.name)
        cells.append(.absent)
      }
      cells[column] = member.value.cell
    }
  }
}

/// Makes cells of the members of an object, and texts of what lies deeper.
private struct CellBuilder: JSONBuilder {
  enum Part {
    case scalar(JSONScalar)
    case array(String)
    case object([JSONMember<Part>])

    var cell: TableCell {
      switch self {
      case .scalar(.null): .absent
      case .scalar(.bool(let value)): .value(.bool(value))
      case .scalar(.integer(let value)): .value(.integer(value))
      case .scalar(.number(let value)): .value(.float(value))
      case .scalar(.string(let text)): .value(.string(text))
      case .array, .object: .value(.structure(json))
      }
    }

    var json: String {
      switch self {
      case .scalar(.null): "null"
      case .scalar(.bool(let value)): value ? "true" : "false"
      case .scalar(.integer(let value)): String(value)
      case .scalar(.number(let value)): ParameterValue.float(value).json
      case .scalar(.string(let text)): text.jsonQuoted
      case .array(let text): text
      case .object(let members):
        "{" + members.map { "\($0.name.jsonQuoted):\($0.value.json)" }.joined(separator: ",") + "}"
      }
    }
  }

  func scalar(_ scalar: JSONScalar, at range: Range<Int>) -> Part { .scalar(scalar) }

  func array(_ elements: [Part], at offset: Int) -> Part {
    .array("[" + elements.map(\.json).joined(separator: ",") + "]")
  }

  func object(_ members: [JSONMember<Part>], at offset: Int) -> Part { .object(members) }
}
