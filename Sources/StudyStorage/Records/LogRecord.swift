// Records: what a frame's payload is made of.
//
//     payload := record+
//     record  := varint(type · 2 + critical) varint(length) body[length]
//
// Who meets a record of unknown type skips it by its length, unless it is critical. Bytes at
// the end of a body that its reader does not know are fields of a later version, and ignored.
// What a body holds is declared in RecordFields.swift, once for writing and reading.

package import StudyModel

/// What may stand in a frame.
enum LogRecord: Equatable {
  /// The first record of a writer's first frame.
  case hello(WriterIdentity)
  /// A writer ended in good order.
  case close
  /// What stands before is in checkpoints. For people who read a log; it changes nothing.
  case seal
  case event(StudyEvent)
}

/// The numbers of the record types. Never reused.
enum RecordType: UInt64, CaseIterable {
  case hello = 1
  case close = 2
  case seal = 3
  case studyCreated = 16
  case studyEdited = 17
  case studyDeleted = 18
  case studyAttribute = 19
  case stopRequested = 20
  case trialCreated = 21
  case trialClaimed = 22
  case processStarted = 23
  case parameterSet = 24
  case metricsReported = 25
  case trialAttribute = 26
  case attemptEnded = 27
  case trialFinished = 28
  case trialsImported = 29
  case trialsMarked = 30

  /// Whether who does not know it must not go on.
  var isCritical: Bool { self != .close && self != .seal }

  /// As the format's description and people call it.
  var name: String {
    switch self {
    case .hello: "HELLO"
    case .close: "CLOSE"
    case .seal: "SEAL"
    case .studyCreated: "study created"
    case .studyEdited: "study edited"
    case .studyDeleted: "study deleted"
    case .studyAttribute: "study attribute"
    case .stopRequested: "stop requested"
    case .trialCreated: "trial created"
    case .trialClaimed: "trial claimed"
    case .processStarted: "process started"
    case .parameterSet: "parameter set"
    case .metricsReported: "metrics reported"
    case .trialAttribute: "trial attribute"
    case .attemptEnded: "attempt ended"
    case .trialFinished: "trial finished"
    case .trialsImported: "trials imported"
    case .trialsMarked: "trials marked"
    }
  }
}

/// One open store in one process, as it introduced itself with its first append.
package struct WriterIdentity: Hashable, Sendable {
  package var process: ProcessSignature
  /// When it first wrote.
  package var time: Timestamp

  package init(process: ProcessSignature, time: Timestamp) {
    self.process = process
    self.time = time
  }
}

/// Makes a payload of records.
struct RecordEncoder {
  /// Room for a frame's header, then the payload.
  var writer: ByteWriter { fields.writer }
  private var fields: FieldWriter

  init(_ context: RecordContext) {
    var writer = ByteWriter()
    writer.reserve(128)
    writer.zeros(FrameHeader.byteCount)
    fields = FieldWriter(writer: writer, context: context)
  }

  /// - Throws: when the record holds what the format has no room for.
  mutating func append(_ record: LogRecord) throws(ByteError) {
    let type = record.type
    fields.writer.varint(type.rawValue << 1 | (type.isCritical ? 1 : 0))
    let place = fields.writer.beginLength()
    var record = record
    try record.code(&fields)
    fields.writer.endLength(at: place)
  }
}

/// Reads the records of one payload.
enum RecordDecoder {
  enum Failure: Error, Equatable {
    case bytes(ByteError)
    /// A critical record of a type that this version does not know.
    case unknown(type: UInt64)
  }

  static func records(
    _ bytes: [UInt8], _ range: Range<Int>, _ context: RecordContext
  ) throws(Failure) -> [LogRecord] {
    var reader = ByteReader(bytes, range)
    var records: [LogRecord] = []
    while !reader.isAtEnd {
      let (tag, body) = try part(&reader)
      guard let type = RecordType(rawValue: tag >> 1) else {
        if tag & 1 == 0 { continue }
        throw .unknown(type: tag >> 1)
      }
      var fields = FieldReader(reader: body, context: context)
      var record = LogRecord.blank(type)
      do throws(ByteError) { try record.code(&fields) } catch { throw .bytes(error) }
      records.append(record)
    }
    return records
  }

  private static func part(
    _ reader: inout ByteReader
  ) throws(Failure) -> (tag: UInt64, body: ByteReader) {
    do throws(ByteError) {
      return (try reader.varint(), try reader.lengthPrefixed())
    } catch {
      throw .bytes(error)
    }
  }
}
