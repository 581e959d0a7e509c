// Blocks are worked on ahead, and nobody who reads them can tell.

import StudyModel
import Synchronization
import Testing

@testable import StudySQL

@Suite struct ReadAheadTests {
  /// Blocks of one row each, and how many were asked for.
  private final class Rows: BlockSource {
    private let source: StudySource
    private let count: Int
    private(set) var given = 0

    init(_ count: Int) throws {
      var store = StoreBuilder()
      let study = store.study("s")
      source = try HistoryDatabase(store.snapshot).source(of: study)
      self.count = count
    }

    func next() -> BlocksInScope.Block? {
      guard given < count else { return nil }
      given += 1
      return BlocksInScope.Block(source: source, rows: given - 1..<given)
    }
  }

  private struct Unreadable: Error {}

  @Test(arguments: [1, 2, 8], [true, false])
  func `blocks come in their order`(processors: Int, areSmall: Bool) throws {
    let rows = try Rows(50)
    let ahead = ReadAhead<Int>(rows, processors: processors)
    var found: [Int] = []
    while let (block, value) = try ahead.next({ block in
      let row = block.rows.lowerBound
      return BlockJob(isSmall: areSmall) {
        // Takes the longer, the earlier it is of four.
        var random = SeededGenerator(state: UInt64(row))
        for _ in 0..<(4 - row % 4) * 500 { _ = random.next() }
        return row * row
      }
    }) {
      #expect(value == block.rows.lowerBound * block.rows.lowerBound)
      found.append(block.rows.lowerBound)
    }
    #expect(found == Array(0..<50))
  }

  @Test func `a scan that ends early has worked on nothing ahead`() throws {
    let rows = try Rows(50)
    let ahead = ReadAhead<Int>(rows, processors: 8)
    func next() throws { _ = try ahead.next { _ in BlockJob(isSmall: true) { 0 } } }
    try next()
    try next()
    #expect(rows.given == 2)
    try next()
    #expect(rows.given == 6)
    let alone = try Rows(50)
    let single = ReadAhead<Int>(alone, processors: 1)
    for _ in 0..<10 { _ = try single.next { _ in BlockJob(isSmall: true) { 0 } } }
    #expect(alone.given == 10)
  }

  @Test func `large blocks are worked on one at a time`() throws {
    let begun = Begun()
    let ahead = ReadAhead<Int>(try Rows(20), processors: 8)
    for taken in 1...20 {
      _ = try ahead.next { _ in BlockJob(isSmall: false) { begun.count() } }
      #expect(begun.total == taken)
    }
  }

  private final class Begun: Sendable {
    private let state = Mutex(0)
    var total: Int { state.withLock { $0 } }

    func count() -> Int {
      state.withLock { state in
        state += 1
        return state
      }
    }
  }

  @Test func `what went wrong with a block is told when its turn comes`() throws {
    let ahead = ReadAhead<Int>(try Rows(20), processors: 4)
    func next() throws -> Int? {
      try ahead.next { block in
        let row = block.rows.lowerBound
        return BlockJob(isSmall: true) {
          if row == 7 { throw Unreadable() }
          return row
        }
      }?.value
    }
    for row in 0..<7 { #expect(try next() == row) }
    #expect(throws: Unreadable.self) { try next() }
    #expect(try next() == 8)
  }
}
