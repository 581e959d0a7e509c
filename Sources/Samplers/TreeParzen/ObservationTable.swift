// A history's parameters as Parzen estimators want them: one array a parameter over all rows,
// as the kernels see the values, and the rows sorted by them.
//
// The table is a function of the history. Kept between proposals, it is compared with the next
// history row by row and only what differs is done again, so that a long study does not sort
// itself anew for every trial.

import StudyModel

struct ObservationTable: Sendable {
  let parameters: [Parameter]
  let domains: [KernelDomain]
  private(set) var rowCount = 0
  /// By parameter and row: the coordinate, NaN where the trial has none.
  private(set) var coordinates: [[Double]]
  /// By parameter, but for categories: the rows that have it, by coordinate and then row.
  private(set) var order: [[Int32]]
  /// By parameter and row: the value, as it was read.
  private var values: [[Double]]

  init(_ parameters: [Parameter]) {
    self.parameters = parameters
    domains = parameters.map { KernelDomain($0.distribution) }
    coordinates = Array(repeating: [], count: parameters.count)
    values = coordinates
    order = Array(repeating: [], count: parameters.count)
  }

  /// Makes the table that of `history`, whatever it was of before.
  mutating func update(_ history: History) {
    if history.trialCount < rowCount { self = ObservationTable(parameters) }
    let oldCount = rowCount
    rowCount = history.trialCount
    for index in parameters.indices {
      let firstChange = read(index, history)
      sort(index, sortedCount: firstChange < oldCount ? 0 : oldCount)
    }
  }

  /// Reads a parameter's column; returns the first row that is new or not what it was.
  private mutating func read(_ index: Int, _ history: History) -> Int {
    var firstChange = rowCount
    let domain = domains[index]
    var known = values[index]
    var seen = coordinates[index]
    values[index] = []
    coordinates[index] = []
    ParameterReader(parameters[index], in: history).forEachPiece { piece, first in
      let overlap = min(max(known.count - first, 0), piece.count)
      for offset in 0..<overlap
      where known[first + offset].bitPattern != piece[offset].bitPattern {
        known[first + offset] = piece[offset]
        seen[first + offset] = domain.coordinate(piece[offset])
        firstChange = min(firstChange, first + offset)
      }
      if overlap < piece.count {
        firstChange = min(firstChange, first + overlap)
        known += piece[overlap...]
        seen += piece[overlap...].map(domain.coordinate)
      }
    }
    values[index] = known
    coordinates[index] = seen
    return firstChange
  }

  /// Brings the order up to date, the rows below `sortedCount` being in order already.
  private mutating func sort(_ index: Int, sortedCount: Int) {
    guard domains[index].bounds != nil else { return }
    let x = coordinates[index]
    var rows = order[index]
    order[index] = []
    let added = (sortedCount..<rowCount).filter { !x[$0].isNaN }
    if sortedCount == 0 || added.count > 32 {
      rows = (0..<rowCount).filter { !x[$0].isNaN }.map(Int32.init)
      rows.sort { x[Int($0)] == x[Int($1)] ? $0 < $1 : x[Int($0)] < x[Int($1)] }
    } else {
      for row in added {
        var low = 0
        var high = rows.count
        while low < high {
          let middle = (low + high) / 2
          if x[Int(rows[middle])] <= x[row] { low = middle + 1 } else { high = middle }
        }
        rows.insert(Int32(row), at: low)
      }
    }
    order[index] = rows
  }
}

extension ObservationTable {
  /// By parameter of `group`: the places in `rows` (ascending) by ascending coordinate, as read
  /// off the table's order; empty for categories.
  func ascending(_ group: [Int], among rows: [Int]) -> [[Int32]] {
    var places = [Int32](repeating: -1, count: rowCount)
    for (place, row) in rows.enumerated() { places[row] = Int32(place) }
    return group.map { index in
      var result: [Int32] = []
      result.reserveCapacity(rows.count)
      for row in order[index] {
        let place = places[Int(row)]
        if place >= 0 { result.append(place) }
      }
      return result
    }
  }
}
