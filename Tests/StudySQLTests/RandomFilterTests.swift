import PlainText
import StudyModel
import StudyStorage
import Testing

@testable import StudySQL

/// Random filters, computed by SQL and by plain Swift over the columns.
@Suite struct RandomFilterTests {
  /// What of a trial the filters look at.
  struct Row {
    var number: Int
    var lr: Double?
    var layers: Int64?
    var opt: String?
    var state: TrialState
    var value: Double?
  }

  /// A filter with its meaning; nil is SQL's NULL.
  struct Filter {
    let sql: String
    let holds: (Row) -> Bool?
  }

  private func store(_ count: Int, _ generator: inout SeededGenerator) -> (Snapshot, StudyID, [Row])
  {
    var store = StoreBuilder()
    let id = store.study("s")
    var rows: [Row] = []
    for number in 0..<count {
      var row = Row(number: number * 2, state: .running)
      var entries: [(String, Distribution, ParameterValue)] = []
      if Int.random(in: 0..<10, using: &generator) > 0 {
        row.lr = Double(Int.random(in: 1...20, using: &generator)) / 20
        entries.append(("lr", rate, .float(row.lr!)))
      }
      if Int.random(in: 0..<4, using: &generator) > 0 {
        row.layers = Int64.random(in: 1...8, using: &generator)
        entries.append(("layers", layers, .integer(row.layers!)))
      }
      row.opt = ["adam", "sgd"].randomElement(using: &generator)
      entries.append(("opt", optimizer, .string(row.opt!)))
      let trial = store.start(id, entries, number: number * 2)
      row.state = [.running, .complete, .pruned, .failed].randomElement(using: &generator)!
      if row.state == .complete { row.value = Double(Int.random(in: -5...5, using: &generator)) }
      if row.state.isFinished {
        store.finish(id, trial, row.state, row.value.map { [$0] } ?? [])
      }
      rows.append(row)
    }
    return (store.snapshot, id, rows)
  }

  private func comparison(_ generator: inout SeededGenerator) -> Filter {
    func compare<T: Comparable>(
      _ name: String, _ text: String, _ value: T, _ get: @escaping (Row) -> T?
    ) -> Filter {
      let operators: [(String, (T, T) -> Bool)] = [
        ("<", { (a: T, b: T) in a < b }), ("<=", { (a: T, b: T) in a <= b }),
        (">", { (a: T, b: T) in a > b }), (">=", { (a: T, b: T) in a >= b }),
        ("=", { (a: T, b: T) in a == b }), ("<>", { (a: T, b: T) in a != b }),
      ]
      let (sign, test) = operators.randomElement(using: &generator)!
      return Filter(sql: "\(name) \(sign) \(text)") { get($0).map { test($0, value) } }
    }
    switch Int.random(in: 0..<7, using: &generator) {
    case 0:
      let value = Double(Int.random(in: 1...20, using: &generator)) / 20
      return compare("lr", "\(value)", value) { $0.lr }
    case 1:
      let value = Int64.random(in: 0...9, using: &generator)
      return compare("layers", "\(value)", value) { $0.layers }
    case 2:
      let value = ["adam", "sgd", "none"].randomElement(using: &generator)!
      return compare("opt", "'\(value)'", value) { $0.opt }
    case 3:
      let state = TrialState.allCases.randomElement(using: &generator)!
      return Filter(sql: "state = '\(state.name.uppercased())'") { $0.state == state }
    case 4:
      let value = Int.random(in: 0...80, using: &generator)
      return compare("number", "\(value)", value) { $0.number }
    case 5:
      let value = Double(Int.random(in: -6...6, using: &generator))
      return compare("value", "\(value)", value) { $0.value }
    default:
      return Filter(sql: "layers IS NULL") { $0.layers == nil }
    }
  }

  private func filter(_ depth: Int, _ generator: inout SeededGenerator) -> Filter {
    if depth == 0 { return comparison(&generator) }
    let a = filter(depth - 1, &generator)
    let b = filter(depth - 1, &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      return Filter(sql: "(\(a.sql)) AND (\(b.sql))") { row in
        let (x, y) = (a.holds(row), b.holds(row))
        return x == false || y == false ? false : x == nil || y == nil ? nil : true
      }
    case 1:
      return Filter(sql: "\(a.sql) OR \(b.sql)") { row in
        let (x, y) = (a.holds(row), b.holds(row))
        return x == true || y == true ? true : x == nil || y == nil ? nil : false
      }
    case 2: return Filter(sql: "NOT (\(a.sql))") { a.holds($0).map { !$0 } }
    default: return a
    }
  }

  @Test(arguments: 0..<4) func `sql and swift find the same trials`(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    let (snapshot, id, rows) = store(40, &generator)
    let database = try HistoryDatabase(snapshot)
    for _ in 0..<150 {
      let filter = filter(Int.random(in: 0...3, using: &generator), &generator)
      let expected = rows.filter { filter.holds($0) == true }.map {
        SQLValue.integer(Int64($0.number))
      }
      #expect(try database.numbers(id, where: filter.sql) == expected, "\(filter.sql)")
    }
  }

  @Test func `random texts never crash the diagnosis`() throws {
    let (snapshot, id) = digits()
    let database = try HistoryDatabase(snapshot)
    var generator = SeededGenerator(state: 11)
    let words = [
      "lr", "opt", "'adam'", "\"lr\"", "(", ")", "<", "=", "and", "or", "not", "in", ",", "1e-3",
      "'", "\"", "/*", "--", "\n", "state", "val/loss", "数", ";", "[", "`", "is", "null", "like",
      ".", "1.e", "x'", "@", "\\", "select", "1e+",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
        words.randomElement(using: &generator)!
      }.joined(separator: " ")
      _ = database.complaint(id, about: text)?.description
      _ = database.complaint(about: "SELECT " + text)?.description
    }
  }

  @Test func `ten thousand trials are no trouble`() throws {
    var generator = SeededGenerator(state: 1)
    let (snapshot, id, rows) = store(10_000, &generator)
    let database = try HistoryDatabase(snapshot)
    let expected = rows.filter { ($0.lr ?? 1) < 0.5 && $0.state == .complete }.count
    #expect(
      try database.numbers(id, where: "lr < 0.5 and state = 'complete'").count == expected)
    #expect(
      try database.rows("SELECT count(*) FROM params") == [
        [
          .integer(
            Int64(rows.reduce(0) { $0 + ($1.lr == nil ? 0 : 1) + ($1.layers == nil ? 0 : 1) + 1 }))
        ]
      ])
  }
}
