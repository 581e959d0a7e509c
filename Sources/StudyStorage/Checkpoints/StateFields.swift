// What of a store is not in blocks, as bytes: studies, their open trials, writers. Coded once for
// both directions, as records are.

import ColumnCodecs
import StudyModel

/// Where a block of trials is, and what it lacks.
struct BlockReference: Sendable {
  var index = 0
  var count = 0
  var missing: [Int] = []
  var directory = PartPlace(offset: 0, count: 0, checksum: 0)
}

/// A study but for its blocks, of which it has the places.
struct StoredStudy: Sendable {
  var image: StudyImage
  var blocks: [BlockReference] = []

  static let blank = StoredStudy(
    image: StudyImage(
      Study(id: StudyID(rawValue: 0), name: "", definition: Blank.definition, created: Blank.time))
  )
}

/// What a checkpoint holds beside blocks.
struct StoredState: Sendable {
  struct Writer: Sendable {
    var epoch: UInt32 = 0
    /// Of its last frame.
    var lastSequence: UInt32 = 0
    var identity = Blank.writer
  }

  var nextStudyID = StudyID(rawValue: 0)
  var nextTrialID = TrialID(rawValue: 0)
  /// The highest that any writer had.
  var highestEpoch: UInt32 = 0
  var writers: [Writer] = []
  var studies: [StoredStudy] = []

  /// Times are whole, and claims name their writers: nothing here is relative to a frame.
  static let context = RecordContext(timeBase: 0, epoch: 0)
}

extension FieldCoder {
  /// A whole number that is not negative.
  mutating func count(
    _ name: StaticString, _ value: inout Int, upTo limit: Int = Int(Int32.max)
  ) throws(ByteError) {
    var raw = UInt64(value)
    try varint(name, &raw)
    guard raw <= UInt64(limit) else { throw .badValue("\(name) \(raw)") }
    value = Int(raw)
  }

  fileprivate mutating func names(
    _ name: StaticString, _ names: inout [String]
  ) throws(ByteError) {
    try list(&names, "", leastBytes: 1) { (coder, text) throws(ByteError) in
      try coder.string(name, &text)
    }
  }

  /// Whole numbers, in blocks of columns.
  fileprivate mutating func rows(
    _ name: StaticString, _ rows: inout [Int]
  ) throws(ByteError) {
    var chunks: [[UInt8]] = []
    if !isReading {
      chunks = stride(from: 0, to: rows.count, by: ColumnBlock.capacity).map { first in
        ColumnBlock.encode(
          rows[first..<min(first + ColumnBlock.capacity, rows.count)].map { Int64($0) })
      }
    }
    try part("rows", name) { (coder) throws(ByteError) in
      try coder.list(&chunks, [], leastBytes: ColumnBlock.headerSize) {
        (coder, chunk) throws(ByteError) in
        try coder.blob("integers", &chunk)
      }
    }
    guard isReading else { return }
    var found: [Int] = []
    for chunk in chunks {
      do throws(ColumnBlockError) {
        found += try ColumnBlock.integers(chunk, 0..<chunk.count).map { Int($0) }
      } catch {
        throw .badValue("\(error)")
      }
    }
    rows = found
  }

  /// A record as it stands in a frame, with its length: what its end holds may be left out.
  fileprivate mutating func record(_ record: inout LogRecord) throws(ByteError) {
    var type = record.type.rawValue
    var bytes: [UInt8] = []
    if !isReading {
      var fields = FieldWriter(writer: ByteWriter(), context: context)
      try record.code(&fields)
      bytes = fields.writer.bytes
    }
    try part("record", "") { (coder) throws(ByteError) in
      try coder.varint("type", &type)
      try coder.blob("body", &bytes)
    }
    guard let known = RecordType(rawValue: type) else { throw .badValue("a record \(type)") }
    guard isReading else { return }
    var fields = FieldReader(reader: ByteReader(bytes), context: context)
    record = LogRecord.blank(known)
    try record.code(&fields)
  }

  fileprivate mutating func event(_ event: inout StudyEvent) throws(ByteError) {
    var record = LogRecord.event(event)
    try self.record(&record)
    guard case .event(let coded) = record else { throw .badValue("no event of a trial") }
    event = coded
  }
}

extension StoredState {
  /// What is known but for the studies.
  init(_ snapshot: Snapshot, _ writers: [Writer], _ highestEpoch: UInt32) {
    nextStudyID = snapshot.nextStudyID
    nextTrialID = snapshot.nextTrialID
    self.highestEpoch = highestEpoch
    self.writers = writers
  }

  func encoded() throws(ByteError) -> [UInt8] {
    var fields = FieldWriter(writer: ByteWriter(), context: Self.context)
    var state = self
    try state.code(&fields)
    return fields.writer.bytes
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var study = nextStudyID.rawValue
    try coder.varint("next study", &study)
    nextStudyID = StudyID(rawValue: study)
    var trial = nextTrialID.rawValue
    try coder.varint("next trial", &trial)
    nextTrialID = TrialID(rawValue: trial)
    try coder.uint32("highest epoch", &highestEpoch)
    try coder.list(&writers, Writer(), leastBytes: 7) { (coder, writer) throws(ByteError) in
      try writer.code(&coder)
    }
    try coder.list(&studies, StoredStudy.blank, leastBytes: 20) {
      (coder, study) throws(ByteError) in
      try coder.part("study", "") { (coder) throws(ByteError) in try study.code(&coder) }
    }
    try coder.later(if: hasMarks) { (coder) throws(ByteError) in try codeMarks(&coder) }
  }

  /// Whether anything is said of any trial.
  var hasMarks: Bool { studies.contains { !$0.image.marked.isEmpty } }

  /// Of each study, in their order.
  private mutating func codeMarks<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var marked = studies.map(\.image.marked)
    try coder.list(&marked, [], leastBytes: 1) { (coder, trials) throws(ByteError) in
      try coder.list(&trials, StudyImage.MarkedTrial(row: 0), leastBytes: 6) {
        (coder, trial) throws(ByteError) in
        try trial.code(&coder)
      }
    }
    guard coder.isReading else { return }
    guard marked.count == studies.count else { throw .badValue("marks of other studies") }
    for index in studies.indices { studies[index].image.marked = marked[index] }
  }
}

extension StoredState.Writer {
  fileprivate mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.part("writer", "") { (coder) throws(ByteError) in
      try coder.uint32("epoch", &epoch)
      try coder.uint32("last sequence", &lastSequence)
      var hello = LogRecord.hello(identity)
      try coder.record(&hello)
      if case .hello(let known) = hello { identity = known }
    }
  }
}

extension StoredStudy {
  fileprivate mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try codeStudy(&coder)
    try codeSchema(&coder)
    try coder.count("trials", &image.trialCount)
    try coder.list(&image.runs, StudyImage.NumberRun(row: 0, number: 0), leastBytes: 2) {
      (coder, run) throws(ByteError) in
      try coder.count("first row", &run.row)
      try coder.count("its number", &run.number)
    }
    try coder.count("next number", &image.nextNumber)
    try coder.count("complete", &image.complete)
    try coder.count("pruned", &image.pruned)
    try coder.count("failed", &image.failed)
    try coder.list(
      &image.best, BestTrial(row: 0, number: 0, values: []), leastBytes: 3
    ) { (coder, trial) throws(ByteError) in
      var (row, number, values) = (trial.row, trial.number, trial.values)
      try coder.count("row", &row)
      try coder.count("number", &number)
      try coder.list(&values, 0, leastBytes: 8) { (coder, value) throws(ByteError) in
        try coder.double("value", &value)
      }
      trial = BestTrial(row: row, number: number, values: values)
    }
    try coder.rows("finished", &image.finishedRows)
    try coder.count("reports", &image.reportCount, upTo: .max)
    try coder.count("parameters", &image.parameterCount, upTo: .max)
    try coder.count("attributes", &image.attributeCount, upTo: .max)
    try coder.count("series", &image.seriesCount, upTo: .max)
    try coder.list(&blocks, BlockReference(), leastBytes: 13) {
      (coder, block) throws(ByteError) in
      try block.code(&coder)
    }
    try coder.list(
      &image.open, StudyImage.OpenTrialHistory(row: 0, events: []), leastBytes: 2
    ) { (coder, trial) throws(ByteError) in
      try coder.count("open row", &trial.row)
      try coder.list(
        &trial.events, .stopRequested(StudyID(rawValue: 0), trial: nil, time: Blank.time),
        leastBytes: 2
      ) { (coder, event) throws(ByteError) in
        try coder.event(&event)
      }
    }
  }

  private mutating func codeStudy<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var (id, name, definition, created) = (
      image.study.id, image.study.name, image.study.definition, image.study.created
    )
    try coder.study(&id)
    try coder.string("name", &name)
    try coder.definition(&definition)
    try coder.time(&created, "created")
    var study = Study(id: id, name: name, definition: definition, created: created)
    var updated = image.study.updated
    try coder.time(&updated, "updated")
    study.updated = updated
    for (scope, path) in [
      (AttributeScope.user, \Study.userAttributes), (.system, \.systemAttributes),
    ] {
      var attributes = image.study[keyPath: path].sorted { $0.key < $1.key }.map {
        ($0.key, $0.value)
      }
      try coder.list(&attributes, ("", ""), leastBytes: 2) {
        (coder, attribute) throws(ByteError) in
        try coder.string("key", &attribute.0)
        try coder.string("JSON", &attribute.1)
      }
      let known = Dictionary(attributes, uniquingKeysWith: { $1 })
      if scope == .user { study.userAttributes = known } else { study.systemAttributes = known }
    }
    var (edits, stops) = (image.study.edits, image.study.stopRequests)
    try coder.count("edits", &edits)
    try coder.count("stop requests", &stops)
    study.edits = edits
    study.stopRequests = stops
    image.study = study
    var memory = image.samplerMemory
    try coder.optional("memory", &memory, Blank.memory) { (coder, memory) throws(ByteError) in
      var (sampler, bytes) = (memory.sampler, memory.bytes)
      try coder.string("sampler", &sampler)
      try coder.blob("bytes", &bytes)
      memory = SamplerMemory(sampler: sampler, bytes: bytes)
    }
    image.samplerMemory = memory
  }

  private mutating func codeSchema<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.list(
      &image.parameters, StudyImage.Parameter(name: "", distributions: []), leastBytes: 2
    ) { (coder, parameter) throws(ByteError) in
      try coder.string("name", &parameter.name)
      try coder.list(&parameter.distributions, Blank.distribution, leastBytes: 1) {
        (coder, distribution) throws(ByteError) in
        var entry = Assignment.Entry(name: "", distribution: distribution, internalValue: 0)
        try entry.code(&coder)
        distribution = entry.distribution
      }
    }
    try coder.names("metric", &image.metrics)
    try coder.names("user attribute", &image.userAttributes)
    try coder.names("system attribute", &image.systemAttributes)
    try coder.count("objectives", &image.objectiveCount)
    try coder.count("bounds", &image.boundCount)
  }
}

extension BlockReference {
  fileprivate mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var (offset, length) = (directory.offset, directory.count)
    var checksum = directory.checksum
    try coder.part("block", "") { (coder) throws(ByteError) in
      try coder.count("index", &index)
      try coder.count("places", &count)
      try coder.rows("missing", &missing)
      try coder.varint("directory's offset", &offset)
      try coder.count("length", &length)
      try coder.varint("checksum", &checksum)
    }
    directory = PartPlace(offset: offset, count: length, checksum: checksum)
  }
}
