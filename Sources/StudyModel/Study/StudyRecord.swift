// A study as it stands: what is always at hand of it, and the rules by which events change it.
//
//     Snapshot ── identity ──▶ StudyRecord     definition, counts, columns, best trials
//                                │
//                                ├─ row ─────▶ OpenTrial    waiting or running
//                                └─ row/4096 ▶ TrialBlock   finished, by columns
//                                              OpenTrial    finished, to be packed soon
//
// Everything hangs on persistent maps (IntegerMap) and boxes: a copy of a record is a snapshot
// that never changes, and costs nothing; the next event copies the few nodes on the way to the
// trial that it touches. An event's cost depends on nothing but itself, however many studies,
// trials, reports and living snapshots there are.
//
// A trial is in a box of its own as long as anything can happen to it. Then it waits beside its
// block; when half as many wait as the block holds, the block is written anew with them in it, so
// that each trial is moved some three times in all.
//
// What is in blocks is read through `load` and its kin, which may throw: see
// StudyRecord+Reading.swift.

/// A study and everything recorded of it.
///
/// A trial's place among the study's trials is its *row*. Rows and numbers are the same until a
/// damaged store loses a trial, so they are kept apart.
public struct StudyRecord: Sendable {
  /// The study without its trials.
  public internal(set) var study: Study
  /// What the sampler that proposed last wants back.
  public internal(set) var samplerMemory: SamplerMemory?

  var schema = StudySchema()
  var numbering = TrialNumbering()
  var counts = [Int](repeating: 0, count: TrialState.allCases.count)
  var best: BestTrials
  // Roughly how much there is, for whoever plans to read it: what was replaced or taken back
  // counts too.

  /// How many values were reported, about.
  public internal(set) var reportCount = 0
  /// How many parameters all trials have together, about.
  public internal(set) var parameterCount = 0
  /// How many attributes all trials have together, about.
  public internal(set) var attributeCount = 0
  /// How many series the finished trials have together.
  public internal(set) var seriesCount = 0

  /// By row.
  var open = IntegerMap<Box<OpenTrial>>()
  /// By row / 4096.
  var blocks = IntegerMap<BlockEntry>()
  /// Rows in the order in which trials finished. What a model was fitted on is a prefix of it.
  public internal(set) var finishedRows = FinishedRows()
  /// By row: what is said of trials, of those of which anything is.
  var marks = IntegerMap<KeptMarks>()
  /// Which of them are no part of the search.
  var setAside = SetAsideTrials()

  /// The finished trials of 4,096 consecutive rows.
  struct BlockEntry: Sendable {
    var packed: PackedBlock?
    /// By row: those that are not in `packed` yet.
    var waiting = IntegerMap<Box<OpenTrial>>()
  }

  /// A block is not written anew for fewer trials than this.
  static let smallestPacking = 32

  /// A study without trials.
  public init(id: StudyID, name: String, definition: StudyDefinition, time: Timestamp) {
    study = Study(id: id, name: name, definition: definition, created: time)
    best = BestTrials(study.directions)
    schema.adopt(definition)
  }

  // MARK: What is always at hand

  /// How many trials it has; their rows are those below.
  public var trialCount: Int { numbering.count }

  /// How many trials are in `state`.
  public func count(_ state: TrialState) -> Int { counts[Int(state.rawValue)] }

  /// How many are complete or pruned, those that are set aside left out: what counts towards the
  /// number of trials that the study shall have.
  public var accomplishedCount: Int { searchedCount(.complete) + searchedCount(.pruned) }

  /// Whether trials have ended of which objectives are known, or judged by: from then on the
  /// objectives stay.
  public var hasResults: Bool { count(.complete) + count(.pruned) > 0 }

  /// One above the highest number in use; `Int.max` when there is none left.
  public var nextNumber: Int { numbering.next }

  /// The row of trial `number`; nil when there is none.
  public func row(ofNumber number: Int) -> Int? { numbering.row(ofNumber: number) }

  /// The number of the trial in `row`, which must be one of the study's.
  public func number(ofRow row: Int) -> Int { numbering.number(ofRow: row) }

  /// Complete trials that keep all bounds and that no other such trial beats in every objective,
  /// by row; of those that are part of the search. With one objective: the best, the earliest of
  /// equals.
  public var bestTrials: [BestTrial] { best.trials }

  /// Rows that are waiting or running, ascending.
  ///
  /// - Complexity: O(k) where k are open, however many there are.
  public var openRows: [Int] { open.entries().map { Int($0.key) } }

  /// How many are waiting or running.
  public var openCount: Int { open.count }

  /// Trials that are waiting or running, by ascending row, one at a time.
  public var openTrials: some Sequence<OpenTrial> { open.entries().lazy.map(\.value.value) }

  /// The trial in `row` if it is waiting or running.
  public func openTrial(_ row: Int) -> OpenTrial? { open[UInt64(row)]?.value }

  /// The parameters that trials have, in order of appearance.
  public var parameterNames: [String] { schema.parameters.all.map(\.text) }

  /// The metrics that trials reported, in order of appearance.
  public var metricNames: [String] { schema.metrics.all.map(\.text) }

  /// The keys of attributes of trials, in order of appearance.
  public func attributeKeys(_ scope: AttributeScope) -> [String] {
    schema.attributes(scope).all.map(\.text)
  }

  /// Every distribution that trials drew the parameter `name` from, in order of appearance.
  public func distributions(ofParameter name: String) -> [Distribution] {
    guard let number = schema.parameters.number(of: NameKey(name)) else { return [] }
    return schema.distributions[UInt64(number)]?.all ?? []
  }

  // MARK: Events

  /// Applies what happened next.
  ///
  /// - Returns: whether it took effect. An event that speaks of a trial that is finished, of a
  ///   claim that has ended, or of a trial that is not there changes nothing: a worker that was
  ///   believed dead may still write, and its words count for nobody.
  @discardableResult
  public mutating func apply(_ event: StudyEvent) -> Bool {
    switch event {
    case .studyCreated, .studyDeleted:
      return false  // these make and end a record; the snapshot applies them
    case .studyEdited(_, let definition, let time):
      return edit(definition, time)
    case .studyAttributeSet(_, let scope, let key, let value, let time):
      switch scope {
      case .user: study.userAttributes[key] = value
      case .system: study.systemAttributes[key] = value
      }
      study.updated = time
      return true
    case .stopRequested(_, let number, let time):
      study.updated = time
      guard let number else {
        study.stopRequests += 1
        return true
      }
      return change(number) { $0.stopRequested = true }
    case .trialCreated(_, let creation):
      return create(creation)
    case .trialClaimed(_, let number, let claim):
      guard change(number, if: { $0.state == .waiting }, { $0.begin(claim) }) else { return false }
      move(number, from: .waiting, to: .running)
      if let memory = claim.memory { samplerMemory = memory }
      study.updated = claim.time
      return true
    case .processStarted(_, let number, let claim, let process):
      return change(number, if: { $0.claim == claim }) { $0.setProcess(process) }
    case .parameterSet(_, let number, let name, let distribution, let value):
      guard let row = openRow(number) else { return false }
      set(name, distribution, value, row: row)
      return true
    case .metricsReported(_, let number, let report):
      return record(report, of: number)
    case .trialAttributeSet(_, let number, let scope, let key, let value):
      return setAttribute(scope, key, value, of: number)
    case .attemptEnded(_, let number, let claim, let end, let time):
      let isEnded = change(number, if: { $0.claim == claim }) {
        $0.endAttempt(end, time)
        $0.stopRequested = false
        $0.state = .waiting
      }
      guard isEnded else { return false }
      move(number, from: .running, to: .waiting)
      study.updated = time
      return true
    case .trialFinished(_, let number, let result):
      return finish(number, result)
    case .trialsImported(_, let batch):
      return add(batch)
    case .trialsMarked(_, let marking):
      return mark(marking)
    }
  }

  /// The objectives of a study stay what they are: its trials' values are of them.
  private mutating func edit(_ definition: StudyDefinition, _ time: Timestamp) -> Bool {
    if definition.objectives.map(\.direction) != study.directions {
      guard !hasResults else { return false }
      best = BestTrials(definition.objectives.map(\.direction))
    }
    study.definition = definition
    study.edits += 1
    study.updated = time
    schema.adopt(definition)
    return true
  }

  /// The row of trial `number` if it is waiting or running, and as wanted. (Nothing of it is held
  /// on return, lest the change that follows find it shared.)
  private func openRow(
    _ number: Int, where isWanted: (OpenTrial) -> Bool = { _ in true }
  ) -> Int? {
    guard let row = row(ofNumber: number), open[UInt64(row)].map({ isWanted($0.value) }) == true
    else { return nil }
    return row
  }

  /// Changes trial `number` where it lies, if it is waiting or running and is as wanted.
  private mutating func change(
    _ number: Int, if isWanted: (OpenTrial) -> Bool = { _ in true },
    _ body: (inout OpenTrial) -> Void
  ) -> Bool {
    guard let row = openRow(number, where: isWanted) else { return false }
    return change(row: row, body)
  }

  private mutating func change(row: Int, _ body: (inout OpenTrial) -> Void) -> Bool {
    open.modify(UInt64(row)) { body(&$0.value) } != nil
  }

  private mutating func move(_ number: Int, from old: TrialState, to new: TrialState) {
    counts[Int(old.rawValue)] -= 1
    counts[Int(new.rawValue)] += 1
    if setAside.count > 0, let row = row(ofNumber: number) {
      moveSetAside(row: row, from: old, to: new)
    }
  }

  private mutating func create(_ creation: TrialCreation) -> Bool {
    guard let row = numbering.append(creation.number) else { return false }
    begin(creation, row: row)
    if let memory = creation.memory { samplerMemory = memory }
    study.updated = creation.time
    return true
  }

  /// Puts a new trial into its row.
  mutating func begin(_ creation: TrialCreation, row: Int) {
    open[UInt64(row)] = Box(OpenTrial(creation, row: row))
    counts[Int(TrialState.waiting.rawValue)] += 1
    for entry in creation.assignment.entries {
      set(entry.name, entry.distribution, entry.internalValue, row: row)
    }
  }

  private mutating func set(
    _ name: String, _ distribution: Distribution, _ value: Double, row: Int
  ) {
    let (parameter, number) = schema.register(parameter: name, distribution)
    parameterCount += 1
    _ = change(row: row) {
      $0.parameters[UInt64(parameter)] = KeptParameter(value: value, distribution: number)
    }
  }

  private mutating func record(_ report: MetricReport, of number: Int) -> Bool {
    guard let row = openRow(number, where: { $0.claim == report.claim }) else { return false }
    let metrics = report.entries.map { schema.register(metric: $0.metric) }
    reportCount += metrics.count
    study.updated = report.time
    return change(row: row) { $0.record(report, as: metrics) }
  }

  private mutating func setAttribute(
    _ scope: AttributeScope, _ key: String, _ value: String?, of number: Int
  ) -> Bool {
    guard let row = openRow(number) else { return false }
    let attribute = UInt64(schema.register(attribute: key, scope))
    attributeCount += 1
    return change(row: row) {
      switch scope {
      case .user: $0.userAttributes[attribute] = value
      case .system: $0.systemAttributes[attribute] = value
      }
    }
  }

  private mutating func finish(_ number: Int, _ result: TrialResult) -> Bool {
    guard result.state.isFinished, let row = row(ofNumber: number), var box = open[UInt64(row)],
      box.value.claim == result.claim
    else { return false }
    open[UInt64(row)] = nil
    move(number, from: box.value.state, to: result.state)
    let values = Array(result.values.prefix(schema.objectiveCount))
    let violations = Array(result.violations.prefix(schema.boundCount))
    box.value.endAttempt(result.end ?? AttemptEnd(outcome: .finished), result.time)
    box.value.values = values
    box.value.violations = violations
    box.value.ended = result.time
    box.value.state = result.state
    study.updated = result.time
    finishedRows.append(row)
    seriesCount += box.value.series.count
    if isSetAside(row: row) {
      setAside.finish(place: finishedRows.count - 1)
    } else if result.state == .complete, violations.allSatisfy({ $0 <= 0 }) {
      best.add(BestTrial(row: row, number: number, values: values))
    }
    settle(box.value)
    return true
  }

  /// Puts a trial that has finished beside its block.
  mutating func settle(_ trial: OpenTrial) {
    blocks.update(UInt64(trial.row >> blockShift), orInsert: BlockEntry()) {
      $0.waiting[UInt64(trial.row)] = Box(trial)
      $0.packIfWorthwhile()
    }
  }
}

extension StudyRecord: Boxed {
  var copyCost: Int { 1 }
}

extension StudyRecord.BlockEntry {
  fileprivate mutating func packIfWorthwhile() {
    let known: TrialBlock?
    switch packed {
    case nil: known = nil
    case .resident(let block): known = block
    // An event cannot fail to be read. Whoever stores blocks anew takes in those that wait.
    case .stored: return
    }
    let packedCount = known?.packedCount ?? 0
    let isComplete = packedCount + waiting.count == blockSize
    guard isComplete || waiting.count >= max(StudyRecord.smallestPacking, packedCount / 2) else {
      return
    }
    packed = .resident(TrialBlock(known, adding: added))
    waiting = IntegerMap()
  }

  /// Those that are not packed yet, by place.
  var added: [(place: Int, trial: OpenTrial)] {
    waiting.entries().map { (Int($0.key) & (blockSize - 1), $0.value.value) }
  }
}
