// The ways to a study's trials. They may throw, since what is packed away may come to lie on a
// disk, and they say what they want, so that no more is read.

extension StudyRecord {
  /// So many rows of one block are read one by one, not as columns.
  private static let fewRows = 16

  /// Loads columns of the trials in `rows` (nil: all). Whoever walks over a long history takes
  /// ``blocksOfRows(in:)`` one at a time and lets go of each before the next.
  ///
  /// - Throws: when something cannot be read.
  /// - Complexity: for each column and 4,096 trials O(1) where all of them have finished, plus
  ///   one copy where not.
  public func load(_ columns: ColumnSet, rows: Range<Int>? = nil) throws -> LoadedColumns {
    let rows = rows ?? 0..<trialCount
    precondition(rows.lowerBound >= 0 && rows.upperBound <= trialCount)
    let contents = contents(columns)
    let pieces: LoadedPieces
    if rows.isEmpty {
      pieces = LoadedPieces(rows, origin: rows.lowerBound, [])
    } else if rows.count <= Self.fewRows,
      rows.lowerBound >> blockShift == (rows.upperBound - 1) >> blockShift
    {
      pieces = LoadedPieces(rows, origin: rows.lowerBound, [try piece(rows, contents)])
    } else {
      let first = rows.lowerBound >> blockShift
      let last = (rows.upperBound - 1) >> blockShift
      pieces = LoadedPieces(
        rows, origin: first << blockShift,
        try (first...last).map { block in
          try piece(
            block << blockShift..<min((block + 1) << blockShift, trialCount), contents)
        })
    }
    return LoadedColumns(columns, pieces: pieces, of: self)
  }

  /// `rows` (nil: all) cut where blocks end.
  public func blocksOfRows(in rows: Range<Int>? = nil) -> [Range<Int>] {
    let rows = rows ?? 0..<trialCount
    if rows.isEmpty { return [] }
    return (rows.lowerBound >> blockShift...(rows.upperBound - 1) >> blockShift).map { block in
      rows.clamped(to: block << blockShift..<(block + 1) << blockShift)
    }
  }

  /// What of blocks `columns` come to.
  private func contents(_ columns: ColumnSet) -> BlockContents {
    let definition = study.definition
    return BlockContents(
      columns.fields,
      parameters: .only(
        StudySchema.numbers(
          columns.parameters, of: schema.parameters,
          declared: definition.space.parameters.map(\.name))),
      metrics: .only(
        StudySchema.numbers(
          columns.metrics, of: schema.metrics, declared: definition.objectives.map(\.name))),
      userAttributes: .only(
        StudySchema.numbers(columns.userAttributes, of: schema.userAttributes, declared: [])),
      systemAttributes: .only(
        StudySchema.numbers(columns.systemAttributes, of: schema.systemAttributes, declared: [])))
  }

  /// Rows of one block.
  private func piece(
    _ rows: Range<Int>, _ contents: BlockContents
  ) throws -> LoadedPieces.Piece {
    let entry = blocks[UInt64(rows.lowerBound >> blockShift)]
    func trials(_ map: IntegerMap<Box<OpenTrial>>?) -> [(place: Int, trial: Box<OpenTrial>)] {
      guard let map else { return [] }
      return map.entries(from: UInt64(rows.lowerBound)).lazy
        .prefix { $0.key < UInt64(rows.upperBound) }
        .map { (Int($0.key) - rows.lowerBound, $0.value) }
    }
    var loose = trials(entry?.waiting)
    if loose.isEmpty {
      loose = trials(open)
    } else {
      loose += trials(open)
      loose.sort { $0.place < $1.place }
    }
    return LoadedPieces.Piece(
      block: try entry?.packed?.load(contents), offset: rows.lowerBound & (blockSize - 1),
      count: rows.count,
      loose: loose)
  }

  /// All there is of the trial in `row`, but for its curves.
  ///
  /// - Throws: when it cannot be read.
  public func trial(_ row: Int) throws -> TrialRecord {
    TrialRecord(try place(row, .all), row: row, self)
  }

  /// The state of the trial in `row`.
  ///
  /// - Throws: when it cannot be read.
  public func state(ofRow row: Int) throws -> TrialState {
    try place(row, BlockContents()).state
  }

  /// What the series of a metric comes to in the trial in `row`; nil without reports.
  ///
  /// - Throws: when it cannot be read.
  public func summary(of metric: String, row: Int) throws -> SeriesSummary? {
    try schema.metrics.number(of: NameKey(metric)).flatMap {
      try place(row, metric: $0).summary($0)
    }
  }

  /// The series of a metric in the trial in `row`, by ascending step, each step once.
  ///
  /// - Throws: when it cannot be read.
  public func series(of metric: String, row: Int) throws -> [MetricPoint] {
    try schema.metrics.number(of: NameKey(metric)).map { try place(row, metric: $0).points($0) }
      ?? []
  }

  /// The value of a metric at exactly `step` in the trial in `row`.
  ///
  /// - Throws: when it cannot be read.
  public func value(of metric: String, row: Int, atStep step: Int64) throws -> Double? {
    try schema.metrics.number(of: NameKey(metric)).flatMap {
      try place(row, metric: $0).reported($0, atStep: step)
    }
  }

  func place(_ row: Int, metric: Int) throws -> TrialPlace {
    try place(row, BlockContents(metrics: .only([metric])))
  }

  /// The trial in `row`, wherever it lies, with at least `contents`.
  func place(_ row: Int, _ contents: BlockContents) throws -> TrialPlace {
    if let trial = open[UInt64(row)] { return .loose(trial) }
    guard let entry = blocks[UInt64(row >> blockShift)] else {
      preconditionFailure("there is no trial in row \(row)")
    }
    if let trial = entry.waiting[UInt64(row)] { return .loose(trial) }
    guard let block = entry.packed else {
      preconditionFailure("there is no trial in row \(row)")
    }
    return .packed(try block.load(contents), row & (blockSize - 1))
  }
}
