// The records as they are declared, held to schema/store-format.md: either of them changed alone
// fails here.

import Foundation
import Testing

@testable import StudyStorage

/// Walks over a record's fields and says what they are, as the document does.
struct FieldDescriber: FieldCoder {
  /// What the parts hold that records use by name.
  final class Parts {
    var texts: [String: String] = [:]
  }

  let context = RecordContext(timeBase: 0, epoch: 0)
  let isReading = false
  let parts: Parts
  private(set) var fields: [String] = []

  init(_ parts: Parts) { self.parts = parts }

  var text: String { fields.isEmpty ? "–" : fields.joined(separator: ", ") }

  /// One field as it is, several in parentheses.
  private var grouped: String { fields.count == 1 ? fields[0] : "(\(text))" }

  private mutating func add(_ type: String, _ name: StaticString) {
    fields.append("\(name)".isEmpty ? type : "\(type) \(name)")
  }

  private func inside(
    _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) -> FieldDescriber {
    var inner = FieldDescriber(parts)
    try body(&inner)
    return inner
  }

  mutating func byte(_ name: StaticString, _ value: inout UInt8) { add("byte", name) }
  mutating func varint(_ name: StaticString, _ value: inout UInt64) { add("varint", name) }
  mutating func signed(_ name: StaticString, _ value: inout Int64) { add("signed", name) }
  mutating func double(_ name: StaticString, _ value: inout Double) { add("double", name) }
  mutating func string(_ name: StaticString, _ value: inout String) { add("string", name) }
  mutating func blob(_ name: StaticString, _ value: inout [UInt8]) { add("blob", name) }

  mutating func optional<Value>(
    _ name: StaticString, _ value: inout Value?, _ blank: @autoclosure () -> Value,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    var present = blank()
    let inner = try inside { (coder) throws(ByteError) in try body(&coder, &present) }
    var words = inner.grouped.split(separator: " ", maxSplits: inner.fields.count == 1 ? 1 : 0)
    words[0] += "?"
    add(words.joined(separator: " "), name)
  }

  mutating func list<Value>(
    _ values: inout [Value], _ blank: @autoclosure () -> Value, leastBytes: Int,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    var value = blank()
    let inner = try inside { (coder) throws(ByteError) in try body(&coder, &value) }
    add("n × \(inner.grouped)", "")
  }

  mutating func part(
    _ name: StaticString, _ label: StaticString, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) {
    parts.texts["\(name)"] = try inside(body).text
    add("\(name)", label)
  }

  mutating func choice<Value: TaggedFields>(_ value: inout Value) throws(ByteError) {
    var lines: [String] = []
    for (tag, one) in Value.cases.enumerated() {
      var blank = one.blank
      #expect(Int(blank.tag) == tag, "\(Value.name): case \(tag)")
      let inner = try inside { (coder) throws(ByteError) in try blank.code(&coder) }
      lines.append("\(tag) \(one.text)" + (inner.fields.isEmpty ? "" : ": \(inner.text)"))
    }
    parts.texts["\(Value.name)"] = lines.joined(separator: "; ")
    add("\(Value.name)", "")
  }

  mutating func later(
    if isThere: Bool, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) { add("[\(try inside(body).text)]", "") }
}

@Suite struct RecordDescriptionTests {
  /// The cells of all rows of the document's tables.
  private func rows() throws -> [[String]] {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../schema/store-format.md")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("| ") }
      .map { line in
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
  }

  private func declared() throws -> (records: Set<[String]>, parts: [String: String]) {
    let parts = FieldDescriber.Parts()
    var records: Set<[String]> = []
    for type in RecordType.allCases {
      var describer = FieldDescriber(parts)
      var record = LogRecord.blank(type)
      try record.code(&describer)
      records.insert([
        String(type.rawValue), type.name + (type.isCritical ? "" : " (not critical)"),
        describer.text,
      ])
    }
    var describer = FieldDescriber(parts)
    var state = StoredState()
    try state.code(&describer)
    parts.texts["state"] = describer.text
    return (records, parts.texts)
  }

  @Test func `the document lists every record with its fields, and no other`() throws {
    let described = Set(
      try rows().filter { $0.count == 3 && UInt64($0[0]) != nil && $0[2] != "reserved" })
    let declared = try declared().records
    for row in declared.subtracting(described).sorted(by: { $0[0] < $1[0] }) {
      Issue.record("the document lacks | \(row.joined(separator: " | ")) |")
    }
    for row in described.subtracting(declared) {
      Issue.record("no code declares | \(row.joined(separator: " | ")) |")
    }
  }

  @Test func `the document lists every part of records, and no other`() throws {
    var described: [String: String] = [:]
    for row in try rows() where row.count == 2 && row[0].hasPrefix("*") {
      described[String(row[0].dropFirst().dropLast())] = row[1]
    }
    let declared = try declared().parts
    for (name, text) in declared where described[name] != text {
      Issue.record("the document lacks | *\(name)* | \(text) |")
    }
    for name in described.keys where declared[name] == nil {
      Issue.record("no code declares *\(name)*")
    }
  }
}
