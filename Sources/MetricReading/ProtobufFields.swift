// The fields of a protocol buffer, without its schema.

/// Reads the wire format. Source: protobuf.dev/programming-guides/encoding.
struct ProtobufFields {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  struct Field {
    var number: UInt64
    var value: Value
  }

  private var rest: ArraySlice<UInt8>

  init(_ message: ArraySlice<UInt8>) { rest = message }

  static func all(in message: ArraySlice<UInt8>) throws(TensorBoardError) -> [Field] {
    var reader = ProtobufFields(message)
    var fields: [Field] = []
    while !reader.isAtEnd { fields.append(try reader.field()) }
    return fields
  }

  var isAtEnd: Bool { rest.isEmpty }

  private mutating func field() throws(TensorBoardError) -> Field {
    let key = try varint()
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2:
      let count = try varint()
      guard count <= UInt64(rest.count) else { throw .malformed }
      value = .bytes(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
    case 5: value = .fixed32(UInt32(try fixed(4)))
    default: throw .malformed
    }
    return Field(number: key >> 3, value: value)
  }

  mutating func varint() throws(TensorBoardError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw .malformed }
      value |= UInt64(byte & 0x7F) << shift  // bits beyond 64 fall off
      if byte & 0x80 == 0 { return value }
    }
    throw .malformed
  }

  private mutating func fixed(_ byteCount: Int) throws(TensorBoardError) -> UInt64 {
    guard rest.count >= byteCount else { throw .malformed }
    defer { rest = rest.dropFirst(byteCount) }
    return rest.prefix(byteCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The Castagnoli CRC, reflected: polynomial 0x82f63b78.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
  }

  static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
