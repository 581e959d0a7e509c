// What is told of a component: for help, for completion, and for errors that name what was
// meant.

/// A numeric option of a sampler or pruner.
public struct OptionDescription: Hashable, Sendable {
  /// Whole numbers beyond it are not all there as floating-point numbers.
  static let largestWhole = 1 << 53

  /// As it is written: `startup`.
  public let name: String
  /// For help: one line.
  public let summary: String
  /// What holds when it is not given, as text: a number, or words.
  public let standard: String
  /// The values it can have.
  public let range: ClosedRange<Double>
  /// Whether only whole numbers will do.
  public let isWhole: Bool

  /// Why `value` is refused; nil when it is fine.
  func objection(to value: Double) -> String? {
    if value.isNaN || !range.contains(value) {
      let low = Self.text(range.lowerBound)
      return range.upperBound >= Double(Self.largestWhole)
        ? "it must be at least \(low)"
        : "it must be from \(low) to \(Self.text(range.upperBound))"
    }
    return isWhole && value.rounded() != value ? "it must be a whole number" : nil
  }

  static func text(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? value.description
  }
}

/// A sampler or pruner by name.
public struct ComponentDescription: Hashable, Sendable {
  /// As it is written: `tpe`.
  public let name: String
  /// For help: one line.
  public let summary: String
  /// For help: when to choose it.
  public let guidance: Guidance
  /// The first is the one that a bare number sets: `percentile:25`.
  public let options: [OptionDescription]

  /// - Throws: ``SamplerError/unknownOption(component:option:known:)``,
  ///   ``SamplerError/badOption(component:option:reason:)`` for a value it cannot have.
  func validate(_ options: [String: Double]) throws(SamplerError) {
    for (key, value) in options.sorted(by: { $0.key < $1.key }) {
      guard let option = self.options.first(where: { $0.name == key }) else {
        throw .unknownOption(component: name, option: key, known: self.options.map(\.name))
      }
      if let objection = option.objection(to: value) {
        throw .badOption(
          component: name, option: "\(key)=\(OptionDescription.text(value))", reason: objection)
      }
    }
  }
}
