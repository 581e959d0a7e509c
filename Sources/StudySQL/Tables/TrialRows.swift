// The rows of tables that have one a trial.

internal import PlainText
internal import StudyModel

/// Some trials of a study, loaded for some fields.
final class TrialRows: TablePiece {
  let source: StudySource
  private let rows: Range<Int>
  private let scan: Scan
  private var block: LoadedBlock
  private var cells: [Cell]
  private var isLoaded: Bool
  private(set) var selection: [Int32]?

  /// What all pieces of a scan share.
  final class Scan {
    /// How many blocks in a row had trials that are wanted, up to the last one.
    private var streak = 0
    /// Nil where nothing is asked for.
    fileprivate let fields: [TrialField?]
    fileprivate let needs: ColumnSet
    /// The columns that the conditions look at, and no others.
    fileprivate let firstFields: [TrialField?]
    fileprivate let firstNeeds: ColumnSet
    fileprivate let scope: ScanScope

    init(_ fields: [TrialField], _ scope: ScanScope) {
      self.scope = scope
      let first = Set(scope.otherConditions.map(\.column) + scope.orderColumns)
      self.fields = fields.enumerated().map {
        scope.uses($0) || first.contains($0) ? $1 : nil
      }
      needs = Self.needs(of: self.fields)
      firstFields = fields.enumerated().map { first.contains($0) ? $1 : nil }
      firstNeeds = Self.needs(of: firstFields)
    }

    private static func needs(of fields: [TrialField?]) -> ColumnSet {
      var needs = ColumnSet()
      // Put together at once: a table may have thousands of them.
      var parameters: [String] = []
      var metrics: [String] = []
      var attributes: [AttributeScope: [String]] = [:]
      for field in fields {
        switch field {
        case nil: continue
        case .parameter(let name): parameters.append(name)
        case .metric(let name, _): metrics.append(name)
        case .attribute(let scope, let key): attributes[scope, default: []].append(key)
        case let field?: needs.formUnion(field.needs)
        }
      }
      needs.formUnion(
        ColumnSet(
          parameters: .only(parameters), metrics: .only(metrics),
          userAttributes: .only(attributes[.user] ?? []),
          systemAttributes: .only(attributes[.system] ?? [])))
      return needs
    }

    /// A block of trials and how soon its best row may come: the lower, the sooner.
    fileprivate struct RankedBlock {
      let block: BlocksInScope.Block
      let rank: Double
    }

    /// The blocks in scope, those last that may have the first rows of an order, as far as that is
    /// known without reading them.
    fileprivate func ranked(
      _ sources: [StudySource], by order: ScanOffer.Order
    ) throws -> [RankedBlock] {
      var ranked: [RankedBlock] = []
      let blocks = scope.blocks(sources)
      while let block = try blocks.next() {
        let study = block.source.state
        let column = fields[order.column].flatMap { $0.numberColumn(in: study) }
        let zone = try column.flatMap { try study.zone(of: $0, rows: block.rows) }
        let rank =
          zone.map { zone in
            if order.isDescending { return -zone.maximum }
            // NULL is before all numbers.
            return zone.others > 0 && wantsNull(order.column) ? -.infinity : zone.minimum
          } ?? -.infinity
        ranked.append(RankedBlock(block: block, rank: rank))
      }
      // Stable, as blocks of one rank are best read as they lie.
      return ranked.enumerated().sorted {
        ($0.element.rank, $0.offset) > ($1.element.rank, $1.offset)
      }.map(\.element)
    }

    /// What is to be loaded of a block first: no more than the conditions look at, as long as they
    /// leave nothing.
    fileprivate var nextNeeds: ColumnSet {
      // Of an order's first rows few blocks have one.
      if !scope.orderColumns.isEmpty { return firstNeeds }
      // Where two had some, the next one has, most likely.
      return scope.rowConditions.isEmpty || streak >= 2 ? needs : firstNeeds
    }

    fileprivate func learn(hasFound: Bool) { streak = hasFound ? streak + 1 : 0 }

    /// Whether no condition rules out rows without a value in `column`.
    private func wantsNull(_ column: Int) -> Bool {
      scope.otherConditions.allSatisfy { $0.column != column || $0.admits(.null) }
    }

    /// Whether there may be rows that are wanted among `rows`, as far as that is known without
    /// reading them.
    fileprivate func mayWant(_ source: StudySource, _ rows: Range<Int>) throws -> Bool {
      for condition in scope.rowConditions {
        guard let column = fields[condition.column].flatMap({ $0.numberColumn(in: source.state) }),
          var zone = try source.state.zone(of: column, rows: rows)
        else { continue }
        if !wantsNull(condition.column) { zone.others = 0 }
        if !RealTest(condition).admits(zone) { return false }
      }
      return true
    }
  }

  /// A field, with the column that it is read from where that is one of many.
  private enum Cell {
    case parameter(ParameterReader)
    case attribute(AttributeColumn)
    case metric(MetricColumn, SeriesField)
    case other(TrialField)
    /// Of no trial at all, or not asked for.
    case nothing
  }

  /// - Parameter block: with ``Scan/nextNeeds`` or more.
  private init(_ block: LoadedBlock, _ scan: Scan) {
    source = block.source
    rows = block.trials.rows
    self.scan = scan
    self.block = block
    isLoaded = block.trials.has(scan.needs)
    cells = Self.cells(isLoaded ? scan.fields : scan.firstFields, block)
    if !scan.scope.numberConditions.isEmpty {
      for condition in scan.scope.numberConditions where selection?.isEmpty != true {
        let numbers = trials.numbers
        selection = condition.select(count: rows.count, among: selection) {
          .integer(Int64(numbers[rows.lowerBound + $0]))
        }
      }
    }
    for condition in scan.scope.rowConditions where selection?.isEmpty != true {
      selection = select(condition)
    }
    scan.learn(hasFound: selection?.isEmpty != true)
  }

  private static func cells(_ fields: [TrialField?], _ block: LoadedBlock) -> [Cell] {
    let trials = block.trials
    return fields.map { field in
      switch field {
      case nil: .nothing
      case .parameter(let name):
        trials.parameter(name).flatMap { block.parameters[$0.number] }.map { .parameter($0) }
          ?? .nothing
      case .attribute(let scope, let key):
        trials.attribute(scope, key).map { .attribute($0) } ?? .nothing
      case .metric(let name, let field):
        trials.metric(name).map { .metric($0, field) } ?? .nothing
      case let field?: .other(field)
      }
    }
  }

  func load() throws {
    if isLoaded { return }
    isLoaded = true
    block = try LoadedBlock(source, scan.needs, rows: rows)
    cells = Self.cells(scan.fields, block)
  }

  /// The trials in `scope` that `sources` have, with `fields` as columns.
  static func pieces(
    of sources: [StudySource], _ fields: [TrialField], _ scope: ScanScope
  ) -> any PieceSource {
    TrialPieces(sources, Scan(fields, scope))
  }

  private final class TrialPieces: PieceSource {
    private let scan: Scan
    private let blocks: ReadAhead<LoadedColumns>

    init(_ sources: [StudySource], _ scan: Scan) {
      self.scan = scan
      blocks = ReadAhead(
        scan.scope.bound.map { RankedBlocks(sources, scan, by: $0.order) }
          ?? scan.scope.blocks(sources) { try scan.mayWant($0, $1) })
    }

    func next() throws -> (any TablePiece)? {
      try blocks.next { _ in scan.nextNeeds }.map { TrialRows($0, scan) }
    }
  }

  /// The most promising blocks first: what they have says of the others that they are not wanted.
  private final class RankedBlocks: BlockSource {
    private let sources: [StudySource]
    private let scan: Scan
    private let order: ScanOffer.Order
    private var ranked: [Scan.RankedBlock]?

    init(_ sources: [StudySource], _ scan: Scan, by order: ScanOffer.Order) {
      self.sources = sources
      self.scan = scan
      self.order = order
    }

    func next() throws -> BlocksInScope.Block? {
      if ranked == nil { ranked = try scan.ranked(sources, by: order) }
      while let block = ranked?.popLast()?.block {
        if try scan.mayWant(block.source, block.rows) { return block }
      }
      return nil
    }
  }

  // MARK: Conditions

  private func select(_ condition: ScanCondition) -> [Int32] {
    switch cells[condition.column] {
    case .parameter(let reader):
      if reader.isNumeric { return select(condition, reader.column.internalValues) }
      if let choices = reader.choices {
        let isWanted = choices.map { condition.admits($0) }
        let admitsNull = condition.admits(.null)
        return select(reader.column.internalValues) { value in
          guard let value else { return admitsNull }
          guard let index = Int(exactly: value), isWanted.indices.contains(index) else {
            return condition.admits(.real(value))
          }
          return isWanted[index]
        }
      }
    case .other(.value(let objective)):
      return select(condition, block.trials.values[objective])
    case .other(.singleValue) where block.trials.values.count == 1:
      return select(condition, block.trials.values[0])
    case .other(.state):
      let isWanted = (0..<UInt8(TrialState.allCases.count)).map { raw in
        condition.admits(.text(TrialState(rawValue: raw)?.word ?? ""))
      }
      let states = block.trials.states
      return select { isWanted[Int(states[$0].rawValue)] }
    default: break
    }
    return condition.select(count: rowCount, among: selection) {
      value(row: $0, column: condition.column)
    }
  }

  /// The rows of the selection that are wanted.
  private func select(_ isWanted: (Int) -> Bool) -> [Int32] {
    if let selection { return selection.filter { isWanted(rows.lowerBound + Int($0)) } }
    return (0..<rows.count).compactMap { isWanted(rows.lowerBound + $0) ? Int32($0) : nil }
  }

  private func select(
    _ column: OptionalColumn<Double>, _ isWanted: (Double?) -> Bool
  ) -> [Int32] {
    select { isWanted(column[$0]) }
  }

  private func select(_ condition: ScanCondition, _ column: OptionalColumn<Double>) -> [Int32] {
    let test = RealTest(condition)
    var result: [Int32] = []
    // The rows lie in one block, so they are one piece.
    column.forEachPiece { values, present, first in
      result = test.select(
        values, present, shift: rows.lowerBound - first, count: rows.count, among: selection)
    }
    return result
  }

  // MARK: Values

  private var trials: LoadedColumns { block.trials }
  var rowCount: Int { rows.count }
  func rowID(_ row: Int) -> Int64 { position(row) }
  func position(_ row: Int) -> Int64 { Int64(source.trialsBefore + rows.lowerBound + row) }

  func value(row: Int, column: Int) -> SQLValue {
    let row = rows.lowerBound + row
    return switch cells[column] {
    case .parameter(let reader): reader.value(row)
    case .attribute(let column): column.json[row].map(JSONText.scalar) ?? .null
    case .metric(let column, let field):
      column.summary(ofRow: row).map(field.value) ?? (field == .steps ? .integer(0) : .null)
    case .other(let field): value(field, row)
    case .nothing: .null
    }
  }

  private func value(_ field: TrialField, _ row: Int) -> SQLValue {
    switch field {
    case .number: .integer(Int64(trials.numbers[row]))
    case .state: .text(trials.states[row].word)
    case .value(let objective): SQLValue(trials.values[objective][row])
    case .study: .text(source.name)
    case .created: source.time(trials.created[row])
    case .started: source.time(trials.started[row])
    case .ended: source.time(trials.ended[row])
    case .duration: SQLValue(trials.attempts(ofRow: row).secondsSpent)
    case .elapsed, .optunaDuration: elapsed(field, row)
    case .sampler: trials.proposers[row].isEmpty ? .null : .text(trials.proposers[row])
    case .retryOf: SQLValue(trials.retryOf[row])
    case .feasible: feasible(row)
    case .violation: SQLValue(worstViolation(row))
    case .optunaState: .text(trials.states[row].optunaName)
    case .singleValue: trials.values.count == 1 ? SQLValue(trials.values[0][row]) : .null
    case .objectives: objectives(row)
    case .parameters:
      .text(
        "{"
          + trials.assignment(ofRow: row).entries
          .map { "\($0.name.jsonQuoted): \($0.value.strictJSON)" }.joined(separator: ", ") + "}")
    case .userAttributes:
      .text(
        "{"
          + trials.attributes(.user, ofRow: row)
          .map { "\($0.key.jsonQuoted): \(JSONText.strict($0.json))" }.joined(separator: ", ") + "}"
      )
    case .attempts: .integer(Int64(trials.lastAttempt(ofRow: row)?.index ?? 0))
    case .attemptOutcome, .attemptReason, .lastLine, .exitStatus, .host, .worker:
      attempt(field, row)
    case .note, .tags, .dropped, .rerunOf: mark(field, source.state.marks(ofRow: row))
    case .peakResident: usage(row)?.measuredPeakBytes.map { .integer($0) } ?? .null
    case .cpuSeconds: SQLValue(usage(row)?.measuredCPUSeconds)
    case .wallSeconds: SQLValue(usage(row)?.wallSeconds)
    case .parameter, .attribute, .metric: .null
    }
  }

  /// By how much the trial breaks a bound at most; nil while that is not known.
  private func worstViolation(_ row: Int) -> Double? {
    let known = trials.violations.map { $0[row] }
    // A NaN keeps nothing.
    let worst = known.compactMap { $0 }.map { $0.isNaN ? .infinity : $0 }.max()
    if let worst, worst > 0 { return worst }
    return known.contains(nil) ? nil : worst
  }

  /// Without bounds there is nothing to break; with bounds, what is not known is NULL.
  private func feasible(_ row: Int) -> SQLValue {
    if trials.violations.isEmpty { return .integer(1) }
    return worstViolation(row).map { .integer($0 <= 0 ? 1 : 0) } ?? .null
  }

  private func elapsed(_ field: TrialField, _ row: Int) -> SQLValue {
    guard let start = trials.started[row], let end = trials.ended[row] else { return .null }
    if case .optunaDuration = field {
      return .text(durationText(microseconds: end.rawValue &- start.rawValue))
    }
    return .real(end.seconds(since: start))
  }

  private func attempt(_ field: TrialField, _ row: Int) -> SQLValue {
    guard let attempt = trials.lastAttempt(ofRow: row) else { return .null }
    return switch field {
    case .attemptOutcome: attempt.end.map { .text($0.outcome.name) } ?? .null
    case .attemptReason:
      attempt.end.flatMap { $0.reason.isEmpty ? nil : .text($0.reason) } ?? .null
    case .lastLine: lastLine(of: attempt, row)
    case .exitStatus: SQLValue(attempt.end?.exitStatus.map { Int($0) })
    case .host: .text(attempt.host)
    default: .text(attempt.worker)
    }
  }

  /// What was recorded of it; else what lies in its log, if anybody looks.
  private func lastLine(of attempt: Attempt, _ row: Int) -> SQLValue {
    let recorded = attempt.end?.lastLines.split(whereSeparator: \.isNewline).last
    if let recorded { return .text(String(recorded)) }
    let printed = source.lastLine?(source.state.study.id, trials.numbers[row], attempt.index)
    return printed.map { .text($0) } ?? .null
  }

  private func mark(_ field: TrialField, _ marks: TrialMarks) -> SQLValue {
    switch field {
    case .note: marks.note.map { .text($0) } ?? .null
    case .tags: marks.tags.isEmpty ? .null : .text(marks.tags.joined(separator: ","))
    case .dropped: marks.dropped.map { .text($0) } ?? .null
    default: SQLValue(marks.rerunOf)
    }
  }

  /// What all attempts of the trial in `row` cost together; nil when it is not known.
  private func usage(_ row: Int) -> ResourceUsage? {
    let parts = trials.attempts(ofRow: row).compactMap { $0.end?.usage }
    guard var sum = parts.first else { return nil }
    for part in parts.dropFirst() {
      sum.wallSeconds += part.wallSeconds
      sum.cpuSeconds += part.cpuSeconds
      sum.peakResidentBytes = max(sum.peakResidentBytes, part.peakResidentBytes)
    }
    return sum
  }

  private func objectives(_ row: Int) -> SQLValue {
    guard trials.values.contains(where: { $0[row] != nil }) else { return .null }
    let pairs = zip(source.state.study.definition.objectives, trials.values).map {
      "\($0.name.jsonQuoted): \($1[row].map(\.strictJSON) ?? "null")"
    }
    return .text("{" + pairs.joined(separator: ", ") + "}")
  }
}
