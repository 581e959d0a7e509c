// A column of integers: a plan that makes them small, and a coder for what is left.
//
//     stream := form origin? stride? first(order)* body
//     form := coder (3 bits) order (3 bits) centred (1 bit) strided (1 bit)
//     origin, first := zig-zag varint        stride := varint
//     body := of the coder:
//       0 constant    nothing: every difference is the origin
//       1 packed      width (byte), then `width` bits a number
//       2 tokens      a token stream
//       3 planes      width in bytes (byte), varint(length), one LZ4 block of the lowest bytes of
//                     all numbers, then the second lowest, and so on
//       4 dictionary  varint(entries), a stream of them, ascending, and one of which is where;
//                     the form has no order, origin or stride

/// How the numbers of an integer stream are kept.
package enum IntegerCoder: UInt8, CaseIterable, Sendable, CustomStringConvertible {
  case constant = 0
  case packed = 1
  case tokens = 2
  case planes = 3
  case dictionary = 4

  package var description: String {
    switch self {
    case .constant: "constant"
    case .packed: "packed"
    case .tokens: "entropy"
    case .planes: "LZ4"
    case .dictionary: "dictionary"
    }
  }
}

enum IntegerStream {
  static let mostEntries = 4096

  /// Appends the shortest stream for `values` that was found.
  static func encode(_ values: [Int64], into sink: inout ByteSink) {
    sink.raw(encoded(values, mayHaveDictionary: true))
  }

  /// The shortest stream for `values` that was found and gives them back.
  static func verified(_ values: [Int64]) -> [UInt8] {
    let bytes = encoded(values, mayHaveDictionary: true)
    if (try? decoded(values.count, bytes)) == values { return bytes }
    var plain = ByteSink()
    plain.byte(IntegerCoder.packed.rawValue)
    plain.signed(0)
    plain.byte(64)
    for value in values { plain.fixed(value) }
    return plain.bytes
  }

  /// The `count` values of the stream that is all of `bytes`.
  private static func decoded(_ count: Int, _ bytes: [UInt8]) throws(ColumnBlockError) -> [Int64] {
    try unsafe bytes.borrowed(bytes.indices) { (buffer) throws(ColumnBlockError) in
      var cursor = unsafe ByteCursor(buffer)
      return try integers(count, &cursor)
    }
  }

  /// Reads `count` values.
  static func integers(
    _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [Int64] {
    try unsafe [Int64].filled(count) {
      (values: UnsafeMutablePointer<Int64>) throws(ColumnBlockError) in
      try unsafe decode(count, from: &cursor, into: values)
    }
  }

  /// About how many bits ``encode(_:into:)`` will take, found without coding.
  static func estimatedBits(of values: [Int64]) -> Double {
    IntegerPlan.candidates(for: values).map { $0.estimatedBits(values.count) }.min() ?? 0
  }

  private static func encoded(_ values: [Int64], mayHaveDictionary: Bool) -> [UInt8] {
    guard !values.isEmpty else { return [] }
    let plans = IntegerPlan.candidates(for: values)
    var best: (bytes: [UInt8], cost: Double)?
    func offer(_ bytes: [UInt8]?, _ effort: (factor: Double, bytes: Double) = (1, 0)) {
      guard let bytes else { return }
      let cost = Double(bytes.count) * effort.factor + effort.bytes
      if cost < best?.cost ?? .infinity { best = (bytes, cost) }
    }
    if let packed = plans.min(by: { $0.packedBits(values.count) < $1.packedBits(values.count) }) {
      let isConstant = packed.width == 0
      offer(encoded(values, packed, isConstant ? .constant : .packed))
      if isConstant { return best?.bytes ?? [] }
    }
    if let plain = plans.first { offer(encoded(values, plain, .planes)) }
    if let small = plans.min(by: { $0.tokenBits < $1.tokenBits }) {
      offer(encoded(values, small, .planes))
      // What takes a decoder longer must be worth it.
      offer(encoded(values, small, .tokens), (1.02, 48))
    }
    if mayHaveDictionary { offer(dictionary(values), (1.04, 48)) }
    return best?.bytes ?? []
  }

  private static func encoded(
    _ values: [Int64], _ plan: IntegerPlan, _ coder: IntegerCoder
  ) -> [UInt8]? {
    let (firsts, differences) = IntegerPlan.differences(values, order: plan.order)
    let numbers = plan.numbers(differences)
    var sink = ByteSink()
    let strided = plan.stride > 1
    sink.byte(
      coder.rawValue | UInt8(plan.order) << 3 | (plan.isCentred ? 64 : 0) | (strided ? 128 : 0))
    sink.signed(plan.origin)
    if strided { sink.varint(plan.stride) }
    for first in firsts { sink.signed(first) }
    switch coder {
    case .constant: break
    case .packed:
      sink.byte(UInt8(plan.width))
      for number in numbers { sink.bits(number, plan.width) }
      sink.align()
    case .tokens:
      TokenStream.encode(numbers, alphabet: .usual, into: &sink)
    case .planes:
      let byteCount = (plan.width + 7) / 8
      var planes: [UInt8] = []
      planes.reserveCapacity(byteCount * numbers.count)
      for index in 0..<byteCount {
        for number in numbers { planes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
      }
      guard let block = LZ4Block.compressed(planes, 0..<planes.count) else { return nil }
      sink.byte(UInt8(byteCount))
      sink.varint(UInt64(block.count))
      sink.raw(block)
    case .dictionary: return nil
    }
    return sink.bytes
  }

  /// Of the few different values that there are; nil when there are many.
  private static func dictionary(_ values: [Int64]) -> [UInt8]? {
    guard Set(values.prefix(256)).count <= 128 else { return nil }
    var seen: Set<Int64> = []
    for value in values where seen.insert(value).inserted && seen.count > mostEntries {
      return nil
    }
    guard seen.count > 1, seen.count <= values.count / 2 else { return nil }
    let entries = seen.sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(entries, Int64(0)...))
    let codes = values.compactMap { places[$0] }
    var sink = ByteSink()
    sink.byte(IntegerCoder.dictionary.rawValue)
    sink.varint(UInt64(entries.count))
    sink.raw(encoded(entries, mayHaveDictionary: false))
    sink.raw(encoded(codes, mayHaveDictionary: false))
    return sink.bytes
  }

  /// Reads `count` values into `values`, and says how they were kept.
  @discardableResult
  static func decode(
    _ count: Int, from cursor: inout ByteCursor, into values: UnsafeMutablePointer<Int64>,
    mayHaveDictionary: Bool = true
  ) throws(ColumnBlockError) -> IntegerCoder {
    guard count > 0 else { return .constant }
    let form = try cursor.byte("form of integers")
    guard let coder = IntegerCoder(rawValue: form & 7),
      coder != .dictionary || (mayHaveDictionary && form == coder.rawValue)
    else { throw .invalid(what: "the form of integers", value: UInt64(form)) }
    if coder == .dictionary {
      try unsafe decodeDictionary(count, from: &cursor, into: values)
      return coder
    }
    let order = Int(form >> 3 & 7)
    guard order < count else { throw .invalid(what: "the order", value: UInt64(order)) }
    let origin = try cursor.signed("origin")
    let stride = form < 128 ? 1 : try cursor.varint("stride")
    var firsts: [Int64] = []
    for _ in 0..<order { firsts.append(try cursor.signed("first values")) }
    let rest = unsafe values + order
    let restCount = count - order
    let numbers = unsafe UnsafeMutableRawPointer(rest).assumingMemoryBound(to: UInt64.self)
    switch coder {
    case .constant, .dictionary: unsafe numbers.update(repeating: 0, count: restCount)
    case .packed: try unsafe unpack(restCount, from: &cursor, into: numbers)
    case .tokens: try unsafe TokenStream.decode(restCount, from: &cursor, into: numbers)
    case .planes: try unsafe joinPlanes(restCount, from: &cursor, into: numbers)
    }
    for (index, first) in firsts.enumerated() { unsafe values[index] = first }
    let inverse = IntegerInverse(
      origin: origin, stride: Int64(bitPattern: stride), isCentred: form & 64 != 0, order: order)
    unsafe inverse.apply(to: UnsafeMutableBufferPointer(start: values, count: count))
    return coder
  }

  /// How the integers at `cursor` are kept, for people.
  static func name(_ cursor: inout ByteCursor) throws(ColumnBlockError) -> String {
    guard cursor.remaining > 0 else { return IntegerCoder.constant.description }
    let form = try cursor.byte("form of integers")
    guard let coder = IntegerCoder(rawValue: form & 7) else {
      throw .invalid(what: "the form of integers", value: UInt64(form))
    }
    return coder.description
  }

  private static func unpack(
    _ count: Int, from cursor: inout ByteCursor, into numbers: UnsafeMutablePointer<UInt64>
  ) throws(ColumnBlockError) {
    let width = Int(try cursor.byte("width"))
    guard width <= 64 else { throw .invalid(what: "the width", value: UInt64(width)) }
    let bits = try cursor.bits((count * width + 7) / 8, "packed numbers")
    if width <= 57 {
      let mask = (UInt64(1) << UInt64(width)) &- 1
      for index in 0..<count { unsafe numbers[index] = bits.peek(index &* width) & mask }
    } else {
      for index in 0..<count { unsafe numbers[index] = bits.read(index &* width, width) }
    }
  }

  private static func joinPlanes(
    _ count: Int, from cursor: inout ByteCursor, into numbers: UnsafeMutablePointer<UInt64>
  ) throws(ColumnBlockError) {
    let planes = Int(try cursor.byte("number of planes"))
    guard planes <= 8 else { throw .invalid(what: "the number of planes", value: UInt64(planes)) }
    let length = try cursor.count(upTo: cursor.remaining, "length of its planes")
    let block = try unsafe cursor.take(length, "planes")
    guard let bytes = unsafe LZ4Block.decompressed(block, rawCount: planes * count) else {
      throw .invalid(what: "an LZ4 block of its length", value: UInt64(length))
    }
    unsafe numbers.update(repeating: 0, count: count)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      for plane in 0..<planes {
        let shift = UInt64(8 * plane)
        for index in 0..<count {
          unsafe numbers[index] |= UInt64(bytes[plane &* count &+ index]) &<< shift
        }
      }
    }
  }

  private static func decodeDictionary(
    _ count: Int, from cursor: inout ByteCursor, into values: UnsafeMutablePointer<Int64>
  ) throws(ColumnBlockError) {
    let entryCount = try cursor.count(upTo: mostEntries, "number of entries")
    guard entryCount > 0 else { throw .invalid(what: "the number of entries", value: 0) }
    let entries = try unsafe [Int64].filled(entryCount) {
      (entries: UnsafeMutablePointer<Int64>) throws(ColumnBlockError) in
      try unsafe decode(entryCount, from: &cursor, into: entries, mayHaveDictionary: false)
    }
    try unsafe decode(count, from: &cursor, into: values, mayHaveDictionary: false)
    var most: UInt64 = 0
    for index in 0..<count { unsafe most = max(most, UInt64(bitPattern: values[index])) }
    guard most < entryCount else {
      throw .invalid(what: "an entry of the dictionary", value: most)
    }
    unsafe entries.withUnsafeBufferPointer { entries in
      for index in 0..<count { unsafe values[index] = entries[Int(values[index])] }
    }
  }
}

/// The way back from numbers to integers, in place and in one pass.
private struct IntegerInverse {
  let origin: Int64
  let stride: Int64
  let isCentred: Bool
  let order: Int

  /// Behind the first `order` values lie numbers, which become values.
  func apply(to values: UnsafeMutableBufferPointer<Int64>) {
    let (origin, stride) = (origin, stride)
    switch (isCentred, stride) {
    case (true, 1): unsafe sum(values) { origin &+ UInt64(bitPattern: $0).unzigzagged }
    case (true, _): unsafe sum(values) { origin &+ stride &* UInt64(bitPattern: $0).unzigzagged }
    case (false, 1): unsafe sum(values) { origin &+ $0 }
    case (false, _): unsafe sum(values) { origin &+ stride &* $0 }
    }
  }

  /// `order` running sums of `difference` of what is there.
  @inline(__always) private func sum(
    _ values: UnsafeMutableBufferPointer<Int64>, _ difference: (Int64) -> Int64
  ) {
    switch order {
    case 0:
      for index in 0..<values.count { unsafe values[index] = difference(values[index]) }
    case 1:
      var value = unsafe values[0]
      for index in 1..<values.count {
        unsafe value &+= difference(values[index])
        unsafe values[index] = value
      }
    case 2:
      var value = unsafe values[0]
      var slope = unsafe values[1]
      unsafe values[1] = value &+ slope
      value = value &+ slope
      for index in 2..<values.count {
        unsafe slope &+= difference(values[index])
        value &+= slope
        unsafe values[index] = value
      }
    case 3:
      var value = unsafe values[0]
      var slope = unsafe values[1]
      var bend = unsafe values[2]
      value &+= slope
      unsafe values[1] = value
      slope &+= bend
      value &+= slope
      unsafe values[2] = value
      for index in 3..<values.count {
        unsafe bend &+= difference(values[index])
        slope &+= bend
        value &+= slope
        unsafe values[index] = value
      }
    default:
      for index in order..<values.count { unsafe values[index] = difference(values[index]) }
      for start in (0..<order).reversed() {
        var sum = unsafe values[start]
        for index in (start + 1)..<values.count {
          unsafe sum &+= values[index]
          unsafe values[index] = sum
        }
      }
    }
  }
}
