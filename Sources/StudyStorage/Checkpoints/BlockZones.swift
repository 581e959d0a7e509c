// Zones of a stored block: the range of each of its columns of numbers that people filter and sort
// by, in a part of its own, so that a block without a single row that is wanted is not decoded.

import StudyModel

/// The zones of a block, by column.
struct BlockZones: Equatable, Sendable {
  static let key = PartKey(kind: .zones)
  /// Kind and number of the column, minimum and maximum, how many numbers.
  private static let fieldCount = 5

  private var zones: [ZoneColumn: ColumnZone] = [:]

  /// Those of `block`, all of whose columns are there.
  init(of block: TrialBlock) {
    let columns = block.columns
    func add(_ table: BlockTable<Double>, _ column: (Int) -> ZoneColumn) {
      for stored in table.stored(count: block.count) {
        var zone = ColumnZone()
        for value in stored.values { zone.add(value) }
        // Places without a trial count too: nobody looks for what is not there.
        zone.others = block.count - zone.numbers
        zones[column(stored.number)] = zone
      }
    }
    add(columns.values) { .value(objective: $0) }
    add(columns.parameters) { .parameter($0) }
  }

  /// - Parameter count: how many places the block has.
  /// - Returns: nil when `values` are none.
  init?(_ values: [Double], count: Int) {
    guard values.count.isMultiple(of: Self.fieldCount) else { return nil }
    for start in stride(from: 0, to: values.count, by: Self.fieldCount) {
      guard let kind = UInt8(exactly: values[start]), let number = Int(exactly: values[start + 1]),
        let numbers = Int(exactly: values[start + 4]), 0...count ~= numbers,
        numbers == 0 || values[start + 2] <= values[start + 3]
      else { return nil }
      let column: ZoneColumn
      switch PartKey.Kind(rawValue: kind) {
      case .value: column = .value(objective: number)
      case .parameter: column = .parameter(number)
      default: return nil
      }
      zones[column] = ColumnZone(
        minimum: values[start + 2], maximum: values[start + 3], numbers: numbers,
        others: count - numbers)
    }
  }

  /// The zone of `column` in a block of `count` places; a column that is not listed has no value.
  func zone(of column: ZoneColumn, count: Int) -> ColumnZone {
    zones[column] ?? ColumnZone(minimum: .infinity, maximum: -.infinity, numbers: 0, others: count)
  }

  /// As they are stored: the fields of one column after the other, by kind and number.
  var values: [Double] {
    let all = zones.map { column, zone in
      let (kind, number) =
        switch column {
        case .value(let objective): (PartKey.Kind.value, objective)
        case .parameter(let parameter): (.parameter, parameter)
        }
      return [
        Double(kind.rawValue), Double(number), zone.minimum, zone.maximum, Double(zone.numbers),
      ]
    }
    return all.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.flatMap { $0 }
  }
}
