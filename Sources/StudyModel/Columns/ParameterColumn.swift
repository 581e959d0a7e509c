// One parameter of a study over all its trials.

public struct ParameterColumn: Sendable {
  public let name: String
  /// Every distribution that trials of this study drew it from, in order of appearance.
  public private(set) var distributions: [Distribution] = []
  /// Values as kept (``Distribution/value(of:)``), by trial row.
  public private(set) var internalValues = OptionalColumn<Double>(filler: 0)
  private var distributionIndices = ChunkedArray<Int32>()
  private var indexOfDistribution: [Distribution: Int32] = [:]

  init(name: String) { self.name = name }

  /// The distribution that the trial in `row` drew from; nil when it lacks the parameter.
  public func distribution(ofRow row: Int) -> Distribution? {
    internalValues[row] == nil ? nil : distributions[Int(distributionIndices[row])]
  }

  /// The value of the trial in `row`; nil when it lacks the parameter.
  public func value(ofRow row: Int) -> ParameterValue? {
    guard let internalValue = internalValues[row] else { return nil }
    let distribution = distributions[Int(distributionIndices[row])]
    return distribution.value(of: internalValue) ?? .float(internalValue)
  }

  mutating func set(_ distribution: Distribution, _ internalValue: Double, at row: Int) {
    let index: Int32
    // Nearly always the one of the trial before: comparing is cheaper than hashing choices.
    if let last = distributions.last, last == distribution {
      index = Int32(distributions.count - 1)
    } else if let known = indexOfDistribution[distribution] {
      index = known
    } else {
      index = Int32(distributions.count)
      distributions.append(distribution)
      indexOfDistribution[distribution] = index
    }
    while distributionIndices.count <= row { distributionIndices.append(0) }
    distributionIndices[row] = index
    internalValues.set(internalValue, at: row)
  }
}
