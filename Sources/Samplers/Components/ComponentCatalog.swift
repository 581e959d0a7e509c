// The samplers and pruners there are, and the options each takes: for parsing, for help, and
// for errors that name what was meant.

internal import PlainText
internal import StudyModel

/// What a component is for.
public enum ComponentKind: String, Hashable, Sendable {
  case sampler
  case pruner
}

/// A numeric option of a sampler or pruner.
public struct ComponentOption: Hashable, Sendable {
  public let name: String
  /// For help: one line.
  public let summary: String
  /// What holds when it is not given, as text: a number, or words.
  public let standard: String
  public let range: ClosedRange<Double>
  public let isWhole: Bool

  init(
    _ name: String, _ summary: String, standard: String, in range: ClosedRange<Double>,
    isWhole: Bool = true
  ) {
    self.name = name
    self.summary = summary
    self.standard = standard
    self.range = range
    self.isWhole = isWhole
  }

  /// Why `value` is refused; nil when it is fine.
  func objection(to value: Double) -> String? {
    if value.isNaN || !range.contains(value) {
      let low = Self.text(range.lowerBound)
      return range.upperBound >= 0x1p53
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
  public let name: String
  /// For help: one line.
  public let summary: String
  /// The first is the one that a bare number sets: `percentile:25`.
  public let options: [ComponentOption]

  public static let samplers = [
    ComponentDescription(
      name: "auto", summary: "the best there is for the space; at present tpe", options: []),
    ComponentDescription(
      name: "tpe", summary: "tree-structured Parzen estimators, multivariate",
      options: [
        .init(
          "startup", "random trials before the model", standard: "10", in: 0...0x1p53),
        .init("candidates", "points compared for a proposal", standard: "24", in: 1...4096),
      ]),
    ComponentDescription(
      name: "qmc", summary: "a scrambled Sobol sequence: even coverage", options: []),
    ComponentDescription(
      name: "grid", summary: "every combination of a finite space, once",
      options: [
        .init(
          "points", "values of a continuous parameter", standard: "none: it needs a step",
          in: 1...1_000_000)
      ]),
    ComponentDescription(name: "random", summary: "independent uniform draws", options: []),
  ]

  public static let pruners = [
    ComponentDescription(name: "none", summary: "every trial runs to its end", options: []),
    ComponentDescription(
      name: "median", summary: "stops a trial worse than half of the others at its step",
      options: stepOptions),
    ComponentDescription(
      name: "percentile", summary: "stops a trial outside the best PERCENTILE % at its step",
      options: [
        .init(
          "percentile", "share to keep, in percent", standard: "25", in: 0...100, isWhole: false)
      ] + stepOptions),
    ComponentDescription(
      name: "asha", summary: "asynchronous successive halving",
      options: [
        .init(
          "min", "steps before the first decision",
          standard: "a hundredth of the longest complete trial", in: 1...0x1p53),
        .init("factor", "one of so many goes on at each rung", standard: "4", in: 2...0x1p31),
        .init("rate", "rungs left out at the bottom", standard: "0", in: 0...64),
        .init(
          "bootstrap", "stop the first so many at each rung (needs min)", standard: "0",
          in: 0...0x1p53),
      ]),
  ]

  private static let stepOptions: [ComponentOption] = [
    .init("startup", "complete trials before any is stopped", standard: "5", in: 0...0x1p53),
    .init("warmup", "no trial is stopped before this step", standard: "0", in: 0...0x1p53),
    .init("interval", "steps between decisions", standard: "1", in: 1...0x1p53),
    .init("trials", "others needed at the step", standard: "1", in: 1...0x1p53),
  ]

  public static func all(_ kind: ComponentKind) -> [ComponentDescription] {
    kind == .sampler ? samplers : pruners
  }

  /// - Throws: ``SamplerError/unknown(kind:name:known:)``.
  static func named(
    _ name: String, _ kind: ComponentKind
  ) throws(SamplerError) -> ComponentDescription {
    guard let found = all(kind).first(where: { $0.name == name }) else {
      throw .unknown(kind: kind.rawValue, name: name, known: all(kind).map(\.name))
    }
    return found
  }

  /// - Throws: ``SamplerError/badOption(component:option:reason:)`` for an option that is not
  ///   there, or a value it cannot have.
  func validate(_ options: [String: Double]) throws(SamplerError) {
    for (key, value) in options.sorted(by: { $0.key < $1.key }) {
      guard let option = self.options.first(where: { $0.name == key }) else {
        throw .badOption(component: name, option: key, reason: unknownOption(key))
      }
      if let objection = option.objection(to: value) {
        throw .badOption(
          component: name, option: "\(key)=\(ComponentOption.text(value))", reason: objection)
      }
    }
  }

  private func unknownOption(_ key: String) -> String {
    guard !options.isEmpty else { return "it takes no options" }
    let names = options.map(\.name)
    let hint = nearestNames(to: key, among: names).first.map { "; did you mean \"\($0)\"?" } ?? ""
    return "its options are \(names.joined(separator: ", "))\(hint)"
  }
}
