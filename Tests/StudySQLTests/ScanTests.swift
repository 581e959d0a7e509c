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

  // MARK: Blocks that are stored

  /// A block that stands for one on a disk, and knows its ranges.
  private struct KeptBlock: StoredBlock {
    let block: TrialBlock
    var count: Int { block.count }
    var missing: [Int] { block.columns.isPacked.indices.filter { !block.columns.isPacked[$0] } }

    func load(_ contents: BlockContents) -> TrialBlock { block }

    func zone(of column: ZoneColumn) -> ColumnZone? {
      let (table, number) =
        switch column {
        case .value(let objective): (block.columns.values, objective)
        case .parameter(let number): (block.columns.parameters, number)
        }
      var zone = ColumnZone()
      let stored = table.stored(count: count).first { $0.number == number }
      for value in stored?.values ?? [] { zone.add(value) }
      for _ in (stored?.values.count ?? 0)..<count { zone.add(nil) }
      return zone
    }
  }

  /// What is loaded for `sql` where blocks are stored, and that it answers what it answers where
  /// they are not.
  private func storedLoads(_ sql: String) throws -> [ScanMeter.Load] {
    let known = try #require(snapshot[study])
    var image = try known.image()
    for index in image.blocks.indices {
      image.blocks[index].packed = .stored(
        KeptBlock(block: try image.blocks[index].packed.load(.all)))
    }
    let record = try #require(StudyRecord(image))
    let stored = try #require(
      Snapshot(
        [record], nextStudyID: snapshot.nextStudyID, nextTrialID: snapshot.nextTrialID))
    let expected = try HistoryDatabase(snapshot).rows(sql)
    let database = try HistoryDatabase(stored)
    var rows: [[SQLValue]] = []
    let loads = try ScanMeter.loads { rows = try database.rows(sql) }
    #expect(rows == expected, "\(sql)")
    return loads
  }

  private static let blocks = [0..<4096, 4096..<8192, 8192..<count]

  @Test(
    arguments: [
      ("SELECT number FROM s WHERE value BETWEEN 4100 AND 4200", [1]),
      ("SELECT number FROM s WHERE value = 8200.0 AND x > 0", [2]),
      ("SELECT number FROM s WHERE value IN (3, 8191, 99999)", [0, 1]),
      ("SELECT number FROM s WHERE value > 99999", []),
      ("SELECT number FROM s WHERE value < '5'", [0]),
      ("SELECT count(*) FROM s WHERE value IS NULL", []),
      ("SELECT count(*) FROM s WHERE n = 4", []),
      ("SELECT count(*) FROM trials WHERE study = 's' AND value <= 4", [0]),
      ("SELECT value FROM s ORDER BY value DESC LIMIT 3", [2]),
      ("SELECT value FROM s ORDER BY value DESC LIMIT 3 OFFSET 100", [2, 1]),
      ("SELECT value FROM s ORDER BY value, x LIMIT 3", [0]),
      ("SELECT value FROM s WHERE value > 5000 ORDER BY value LIMIT 3", [1]),
    ] as [(String, [Int])])
  func `blocks whose ranges say that nothing is wanted are not loaded`(
    sql: String, blocks: [Int]
  ) throws {
    var order: [Range<Int>] = []
    for load in try storedLoads(sql) where !order.contains(load.rows) { order.append(load.rows) }
    #expect(order == blocks.map { Self.blocks[$0] }, "\(sql)")
  }

  @Test func `what is not compared is loaded where something is found, and nowhere else`() throws {
    let loads = try loads("SELECT n, value FROM s WHERE value = 5000", [[3, 5000.0]])
    #expect(
      loads.map(\.columns)
        == [0, 1, 1, 2].enumerated().map { index, _ in
          index == 2 ? ColumnSet(.outcomes, parameters: .only(["n"])) : ColumnSet(.outcomes)
        })
  }

  @Test(
    arguments: [
      ("SELECT count(*) FROM s WHERE x <= 0.01", 83),
      ("SELECT count(*) FROM s WHERE x <= 0.01 AND value > 8000", 2),
      ("SELECT count(*) FROM s WHERE state = 'COMPLETE' AND value IN (1, 2, 99999)", 2),
      ("SELECT count(*) FROM params WHERE name = 'n' AND number < 10", 10),
      ("SELECT count(*) FROM trials WHERE study = 'other'", 0),
      ("SELECT value FROM s ORDER BY x DESC, value DESC LIMIT 5", 5),
      ("SELECT a.number FROM s a JOIN s b ON b.number = a.number + 1 WHERE a.value = 7", 2),
    ])
  func `no other rows are handed to SQLite than those that are wanted`(
    sql: String, count: Int
  ) throws {
    let database = try HistoryDatabase(snapshot)
    #expect(try ScanMeter.rows { _ = try database.rows(sql) } == count, "\(sql)")
  }

  @Test func `the first of an order by name of a column are looked for alone`() throws {
    let database = try HistoryDatabase(snapshot)
    for (sort, first) in [("value", 0.0), ("-value", Double(Self.count - 1))] {
      let rows = try ScanMeter.rows {
        var rows = try database.trials(
          of: study, TrialListing(sort: [sort], columns: ["value"], limit: 2))
        #expect(try rows.all()[0] == [.real(first)])
      }
      #expect(rows <= 4)
    }
  }
}
