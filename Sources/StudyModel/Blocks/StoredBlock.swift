// Blocks that are not in memory: what of one is wanted, and who brings it.

/// What of a block is read. Its numbers and states always are.
package struct BlockContents: Hashable, Sendable {
  /// Some of a block's columns, by their numbers.
  package enum Numbers: Hashable, Sendable {
    case all
    /// Ascending.
    case only([Int])

    package static var none: Numbers { .only([]) }

    package func contains(_ number: Int) -> Bool {
      switch self {
      case .all: true
      case .only(let numbers): numbers.place(of: number) != nil
      }
    }
  }

  /// Columns that every study has.
  package var fields: ColumnSet.Fields
  /// Values, and which distributions they are of.
  package var parameters: Numbers
  /// What series come to; their points are read one series at a time.
  package var metrics: Numbers
  package var userAttributes: Numbers
  package var systemAttributes: Numbers

  package init(
    _ fields: ColumnSet.Fields = [], parameters: Numbers = .none, metrics: Numbers = .none,
    userAttributes: Numbers = .none, systemAttributes: Numbers = .none
  ) {
    self.fields = fields
    self.parameters = parameters
    self.metrics = metrics
    self.userAttributes = userAttributes
    self.systemAttributes = systemAttributes
  }

  /// Everything there is.
  package static let all = BlockContents(
    [.outcomes, .times, .origins, .attempts], parameters: .all, metrics: .all,
    userAttributes: .all, systemAttributes: .all)

  /// What ``TrialCells`` tell of.
  static let cells = BlockContents([.outcomes, .origins, .attempts], parameters: .all)
}

/// A block that lies somewhere else.
package protocol StoredBlock: Sendable {
  /// How many places it has.
  var count: Int { get }
  /// The places that are not packed, ascending; what is loaded lacks the same.
  var missing: [Int] { get }

  /// A block that has at least `contents`; what else a whole one has may be missing from it.
  ///
  /// - Throws: when it cannot be read.
  func load(_ contents: BlockContents) throws -> TrialBlock

  /// What is known of a column; nil when it would have to be loaded.
  ///
  /// - Throws: when it cannot be read.
  func zone(of column: ZoneColumn) throws -> ColumnZone?
}

/// A block, in memory or elsewhere.
package enum PackedBlock: Sendable {
  case resident(TrialBlock)
  case stored(any StoredBlock)

  /// How many of its trials are here.
  package var finishedCount: Int {
    switch self {
    case .resident(let block): block.packedCount
    case .stored(let block): block.count - block.missing.count
    }
  }

  /// - Throws: when it cannot be read.
  package func load(_ contents: BlockContents) throws -> TrialBlock {
    switch self {
    case .resident(let block): block
    case .stored(let block): try block.load(contents)
    }
  }

  /// Whether it holds a trial at each of its first `count` places, and no other.
  func isFull(_ count: Int) -> Bool {
    switch self {
    case .resident(let block): block.count == count && block.packedCount == count
    case .stored(let block): block.count == count && block.missing.isEmpty
    }
  }
}
