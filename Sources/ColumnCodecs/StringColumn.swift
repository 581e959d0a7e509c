// Columns of texts: all of them one behind the other, or a dictionary and which entry is where.
//
//     payload    := of the encoding:
//       0 plain       texts
//       1 dictionary  varint(entries) texts codes
//     texts      := lengths form (u8) bytes
//     bytes      := of the form: 0 as they are; 1 varint(bytes stored), one LZ4 block
//     lengths, codes := integers, of bytes and of entries in order of appearance

enum StringEncoding: UInt8, CaseIterable {
  case plain = 0
  case dictionary = 1
}

enum StringColumn {
  /// What the texts of a block may come to.
  static let byteLimit = 1 << 30

  static func encode(_ values: [String]) -> (encoding: UInt8, bytes: [UInt8]) {
    var entries: [String] = []
    var places: [[UInt8]: Int64] = [:]
    var codes: [Int64] = []
    for value in values {
      // By bytes: texts that only look equal are different ones.
      let code = places[Array(value.utf8), default: Int64(entries.count)]
      if code == entries.count {
        places[Array(value.utf8)] = code
        entries.append(value)
      }
      codes.append(code)
    }
    let plain = texts(values)
    guard entries.count < values.count else { return (StringEncoding.plain.rawValue, plain) }
    var sink = ByteSink()
    sink.varint(UInt64(entries.count))
    sink.raw(texts(entries))
    IntegerStream.encode(codes, into: &sink)
    return sink.bytes.count < plain.count
      ? (StringEncoding.dictionary.rawValue, sink.bytes) : (StringEncoding.plain.rawValue, plain)
  }

  private static func texts(_ values: [String]) -> [UInt8] {
    var sink = ByteSink()
    IntegerStream.encode(values.map { Int64($0.utf8.count) }, into: &sink)
    let bytes = values.flatMap(\.utf8)
    precondition(bytes.count < byteLimit, "the texts of a block come to less than 1 GiB")
    if let block = LZ4Block.compressed(bytes, 0..<bytes.count), block.count + 4 < bytes.count {
      sink.byte(1)
      sink.varint(UInt64(block.count))
      sink.raw(block)
    } else {
      sink.byte(0)
      sink.raw(bytes)
    }
    return sink.bytes
  }

  static func decode(
    _ encoding: UInt8, _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [String] {
    switch StringEncoding(rawValue: encoding) {
    case .plain: return try texts(count, &cursor)
    case .dictionary:
      let entryCount = try cursor.count(upTo: count, "number of entries")
      let entries = try texts(entryCount, &cursor)
      return try IntegerStream.integers(count, &cursor).map { (code) throws(ColumnBlockError) in
        guard code >= 0, code < entryCount else {
          throw .invalid(what: "an entry of the dictionary", value: UInt64(bitPattern: code))
        }
        return entries[Int(code)]
      }
    case nil: throw .invalid(what: "the encoding of texts", value: UInt64(encoding))
    }
  }

  private static func texts(
    _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [String] {
    let lengths = try IntegerStream.integers(count, &cursor)
    var total = 0
    for length in lengths {
      guard length >= 0, length < byteLimit, total + Int(length) < byteLimit else {
        throw .invalid(what: "the length of a text", value: UInt64(bitPattern: length))
      }
      total += Int(length)
    }
    let form = try cursor.byte("form of texts")
    guard form <= 1 else { throw .invalid(what: "the form of texts", value: UInt64(form)) }
    guard form == 1 else {
      return try unsafe split(try cursor.take(total, "texts"), lengths)
    }
    let stored = try cursor.count(upTo: cursor.remaining, "length of an LZ4 block")
    // LZ4 makes of a byte no more than 255: what promises more is no block, and gets no memory.
    guard total / 255 <= stored else {
      throw .invalid(what: "the length of all texts", value: UInt64(total))
    }
    let block = try unsafe cursor.take(stored, "texts")
    guard let bytes = unsafe LZ4Block.decompressed(block, rawCount: total) else {
      throw .invalid(what: "an LZ4 block of its length", value: UInt64(stored))
    }
    return try unsafe bytes.borrowed(bytes.indices) { (bytes) throws(ColumnBlockError) in
      try unsafe split(bytes, lengths)
    }
  }

  private static func split(
    _ bytes: UnsafeRawBufferPointer, _ lengths: [Int64]
  ) throws(ColumnBlockError) -> [String] {
    var start = 0
    var texts: [String] = []
    texts.reserveCapacity(lengths.count)
    for length in lengths {
      let piece = unsafe bytes[start..<(start + Int(length))]
      // Decoding repairs what is no UTF-8, and then the bytes differ.
      let text = unsafe String(decoding: piece, as: UTF8.self)
      guard unsafe text.utf8.elementsEqual(piece) else { throw .notUTF8 }
      texts.append(text)
      start += Int(length)
    }
    return texts
  }

  /// How texts are kept, for people.
  static func name(_ encoding: UInt8) throws(ColumnBlockError) -> String {
    switch StringEncoding(rawValue: encoding) {
    case .plain: return "plain"
    case .dictionary: return "dictionary"
    case nil: throw .invalid(what: "the encoding of texts", value: UInt64(encoding))
    }
  }
}
