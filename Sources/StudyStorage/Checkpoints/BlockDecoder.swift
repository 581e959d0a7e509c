// From the parts of a stored block to its columns, as far as they are wanted.

import ColumnCodecs
import StudyModel

struct BlockDecoder {
  private let block: CheckpointBlock
  private let directory: PartDirectory
  private var file: PartFile { block.file }
  private var count: Int { block.count }

  init(_ block: CheckpointBlock, _ directory: PartDirectory) {
    self.block = block
    self.directory = directory
  }

  private func damaged(_ key: PartKey, _ reason: String) -> StorageError {
    file.damaged(
      directory[key]?.offset ?? block.place.offset,
      "column \(key.kind.rawValue).\(key.number).\(key.chunk): \(reason)")
  }

  // MARK: Columns as they are stored

  private func column(
    _ key: PartKey, _ decode: ([UInt8]) throws(ColumnBlockError) -> PartValues
  ) throws(StorageError) -> PartValues? {
    guard let place = directory[key] else { return nil }
    return try file.cache.column(at: file.cachePlace(place.offset)) { () throws(StorageError) in
      let bytes = try file.bytes(place)
      do throws(ColumnBlockError) {
        return try decode(bytes)
      } catch {
        throw damaged(key, "\(error)")
      }
    }
  }

  private func integers(_ key: PartKey) throws(StorageError) -> [Int64] {
    let column = try column(key) { (bytes) throws(ColumnBlockError) in
      .integers(try ColumnBlock.integers(bytes, 0..<bytes.count))
    }
    guard case .integers(let values)? = column else { throw damaged(key, "it is not there") }
    return values
  }

  private func floats(_ key: PartKey) throws(StorageError) -> [Double] {
    let column = try column(key) { (bytes) throws(ColumnBlockError) in
      .floats(try ColumnBlock.floats(bytes, 0..<bytes.count))
    }
    guard case .floats(let values)? = column else { throw damaged(key, "it is not there") }
    return values
  }

  private func strings(_ key: PartKey) throws(StorageError) -> [String] {
    let column = try column(key) { (bytes) throws(ColumnBlockError) in
      .strings(try ColumnBlock.strings(bytes, 0..<bytes.count))
    }
    guard case .strings(let values)? = column else { throw damaged(key, "it is not there") }
    return values
  }

  /// All chunks of a column.
  private func whole<Value>(
    _ key: PartKey, _ read: (PartKey) throws(StorageError) -> [Value]
  ) throws(StorageError) -> [Value] {
    var next = key
    var values = try read(next)
    while values.count == (next.chunk + 1) * ColumnBlock.capacity {
      next.chunk += 1
      guard directory[next] != nil else { break }
      values += try read(next)
    }
    return values
  }

  /// A run of values of a long column, which lie in chunks of which all but the last are full.
  private func run<Value>(
    _ key: PartKey, _ range: Range<Int>, _ read: (PartKey) throws(StorageError) -> [Value]
  ) throws(StorageError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(min(range.count, ColumnBlock.capacity))
    var place = range.lowerBound
    while place < range.upperBound {
      var chunk = key
      chunk.chunk = place / ColumnBlock.capacity
      let first = chunk.chunk * ColumnBlock.capacity
      let all = try read(chunk)
      let end = min(range.upperBound, first + ColumnBlock.capacity)
      guard end - first <= all.count else { throw damaged(chunk, "it is too short") }
      values += all[place - first..<end - first]
      place = end
    }
    return values
  }

  /// What zones are made of.
  func zones() throws(StorageError) -> [Double] { try floats(BlockZones.key) }

  func floats(_ key: PartKey, _ range: Range<Int>) throws(StorageError) -> [Double] {
    try run(key, range) { (key) throws(StorageError) in try floats(key) }
  }

  func integers(
    _ key: PartKey, _ range: Range<Int>, isOptional: Bool = false
  ) throws(StorageError) -> [Int64] {
    if isOptional && directory[key] == nil { return [] }
    return try run(key, range) { (key) throws(StorageError) in try integers(key) }
  }

  /// One value a place.
  private func full<Value>(_ key: PartKey, _ values: [Value]) throws(StorageError) -> [Value] {
    guard values.count == count else { throw damaged(key, "it has \(values.count) values") }
    return values
  }

  /// The places that a column has; empty: all.
  private func places(_ key: PartKey, of length: Int) throws(StorageError) -> [UInt16] {
    var key = key
    key.chunk = PartKey.places
    guard directory[key] != nil else {
      guard length == count else { throw damaged(key, "it is not there") }
      return []
    }
    let places = try integers(key)
    var last: Int64 = -1
    for place in places {
      guard place > last, place < Int64(count) else { throw damaged(key, "places out of order") }
      last = place
    }
    guard places.count == length, length < count else {
      throw damaged(key, "it has \(places.count) places of \(length) values")
    }
    return places.map { UInt16($0) }
  }

  // MARK: Columns as they are wanted

  /// Columns with at least `contents`.
  ///
  /// - Parameter known: columns of the same block, of which the outline is taken.
  func columns(
    _ contents: BlockContents, known: BlockColumns? = nil
  ) throws(StorageError) -> BlockColumns {
    var columns = BlockColumns()
    if let known {
      columns.isPacked = known.isPacked
      columns.numbers = known.numbers
      columns.states = known.states
    } else {
      try readOutline(into: &columns)
    }
    if contents.fields.contains(.origins) { try readOrigins(into: &columns) }
    if contents.fields.contains(.times) { try readTimes(into: &columns) }
    if contents.fields.contains(.outcomes) {
      columns.values = try floatTable(.value, .all)
      columns.violations = try floatTable(.violation, .all)
    }
    if contents.fields.contains(.attempts) { columns.attempts = try attempts() }
    columns.parameters = try floatTable(.parameter, contents.parameters)
    columns.distributions = try integerTable(.distribution, contents.parameters)
    columns.userAttributes = try textTable(.userAttribute, contents.userAttributes)
    columns.systemAttributes = try textTable(.systemAttribute, contents.systemAttributes)
    columns.curves = try curves(contents.metrics)
    return columns
  }

  private func readOutline(into columns: inout BlockColumns) throws(StorageError) {
    let key = PartKey(kind: .isPacked)
    let flags = try column(key) { (bytes) throws(ColumnBlockError) in
      .flags(try ColumnBlock.flags(bytes, 0..<bytes.count))
    }
    guard case .flags(let isPacked)? = flags else { throw damaged(key, "it is not there") }
    var expected = [Bool](repeating: true, count: count)
    for place in block.missing { expected[place] = false }
    guard isPacked == expected else { throw damaged(key, "other trials are in it than should be") }
    columns.isPacked = isPacked
    columns.numbers = try full(PartKey(kind: .numbers), integers(PartKey(kind: .numbers)))
      .map { Int($0) }
    let states = PartKey(kind: .states)
    let raw = try full(states, integers(states))
    var known: [TrialState] = []
    known.reserveCapacity(count)
    for value in raw {
      guard let state = UInt8(exactly: value).flatMap(TrialState.init(rawValue:)) else {
        throw damaged(states, "there is no state \(value)")
      }
      known.append(state)
    }
    columns.states = known
  }

  private func readOrigins(into columns: inout BlockColumns) throws(StorageError) {
    let ids = PartKey(kind: .ids)
    columns.ids = try full(ids, integers(ids)).map { TrialID(rawValue: UInt64(bitPattern: $0)) }
    let proposers = PartKey(kind: .proposers)
    columns.proposers = try full(proposers, strings(proposers))
    columns.retryOf = try integerTable(.retryOf, .all)
  }

  private func readTimes(into columns: inout BlockColumns) throws(StorageError) {
    let created = PartKey(kind: .created)
    columns.created = try full(created, integers(created)).map { Timestamp(rawValue: $0) }
    columns.started = try times(.started)
    columns.ended = try times(.ended)
  }

  private func times(_ kind: PartKey.Kind) throws(StorageError) -> ColumnPiece<Timestamp> {
    let key = PartKey(kind: kind)
    if directory[key] == nil { return ColumnPiece() }
    let values = try integers(key)
    let places = try places(key, of: values.count)
    let cells = values.enumerated().map { index, value in
      (place: places.isEmpty ? index : Int(places[index]), value: Timestamp(rawValue: value))
    }
    return ColumnPiece(cells, of: count, filler: Timestamp(rawValue: 0))
  }

  private func table<Value>(
    _ kind: PartKey.Kind, _ wanted: BlockContents.Numbers, filler: Value,
    _ read: (PartKey) throws(StorageError) -> [Value]
  ) throws(StorageError) -> BlockTable<Value> {
    var numbers: [Int]
    switch wanted {
    case .all: numbers = directory.numbers(of: kind)
    case .only(let some):
      numbers = some.filter { directory[PartKey(kind: kind, number: $0)] != nil }
    }
    if numbers.isEmpty { return BlockTable() }
    var columns: [TableColumn<Value>] = []
    columns.reserveCapacity(numbers.count)
    for number in numbers {
      let key = PartKey(kind: kind, number: number)
      let values = try read(key)
      let places = try places(key, of: values.count)
      columns.append(TableColumn(number: number, places: places, values: values))
    }
    return BlockTable(columns, count: count, filler: filler)
  }

  private func floatTable(
    _ kind: PartKey.Kind, _ wanted: BlockContents.Numbers
  ) throws(StorageError) -> BlockTable<Double> {
    try table(kind, wanted, filler: 0) { (key) throws(StorageError) in try floats(key) }
  }

  private func integerTable(
    _ kind: PartKey.Kind, _ wanted: BlockContents.Numbers
  ) throws(StorageError) -> BlockTable<Int> {
    try table(kind, wanted, filler: 0) { (key) throws(StorageError) in
      let values = try integers(key)
      let end = kind == .distribution ? block.limits.distributionCount(key.number) : .max
      guard values.allSatisfy({ $0 >= 0 && $0 < Int64(end) }) else {
        throw damaged(key, "a number out of range")
      }
      return values.map { Int($0) }
    }
  }

  private func textTable(
    _ kind: PartKey.Kind, _ wanted: BlockContents.Numbers
  ) throws(StorageError) -> BlockTable<String> {
    try table(kind, wanted, filler: "") { (key) throws(StorageError) in try strings(key) }
  }

  private func attempts() throws(StorageError) -> PackedAttempts {
    let key = AttemptField.counts.key
    if directory[key] == nil {
      return PackedAttempts(counts: [Int](repeating: 0, count: count), [])
    }
    let counts = try full(key, integers(key)).map { Int($0) }
    var columns = AttemptColumns()
    for field in AttemptColumns.integerFields {
      columns.integers[field] = try whole(field.key) { (key) throws(StorageError) in
        try integers(key)
      }
    }
    for field in AttemptColumns.floatFields {
      columns.floats[field] = try whole(field.key) { (key) throws(StorageError) in
        try floats(key)
      }
    }
    for field in AttemptColumns.textFields {
      columns.texts[field] = try whole(field.key) { (key) throws(StorageError) in
        try strings(key)
      }
    }
    do throws(ByteError) {
      return PackedAttempts(counts: counts, try columns.attempts(counts))
    } catch {
      throw damaged(key, "\(error)")
    }
  }

  // MARK: Curves

  private func curves(_ wanted: BlockContents.Numbers) throws(StorageError) -> PackedCurves {
    let metrics = directory.numbers(of: .series)
      .filter { $0 >> 32 == SeriesField.place.rawValue }
      .map { $0 & 0xFFFF_FFFF }.filter { wanted.contains($0) }
    if metrics.isEmpty { return PackedCurves() }
    var places: [[Int64]] = []
    var series: [[PackedSeries]] = []
    // For each place, where its series begin among those of all places, and where the last ends.
    var starts = [Int](repeating: 0, count: count + 1)
    for metric in metrics {
      let key = SeriesField.place.key(metric)
      let found = try integers(key)
      for place in found {
        guard 0..<Int64(count) ~= place else { throw damaged(key, "a place out of range") }
        starts[Int(place) + 1] += 1
      }
      places.append(found)
      series.append(try self.series(of: metric, count: found.count))
    }
    let counts = Array(starts.dropFirst())
    for place in 0..<count { starts[place + 1] += starts[place] }
    guard let filler = series.first(where: { !$0.isEmpty })?[0] else { return PackedCurves() }
    var all = [PackedSeries](repeating: filler, count: starts[count])
    for (places, series) in zip(places, series) {
      for (place, one) in zip(places, series) {
        all[starts[Int(place)]] = one
        starts[Int(place)] += 1
      }
    }
    return PackedCurves(counts: counts, all, from: block)
  }

  /// The series of one metric, `count` of them.
  private func series(of metric: Int, count: Int) throws(StorageError) -> [PackedSeries] {
    func integers(_ field: SeriesField) throws(StorageError) -> [Int64] {
      let values = try self.integers(field.key(metric))
      guard values.count == count else { throw damaged(field.key(metric), "it has another length") }
      return values
    }
    func floats(_ field: SeriesField) throws(StorageError) -> [Double] {
      let values = try self.floats(field.key(metric))
      guard values.count == count else { throw damaged(field.key(metric), "it has another length") }
      return values
    }
    let counts = try integers(.count)
    let nanCounts = try integers(.nanCount)
    let strides = try integers(.stride)
    let (firstSteps, lastSteps) = (try integers(.firstStep), try integers(.lastStep))
    let (firstTimes, lastTimes) = (try integers(.firstTime), try integers(.lastTime))
    let (minima, maxima, sums) = (try floats(.minimum), try floats(.maximum), try floats(.sum))
    let (firstValues, lastValues) = (try floats(.firstValue), try floats(.lastValue))
    let hasSteps = directory[PartKey(kind: .pointSteps, number: metric)] != nil
    var series: [PackedSeries] = []
    series.reserveCapacity(count)
    var start = 0
    for row in 0..<count {
      guard 1...Int64(Int32.max) ~= counts[row], 0...counts[row] ~= nanCounts[row],
        strides[row] >= 0, strides[row] > 0 || hasSteps
      else { throw damaged(SeriesField.count.key(metric), "a series that cannot be") }
      var summary = SeriesSummary()
      summary.count = Int(counts[row])
      summary.nanCount = Int(nanCounts[row])
      summary.minimum = minima[row]
      summary.maximum = maxima[row]
      summary.sum = sums[row]
      summary.first = MetricPoint(
        step: firstSteps[row], value: firstValues[row], time: Timestamp(rawValue: firstTimes[row]))
      summary.last = MetricPoint(
        step: lastSteps[row], value: lastValues[row], time: Timestamp(rawValue: lastTimes[row]))
      series.append(PackedSeries(metric: metric, summary, stride: strides[row], start: start))
      start += Int(counts[row])
    }
    return series
  }
}
