// A study as it is written down and read back, so that it need not be replayed: its finished
// trials as blocks, and everything else of it by value.

/// All of a study at one moment.
package struct StudyImage: Sendable {
  /// A parameter, with all distributions that trials drew it from, in order of appearance.
  package struct Parameter: Sendable {
    package var name: String
    package var distributions: [Distribution]

    package init(name: String, distributions: [Distribution]) {
      self.name = name
      self.distributions = distributions
    }
  }

  /// Rows of trials whose numbers follow one another.
  package struct NumberRun: Sendable {
    package var row: Int
    package var number: Int

    package init(row: Int, number: Int) {
      self.row = row
      self.number = number
    }
  }

  /// A trial that waits or runs: events that make it what it is, its creation first.
  package struct OpenTrialHistory: Sendable {
    package var row: Int
    package var events: [StudyEvent]

    package init(row: Int, events: [StudyEvent]) {
      self.row = row
      self.events = events
    }
  }

  /// The finished trials of 4,096 consecutive rows.
  package struct Block: Sendable {
    /// The first row, divided by 4,096.
    package var index: Int
    package var packed: PackedBlock

    package init(index: Int, _ packed: PackedBlock) {
      self.index = index
      self.packed = packed
    }
  }

  /// What is said of a trial.
  package struct MarkedTrial: Sendable {
    package var row: Int
    package var marks: KeptMarks

    package init(row: Int, marks: KeptMarks = KeptMarks()) {
      self.row = row
      self.marks = marks
    }
  }

  package var study: Study
  package var samplerMemory: SamplerMemory?
  package var parameters: [Parameter] = []
  package var metrics: [String] = []
  package var userAttributes: [String] = []
  package var systemAttributes: [String] = []
  /// How many objectives and bounds have columns.
  package var objectiveCount = 0
  package var boundCount = 0

  package var trialCount = 0
  package var runs: [NumberRun] = []
  /// One above the highest number in use.
  package var nextNumber = 0
  /// How many trials are complete, pruned and failed.
  package var complete = 0
  package var pruned = 0
  package var failed = 0
  package var best: [BestTrial] = []
  package var finishedRows: [Int] = []

  package var reportCount = 0
  package var parameterCount = 0
  package var attributeCount = 0
  package var seriesCount = 0

  /// By ascending index.
  package var blocks: [Block] = []
  /// By ascending row.
  package var open: [OpenTrialHistory] = []
  /// By ascending row.
  package var marked: [MarkedTrial] = []

  package init(_ study: Study) { self.study = study }
}

extension StudyRecord {
  /// - Throws: when a block cannot be read.
  package func image() throws -> StudyImage {
    var image = StudyImage(study)
    image.samplerMemory = samplerMemory
    image.parameters = schema.parameters.all.enumerated().map { number, name in
      StudyImage.Parameter(
        name: name.text, distributions: schema.distributions[UInt64(number)]?.all ?? [])
    }
    image.metrics = metricNames
    image.userAttributes = attributeKeys(.user)
    image.systemAttributes = attributeKeys(.system)
    image.objectiveCount = schema.objectiveCount
    image.boundCount = schema.boundCount
    image.trialCount = trialCount
    image.runs = numbering.runs.map { StudyImage.NumberRun(row: $0.row, number: $0.number) }
    image.nextNumber = nextNumber
    image.complete = count(.complete)
    image.pruned = count(.pruned)
    image.failed = count(.failed)
    image.best = bestTrials
    image.finishedRows = Array(finishedRows)
    image.reportCount = reportCount
    image.parameterCount = parameterCount
    image.attributeCount = attributeCount
    image.seriesCount = seriesCount
    image.blocks = try blocks.entries().compactMap { index, entry in
      try entry.whole().map { StudyImage.Block(index: Int(index), $0) }
    }
    image.open = openTrials.map { trial in
      StudyImage.OpenTrialHistory(row: trial.row, events: trial.history(in: self))
    }
    image.marked = marks.entries().map { StudyImage.MarkedTrial(row: Int($0.key), marks: $0.value) }
    return image
  }

  /// The study that `image` is of; nil when it contradicts itself.
  package init?(_ image: StudyImage) {
    guard let numbering = TrialNumbering(image) else { return nil }
    self.init(
      id: image.study.id, name: image.study.name, definition: image.study.definition,
      time: image.study.created)
    self.numbering = numbering
    schema.restore(image)
    guard schema.objectiveCount >= study.definition.objectives.count,
      schema.parameters.count == image.parameters.count
    else { return nil }
    for trial in image.best {
      guard trial.row < trialCount, trial.values.count == study.definition.objectives.count
      else { return nil }
      best.add(trial)
    }
    finishedRows = FinishedRows(image.finishedRows)
    for (state, count) in [
      (TrialState.complete, image.complete), (.pruned, image.pruned), (.failed, image.failed),
    ] { counts[Int(state.rawValue)] = count }
    guard restore(image.open), restore(image.blocks),
      image.finishedRows.allSatisfy({ 0..<image.trialCount ~= $0 }),
      finishedRows.count + openCount == trialCount,
      image.complete + image.pruned + image.failed == finishedRows.count
    else { return nil }
    for trial in image.marked {
      guard restore(trial.marks, ofRow: trial.row) else { return nil }
    }
    // What the events of open trials have counted is in here.
    study = image.study
    samplerMemory = image.samplerMemory
    reportCount = image.reportCount
    parameterCount = image.parameterCount
    attributeCount = image.attributeCount
    seriesCount = image.seriesCount
  }

  /// The finished trials that are packed, by ascending rows.
  package var packedBlocks: [StudyImage.Block] {
    blocks.entries().compactMap { index, entry in
      entry.packed.map { StudyImage.Block(index: Int(index), $0) }
    }
  }

  /// Has the finished trials of a block lie somewhere else, if `block` has all of them. Finished
  /// trials never change and become only more, so the same number of them are the same.
  mutating func replaceBlock(at index: Int, with block: PackedBlock) {
    guard let entry = blocks[UInt64(index)],
      (entry.packed?.finishedCount ?? 0) + entry.waiting.count == block.finishedCount
    else { return }
    blocks[UInt64(index)] = BlockEntry(packed: block)
  }

  private mutating func restore(_ trials: [StudyImage.OpenTrialHistory]) -> Bool {
    for trial in trials {
      guard 0..<trialCount ~= trial.row, open[UInt64(trial.row)] == nil,
        case .trialCreated(_, let creation)? = trial.events.first,
        row(ofNumber: creation.number) == trial.row
      else { return false }
      begin(creation, row: trial.row)
      for event in trial.events.dropFirst() { apply(event) }
    }
    return true
  }

  /// Every row is open, or packed in its block.
  private mutating func restore(_ stored: [StudyImage.Block]) -> Bool {
    var openRows = openRows[...]
    var next = 0
    for block in stored {
      guard case .stored(let packed) = block.packed, block.index >= next,
        block.index <= trialCount >> blockShift, packed.count <= blockSize
      else { return false }
      // Blocks without an entry have no finished trial.
      let first = block.index << blockShift
      guard openRows.prefix(while: { $0 < first }).elementsEqual(next << blockShift..<first)
      else { return false }
      openRows = openRows.drop { $0 < first }
      let end = min(first + blockSize, trialCount)
      let missing = openRows.prefix { $0 < end }
      openRows = openRows.dropFirst(missing.count)
      let behind = first + packed.count..<max(first + packed.count, end)
      guard packed.count <= end - first,
        missing.elementsEqual(packed.missing.map { $0 + first } + Array(behind))
      else { return false }
      blocks[UInt64(block.index)] = BlockEntry(packed: block.packed)
      next = block.index + 1
    }
    return openRows.elementsEqual(min(next << blockShift, trialCount)..<trialCount)
  }
}

extension StudyRecord.BlockEntry {
  /// The block with the trials that wait in it; nil when there is none.
  fileprivate func whole() throws -> PackedBlock? {
    if waiting.isEmpty { return packed }
    return .resident(TrialBlock(try packed?.load(.all), adding: added))
  }
}

extension TrialNumbering {
  /// Nil when runs contradict each other.
  fileprivate init?(_ image: StudyImage) {
    self.init()
    guard image.trialCount >= 0, image.runs.isEmpty == (image.trialCount == 0) else { return nil }
    for (index, run) in image.runs.enumerated() {
      let end = index + 1 < image.runs.count ? image.runs[index + 1].row : image.trialCount
      guard run.row == count, end > run.row, extend(from: run.number, by: end - run.row) else {
        return nil
      }
    }
    guard next <= image.nextNumber else { return nil }
    next = image.nextNumber
  }
}

extension StudySchema {
  fileprivate mutating func restore(_ image: StudyImage) {
    for parameter in image.parameters {
      for distribution in parameter.distributions {
        _ = register(parameter: parameter.name, distribution)
      }
    }
    for metric in image.metrics { _ = register(metric: metric) }
    for key in image.userAttributes { _ = register(attribute: key, .user) }
    for key in image.systemAttributes { _ = register(attribute: key, .system) }
    widen(objectives: image.objectiveCount, bounds: image.boundCount)
  }
}

extension OpenTrial {
  /// Events that make it what it is.
  fileprivate func history(in record: StudyRecord) -> [StudyEvent] {
    let study = record.study.id
    let creation = TrialCreation(
      id: id, number: number, time: created, assignment: assignment(in: record),
      proposer: proposer, retryOf: retryOf)
    var events: [StudyEvent] = [.trialCreated(study, creation)]
    if reportingAttempt == nil { events += reports(nil, in: record) }
    for (_, attempt) in attempts.entries() {
      events.append(
        .trialClaimed(
          study, trial: number,
          TrialClaim(
            claim: attempt.claim, lease: attempt.lease, host: attempt.host,
            worker: attempt.worker, time: attempt.started)))
      if let process = attempt.process {
        events.append(
          .processStarted(study, trial: number, claim: attempt.claim, process))
      }
      if attempt.index == reportingAttempt { events += reports(attempt.claim, in: record) }
      if let end = attempt.end, let ended = attempt.ended {
        events.append(
          .attemptEnded(study, trial: number, claim: attempt.claim, end, time: ended))
      }
    }
    for (scope, attributes) in [
      (AttributeScope.user, userAttributes), (.system, systemAttributes),
    ] {
      let keys = record.schema.attributes(scope)
      for (key, value) in attributes.entries() {
        events.append(
          .trialAttributeSet(study, trial: number, scope, key: keys[Int(key)].text, value: value))
      }
    }
    if stopRequested {
      events.append(.stopRequested(study, trial: number, time: record.study.updated))
    }
    return events
  }

  private func reports(_ claim: ClaimID?, in record: StudyRecord) -> [StudyEvent] {
    series.entries().flatMap { metric, tree in
      tree.points.map { point in
        .metricsReported(
          record.study.id, trial: number,
          MetricReport(
            claim: claim, step: point.step,
            entries: [.init(record.schema.metrics[Int(metric)].text, point.value)],
            time: point.time))
      }
    }
  }
}
