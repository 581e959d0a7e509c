// A block of trials in a checkpoint: read column by column, when it is asked for.

import ColumnCodecs
import StudyModel
import Synchronization

/// A file of parts that is open for reading.
final class PartFile: Sendable {
  let file: any DiskFile
  let path: String
  /// Where its parts end.
  let end: UInt64
  let cache: ColumnCache
  private let number: Int

  private static let next = Mutex(0)

  init(_ file: any DiskFile, path: String, end: UInt64, cache: ColumnCache) {
    self.file = file
    self.path = path
    self.end = end
    self.cache = cache
    number = Self.next.withLock { next in
      next += 1
      return next
    }
  }

  func cachePlace(_ offset: UInt64) -> ColumnCache.Place {
    ColumnCache.Place(file: number, offset: offset)
  }

  /// The bytes at a place.
  ///
  /// - Throws: ``StorageError/damagedCheckpoint(path:offset:reason:)`` when they are not what was
  ///   written.
  func bytes(_ place: PartPlace) throws(StorageError) -> [UInt8] {
    let bytes = try onDisk { () throws(DiskError) in
      try file.read(at: place.offset, count: place.count)
    }
    guard bytes.count == place.count else { throw damaged(place.offset, "it ends too early") }
    guard xxHash64(bytes, 0..<bytes.count, seed: place.offset) == place.checksum else {
      throw damaged(place.offset, "\(place.count) bytes fail their checksum")
    }
    return bytes
  }

  func damaged(_ offset: UInt64, _ reason: String) -> StorageError {
    .damagedCheckpoint(path: path, offset: offset, reason: reason)
  }
}

/// Which columns a study has, so that no block speaks of others.
struct BlockLimits: Sendable {
  /// By parameter: how many distributions it was drawn from.
  private let distributions: [Int]
  private let metrics: Int
  private let userAttributes: Int
  private let systemAttributes: Int
  private let objectives: Int
  private let bounds: Int

  init(_ image: StudyImage) {
    distributions = image.parameters.map(\.distributions.count)
    metrics = image.metrics.count
    userAttributes = image.userAttributes.count
    systemAttributes = image.systemAttributes.count
    objectives = image.objectiveCount
    bounds = image.boundCount
  }

  func allow(_ key: PartKey) -> Bool {
    switch key.kind {
    case .value: key.number < objectives
    case .violation: key.number < bounds
    case .parameter, .distribution: key.number < distributions.count
    case .userAttribute: key.number < userAttributes
    case .systemAttribute: key.number < systemAttributes
    case .series: key.metric < metrics && SeriesField(rawValue: key.number >> 32) != nil
    case .pointValues, .pointTimes, .pointSteps: key.number < metrics
    case .attempt: AttemptField(rawValue: key.number) != nil
    case .isPacked, .ids, .numbers, .states, .created, .started, .ended, .proposers, .retryOf,
      .zones:
      key.number == 0
    }
  }

  /// How many distributions parameter `number` was drawn from.
  func distributionCount(_ number: Int) -> Int { distributions[number] }
}

/// One block of a checkpoint.
final class CheckpointBlock: StoredBlock, PointSource {
  let file: PartFile
  let count: Int
  let missing: [Int]
  let limits: BlockLimits
  /// Where its directory is.
  let place: PartPlace
  private let known = Mutex<PartDirectory?>(nil)
  private let knownZones = Mutex<BlockZones?>(nil)

  /// - Parameters:
  ///   - count: how many places it has, at most 4,096.
  ///   - missing: the places that are not packed, ascending and below `count`.
  init(
    _ file: PartFile, count: Int, missing: [Int], _ limits: BlockLimits,
    directory place: PartPlace
  ) {
    self.limits = limits
    self.file = file
    self.count = count
    self.missing = missing
    self.place = place
  }

  /// Which parts it has.
  func directory() throws(StorageError) -> PartDirectory {
    if let known = known.withLock({ $0 }) { return known }
    let bytes = try file.bytes(place)
    let directory: PartDirectory
    do throws(ByteError) {
      directory = try PartDirectory(decoding: bytes, upTo: file.end)
    } catch {
      throw file.damaged(place.offset, "\(error)")
    }
    guard directory.all.allSatisfy({ limits.allow($0.key) }) else {
      throw file.damaged(place.offset, "it speaks of columns that the study does not have")
    }
    known.withLock { $0 = directory }
    return directory
  }

  func load(_ contents: BlockContents) throws -> TrialBlock {
    let key = file.cachePlace(place.offset)
    let known = file.cache.block(at: key, contents)
    if let known, known.contents == contents { return known.block }
    let block = TrialBlock(
      try BlockDecoder(self, try directory()).columns(contents, known: known?.block.columns))
    file.cache.keep(block, at: key, contents)
    return block
  }

  func zone(of column: ZoneColumn) throws -> ColumnZone? {
    try zones()?.zone(of: column, count: count)
  }

  /// Nil when it was written without them.
  private func zones() throws(StorageError) -> BlockZones? {
    if let known = knownZones.withLock({ $0 }) { return known }
    guard let place = try directory()[BlockZones.key] else { return nil }
    let values = try BlockDecoder(self, try directory()).zones()
    guard let zones = BlockZones(values, count: count) else {
      throw file.damaged(place.offset, "there are no such zones")
    }
    knownZones.withLock { $0 = zones }
    return zones
  }

  /// Reads all of it, and every value.
  ///
  /// - Throws: ``StorageError/damagedCheckpoint(path:offset:reason:)``.
  func verify() throws(StorageError) {
    try verifyBytes()
    let decoder = BlockDecoder(self, try directory())
    let columns = try decoder.columns(.all)
    if let zones = try zones(), zones != BlockZones(of: TrialBlock(columns)) {
      throw file.damaged(
        try directory()[BlockZones.key]?.offset ?? place.offset, "zones that its columns break")
    }
    let curves = columns.curves
    for place in 0..<count {
      for series in curves.series(at: place) {
        do {
          _ = try series.points(curves)
        } catch {
          throw .wrapping(error)
        }
      }
    }
  }

  /// Reads all of it.
  ///
  /// - Throws: ``StorageError/damagedCheckpoint(path:offset:reason:)``.
  func verifyBytes() throws(StorageError) {
    for (_, place) in try directory().all { _ = try file.bytes(place) }
  }

  /// Reads all of it, and holds it against `trials`.
  ///
  /// - Throws: ``StorageError/damagedCheckpoint(path:offset:reason:)`` when any bit differs.
  func verify(_ trials: TrialBlock) throws {
    try verifyBytes()
    let whole = TrialBlock(try BlockDecoder(self, try directory()).columns(.all))
    var expected: [(PartKey, PartValues)] = []
    try BlockEncoder.parts(of: trials) { expected.append(($0, $1)) }
    var index = 0
    try BlockEncoder.parts(of: whole) { key, values in
      guard index < expected.count, expected[index].0 == key,
        expected[index].1.isIdentical(to: values)
      else { throw self.file.damaged(self.place.offset, "\(key) is not what was written") }
      index += 1
    }
    guard index == expected.count else {
      throw file.damaged(place.offset, "columns are missing")
    }
  }

  func points(
    of metric: Int, _ range: Range<Int>, _ parts: PointParts
  ) throws -> StoredPoints {
    let decoder = BlockDecoder(self, try directory())
    func integers(
      _ part: PointParts, _ kind: PartKey.Kind, isOptional: Bool = false
    ) throws -> [Int64] {
      guard parts.contains(part) else { return [] }
      return try decoder.integers(
        PartKey(kind: kind, number: metric), range, isOptional: isOptional)
    }
    return StoredPoints(
      values: parts.contains(.values)
        ? try decoder.floats(PartKey(kind: .pointValues, number: metric), range) : [],
      times: try integers(.times, .pointTimes),
      steps: try integers(.steps, .pointSteps, isOptional: true))
  }
}
