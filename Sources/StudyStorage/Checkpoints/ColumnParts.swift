// The parts of a stored block: a block of trials is written column by column, and each column lies
// by itself, so that nobody reads more than he wants.

/// Which column of a block a part is.
struct PartKey: Hashable, Comparable, Sendable {
  /// What columns are of. Never reused.
  enum Kind: UInt8, Sendable {
    case isPacked = 1
    case ids = 2
    case numbers = 3
    case states = 4
    case created = 5
    case started = 6
    case ended = 7
    case proposers = 8
    case retryOf = 9
    case value = 10
    case violation = 11
    case parameter = 12
    case distribution = 13
    case userAttribute = 14
    case systemAttribute = 15
    case attempt = 16
    case series = 17
    case pointValues = 18
    case pointTimes = 19
    case pointSteps = 20
    /// The ranges of columns; see BlockZones.swift.
    case zones = 21
  }

  let kind: Kind
  /// Of objectives, bounds, parameters, attributes and metrics their number; of attempts and
  /// series which of their columns (see BlockFields.swift). A series column's lower half is the
  /// metric's number.
  var number = 0
  /// Long columns are cut into chunks, numbered from 0. −1: the places of a column that not every
  /// trial has.
  var chunk = 0

  static let places = -1

  static func < (a: PartKey, b: PartKey) -> Bool {
    (a.kind.rawValue, a.number, a.chunk) < (b.kind.rawValue, b.number, b.chunk)
  }
}

/// Where a part lies in its file.
struct PartPlace: Hashable, Sendable {
  let offset: UInt64
  let count: Int
  /// XXH64 of its bytes, seeded with its offset.
  let checksum: UInt64
}

/// Which parts a block has. Immutable.
struct PartDirectory: Sendable {
  /// Ascending.
  private let keys: [PartKey]
  private let places: [PartPlace]

  init(_ parts: [(key: PartKey, place: PartPlace)]) {
    let sorted = parts.sorted { $0.key < $1.key }
    keys = sorted.map(\.key)
    places = sorted.map(\.place)
  }

  subscript(key: PartKey) -> PartPlace? {
    let index = firstIndex(from: key)
    return index < keys.count && keys[index] == key ? places[index] : nil
  }

  /// Columns of `kind`, by ascending number.
  func numbers(of kind: PartKey.Kind) -> [Int] {
    parts(of: kind).lazy.filter { $0.chunk == 0 }.map(\.number)
  }

  private func parts(of kind: PartKey.Kind) -> ArraySlice<PartKey> {
    let first = firstIndex(from: PartKey(kind: kind, number: .min, chunk: .min))
    return keys[first...].prefix { $0.kind == kind }
  }

  private func firstIndex(from key: PartKey) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// All parts, by ascending key.
  var all: [(key: PartKey, place: PartPlace)] { zip(keys, places).map { ($0, $1) } }

  // MARK: Bytes

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.varint(UInt64(keys.count))
    for (key, place) in all {
      writer.byte(key.kind.rawValue)
      writer.varint(UInt64(key.number))
      writer.signed(Int64(key.chunk))
      writer.varint(place.offset)
      writer.varint(UInt64(place.count))
      writer.fixed(place.checksum)
    }
    return writer.bytes
  }

  /// - Parameter end: where the file's parts end.
  init(decoding bytes: [UInt8], upTo end: UInt64) throws(ByteError) {
    var reader = ByteReader(bytes)
    let count = try reader.count(upTo: bytes.count / 13, "number of parts")
    var keys: [PartKey] = []
    var places: [PartPlace] = []
    keys.reserveCapacity(count)
    places.reserveCapacity(count)
    for _ in 0..<count {
      let raw = try reader.byte()
      guard let kind = PartKey.Kind(rawValue: raw) else { throw .badValue("part \(raw)") }
      let key = PartKey(
        kind: kind, number: try reader.count(upTo: .max, "number"),
        chunk: Int(try reader.signed()))
      guard keys.last.map({ $0 < key }) ?? true else { throw .badValue("parts out of order") }
      let offset = try reader.varint()
      let length = try reader.count(upTo: 1 << 30, "length")
      guard offset <= end, UInt64(length) <= end - offset else { throw .tooShort }
      keys.append(key)
      places.append(
        PartPlace(offset: offset, count: length, checksum: try reader.fixed(UInt64.self)))
    }
    guard reader.isAtEnd else { throw .badValue("longer than its parts") }
    self.keys = keys
    self.places = places
  }
}
