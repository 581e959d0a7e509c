// What is wanted of a study's trials: to read says what it reads, so that no more is loaded.

/// Columns of trials. Numbers and states always belong to it.
public struct ColumnSet: Hashable, Sendable {
  /// Columns that every study has.
  public struct Fields: OptionSet, Hashable, Sendable {
    /// One bit a group of columns.
    public let rawValue: UInt8
    /// Groups by their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The values of objectives, and how trials stand to the study's bounds.
    public static let outcomes = Fields(rawValue: 1)
    /// When trials were created, started and ended.
    public static let times = Fields(rawValue: 2)
    /// Identities, who proposed a trial, and which one it repeats.
    public static let origins = Fields(rawValue: 4)
    /// The last attempt of each trial.
    public static let attempts = Fields(rawValue: 8)
  }

  /// Some of the columns that a study has by name.
  public enum Names: Hashable, Sendable {
    case none
    case all
    /// What the study's definition names: parameters of its space, metrics of its objectives.
    case declared
    case only([String])

    /// At least what both want.
    func union(_ other: Names) -> Names {
      switch (self, other) {
      case (.only([]), .none), (.none, .only([])): .none
      case (.none, let names), (let names, .none): names
      case (.only(let a), .only(let b)): .only(a + b)
      case (.declared, .declared): .declared
      default: .all
      }
    }
  }

  /// Columns that every study has.
  public var fields: Fields
  /// Which parameters.
  public var parameters: Names
  /// Summaries; curves are read one at a time.
  public var metrics: Names
  /// Which attributes that people set.
  public var userAttributes: Names
  /// Which attributes that programs set.
  public var systemAttributes: Names

  /// Nothing but what is named.
  public init(
    _ fields: Fields = [], parameters: Names = .none, metrics: Names = .none,
    userAttributes: Names = .none, systemAttributes: Names = .none
  ) {
    self.fields = fields
    self.parameters = parameters
    self.metrics = metrics
    self.userAttributes = userAttributes
    self.systemAttributes = systemAttributes
  }

  /// Adds what `other` wants.
  public mutating func formUnion(_ other: ColumnSet) {
    fields.formUnion(other.fields)
    parameters = parameters.union(other.parameters)
    metrics = metrics.union(other.metrics)
    userAttributes = userAttributes.union(other.userAttributes)
    systemAttributes = systemAttributes.union(other.systemAttributes)
  }

  /// Everything there is.
  public static let all = ColumnSet(
    [.outcomes, .times, .origins, .attempts], parameters: .all, metrics: .all,
    userAttributes: .all, systemAttributes: .all)
}
