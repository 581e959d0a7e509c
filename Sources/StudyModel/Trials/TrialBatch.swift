// Many finished trials at once, by columns: what an import records, since a million trials told of
// one by one cost minutes, and are as many boxes that nobody needs.

/// Values of some of a batch's trials.
public struct BatchCells<Value: Hashable & Sendable>: Hashable, Sendable {
  /// Which trials have one, ascending; empty: all.
  public var places: [Int]
  /// One for each of the places.
  public var values: [Value]

  /// A value for each of `places`; when that is empty, for all trials.
  public init(places: [Int] = [], values: [Value] = []) {
    self.places = places
    self.values = values
  }

  /// The value of the trial at `place`.
  func value(_ place: Int) -> Value? {
    if places.isEmpty { return values.isEmpty ? nil : values[place] }
    let index = places.firstPlace { $0 >= place }
    return index < places.count && places[index] == place ? values[index] : nil
  }

  mutating func append(_ value: Value?, at place: Int) {
    guard let value else { return }
    // Places are only written down from where the first is missing.
    if places.isEmpty, values.count < place { places = Array(0..<values.count) }
    let isFull = places.isEmpty && values.count == place
    values.append(value)
    if !isFull { places.append(place) }
  }

  /// Writes places down where the last of `count` trials lack a value.
  mutating func finish(_ count: Int) {
    if places.isEmpty, values.count < count, !values.isEmpty { places = Array(0..<values.count) }
  }

  func isConsistent(_ count: Int) -> Bool {
    if places.isEmpty { return values.isEmpty || values.count == count }
    return places.count == values.count && places.allSatisfy { 0..<count ~= $0 }
      && zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
  }

  /// By place and value.
  func forEach(_ body: (Int, Value) -> Void) {
    for (index, value) in values.enumerated() {
      body(places.isEmpty ? index : places[index], value)
    }
  }
}

/// Finished trials of one study, none of which reported anything by step, and of which nobody holds
/// one; by columns.
public struct TrialBatch: Hashable, Sendable {
  /// A parameter, drawn from one distribution by all trials that have it.
  public struct Parameter: Hashable, Sendable {
    /// Unique in the batch.
    public var name: String
    /// What all of them are drawn from.
    public var distribution: Distribution
    /// As the distribution keeps values.
    public var cells: BatchCells<Double>

    /// Cells are as the distribution keeps values.
    public init(name: String, distribution: Distribution, cells: BatchCells<Double>) {
      self.name = name
      self.distribution = distribution
      self.cells = cells
    }
  }

  /// What is noted under one key, as JSON.
  public struct Attribute: Hashable, Sendable {
    /// Whose notes they are.
    public var scope: AttributeScope
    /// Unique among those of its scope.
    public var key: String
    /// JSON texts.
    public var cells: BatchCells<String>

    /// Cells are JSON texts.
    public init(scope: AttributeScope, key: String, cells: BatchCells<String>) {
      self.scope = scope
      self.key = key
      self.cells = cells
    }
  }

  /// The identity of the first trial; those of the others follow.
  public var firstID: TrialID
  /// Ascending.
  public var numbers: [Int] = []
  /// `complete`, `pruned` or `failed`.
  public var states: [TrialState] = []
  /// When each was made.
  public var created: [Timestamp] = []
  /// When each ended.
  public var ended: [Timestamp] = []
  /// By objective.
  public var values: [BatchCells<Double>]
  /// By bound.
  public var violations: [BatchCells<Double>]
  /// A column a parameter.
  public var parameters: [Parameter] = []
  /// A column a key.
  public var attributes: [Attribute] = []
  /// Which sampler proposed a trial, where one did.
  public var proposers = BatchCells<String>()
  /// The number of the trial that one repeats, where it does.
  public var retryOf = BatchCells<Int>()
  /// Under which claim the runs are kept.
  public var claim: ClaimID
  /// How a trial was run, where that is known; a run ends with its trial.
  public var runs = BatchCells<ImportedTrial.Run>()

  /// No trials yet, of a study with so many objectives and bounds.
  public init(firstID: TrialID, claim: ClaimID, objectives: Int, bounds: Int) {
    self.firstID = firstID
    self.claim = claim
    values = Array(repeating: BatchCells(), count: objectives)
    violations = Array(repeating: BatchCells(), count: bounds)
  }

  /// How many trials it has.
  public var count: Int { numbers.count }

  /// Whether `trial` draws its parameters from the distributions that the others do.
  package func takes(_ trial: ImportedTrial) -> Bool {
    for (place, entry) in trial.assignment.entries.enumerated() {
      let known =
        place < parameters.count && parameters[place].name.isSameName(as: entry.name)
        ? place : parameters.firstIndex { $0.name.isSameName(as: entry.name) }
      if let known, parameters[known].distribution != entry.distribution { return false }
    }
    return true
  }

  /// Adds `trial`, which must be finished, and one that it takes.
  package mutating func append(_ trial: ImportedTrial, violations broken: [Double]) {
    let place = count
    numbers.append(trial.number)
    states.append(trial.state)
    created.append(trial.created)
    ended.append(trial.ended ?? trial.run?.ended ?? trial.created)
    for index in values.indices where index < trial.values.count {
      values[index].append(trial.values[index], at: place)
    }
    for index in violations.indices where index < broken.count {
      violations[index].append(broken[index], at: place)
    }
    // Mostly the parameters of the trial before, in their order.
    var next = 0
    for entry in trial.assignment.entries {
      if next >= parameters.count || !parameters[next].name.isSameName(as: entry.name) {
        next = parameterIndex(entry)
      }
      parameters[next].cells.append(entry.internalValue, at: place)
      next += 1
    }
    for attribute in trial.attributes {
      let index = attributeIndex(attribute)
      attributes[index].cells.append(attribute.json, at: place)
    }
    if !trial.proposer.isEmpty { proposers.append(trial.proposer, at: place) }
    retryOf.append(trial.retryOf, at: place)
    var run = trial.run
    run?.ended = ended[place]
    runs.append(run, at: place)
  }

  /// Lets every run end with its trial: batches are recorded without the ends of runs.
  package mutating func endRuns() {
    for index in runs.values.indices {
      let place = runs.places.isEmpty ? index : runs.places[index]
      if ended.indices.contains(place) { runs.values[index].ended = ended[place] }
    }
  }

  private mutating func parameterIndex(_ entry: Assignment.Entry) -> Int {
    let known = parameters.firstIndex { $0.name.isSameName(as: entry.name) }
    if let known { return known }
    parameters.append(
      Parameter(name: entry.name, distribution: entry.distribution, cells: BatchCells()))
    return parameters.count - 1
  }

  private mutating func attributeIndex(_ attribute: ImportedTrial.Attribute) -> Int {
    let known = attributes.firstIndex {
      $0.scope == attribute.scope && $0.key.isSameName(as: attribute.key)
    }
    if let known { return known }
    attributes.append(Attribute(scope: attribute.scope, key: attribute.key, cells: BatchCells()))
    return attributes.count - 1
  }

  /// Must be the last change.
  package mutating func finish() {
    for index in values.indices { values[index].finish(count) }
    for index in violations.indices { violations[index].finish(count) }
    for index in parameters.indices { parameters[index].cells.finish(count) }
    for index in attributes.indices { attributes[index].cells.finish(count) }
    proposers.finish(count)
    retryOf.finish(count)
    runs.finish(count)
  }

  /// What is wrong with it, where it was not made here; nil: nothing.
  package var contradiction: String? {
    guard count > 0, states.count == count, created.count == count, ended.count == count,
      values.allSatisfy({ $0.isConsistent(count) }),
      violations.allSatisfy({ $0.isConsistent(count) }),
      parameters.allSatisfy({ $0.cells.isConsistent(count) }),
      attributes.allSatisfy({ $0.cells.isConsistent(count) }), proposers.isConsistent(count),
      retryOf.isConsistent(count), runs.isConsistent(count)
    else { return "columns of a batch of \(count) trials" }
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return "numbers that do not ascend"
    }
    guard states.allSatisfy(\.isFinished) else { return "a trial in a batch that is not finished" }
    guard Set(parameters.map { NameKey($0.name) }).count == parameters.count else {
      return "two columns of a parameter"
    }
    return nil
  }

  /// The trial at `place` by itself.
  func trial(_ place: Int) -> (trial: ImportedTrial, violations: [Double]) {
    let entries = parameters.compactMap { parameter in
      parameter.cells.value(place).map {
        Assignment.Entry(
          name: parameter.name, distribution: parameter.distribution, internalValue: $0)
      }
    }
    let trial = ImportedTrial(
      number: numbers[place], state: states[place], created: created[place], ended: ended[place],
      run: runs.value(place), assignment: Assignment(entries),
      values: values.compactMap { $0.value(place) }, proposer: proposers.value(place) ?? "",
      retryOf: retryOf.value(place),
      attributes: attributes.compactMap { attribute in
        attribute.cells.value(place).map {
          ImportedTrial.Attribute(scope: attribute.scope, key: attribute.key, json: $0)
        }
      })
    return (trial, violations.compactMap { $0.value(place) })
  }
}
