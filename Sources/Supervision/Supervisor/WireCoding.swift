// How messages between tool and supervisor are put into bytes: little-endian numbers, texts and
// byte runs behind their length.

/// Builds the bytes of a message.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }

  mutating func put(_ number: Double) { put(number.bitPattern) }

  mutating func put(_ text: String) {
    put(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func put(rest: some Sequence<UInt8>) { bytes.append(contentsOf: rest) }
}

/// Reads the bytes of a message that may be anything.
struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw .truncated }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func takeRest() -> ArraySlice<UInt8> {
    defer { rest = [] }
    return rest
  }

  mutating func number<Number: FixedWidthInteger>(
    _: Number.Type = Number.self
  ) throws(WireError) -> Number {
    var number: Number = 0
    for (index, byte) in try take(Number.bitWidth / 8).enumerated() {
      number |= Number(truncatingIfNeeded: byte) << Number(8 * index)
    }
    return number
  }

  mutating func double() throws(WireError) -> Double {
    Double(bitPattern: try number(UInt64.self))
  }

  mutating func text() throws(WireError) -> String {
    String(decoding: try take(Int(try number(UInt32.self))), as: UTF8.self)
  }

  /// As many elements as the number in front says, read one by one: a wrong number runs into
  /// the end before it takes memory.
  mutating func list<Element>(
    _ element: (inout WireReader) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    let count = try number(UInt32.self)
    var elements: [Element] = []
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }
}

/// Why bytes are no message.
enum WireError: Error, Hashable, CustomStringConvertible {
  case truncated
  case trailingBytes
  case unknown(what: String, number: Int)
  case tooLong(bytes: Int, limit: Int)

  var description: String {
    switch self {
    case .truncated: "the message ends too early"
    case .trailingBytes: "the message goes on behind its end"
    case .unknown(let what, let number): "there is no \(what) \(number)"
    case .tooLong(let bytes, let limit): "a message of \(bytes) bytes, the limit is \(limit)"
    }
  }
}

/// Cuts a stream of bytes into frames: a UInt32 that counts the bytes behind it, then these.
struct FrameBuffer {
  /// Longer frames are refused before anything of them is kept.
  let limit: Int
  private var bytes: [UInt8] = []
  private var start = 0

  init(limit: Int) { self.limit = limit }

  mutating func append(_ more: some Collection<UInt8>) {
    if start > 0, start == bytes.count || start > 1 << 16 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next whole frame, without its length; nil when more bytes are needed.
  mutating func next() throws(WireError) -> ArraySlice<UInt8>? {
    guard bytes.count - start >= 4 else { return nil }
    var reader = WireReader(bytes[start...])
    let length = Int(try reader.number(UInt32.self))
    guard length <= limit else { throw .tooLong(bytes: length, limit: limit) }
    guard bytes.count - start - 4 >= length else { return nil }
    defer { start += 4 + length }
    return bytes[(start + 4)..<(start + 4 + length)]
  }

  static func frame(_ message: [UInt8]) -> [UInt8] {
    var writer = WireWriter()
    writer.put(UInt32(message.count))
    writer.put(rest: message)
    return writer.bytes
  }
}
