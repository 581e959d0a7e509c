// What the Gaussian process sampler leaves with each trial: what it had learned, and what it
// expected of the point.

package import GaussianProcess
import Numerics
package import StudyModel

/// What is recorded with a proposal. The next one begins its fits where this one ended, in
/// whatever process it is made.
package struct GaussianProcessMemory: Hashable, Sendable {
  /// A model's hyperparameters, and of how many observations they were fitted.
  package struct Fit: Hashable, Sendable {
    package var hyperparameters: Hyperparameters
    package var count: Int
  }

  /// What a model of the objective expected at the point that was proposed.
  package struct Prediction: Hashable, Sendable {
    /// How objective values (negated where they are maximized) were transformed.
    package var transform: OutputTransform
    /// Mean and standard deviation of the function there, as transformed values.
    package var mean: Double
    package var deviation: Double
    /// The acquisition function: ln of the expected improvement, in transformed units, and of the
    /// probability of feasibility.
    package var acquisition: Double
  }

  /// The kernels that OpenBLAS had chosen: with others, the last bits may differ.
  package var coreName = ""
  /// Models of the objective, of failing, and of each bound, in this order.
  package var fits: [Fit?] = []
  /// Rows of the trials around which a neighbourhood is closed.
  package var closedRows: [Int] = []
  /// Nil for one of the first trials, which no model chose.
  package var prediction: Prediction?

  /// Nothing learned yet.
  init() {}
}

extension GaussianProcessMemory {
  private static let version: UInt8 = 1

  /// The recorded form: a version, then the fields in order, numbers little-endian.
  package var recorded: SamplerMemory {
    var writer = MemoryWriter()
    writer.put(Self.version)
    writer.put(text: coreName)
    writer.put(count: fits.count)
    for fit in fits {
      writer.put(fit == nil ? 0 : 1)
      guard let fit else { continue }
      let found = fit.hyperparameters
      writer.put(count: fit.count)
      writer.put(found.family.rawValue)
      writer.put(numbers: found.logLengthscales)
      writer.put(numbers: [found.logSignalVariance, found.logNoiseVariance])
      writer.put(count: found.axes?.rows ?? 0)
      writer.put(numbers: found.axes?.elements ?? [])
    }
    writer.put(count: closedRows.count)
    for row in closedRows { writer.put(count: row) }
    if let prediction {
      let transform = prediction.transform
      writer.put(numbers: [
        transform.center, transform.scale, transform.power.lambda, transform.mean,
        transform.deviation, prediction.mean, prediction.deviation, prediction.acquisition,
      ])
    }
    return SamplerMemory(sampler: GaussianProcessSampler.name, bytes: writer.bytes)
  }

  /// Reads what was recorded; nil when it is another sampler's, of another version, or damaged.
  package init?(_ memory: SamplerMemory) {
    guard memory.sampler == GaussianProcessSampler.name else { return nil }
    var reader = MemoryReader(memory.bytes)
    guard reader.byte() == Self.version, let core = reader.text(),
      let fitCount = reader.count(upTo: 1 << 16)
    else { return nil }
    coreName = core
    for _ in 0..<fitCount {
      guard let isThere = reader.byte() else { return nil }
      if isThere == 0 {
        fits.append(nil)
        continue
      }
      guard let fit = Self.readFit(&reader) else { return nil }
      fits.append(fit)
    }
    guard let closedCount = reader.count(upTo: 1 << 16) else { return nil }
    for _ in 0..<closedCount {
      guard let row = reader.count(upTo: .max) else { return nil }
      closedRows.append(row)
    }
    if reader.isAtEnd { return }
    guard let numbers = reader.numbers(), numbers.count == 8, reader.isAtEnd,
      let transform = OutputTransform(
        center: numbers[0], scale: numbers[1], lambda: numbers[2], mean: numbers[3],
        deviation: numbers[4])
    else { return nil }
    prediction = Prediction(
      transform: transform, mean: numbers[5], deviation: numbers[6], acquisition: numbers[7])
  }

  private static func readFit(_ reader: inout MemoryReader) -> Fit? {
    guard let count = reader.count(upTo: .max), let byte = reader.byte(),
      let family = KernelFamily(rawValue: byte), let lengths = reader.numbers(),
      let variances = reader.numbers(), variances.count == 2,
      let axisCount = reader.count(upTo: lengths.count), let elements = reader.numbers(),
      elements.count == axisCount * axisCount
    else { return nil }
    let found = Hyperparameters(
      family: family, logLengthscales: lengths, logSignalVariance: variances[0],
      logNoiseVariance: variances[1],
      axes: axisCount == 0
        ? nil : Matrix(rows: axisCount, columns: axisCount, elements: elements))
    return found.isSane ? Fit(hyperparameters: found, count: count) : nil
  }
}

extension GaussianProcessMemory.Prediction {
  /// The function's median and the ends of its central 68 % at the point, in the objective's own
  /// unit.
  package func interval(
    _ direction: StudyDirection
  ) -> (median: Double, low: Double, high: Double) {
    let values = [mean, mean - deviation, mean + deviation].map(transform.invert)
    return direction == .minimize
      ? (values[0], values[1], values[2]) : (-values[0], -values[2], -values[1])
  }
}

private struct MemoryWriter {
  var bytes: [UInt8] = []

  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  mutating func put(word: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  mutating func put(count: Int) { put(word: UInt64(count)) }

  mutating func put(numbers: [Double]) {
    put(count: numbers.count)
    for number in numbers { put(word: number.bitPattern) }
  }

  mutating func put(text: String) {
    put(count: text.utf8.count)
    bytes += Array(text.utf8)
  }
}

/// Reads what anybody may have written.
private struct MemoryReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func byte() -> UInt8? { rest.popFirst() }

  private mutating func word() -> UInt64? {
    guard rest.count >= 8 else { return nil }
    defer { rest = rest.dropFirst(8) }
    return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func count(upTo limit: Int) -> Int? {
    word().flatMap { Int(exactly: $0) }.flatMap { $0 <= limit ? $0 : nil }
  }

  mutating func numbers() -> [Double]? {
    guard let count = count(upTo: rest.count / 8) else { return nil }
    var numbers: [Double] = []
    for _ in 0..<count {
      guard let word = word() else { return nil }
      numbers.append(Double(bitPattern: word))
    }
    return numbers
  }

  mutating func text() -> String? {
    guard let count = count(upTo: rest.count) else { return nil }
    defer { rest = rest.dropFirst(count) }
    return String(decoding: rest.prefix(count), as: UTF8.self)
  }
}
