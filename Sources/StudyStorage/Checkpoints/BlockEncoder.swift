// From a block of trials to the columns it is stored as.

import ColumnCodecs
import StudyModel

/// Takes a block apart into columns, and those into parts.
struct BlockEncoder {
  private let block: TrialBlock
  private let emit: (PartKey, PartValues) throws -> Void
  private var columns: BlockColumns { block.columns }

  /// Calls `emit` with every part of `block`, which must be a whole one.
  ///
  /// - Throws: what `emit` throws, and what a curve that cannot be read throws.
  static func parts(
    of block: TrialBlock, emit: @escaping (PartKey, PartValues) throws -> Void
  ) throws {
    let encoder = BlockEncoder(block: block, emit: emit)
    try encoder.takeTrials()
    try encoder.takeAttempts()
    try encoder.takeCurves()
    let zones = BlockZones(of: block).values
    if zones.count <= ColumnBlock.capacity { try emit(BlockZones.key, .floats(zones)) }
  }

  private func put<Value>(
    _ key: PartKey, _ values: [Value], _ part: ([Value]) -> PartValues
  ) throws {
    if values.count <= ColumnBlock.capacity {
      if !values.isEmpty { try emit(key, part(values)) }
      return
    }
    for (chunk, range) in Self.chunks(values.count) {
      var key = key
      key.chunk = chunk
      try emit(key, part(Array(values[range])))
    }
  }

  private func put(_ key: PartKey, _ values: [Int64]) throws {
    try put(key, values, PartValues.integers)
  }

  private func put(_ key: PartKey, _ values: [Double]) throws {
    try put(key, values, PartValues.floats)
  }

  private func put(_ key: PartKey, _ values: [String]) throws {
    try put(key, values, PartValues.strings)
  }

  private static func chunks(_ count: Int) -> [(chunk: Int, range: Range<Int>)] {
    stride(from: 0, to: count, by: ColumnBlock.capacity).enumerated().map { chunk, first in
      (chunk, first..<min(first + ColumnBlock.capacity, count))
    }
  }

  private func takeTrials() throws {
    let columns = columns
    try emit(PartKey(kind: .isPacked), .flags(columns.isPacked))
    try put(PartKey(kind: .ids), columns.ids.map { Int64(bitPattern: $0.rawValue) })
    try put(PartKey(kind: .numbers), columns.numbers.map { Int64($0) })
    try put(PartKey(kind: .states), columns.states.map { Int64($0.rawValue) })
    try put(PartKey(kind: .created), columns.created.map(\.rawValue))
    try put(PartKey(kind: .proposers), columns.proposers)
    for (kind, piece) in [
      (PartKey.Kind.started, columns.started), (.ended, columns.ended),
    ] {
      let cells = piece.cells
      if cells.isEmpty { continue }
      try putPlaces(PartKey(kind: kind), cells.map { UInt16($0.place) })
      try put(PartKey(kind: kind), cells.map { $0.value.rawValue })
    }
    try put(.retryOf, columns.retryOf) { Int64($0) }
    try put(.distribution, columns.distributions) { Int64($0) }
    for (kind, table) in [
      (PartKey.Kind.value, columns.values), (.violation, columns.violations),
      (.parameter, columns.parameters),
    ] {
      for column in table.stored(count: block.count) {
        let key = PartKey(kind: kind, number: column.number)
        try putPlaces(key, column.places)
        try put(key, column.values)
      }
    }
    for (kind, table) in [
      (PartKey.Kind.userAttribute, columns.userAttributes),
      (.systemAttribute, columns.systemAttributes),
    ] {
      for column in table.stored(count: block.count) {
        let key = PartKey(kind: kind, number: column.number)
        try putPlaces(key, column.places)
        try put(key, column.values)
      }
    }
  }

  private func put(
    _ kind: PartKey.Kind, _ table: BlockTable<Int>, _ integer: (Int) -> Int64
  ) throws {
    for column in table.stored(count: block.count) {
      let key = PartKey(kind: kind, number: column.number)
      try putPlaces(key, column.places)
      try put(key, column.values.map(integer))
    }
  }

  /// Nothing where a column has every place.
  private func putPlaces(_ key: PartKey, _ places: [UInt16]) throws {
    if places.isEmpty || places.count == block.count { return }
    var key = key
    key.chunk = PartKey.places
    try emit(key, .integers(places.map { Int64($0) }))
  }

  private func takeAttempts() throws {
    var attempts = AttemptColumns()
    let counts = (0..<block.count).map { place in
      let all = columns.attempts.attempts(at: place)
      for attempt in all { attempts.append(attempt) }
      return Int64(all.count)
    }
    guard counts.contains(where: { $0 > 0 }) else { return }
    try put(AttemptField.counts.key, counts)
    for field in AttemptColumns.integerFields {
      try put(field.key, attempts.integers[field])
    }
    for field in AttemptColumns.floatFields { try put(field.key, attempts.floats[field]) }
    for field in AttemptColumns.textFields { try put(field.key, attempts.texts[field]) }
  }

  private func takeCurves() throws {
    var places: [Int: [Int]] = [:]
    for place in 0..<block.count {
      for series in columns.curves.series(at: place) {
        places[series.metric, default: []].append(place)
      }
    }
    for (metric, places) in places.sorted(by: { $0.key < $1.key }) {
      try takeSeries(of: metric, at: places)
    }
  }

  private func takeSeries(of metric: Int, at places: [Int]) throws {
    let curves = columns.curves
    let all = places.compactMap { place in
      curves.series(at: place).first { $0.metric == metric }
    }
    func integers(_ field: SeriesField, _ read: (PackedSeries) -> Int64) throws {
      try put(field.key(metric), all.map(read))
    }
    func floats(_ field: SeriesField, _ read: (PackedSeries) -> Double) throws {
      try put(field.key(metric), all.map(read))
    }
    try put(SeriesField.place.key(metric), places.map { Int64($0) })
    try integers(.count) { Int64($0.summary.count) }
    try integers(.nanCount) { Int64($0.summary.nanCount) }
    try integers(.stride) { $0.stride }
    try integers(.firstStep) { $0.summary.first.step }
    try integers(.lastStep) { $0.summary.last.step }
    try integers(.firstTime) { $0.summary.first.time.rawValue }
    try integers(.lastTime) { $0.summary.last.time.rawValue }
    try floats(.minimum) { $0.summary.minimum }
    try floats(.maximum) { $0.summary.maximum }
    try floats(.sum) { $0.summary.sum }
    try floats(.firstValue) { $0.summary.first.value }
    try floats(.lastValue) { $0.summary.last.value }
    try takePoints(of: metric, all)
  }

  /// Chunk by chunk, so that no more than one is in memory.
  private func takePoints(of metric: Int, _ all: [PackedSeries]) throws {
    let hasSteps = all.contains { $0.stride == 0 }
    var chunk = 0
    var (values, times, steps): ([Double], [Int64], [Int64]) = ([], [], [])
    func flush(_ count: Int) throws {
      let range = 0..<count
      try emit(
        PartKey(kind: .pointValues, number: metric, chunk: chunk),
        .floats(Array(values[range])))
      try emit(
        PartKey(kind: .pointTimes, number: metric, chunk: chunk),
        .integers(Array(times[range])))
      if hasSteps {
        try emit(
          PartKey(kind: .pointSteps, number: metric, chunk: chunk),
          .integers(Array(steps[range])))
        steps.removeSubrange(range)
      }
      values.removeSubrange(range)
      times.removeSubrange(range)
      chunk += 1
    }
    for series in all {
      for point in try series.points(columns.curves) {
        values.append(point.value)
        times.append(point.time.rawValue)
        if hasSteps { steps.append(point.step) }
      }
      while values.count >= ColumnBlock.capacity { try flush(ColumnBlock.capacity) }
    }
    if !values.isEmpty { try flush(values.count) }
  }
}
