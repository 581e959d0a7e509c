import StudyModel
import Testing

@testable import StudySQL

/// What a query loads: blocks and columns, as counts.
@Suite struct ScanTests {
  /// Three blocks of trials, the last not full.
  private static let count = 2 * 4096 + 100

  private let snapshot: Snapshot
  private let study: StudyID

  init() {
    var store = StoreBuilder()
    let id = store.study("s", space: try! SearchSpace([Parameter(name: "x", distribution: rate)]))
    _ = store.study("other")
    for number in 0..<Self.count {
      let trial = store.start(
        id, [("x", rate, .float(Double(number % 100 + 1) / 100)), ("n", layers, .integer(3))])
      store.finish(id, trial, .complete, [Double(number)])
    }
    (snapshot, study) = (store.snapshot, id)
  }

  private func loads(_ sql: String, _ expected: [[SQLValue]]) throws -> [ScanMeter.Load] {
    let database = try HistoryDatabase(snapshot)
    var rows: [[SQLValue]] = []
    let loads = try ScanMeter.loads { rows = try database.rows(sql) }
    #expect(rows == expected, "\(sql)")
    return loads
  }

  @Test func `a filter loads the columns it names, block by block`() throws {
    let loads = try loads("SELECT count(*) FROM s WHERE x <= 0.01", [[83]])
    #expect(loads.map(\.rows) == [0..<4096, 4096..<8192, 8192..<Self.count])
    #expect(Set(loads.map(\.columns)) == [ColumnSet(parameters: .only(["x"]))])
  }

  @Test func `a count loads no column at all`() throws {
    let loads = try loads("SELECT count(*) FROM s", [[.integer(Int64(Self.count))]])
    #expect(Set(loads.map(\.columns)) == [ColumnSet()])
  }

  @Test(
    arguments: [
      ("number = 5000", 5000..<5001), ("number > 8200 AND number < 8203", 8201..<8203),
      ("number BETWEEN 8190 AND 8191", 8190..<8192), ("number >= 8290", 8290..<8292),
      ("number < 3", 0..<3), ("number <= 2.5", 0..<3), ("8290 < number", 8291..<8292),
      ("number > -9e300 AND number < 1", 0..<1), ("number > 1e300", 0..<0),
      ("number IN (5000, 5000.0, '5001')", 5000..<5002), ("number = '5000'", 5000..<5001),
      ("number IS 5000", 5000..<5001),
      ("number < -5", 0..<0), ("number = 5000.5", 0..<0), ("number > NULL", 0..<0),
      ("number > 9223372036854775806", 0..<0),
    ] as [(String, Range<Int>)])
  func `numbers narrow what is loaded, and no row is lost`(
    filter: String, rows: Range<Int>
  ) throws {
    let database = try HistoryDatabase(snapshot)
    let all = try database.rows("SELECT number FROM s WHERE NOT NOT (\(filter))")
    let loads = try loads("SELECT number FROM s WHERE \(filter)", all)
    #expect(loads.reduce(0) { $0 + $1.rows.count } == rows.count, "\(loads.map(\.rows))")
    if let first = loads.first, let last = loads.last {
      #expect(first.rows.lowerBound..<last.rows.upperBound == rows)
    }
  }

  @Test func `a limit in the trials' order loads one block`() throws {
    let database = try HistoryDatabase(snapshot)
    let loads = try ScanMeter.loads {
      var rows = try database.trials(of: study, TrialListing(limit: 3))
      #expect(try rows.all().count == 3)
    }
    #expect(loads.map(\.rows) == [0..<4096])
  }

  @Test func `one study's trials load none of another's`() throws {
    let loads = try loads("SELECT count(*) FROM trials WHERE study = 'other'", [[0]])
    #expect(loads.isEmpty)
  }
}
