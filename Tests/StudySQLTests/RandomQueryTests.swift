import StudyModel
import Testing

@testable import StudySQL

/// Random queries over a study's table, and over a copy of it that SQLite holds itself: nothing
/// that a virtual table is asked to do may change an answer.
@Suite struct RandomQueryTests {
  /// A column to ask about, its type as SQLite casts to it, and literals to compare it with.
  private struct Asked {
    let name: String
    let type: String
    let literals: [String]
  }

  private static let numbers = ["-1", "0", "0.5", "1", "2.5", "3", "'0.5'", "9e999"]
  private static let times = [
    "'2026-01-02T03:04:30Z'", "'2026-01-02 03:04:20'", "'2026-01-02 03:04:10.000000'",
    "'2026-01-02T04:04:40+01:00'", "'2026-01-02'",
  ]

  private static let asked: [Asked] = [
    Asked(
      name: "number", type: "CAST(? AS INTEGER)",
      literals: ["0", "7", "30", "59", "-3", "12.5", "'9'", "100"]),
    Asked(
      name: "state", type: "CAST(? AS TEXT) COLLATE NOCASE",
      literals: ["'complete'", "'FAILED'", "'pruned'", "'running'"]),
    Asked(name: "accuracy", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "value_2", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "latency", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "feasible", type: "CAST(? AS NUMERIC)", literals: ["0", "1", "true"]),
    Asked(name: "violation", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "started", type: "CAST(? AS TEXT) COLLATE TIME", literals: times),
    Asked(name: "ended", type: "CAST(? AS TEXT) COLLATE TIME", literals: times),
    Asked(name: "duration_s", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "elapsed_s", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "lr", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "layers", type: "CAST(? AS INTEGER)", literals: numbers),
    Asked(name: "opt", type: "CAST(? AS TEXT)", literals: ["'adam'", "'sgd'", "'ADAM'"]),
    Asked(name: "m", type: "?", literals: ["16", "'x'", "'16'", "0"]),
    Asked(name: "user_note", type: "?", literals: ["3", "'good'", "1.5", "'3'"]),
    Asked(name: "accuracy_last", type: "CAST(? AS REAL)", literals: numbers),
    Asked(name: "accuracy_steps", type: "CAST(? AS INTEGER)", literals: numbers),
    Asked(name: "attempts", type: "CAST(? AS INTEGER)", literals: numbers),
    Asked(name: "host", type: "CAST(? AS TEXT)", literals: ["'elm'", "'oak'"]),
  ]

  private func store(_ generator: inout SeededGenerator) -> (Snapshot, StudyID) {
    var store = StoreBuilder()
    let id = store.study("s", objectives: twoObjectives, bounds: [latencyBound])
    func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
    func half() -> Double { Double(Int.random(in: 0...6, using: &generator)) / 2 }
    for number in 0..<60 {
      var entries: [(String, Distribution, ParameterValue)] = []
      if !oneIn(8) { entries.append(("lr", rate, .float(max(0.5, half()) / 4))) }
      if !oneIn(4) {
        entries.append(("layers", layers, .integer(.random(in: 1...8, using: &generator))))
      }
      entries.append(("opt", optimizer, .string(oneIn(2) ? "adam" : "sgd")))
      entries.append(("m", mixed, [.null, .integer(16), .string("x")][number % 3]))
      var trial = store.start(id, entries, number: number)
      store.report(id, trial, "accuracy", (0..<number % 4).map { oneIn(5) ? .nan : Double($0) })
      if oneIn(2) { store.attribute(id, trial, "note", oneIn(2) ? "3" : #""good""#) }
      if oneIn(4) {
        trial = store.restart(
          id, trial, AttemptEnd(outcome: .interrupted), after: Double(number) + 1, pause: 2)
      }
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: break
      case 1: store.finish(id, trial, .failed, after: 4)
      case 2: store.finish(id, trial, .pruned, after: 3)
      default:
        let latency = oneIn(9) ? .infinity : half()
        store.finish(
          id, trial, .complete, [half(), latency], violations: [latency - 2], after: 4)
      }
    }
    return (store.snapshot, id)
  }

  /// The table as a part of a statement that holds all values itself.
  private func copy(_ database: borrowing HistoryDatabase) throws -> String {
    let names = Self.asked.map(\.name)
    let rows = try database.rows("SELECT \(names.joined(separator: ", ")) FROM s")
    let values = rows.map { row in "(" + row.map(Self.literal).joined(separator: ", ") + ")" }
    let columns = Self.asked.enumerated().map { index, asked in
      asked.type.replacing("?", with: "column\(index + 1)") + " AS \(asked.name)"
    }
    return "WITH copy AS MATERIALIZED (SELECT \(columns.joined(separator: ", "))"
      + " FROM (VALUES \(values.joined(separator: ", ")))) "
  }

  private static func literal(_ value: SQLValue) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let value): String(value)
    case .real(let value): value.isInfinite ? (value < 0 ? "-9e999" : "9e999") : "\(value)"
    case .text(let text): text.sqlLiteral
    }
  }

  private func predicate(_ depth: Int, _ generator: inout SeededGenerator) -> String {
    let asked = Self.asked.randomElement(using: &generator)!
    func literal() -> String { asked.literals.randomElement(using: &generator)! }
    guard depth == 0 else {
      let (a, b) = (predicate(depth - 1, &generator), predicate(depth - 1, &generator))
      return ["(\(a)) AND (\(b))", "(\(a)) OR (\(b))", "NOT (\(a))"].randomElement(
        using: &generator)!
    }
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return "\(asked.name) IS \(Bool.random(using: &generator) ? "NOT " : "")NULL"
    case 1: return "\(asked.name) BETWEEN \(literal()) AND \(literal())"
    case 2: return "\(asked.name) IN (\(literal()), \(literal()))"
    case 3: return "\(asked.name) NOT IN (\(literal()), \(literal()))"
    default:
      let sign = ["<", "<=", ">", ">=", "=", "<>"].randomElement(using: &generator)!
      // An order between texts and numbers is refused where it cannot be meant.
      return "\(asked.name) \(sign) \(literal())"
    }
  }

  /// A statement about `TABLE`.
  private func statement(_ generator: inout SeededGenerator) -> String {
    let condition = predicate(Int.random(in: 0...2, using: &generator), &generator)
    let (a, b) = (
      Self.asked.randomElement(using: &generator)!.name,
      Self.asked.randomElement(using: &generator)!.name
    )
    let limit = Int.random(in: 0...20, using: &generator)
    return [
      "SELECT number, \(a) FROM TABLE WHERE \(condition) ORDER BY number LIMIT \(limit) OFFSET 2",
      "SELECT number FROM TABLE WHERE \(condition) ORDER BY number DESC LIMIT \(limit)",
      "SELECT number FROM TABLE WHERE \(condition) ORDER BY \(a) DESC NULLS LAST, number",
      "SELECT \(a), count(*), count(\(b)), min(\(b)), max(\(b)) FROM TABLE WHERE \(condition)"
        + " GROUP BY \(a) ORDER BY \(a)",
      "SELECT DISTINCT \(a), \(b) FROM TABLE WHERE \(condition) ORDER BY 1, 2",
      "SELECT x.number, y.number FROM TABLE x JOIN TABLE y ON x.\(a) = y.\(a)"
        + " WHERE y.number < 9 ORDER BY 1, 2 LIMIT 40",
      "SELECT count(*) FROM TABLE WHERE number IN (SELECT number + 1 FROM TABLE WHERE \(condition))",
    ].randomElement(using: &generator)!
  }

  @Test(arguments: 0..<4) func `answers are those of SQLite's own table`(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    let (snapshot, _) = store(&generator)
    let database = try HistoryDatabase(snapshot)
    let copy = try copy(database)
    for _ in 0..<200 {
      let statement = statement(&generator)
      let own = try database.rows(statement.replacing("TABLE", with: "s"))
      let expected = try database.rows(copy + statement.replacing("TABLE", with: "copy"))
      #expect(own == expected, "\(statement)")
    }
  }
}
