// `choices`: one row a value of a parameter that is chosen from a list, and a state: how many
// trials have both, and how well they did. Counted column by column, without a row for each trial.

internal import StudyModel

struct ChoicesTable: ColumnarTable {
  let sources: [StudySource]
  private let known = Counted<[Int: [ChoiceTotal]]>()

  init(sources: [StudySource]) { self.sources = sources }

  fileprivate enum Field: Int {
    case study, name, value, state, trials, min, max, mean
  }

  let columns: [TableColumn] = [
    TableColumn("study", .text),
    TableColumn("name", .text),
    TableColumn("value", .any),
    TableColumn("state", .word),
    TableColumn("trials", .integer),
    TableColumn("min", .real),
    TableColumn("max", .real),
    TableColumn("mean", .real),
  ]

  var studyColumn: Int? { Field.study.rawValue }
  var numberColumn: Int? { nil }

  var size: TableSize {
    let total = sources.reduce(0) { sum, source in
      sum + source.choiceParameters.reduce(0) { $0 + 3 * $1.choices.count }
    }
    return .init(total: total, perStudy: total / Swift.max(1, sources.count), perTrial: 1)
  }

  func pieces(in scope: ScanScope) -> any PieceSource {
    StudyPieces(scope.studies(sources)) { [known] in try ChoiceRows($0, scope, known) }
  }
}

extension StudySource {
  /// The parameters that were drawn from lists and nothing else, with all choices that any of them
  /// had, in order of appearance.
  fileprivate var choiceParameters: [(number: Int, name: String, choices: [ParameterValue])] {
    state.parameterNames.enumerated().compactMap { number, name in
      var choices: [ParameterValue] = []
      for distribution in state.distributions(ofParameter: name) {
        guard case .categorical(let domain) = distribution else { return nil }
        for choice in domain.values where !choices.contains(choice) { choices.append(choice) }
      }
      return (number, name, choices)
    }
  }
}

/// What the values of trials with one choice and state come to.
private struct ChoiceTotal {
  var trials = 0
  var numbers = 0
  var minimum = Double.infinity
  var maximum = -Double.infinity
  var sum = 0.0

  mutating func add(_ value: Double?) {
    trials += 1
    guard let value, !value.isNaN else { return }
    numbers += 1
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    sum += value
  }
}

/// The choices of a study's parameters.
private final class ChoiceRows: TablePiece {
  private struct Row {
    /// Of the parameter.
    let number: Int
    let name: String
    /// Among all choices and states.
    let place: Int
    let value: SQLValue
    let state: TrialState
    let total: ChoiceTotal
  }

  private let source: StudySource
  private let rows: [Row]
  private(set) var selection: [Int32]?

  init(
    _ source: StudySource, _ scope: ScanScope, _ counted: Counted<[Int: [ChoiceTotal]]>
  ) throws {
    self.source = source
    let parameters = source.choiceParameters.filter {
      scope.admits(.text($0.name), inColumn: ChoicesTable.Field.name.rawValue)
    }
    var totals = counted[source] ?? [:]
    let missing = parameters.filter { totals[$0.number] == nil }
    if !missing.isEmpty {
      totals.merge(try Self.count(missing, of: source)) { known, _ in known }
      counted[source] = totals
    }
    let stateCount = TrialState.allCases.count
    rows = parameters.flatMap { parameter in
      (totals[parameter.number] ?? []).enumerated().compactMap { place, total in
        guard total.trials > 0, let state = TrialState(rawValue: UInt8(place % stateCount)) else {
          return nil
        }
        return Row(
          number: parameter.number, name: parameter.name, place: place,
          value: SQLValue(parameter.choices[place / stateCount]), state: state, total: total)
      }
    }
    selection = select(scope.rowConditions)
  }

  /// For each parameter by its number, what trials come to by choice and state.
  private static func count(
    _ parameters: [(number: Int, name: String, choices: [ParameterValue])], of source: StudySource
  ) throws -> [Int: [ChoiceTotal]] {
    let columns = ColumnSet(.outcomes, parameters: .only(parameters.map(\.name)))
    let stateCount = TrialState.allCases.count
    var totals = parameters.map {
      [ChoiceTotal](repeating: ChoiceTotal(), count: $0.choices.count * stateCount)
    }
    let blocks = ReadAhead<LoadedColumns>(ScanScope().blocks([source]))
    while let block = try blocks.next({ _ in columns }) {
      let trials = block.trials
      let values = trials.values.count == 1 ? trials.values[0] : nil
      for (index, parameter) in parameters.enumerated() {
        guard let column = trials.parameter(parameter.name) else { continue }
        let places = ChoicePlaces(column, parameter.choices)
        for row in trials.rows {
          guard let choice = places.place(ofRow: row) else { continue }
          totals[index][choice * stateCount + Int(trials.states[row].rawValue)]
            .add(values.flatMap { $0[row] })
        }
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(parameters.map(\.number), totals))
  }

  var rowCount: Int { rows.count }

  func rowID(_ row: Int) -> Int64 { position(row) }

  func position(_ row: Int) -> Int64 {
    source.rowID(ofColumn: rows[row].number, rows[row].place)
  }

  func value(row: Int, column: Int) -> SQLValue {
    let row = rows[row]
    let hasNumbers = row.total.numbers > 0
    return switch ChoicesTable.Field(rawValue: column) {
    case .study: .text(source.name)
    case .name: .text(row.name)
    case .value: row.value
    case .state: .text(row.state.word)
    case .trials: .integer(Int64(row.total.trials))
    case .min: hasNumbers ? .real(row.total.minimum) : .null
    case .max: hasNumbers ? .real(row.total.maximum) : .null
    default: hasNumbers ? .real(row.total.sum / Double(row.total.numbers)) : .null
    }
  }
}

/// Which of a parameter's choices trials have.
private struct ChoicePlaces {
  private let column: ParameterColumn
  /// By distribution and index in it.
  private let places: [[Int]]

  init(_ column: ParameterColumn, _ choices: [ParameterValue]) {
    self.column = column
    places = column.distributions.map { distribution in
      guard case .categorical(let domain) = distribution else { return [] }
      return domain.values.compactMap { choices.firstIndex(of: $0) }
    }
  }

  func place(ofRow row: Int) -> Int? {
    guard let value = column.internalValues[row], let index = Int(exactly: value) else {
      return nil
    }
    let places = places[column.distributionIndex(ofRow: row)]
    return places.indices.contains(index) ? places[index] : nil
  }
}
