// What is known of a column's numbers over many rows without reading them, so that whoever looks
// for few passes over most.

/// The range of the numbers in some rows of a column.
public struct ColumnZone: Hashable, Sendable {
  /// +∞ without numbers.
  public package(set) var minimum = Double.infinity
  /// −∞ without numbers.
  public package(set) var maximum = -Double.infinity
  /// In how many rows there is a number, about: rows that were not asked for count too.
  public package(set) var numbers = 0
  /// In how many there is none, or NaN; counted as `numbers` are.
  public package(set) var others = 0

  /// Of no rows.
  package init() {}

  package init(minimum: Double, maximum: Double, numbers: Int, others: Int) {
    self.minimum = minimum
    self.maximum = maximum
    self.numbers = numbers
    self.others = others
  }

  /// Adds a row with `value`, nil when it has none.
  package mutating func add(_ value: Double?) {
    guard let value, !value.isNaN else {
      others += 1
      return
    }
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    numbers += 1
  }
}

/// A column of numbers that blocks keep zones of.
package enum ZoneColumn: Hashable, Sendable {
  case value(objective: Int)
  /// As kept, see ``Distribution/value(of:)``.
  case parameter(Int)
}

/// A column of numbers by the name under which people know it.
public enum NumberColumn: Hashable, Sendable {
  /// The values of an objective.
  case objective(Int)
  /// As kept, see ``Distribution/value(of:)``.
  case parameter(String)
}

extension StudyRecord {
  /// What is known of `column` in `rows`, which lie in one block; nil when that would take reading
  /// it.
  ///
  /// - Throws: when what is known cannot be read.
  public func zone(of column: NumberColumn, rows: Range<Int>) throws -> ColumnZone? {
    guard !rows.isEmpty, let entry = blocks[UInt64(rows.lowerBound >> blockShift)],
      case .stored(let stored)? = entry.packed
    else { return nil }
    let number: ZoneColumn
    switch column {
    case .objective(let objective): number = .value(objective: objective)
    case .parameter(let name):
      guard let parameter = schema.parameters.number(of: NameKey(name)) else { return nil }
      number = .parameter(parameter)
    }
    guard var zone = try stored.zone(of: number) else { return nil }
    func add(_ trials: IntegerMap<Box<OpenTrial>>) {
      let (first, end) = (UInt64(rows.lowerBound), UInt64(rows.upperBound))
      for (row, box) in trials.entries(from: first) {
        if row >= end { break }
        let trial = TrialPlace.loose(box)
        switch number {
        case .value(let objective): zone.add(trial.value(objective))
        case .parameter(let parameter): zone.add(trial.parameter(parameter)?.value)
        }
      }
    }
    add(open)
    add(entry.waiting)
    return zone
  }
}
