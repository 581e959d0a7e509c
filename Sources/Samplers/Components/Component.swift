// What a study can choose by name. A sampler's or pruner's name, summary, options and making
// stand once, in the file of the thing itself; parsing, help, completion and the catalog read
// them from there.
internal import StudyModel

/// A kind of sampler or pruner.
public protocol Component: Sendable {
  associatedtype Options: ComponentOptions
  /// As on the command line: `tpe`.
  static var name: String { get }
  /// For help: one line.
  static var summary: String { get }
  /// For help: when to choose it.
  static var guidance: Guidance { get }
}

/// The options of a component: a value whose properties have their defaults from ``init()``.
public protocol ComponentOptions: Sendable {
  /// All at their defaults.
  init()
  /// Each property that can be set. The first is the one that a bare number sets:
  /// `percentile:25`.
  static var declared: [OptionDeclaration<Self>] { get }
}

/// The options of a component that has none.
public struct NoOptions: ComponentOptions {
  /// There are none.
  public static let declared: [OptionDeclaration<NoOptions>] = []

  /// Nothing is there to be set.
  public init() {}
}

/// One property of some options: its name, its limits, and how it is set.
public struct OptionDeclaration<Options>: Sendable {
  let description: OptionDescription
  let assign: @Sendable (inout Options, Double) -> Void

  private init(
    _ description: OptionDescription, _ assign: @escaping @Sendable (inout Options, Double) -> Void
  ) {
    self.description = description
    self.assign = assign
  }

  /// The same option of what holds these options at `path`.
  func within<Outer>(
    _ path: any (WritableKeyPath<Outer, Options> & Sendable)
  ) -> OptionDeclaration<Outer> {
    OptionDeclaration<Outer>(description) { assign(&$0[keyPath: path], $1) }
  }
}

extension OptionDeclaration where Options: ComponentOptions {
  /// A whole number.
  init(
    _ name: String, _ path: any (WritableKeyPath<Options, Int> & Sendable),
    in range: ClosedRange<Int> = 0...OptionDescription.largestWhole, _ summary: String
  ) {
    self.init(
      OptionDescription(
        name: name, summary: summary, standard: String(Options()[keyPath: path]),
        range: Double(range.lowerBound)...Double(range.upperBound), isWhole: true)
    ) { $0[keyPath: path] = Int($1) }
  }

  /// A whole number that may be left open; `standard` says in words what holds then.
  init(
    _ name: String, _ path: any (WritableKeyPath<Options, Int?> & Sendable),
    in range: ClosedRange<Int>, standard: String, _ summary: String
  ) {
    self.init(
      OptionDescription(
        name: name, summary: summary, standard: standard,
        range: Double(range.lowerBound)...Double(range.upperBound), isWhole: true)
    ) { $0[keyPath: path] = Int($1) }
  }

  /// A number.
  init(
    _ name: String, _ path: any (WritableKeyPath<Options, Double> & Sendable),
    in range: ClosedRange<Double>, _ summary: String
  ) {
    self.init(
      OptionDescription(
        name: name, summary: summary,
        standard: OptionDescription.text(Options()[keyPath: path]), range: range, isWhole: false)
    ) { $0[keyPath: path] = $1 }
  }
}

extension Component {
  /// What help and errors say of it.
  static var description: ComponentDescription {
    ComponentDescription(
      name: name, summary: summary, guidance: guidance, options: Options.declared.map(\.description)
    )
  }

  /// The options that `choice` gives, the others at their defaults.
  ///
  /// - Throws: ``SamplerError/badOption(component:option:reason:)`` for an option that is not
  ///   there, or a value it cannot have.
  static func options(_ choice: ComponentChoice) throws(SamplerError) -> Options {
    try description.validate(choice.options)
    var options = Options()
    for option in Options.declared {
      if let value = choice.options[option.description.name] { option.assign(&options, value) }
    }
    return options
  }
}
