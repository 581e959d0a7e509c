// Which columns a study's trials have. Columns come as trials bring them and never go; each has
// a number, in the order of their appearance, and trials keep their cells by these.

/// The columns of a study by name.
struct StudySchema: Sendable {
  private(set) var parameters = Registry<NameKey>()
  /// By parameter: all distributions that trials drew it from, in order of appearance.
  private(set) var distributions = IntegerMap<Registry<Distribution>>()
  private(set) var metrics = Registry<NameKey>()
  private(set) var userAttributes = Registry<NameKey>()
  private(set) var systemAttributes = Registry<NameKey>()
  /// How many objectives and bounds have columns. Neither becomes less: objectives stay, and
  /// bounds only grow.
  private(set) var objectiveCount = 0
  private(set) var boundCount = 0

  mutating func adopt(_ definition: StudyDefinition) {
    widen(objectives: definition.objectives.count, bounds: definition.bounds.count)
  }

  mutating func widen(objectives: Int, bounds: Int) {
    objectiveCount = max(objectiveCount, objectives)
    boundCount = max(boundCount, bounds)
  }

  /// The numbers of a parameter and of one of its distributions.
  mutating func register(
    parameter name: String, _ distribution: Distribution
  ) -> (parameter: Int, distribution: Int) {
    let parameter = parameters.register(NameKey(name))
    let number = distributions.update(UInt64(parameter), orInsert: Registry()) { known in
      // Nearly always the one of the trial before: comparing is cheaper than hashing choices.
      let last = known.count - 1
      return last >= 0 && known[last] == distribution ? last : known.register(distribution)
    }
    return (parameter, number)
  }

  mutating func register(metric name: String) -> Int { metrics.register(NameKey(name)) }

  mutating func register(attribute key: String, _ scope: AttributeScope) -> Int {
    switch scope {
    case .user: userAttributes.register(NameKey(key))
    case .system: systemAttributes.register(NameKey(key))
    }
  }

  func attributes(_ scope: AttributeScope) -> Registry<NameKey> {
    scope == .user ? userAttributes : systemAttributes
  }

  func distribution(_ number: Int, ofParameter parameter: Int) -> Distribution {
    distributions[UInt64(parameter)]![number]
  }

  /// The numbers of the columns that `names` chooses, ascending.
  static func numbers(
    _ names: ColumnSet.Names, of columns: Registry<NameKey>, declared: [String]
  ) -> [Int] {
    switch names {
    case .none: []
    case .all: Array(0..<columns.count)
    case .declared: Set(declared.compactMap { columns.number(of: NameKey($0)) }).sorted()
    case .only(let names): Set(names.compactMap { columns.number(of: NameKey($0)) }).sorted()
    }
  }
}
