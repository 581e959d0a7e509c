// The trials that bear on a question, by columns.

import Numerics
import PlainText
import StudyModel

/// One parameter over the trials that count.
struct ObservedParameter {
  let name: String
  /// What the parameter is drawn from now, or was drawn from last.
  let domain: Distribution
  /// By trial: its value as `domain` keeps it; NaN where the trial lacks it.
  let values: [Double]
  /// What trials drew it from, and by trial which of them; the values as that keeps them.
  let regimes: [Distribution]
  let regimeOfTrial: [Int]
  let regimeValues: [Double]

  /// Whether it has two values at least.
  let hasVaried: Bool
}

/// Trials with a target.
struct TargetedTrials {
  /// So many values at most are looked at: more tell no more, and take long.
  private static let cellLimit = 4_000_000
  private static let leastRows = 2000
  private static let mostRows = 65_536

  let parameters: [ObservedParameter]
  /// Finite.
  let targets: [Double]
  /// Whether each trial keeps the study's bounds.
  let isFeasible: [Bool]
  /// How many trials had a target, of which those here were drawn.
  let usableCount: Int
  /// Why the others do not count: `3 failed`.
  let omissions: [String]

  /// - Parameter chosen: numbers of trials; nil: all.
  /// - Throws: when trials cannot be read.
  init(of target: ImportanceTarget, in record: StudyRecord, among chosen: Set<Int>?) throws {
    var columns = ColumnSet(.outcomes, parameters: .all)
    switch target {
    case .objective: break
    case .metric(let name): columns.metrics = .only([name])
    case .duration: columns.fields.insert(.attempts)
    }
    let trials = try record.load(columns)
    var found: [(row: Int, target: Double)] = []
    var states: [TrialState: Int] = [:]
    var (unmeasured, infinite, setAside) = (0, 0, 0)
    for row in trials.rows where chosen?.contains(trials.numbers[row]) ?? true {
      if record.isSetAside(row: row) {
        setAside += 1
        continue
      }
      guard trials.states[row] == .complete else {
        states[trials.states[row], default: 0] += 1
        continue
      }
      guard let value = Self.value(target, row, trials) else {
        unmeasured += 1
        continue
      }
      if value.isFinite { found.append((row, value)) } else { infinite += 1 }
    }
    usableCount = found.count
    omissions =
      TrialState.allCases.compactMap { state in states[state].map { "\($0) \(state.name)" } }
      + (setAside > 0 ? ["\(setAside) dropped or reruns"] : [])
      + (unmeasured > 0 ? ["\(unmeasured) without it"] : [])
      + (infinite > 0 ? ["\(infinite) not finite"] : [])

    let limit = min(
      Self.mostRows, max(Self.leastRows, Self.cellLimit / max(1, trials.parameters.count)))
    Self.draw(limit, of: &found)
    targets = found.map(\.target)
    isFeasible = found.map { trials.isFeasible(row: $0.row) }
    let rows = found.map(\.row)
    var parameters = trials.parameters.map { column in
      ObservedParameter(
        column, rows: rows, declared: record.study.definition.space[column.name]?.distribution)
    }
    for parameter in record.study.definition.space.parameters
    where !parameters.contains(where: { $0.name.isSameName(as: parameter.name) }) {
      parameters.append(ObservedParameter(untried: parameter, count: rows.count))
    }
    self.parameters = parameters
  }

  private static func value(
    _ target: ImportanceTarget, _ row: Int, _ trials: LoadedColumns
  ) -> Double? {
    switch target {
    case .objective(let index): trials.values[index][row]
    case .metric(let name): trials.metric(name)?.summary(ofRow: row)?.last.value
    case .duration: trials.attempts(ofRow: row).secondsSpent
    }
  }

  /// Keeps `limit` of them, drawn at random but always the same, in their order.
  private static func draw(_ limit: Int, of found: inout [(row: Int, target: Double)]) {
    guard found.count > limit else { return }
    var random = RandomStream(seed: 0, trial: 0, purpose: 0x726f_7773)
    for place in 0..<limit {
      let other = place + Int(random.integer(below: UInt64(found.count - place)))
      found.swapAt(place, other)
    }
    found.removeSubrange(limit...)
    found.sort { $0.row < $1.row }
  }
}

extension ObservedParameter {
  /// Of more domains than this that differ in their ranges only, one is made.
  private static let regimeLimit = 8

  init(_ column: ParameterColumn, rows: [Int], declared: Distribution?) {
    let last = column.distributions[column.distributions.count - 1]
    let domain = declared ?? last
    let isDirect = column.distributions.allSatisfy { $0.isCompatible(with: domain) }
    let values = rows.map { row -> Double in
      guard let kept = column.internalValues[row] else { return .nan }
      let value =
        isDirect ? kept : column.value(ofRow: row).flatMap { domain.internalValue(of: $0) } ?? .nan
      return value.isFinite && domain.isMeaningful(value) ? value : .nan
    }
    let first = values.first { !$0.isNaN }
    self.name = column.name
    self.domain = domain
    self.values = values
    hasVaried = values.contains { !$0.isNaN && $0 != first }

    if isDirect, column.distributions.count > Self.regimeLimit,
      let hull = column.distributions.dropFirst().reduce(
        column.distributions.first, { $0?.hull(with: $1) })
    {
      regimes = [hull]
      regimeOfTrial = rows.map { _ in 0 }
      regimeValues = values
    } else if column.distributions.count == 1 {
      regimes = column.distributions
      regimeOfTrial = rows.map { _ in 0 }
      regimeValues = rows.map { column.internalValues[$0] ?? .nan }
    } else {
      let places = Dictionary(
        uniqueKeysWithValues: column.distributions.enumerated().map { ($1, $0) })
      regimes = column.distributions
      regimeOfTrial = rows.map { row in column.distribution(ofRow: row).flatMap { places[$0] } ?? 0
      }
      regimeValues = rows.map { column.internalValues[$0] ?? .nan }
    }
  }

  init(untried parameter: Parameter, count: Int) {
    self.init(
      name: parameter.name, domain: parameter.distribution,
      values: [Double](repeating: .nan, count: count), regimes: [parameter.distribution],
      regimeOfTrial: [Int](repeating: 0, count: count),
      regimeValues: [Double](repeating: .nan, count: count), hasVaried: false)
  }
}

extension Distribution {
  /// Whether a kept value stands for anything: any number does, and of choices their indices.
  fileprivate func isMeaningful(_ value: Double) -> Bool {
    if case .categorical = self { return contains(value) }
    return true
  }

  /// The smallest domain around two that differ in their ranges; nil when there is none.
  fileprivate func hull(with other: Distribution) -> Distribution? {
    switch (self, other) {
    case (.float(let a), .float(let b)):
      (try? FloatDomain(
        low: min(a.low, b.low), high: max(a.high, b.high), isLogarithmic: a.isLogarithmic))
        .map { .float($0) }
    case (.integer(let a), .integer(let b)):
      (try? IntegerDomain(
        low: min(a.low, b.low), high: max(a.high, b.high), isLogarithmic: a.isLogarithmic))
        .map { .integer($0) }
    default: nil
    }
  }
}
