// The trials of a study, by columns: one array a property over all trials, in the order of
// their numbers. Samplers, analysis, SQL and export read these arrays; nobody makes an object
// or a dictionary per trial but to show one trial to a person.
//
// A trial's place in the columns is its *row*. Rows and numbers are the same until a damaged
// store loses a trial, so they are kept apart.

public struct TrialColumns: Sendable {
  public internal(set) var ids = ChunkedArray<TrialID>()
  public internal(set) var numbers = ChunkedArray<Int>()
  public internal(set) var states = ChunkedArray<TrialState>()
  public internal(set) var created = ChunkedArray<Timestamp>()
  /// When its first attempt began.
  public internal(set) var started = OptionalColumn<Timestamp>(filler: .init(rawValue: 0))
  /// When it finished.
  public internal(set) var ended = OptionalColumn<Timestamp>(filler: .init(rawValue: 0))
  /// One column an objective.
  public internal(set) var values: [OptionalColumn<Double>] = []
  /// One column a bound of the study: by how much it is broken (positive) or kept.
  public internal(set) var violations: [OptionalColumn<Double>] = []
  public internal(set) var proposers = ChunkedArray<String>()
  public internal(set) var retryOf = OptionalColumn<Int>(filler: 0)
  public internal(set) var stopRequested = OptionalColumn<Bool>(filler: false)

  /// In the order in which the parameters first appeared.
  public internal(set) var parameters: [ParameterColumn] = []
  /// In the order in which the metrics first appeared.
  public internal(set) var metrics: [MetricColumn] = []
  public internal(set) var userAttributes: [AttributeColumn] = []
  public internal(set) var systemAttributes: [AttributeColumn] = []

  /// All attempts of all trials, in order of their claims.
  public internal(set) var attempts = ChunkedArray<Attempt>()
  /// By row: where in `attempts` the trial's last attempt is.
  public internal(set) var lastAttempt = OptionalColumn<Int>(filler: 0)
  /// By row: the attempt that reported last, and has thereby superseded those before it.
  var reportingAttempt = OptionalColumn<Int>(filler: 0)

  /// Rows that are waiting or running, ascending: what a worker looks at, however long the
  /// history.
  public internal(set) var openRows: [Int] = []
  /// How many trials are in each state, by raw value.
  private var counts = [Int](repeating: 0, count: TrialState.allCases.count)

  private var parameterIndices: [NameKey: Int] = [:]
  private var metricIndices: [NameKey: Int] = [:]

  init() {}

  public var count: Int { numbers.count }

  public func count(_ state: TrialState) -> Int { counts[Int(state.rawValue)] }

  /// How many are complete or pruned.
  public var accomplishedCount: Int { count(.complete) + count(.pruned) }

  /// One above the highest number in use.
  public var nextNumber: Int { (numbers.last ?? -1) + 1 }

  /// The row of trial `number`; nil when there is none.
  public func row(ofNumber number: Int) -> Int? {
    if number >= 0, number < count, numbers[number] == number { return number }
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low < count && numbers[low] == number ? low : nil
  }

  public func parameter(_ name: String) -> ParameterColumn? {
    parameterIndices[NameKey(name)].map { parameters[$0] }
  }

  public func metric(_ name: String) -> MetricColumn? {
    metricIndices[NameKey(name)].map { metrics[$0] }
  }

  /// The claim under which the trial in `row` runs; nil unless it is running under one.
  public func claim(ofRow row: Int) -> ClaimID? {
    guard states[row] == .running, let last = lastAttempt[row] else { return nil }
    return attempts[last].end == nil ? attempts[last].claim : nil
  }

  /// How many attempts the trial in `row` has had, the current one included.
  public func attemptCount(ofRow row: Int) -> Int {
    lastAttempt[row].map { attempts[$0].index } ?? 0
  }

  /// The attempts of the trial in `row`, first to last.
  public func attempts(ofRow row: Int) -> [Attempt] {
    var result: [Attempt] = []
    var next = lastAttempt[row]
    while let index = next {
      result.append(attempts[index])
      next = attempts[index].previous
    }
    return result.reversed()
  }

  /// The parameters of the trial in `row`, in column order.
  public func assignment(ofRow row: Int) -> Assignment {
    Assignment(
      parameters.compactMap { column in
        guard let internalValue = column.internalValues[row],
          let distribution = column.distribution(ofRow: row)
        else { return nil }
        return .init(name: column.name, distribution: distribution, internalValue: internalValue)
      })
  }

  /// The objective values of the trial in `row`: all, or none.
  public func objectiveValues(ofRow row: Int) -> [Double] {
    let present = values.compactMap { $0[row] }
    return present.count == values.count ? present : []
  }

  /// Whether the trial in `row` keeps every bound of the study, as far as known.
  public func isFeasible(row: Int) -> Bool {
    violations.allSatisfy { ($0[row] ?? 0) <= 0 }
  }

  mutating func setState(_ state: TrialState, row: Int) {
    let old = states[row]
    counts[Int(old.rawValue)] -= 1
    counts[Int(state.rawValue)] += 1
    states[row] = state
    if old.isFinished != state.isFinished {
      let place = openRows.firstIndex { $0 >= row } ?? openRows.count
      if state.isFinished { openRows.remove(at: place) } else { openRows.insert(row, at: place) }
    }
  }

  mutating func appendTrial(_ creation: TrialCreation) -> Int {
    ids.append(creation.id)
    numbers.append(creation.number)
    states.append(.waiting)
    counts[Int(TrialState.waiting.rawValue)] += 1
    created.append(creation.time)
    proposers.append(creation.proposer)
    openRows.append(count - 1)
    return count - 1
  }

  mutating func setParameter(
    _ name: String, _ distribution: Distribution, _ internalValue: Double, row: Int
  ) {
    let index: Int
    if let known = parameterIndices[NameKey(name)] {
      index = known
    } else {
      index = parameters.count
      parameterIndices[NameKey(name)] = index
      parameters.append(ParameterColumn(name: name))
    }
    parameters[index].set(distribution, internalValue, at: row)
  }

  mutating func appendReport(_ metric: String, _ point: MetricPoint, row: Int) {
    let index: Int
    if let known = metricIndices[NameKey(metric)] {
      index = known
    } else {
      index = metrics.count
      metricIndices[NameKey(metric)] = index
      metrics.append(MetricColumn(name: metric))
    }
    metrics[index].append(point, row: row)
  }
}

/// One attribute of a study's trials: JSON text by row.
public struct AttributeColumn: Sendable {
  public let key: String
  public internal(set) var json = OptionalColumn<String>(filler: "")

  init(key: String) { self.key = key }
}
