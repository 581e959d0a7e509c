// Fields of records, coded once: a record says in one place which fields it has, and whoever
// walks over them writes them, reads them, or describes them (the last for the test that holds
// schema/store-format.md to the declarations).

/// Someone who walks over the fields of a record. Values go in and come out through `inout`: a
/// writer leaves them as they are, a reader replaces them.
protocol FieldCoder {
  var context: RecordContext { get }

  mutating func byte(_ name: StaticString, _ value: inout UInt8) throws(ByteError)
  mutating func varint(_ name: StaticString, _ value: inout UInt64) throws(ByteError)
  mutating func signed(_ name: StaticString, _ value: inout Int64) throws(ByteError)
  mutating func double(_ name: StaticString, _ value: inout Double) throws(ByteError)
  mutating func string(_ name: StaticString, _ value: inout String) throws(ByteError)
  mutating func blob(_ name: StaticString, _ value: inout [UInt8]) throws(ByteError)

  /// One byte, 0 or 1, and after 1 what `body` codes.
  ///
  /// - Parameters:
  ///   - name: empty where the field inside says enough.
  ///   - blank: what a reader begins with.
  mutating func optional<Value>(
    _ name: StaticString, _ value: inout Value?, _ blank: @autoclosure () -> Value,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError)

  /// A varint count, and so many of what `body` codes.
  ///
  /// - Parameter leastBytes: fewer none of them has, so that no count asks for more than could
  ///   be there.
  mutating func list<Value>(
    _ values: inout [Value], _ blank: @autoclosure () -> Value, leastBytes: Int,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError)

  /// Fields that records use together under one name. `label`: what they are in this record,
  /// where that is something else.
  mutating func part(
    _ name: StaticString, _ label: StaticString, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError)

  /// One byte that says which case it is, and that case's fields.
  mutating func choice<Value: TaggedFields>(_ value: inout Value) throws(ByteError)

  /// Fields that came later and stand at the end of a record: a reader finds them or does not.
  ///
  /// - Parameter isThere: whether a writer writes them.
  mutating func later(
    if isThere: Bool, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError)

  /// Whether values come out.
  var isReading: Bool { get }
}

/// A value of several cases, of which each has its fields.
protocol TaggedFields {
  /// Its name in the format's description.
  static var name: StaticString { get }
  /// Every case: what it is called, and a value to begin reading with. The tag is the place.
  static var cases: [(text: StaticString, blank: Self)] { get }

  var tag: UInt8 { get }
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError)
}

/// What the records of a frame are relative to.
struct RecordContext: Sendable {
  /// Times are counted from here: microseconds since 1970.
  var timeBase: Int64
  /// The frame's writer.
  var epoch: UInt32
}

// MARK: - Writing

struct FieldWriter: FieldCoder {
  var writer: ByteWriter
  let context: RecordContext
  var isReading: Bool { false }

  mutating func byte(_ name: StaticString, _ value: inout UInt8) { writer.byte(value) }
  mutating func varint(_ name: StaticString, _ value: inout UInt64) { writer.varint(value) }
  mutating func signed(_ name: StaticString, _ value: inout Int64) { writer.signed(value) }
  mutating func double(_ name: StaticString, _ value: inout Double) { writer.double(value) }
  mutating func string(_ name: StaticString, _ value: inout String) { writer.string(value) }
  mutating func blob(_ name: StaticString, _ value: inout [UInt8]) { writer.blob(value) }

  mutating func optional<Value>(
    _ name: StaticString, _ value: inout Value?, _ blank: @autoclosure () -> Value,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    writer.byte(value == nil ? 0 : 1)
    if var present = value { try body(&self, &present) }
  }

  mutating func list<Value>(
    _ values: inout [Value], _ blank: @autoclosure () -> Value, leastBytes: Int,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    writer.varint(UInt64(values.count))
    for value in values {
      var copy = value
      try body(&self, &copy)
    }
  }

  mutating func part(
    _ name: StaticString, _ label: StaticString, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) { try body(&self) }

  mutating func choice<Value: TaggedFields>(_ value: inout Value) throws(ByteError) {
    writer.byte(value.tag)
    try value.code(&self)
  }

  mutating func later(
    if isThere: Bool, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) { if isThere { try body(&self) } }
}

// MARK: - Reading

struct FieldReader: FieldCoder {
  var reader: ByteReader
  let context: RecordContext
  var isReading: Bool { true }

  mutating func byte(_ name: StaticString, _ value: inout UInt8) throws(ByteError) {
    value = try reader.byte()
  }
  mutating func varint(_ name: StaticString, _ value: inout UInt64) throws(ByteError) {
    value = try reader.varint()
  }
  mutating func signed(_ name: StaticString, _ value: inout Int64) throws(ByteError) {
    value = try reader.signed()
  }
  mutating func double(_ name: StaticString, _ value: inout Double) throws(ByteError) {
    value = try reader.double()
  }
  mutating func string(_ name: StaticString, _ value: inout String) throws(ByteError) {
    value = try reader.string()
  }
  mutating func blob(_ name: StaticString, _ value: inout [UInt8]) throws(ByteError) {
    value = try reader.blob()
  }

  mutating func optional<Value>(
    _ name: StaticString, _ value: inout Value?, _ blank: @autoclosure () -> Value,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    switch try reader.byte() {
    case 0: value = nil
    case 1:
      var present = blank()
      try body(&self, &present)
      value = present
    case let other: throw .badValue("presence \(other)")
    }
  }

  mutating func list<Value>(
    _ values: inout [Value], _ blank: @autoclosure () -> Value, leastBytes: Int,
    _ body: (inout Self, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    let count = try reader.count(upTo: reader.remaining / leastBytes, "count")
    var found: [Value] = []
    found.reserveCapacity(count)
    for _ in 0..<count {
      var value = blank()
      try body(&self, &value)
      found.append(value)
    }
    values = found
  }

  mutating func part(
    _ name: StaticString, _ label: StaticString, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) { try body(&self) }

  mutating func choice<Value: TaggedFields>(_ value: inout Value) throws(ByteError) {
    let tag = Int(try reader.byte())
    let cases = Value.cases
    guard cases.indices.contains(tag) else { throw .badValue("\(Value.name) \(tag)") }
    value = cases[tag].blank
    try value.code(&self)
  }

  mutating func later(
    if isThere: Bool, _ body: (inout Self) throws(ByteError) -> Void
  ) throws(ByteError) { if !reader.isAtEnd { try body(&self) } }
}

// MARK: - Fields of several records

extension FieldCoder {
  /// A whole number of fewer bits, coded as ``signed(_:_:)``.
  mutating func int32(_ name: StaticString, _ value: inout Int32) throws(ByteError) {
    var wide = Int64(value)
    try signed(name, &wide)
    guard let narrow = Int32(exactly: wide) else { throw .badValue("\(name) \(wide)") }
    value = narrow
  }

  /// A whole number of fewer bits, coded as ``varint(_:_:)``.
  mutating func uint32(_ name: StaticString, _ value: inout UInt32) throws(ByteError) {
    var wide = UInt64(value)
    try varint(name, &wide)
    guard let narrow = UInt32(exactly: wide) else { throw .badValue("\(name) \(wide)") }
    value = narrow
  }
}
