// Columns of Float64: which integers stand for the values, and which values are exceptions.
//
//     payload := of the encoding:
//       0 raw       8 bytes a value
//       1 constant  8 bytes: the one value
//       2 float64   integers of the values' bits
//       3 float32   integers of the bits that the values have as Float32, exceptions
//       4 ratios    varint(divisor), integers k: Double(k) / Double(divisor), exceptions
//       5 ratios in Float32   the same, divided in Float32 and widened
//     exceptions := varint(count), then unless that is 0 integers: where, and their bits
//
// Decimals are ratios whose divisor is a power of ten: the quotient of two exact numbers is the
// double nearest to the decimal, which is what reading it gives (ALP, Afroozeh et al., SIGMOD
// 2024, multiplies by the inverse, which is faster and meets fewer values).

enum FloatEncoding: UInt8, CaseIterable {
  case raw = 0
  case constant = 1
  case float64 = 2
  case float32 = 3
  case ratios = 4
  case ratiosInFloat32 = 5
}

/// Integers that stand for values under an encoding, all but exceptions.
struct FloatIntegers {
  let encoding: FloatEncoding
  /// 0 where the encoding has none.
  var divisor: UInt64 = 0
  /// One for each value; where there is none, whatever is cheap.
  let integers: [Int64]
  /// Where in the column there is none, ascending.
  var exceptions: [Int] = []

  /// About how many bits all of it takes.
  func estimatedBits(_ values: [Double]) -> Double {
    let distinct = exceptions.count { !values[$0].isNaN }
    return IntegerStream.estimatedBits(of: integers)
      + Double(72 * distinct + 8 * (exceptions.count - distinct))
  }

  /// The payload of a block.
  func payload(_ values: [Double]) -> [UInt8] {
    var sink = ByteSink()
    if divisor > 0 { sink.varint(divisor) }
    IntegerStream.encode(integers, into: &sink)
    if encoding != .float64 {
      sink.varint(UInt64(exceptions.count))
      if !exceptions.isEmpty {
        IntegerStream.encode(exceptions.map { Int64($0) }, into: &sink)
        IntegerStream.encode(exceptions.map { values[$0].orderedBits }, into: &sink)
      }
    }
    return sink.bytes
  }
}

extension FloatIntegers {
  static func float64(_ values: [Double]) -> FloatIntegers {
    FloatIntegers(encoding: .float64, integers: values.map(\.orderedBits))
  }

  /// Nil unless half of the values are ones of Float32.
  static func float32(_ values: [Double]) -> FloatIntegers? {
    make(.float32, 0, values) { value in
      let narrow = Float(value)
      return Double(narrow).bitPattern == value.bitPattern ? narrow.orderedBits : nil
    }
  }

  /// Nil unless half of the values are multiples of `1 / divisor`.
  static func ratios(_ values: [Double], _ divisor: UInt64, inFloat32: Bool) -> FloatIntegers? {
    let ratio = Ratio(divisor: divisor, isFloat32: inFloat32)
    return make(inFloat32 ? .ratiosInFloat32 : .ratios, divisor, values) { ratio.numerator(of: $0) }
  }

  private static func make(
    _ encoding: FloatEncoding, _ divisor: UInt64, _ values: [Double],
    _ integer: (Double) -> Int64?
  ) -> FloatIntegers? {
    var integers: [Int64] = []
    integers.reserveCapacity(values.count)
    var exceptions: [Int] = []
    var last: Int64?
    for (index, value) in values.enumerated() {
      if let found = integer(value) {
        // Exceptions at the front repeat what comes first.
        if last == nil {
          for earlier in integers.indices { integers[earlier] = found }
        }
        last = found
        integers.append(found)
      } else {
        exceptions.append(index)
        if exceptions.count * 2 > values.count { return nil }
        integers.append(last ?? 0)
      }
    }
    return FloatIntegers(
      encoding: encoding, divisor: divisor, integers: integers, exceptions: exceptions)
  }
}

enum FloatColumn {
  /// Tries what suits a sample, codes the two that promise most, and keeps the shortest that
  /// decodes to the same bits.
  static func encode(_ values: [Double]) -> (encoding: UInt8, bytes: [UInt8]) {
    var raw = ByteSink()
    guard let first = values.first else { return (FloatEncoding.raw.rawValue, []) }
    if values.allSatisfy({ $0.bitPattern == first.bitPattern }) {
      raw.word(first.bitPattern)
      return (FloatEncoding.constant.rawValue, raw.bytes)
    }
    for value in values { raw.word(value.bitPattern) }
    var best = (encoding: FloatEncoding.raw.rawValue, bytes: raw.bytes)
    let ranked = candidates(values).map { ($0, $0.estimatedBits(values)) }
      .sorted { $0.1 < $1.1 }
    for (candidate, _) in ranked.prefix(2) {
      let bytes = candidate.payload(values)
      if bytes.count < best.bytes.count, decodes(candidate.encoding, bytes, to: values) {
        best = (candidate.encoding.rawValue, bytes)
      }
    }
    return best
  }

  private static func candidates(_ values: [Double]) -> [FloatIntegers] {
    var found = [FloatIntegers.float64(values)]
    let narrow = FloatIntegers.float32(values)
    if let narrow { found.append(narrow) }
    for divisor in RatioSearch.divisors(of: values, inFloat32: false) {
      if let ratios = FloatIntegers.ratios(values, divisor, inFloat32: false) {
        found.append(ratios)
      }
    }
    if narrow != nil {
      for divisor in RatioSearch.divisors(of: values, inFloat32: true) {
        if let ratios = FloatIntegers.ratios(values, divisor, inFloat32: true) {
          found.append(ratios)
        }
      }
    }
    return found
  }

  private static func decodes(
    _ encoding: FloatEncoding, _ bytes: [UInt8], to values: [Double]
  ) -> Bool {
    let decoded = unsafe bytes.withUnsafeBytes { buffer -> [Double]? in
      var cursor = unsafe ByteCursor(buffer)
      return try? decode(encoding.rawValue, values.count, &cursor)
    }
    guard let decoded, decoded.count == values.count else { return false }
    return zip(decoded, values).allSatisfy { $0.bitPattern == $1.bitPattern }
  }

  static func decode(
    _ encoding: UInt8, _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [Double] {
    guard let encoding = FloatEncoding(rawValue: encoding) else {
      throw .invalid(what: "the encoding of numbers", value: UInt64(encoding))
    }
    switch encoding {
    case .raw: return try raw(count, &cursor)
    case .constant:
      return [Double](repeating: Double(bitPattern: try cursor.word("value")), count: count)
    case .float64, .float32, .ratios, .ratiosInFloat32:
      return try unsafe [Double].filled(count) {
        (values: UnsafeMutablePointer<Double>) throws(ColumnBlockError) in
        try unsafe fill(values, encoding, count, &cursor)
      }
    }
  }

  private static func raw(
    _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) -> [Double] {
    let bytes = try unsafe cursor.take(count * 8, "values")
    return unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      for index in 0..<count {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
        unsafe buffer[index] = Double(bitPattern: UInt64(littleEndian: word))
      }
      filled = count
    }
  }

  private static func fill(
    _ values: UnsafeMutablePointer<Double>, _ encoding: FloatEncoding, _ count: Int,
    _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) {
    var divisor: UInt64 = 1
    if encoding == .ratios || encoding == .ratiosInFloat32 {
      divisor = try cursor.varint("divisor")
      guard divisor > 0 else { throw .invalid(what: "the divisor", value: 0) }
    }
    // Integers and values are of one size: they take each other's place.
    let integers = unsafe UnsafeMutableRawPointer(values).bindMemory(
      to: Int64.self, capacity: count)
    try unsafe IntegerStream.decode(count, from: &cursor, into: integers)
    switch encoding {
    case .float32:
      for index in 0..<count {
        let value = unsafe Double(Float(orderedBits: integers[index]))
        unsafe integers[index] = Int64(bitPattern: value.bitPattern)
      }
    case .ratios:
      let by = Double(divisor)
      for index in 0..<count {
        let value = unsafe Double(integers[index]) / by
        unsafe integers[index] = Int64(bitPattern: value.bitPattern)
      }
    case .ratiosInFloat32:
      let by = Float(divisor)
      for index in 0..<count {
        let value = unsafe Double(Float(integers[index]) / by)
        unsafe integers[index] = Int64(bitPattern: value.bitPattern)
      }
    default:
      for index in 0..<count {
        let value = unsafe Double(orderedBits: integers[index])
        unsafe integers[index] = Int64(bitPattern: value.bitPattern)
      }
    }
    if encoding != .float64 { try unsafe patch(integers, count, &cursor) }
    _ = unsafe UnsafeMutableRawPointer(integers).bindMemory(to: Double.self, capacity: count)
  }

  /// Puts the exceptions in their places.
  private static func patch(
    _ bits: UnsafeMutablePointer<Int64>, _ count: Int, _ cursor: inout ByteCursor
  ) throws(ColumnBlockError) {
    let exceptionCount = try cursor.count(upTo: count, "number of exceptions")
    guard exceptionCount > 0 else { return }
    let places = try IntegerStream.integers(exceptionCount, &cursor)
    let values = try IntegerStream.integers(exceptionCount, &cursor)
    for (place, value) in zip(places, values) {
      guard place >= 0, place < count else {
        throw .invalid(what: "the place of an exception", value: UInt64(bitPattern: place))
      }
      unsafe bits[Int(place)] = Int64(bitPattern: Double(orderedBits: value).bitPattern)
    }
  }

  /// How the values of a payload are kept, for people.
  static func name(_ encoding: UInt8, _ cursor: inout ByteCursor) throws(ColumnBlockError) -> String
  {
    guard let encoding = FloatEncoding(rawValue: encoding) else {
      throw .invalid(what: "the encoding of numbers", value: UInt64(encoding))
    }
    switch encoding {
    case .raw: return "raw"
    case .constant: return "constant"
    case .float64: return "float64, \(try IntegerStream.name(&cursor))"
    case .float32: return "float32, \(try IntegerStream.name(&cursor))"
    case .ratios, .ratiosInFloat32:
      let divisor = try cursor.varint("divisor")
      let form = Ratio.isDecimal(divisor) ? "decimals" : "ratios"
      let narrow = encoding == .ratiosInFloat32 ? " in float32" : ""
      return "\(form)\(narrow), \(try IntegerStream.name(&cursor))"
    }
  }
}

extension Double {
  /// Its bits as an integer that grows with it, NaNs at both ends. Its own inverse on bits.
  @inline(__always) var orderedBits: Int64 {
    let bits = Int64(bitPattern: bitPattern)
    return bits ^ ((bits >> 63) & .max)
  }

  @inline(__always) init(orderedBits: Int64) {
    self.init(bitPattern: UInt64(bitPattern: orderedBits ^ ((orderedBits >> 63) & .max)))
  }
}

extension Float {
  /// Its bits as an integer that grows with it, in the range of Int32.
  @inline(__always) var orderedBits: Int64 {
    let bits = Int32(bitPattern: bitPattern)
    return Int64(bits ^ ((bits >> 31) & .max))
  }

  /// Of the lowest 32 bits.
  @inline(__always) init(orderedBits: Int64) {
    let bits = Int32(truncatingIfNeeded: orderedBits)
    self.init(bitPattern: UInt32(bitPattern: bits ^ ((bits >> 31) & .max)))
  }
}
