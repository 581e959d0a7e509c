// The array under every column: in pieces, so that a snapshot in someone's hand costs the next
// append the copy of one piece and not of the whole column.

/// A growable array that shares all but the touched chunk with its copies.
public struct ChunkedArray<Element>: RandomAccessCollection, MutableCollection {
  /// A power of two: an index splits into chunk and place by shift and mask.
  @usableFromInline static var chunkSize: Int { 4096 }
  @usableFromInline static var shift: Int { 12 }

  @usableFromInline var chunks: [[Element]] = []
  public private(set) var count = 0

  public init() {}

  public init(repeating element: Element, count: Int) {
    for _ in 0..<count { append(element) }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  @inlinable
  public subscript(index: Int) -> Element {
    get { chunks[index >> Self.shift][index & (Self.chunkSize - 1)] }
    set { chunks[index >> Self.shift][index & (Self.chunkSize - 1)] = newValue }
    _modify { yield &chunks[index >> Self.shift][index & (Self.chunkSize - 1)] }
  }

  public mutating func append(_ element: Element) {
    if count & (Self.chunkSize - 1) == 0 { chunks.append([]) }
    chunks[chunks.count - 1].append(element)
    count += 1
  }

  /// Calls `body` with each run of consecutive elements and the index of its first.
  @inlinable
  public func forEachChunk<E: Error>(_ body: ([Element], _ first: Int) throws(E) -> Void) throws(E)
  {
    for (index, chunk) in chunks.enumerated() { try body(chunk, index << Self.shift) }
  }

  /// Chunk `index`: the elements from `index · chunkSize` on.
  @inlinable
  func chunk(_ index: Int) -> [Element] { chunks[index] }
}

extension ChunkedArray: Sendable where Element: Sendable {}

/// A column of values of which some may be absent; those behind its end are.
public struct OptionalColumn<Element: Sendable>: Sendable {
  @usableFromInline var values = ChunkedArray<Element>()
  @usableFromInline var present = ChunkedArray<Bool>()
  private let filler: Element
  /// How many are present.
  public private(set) var presentCount = 0

  /// `filler` stands where nothing is.
  init(filler: Element) { self.filler = filler }

  /// The value in `row`, nil when absent.
  @inlinable
  public subscript(row: Int) -> Element? {
    row < values.count && present[row] ? values[row] : nil
  }

  /// Calls `body` with each run of consecutive rows: their values, which of them are present,
  /// and the first row. Rows behind the column's end, all absent, are not visited.
  @inlinable
  public func forEachChunk<E: Error>(
    _ body: (_ values: [Element], _ present: [Bool], _ first: Int) throws(E) -> Void
  ) throws(E) {
    var index = 0
    try values.forEachChunk { (chunk, first) throws(E) in
      try body(chunk, present.chunk(index), first)
      index += 1
    }
  }

  mutating func set(_ value: Element?, at row: Int) {
    while values.count <= row {
      values.append(filler)
      present.append(false)
    }
    if present[row] { presentCount -= 1 }
    values[row] = value ?? filler
    present[row] = value != nil
    if value != nil { presentCount += 1 }
  }
}
