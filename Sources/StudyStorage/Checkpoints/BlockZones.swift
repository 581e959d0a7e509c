// Zones of a stored block: the range of each of its columns of numbers that people filter and sort
// by, in a part of its own, so that a block without a single row that is wanted is not decoded.

import StudyModel

/// The zones of a block, by column.
struct BlockZones: Equatable, Sendable {
  static let key = PartKey(kind: .zones)

  private var zones: [ZoneColumn: ColumnZone] = [:]

  /// Those of `block`, all of whose columns are there.
  init(of block: TrialBlock) {
    let columns = block.columns
    func add(_ table: BlockTable<Double>, _ column: (Int) -> ZoneColumn) {
      for stored in table.stored(count: block.count) {
        var zone = ColumnZone()
        for value in stored.values { zone.add(value) }
        // Places without a trial count too: nobody looks for what is not there.
        zone.others += block.count - stored.values.count
        zones[column(stored.number)] = zone
      }
    }
    add(columns.values) { .value(objective: $0) }
    add(columns.parameters) { .parameter($0) }
  }

  /// The zone of `column` in a block of `count` places; a column that is not listed has no value.
  func zone(of column: ZoneColumn, count: Int) -> ColumnZone {
    zones[column] ?? ColumnZone(minimum: .infinity, maximum: -.infinity, numbers: 0, others: count)
  }

  // MARK: Bytes

  func encoded() -> [UInt8] {
    let sorted = zones.map { (Self.identity($0.key), $0.value) }.sorted { $0.0 < $1.0 }
    var writer = ByteWriter()
    writer.varint(UInt64(sorted.count))
    for (identity, zone) in sorted {
      writer.byte(identity.kind)
      writer.varint(UInt64(identity.number))
      writer.fixed(zone.minimum.bitPattern)
      writer.fixed(zone.maximum.bitPattern)
      writer.varint(UInt64(zone.numbers))
    }
    return writer.bytes
  }

  /// - Parameter count: how many places the block has.
  init(decoding bytes: [UInt8], count: Int) throws(ByteError) {
    var reader = ByteReader(bytes)
    for _ in 0..<(try reader.count(upTo: bytes.count / 19, "number of zones")) {
      let kind = try reader.byte()
      let number = try reader.count(upTo: .max, "number")
      let minimum = Double(bitPattern: try reader.fixed(UInt64.self))
      let maximum = Double(bitPattern: try reader.fixed(UInt64.self))
      let numbers = try reader.count(upTo: count, "count")
      let column: ZoneColumn
      switch PartKey.Kind(rawValue: kind) {
      case .value: column = .value(objective: number)
      case .parameter: column = .parameter(number)
      default: throw .badValue("zone of column \(kind)")
      }
      guard numbers == 0 || minimum <= maximum else { throw .badValue("a zone without inside") }
      zones[column] = ColumnZone(
        minimum: minimum, maximum: maximum, numbers: numbers, others: count - numbers)
    }
    guard reader.isAtEnd else { throw .badValue("longer than its zones") }
  }

  private struct Identity: Comparable {
    let kind: UInt8
    let number: Int

    static func < (a: Identity, b: Identity) -> Bool { (a.kind, a.number) < (b.kind, b.number) }
  }

  private static func identity(_ column: ZoneColumn) -> Identity {
    switch column {
    case .value(let objective): Identity(kind: PartKey.Kind.value.rawValue, number: objective)
    case .parameter(let number): Identity(kind: PartKey.Kind.parameter.rawValue, number: number)
    }
  }
}
