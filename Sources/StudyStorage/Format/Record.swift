// Records: what a frame's payload is made of.
//
//     payload := record+
//     record  := varint(type · 2 + critical) varint(length) body[length]
//
// Who meets a record of unknown type skips it by its length, unless it is critical. Bytes at
// the end of a body that its reader does not know are fields of a later version, and ignored.

package import StudyModel

/// What may stand in a frame.
enum LogRecord: Equatable, Sendable {
  /// The first record of a writer's first frame.
  case hello(WriterIdentity)
  /// A writer ended in good order.
  case close
  case event(StudyEvent)
}

/// The numbers of the record types. Never reused.
enum RecordType: UInt64 {
  case hello = 1
  case close = 2
  // 3 is reserved for SEAL.
  case studyCreated = 16
  case studyEdited = 17
  case studyDeleted = 18
  case studyAttributeSet = 19
  case stopRequested = 20
  case trialCreated = 21
  case trialClaimed = 22
  case processStarted = 23
  case parameterSet = 24
  case metricsReported = 25
  case trialAttributeSet = 26
  case attemptEnded = 27
  case trialFinished = 28
}

/// What the records of a frame are relative to.
struct RecordContext: Sendable {
  var timeBase: Timestamp
  /// The frame's writer.
  var epoch: UInt32
}

/// One open store in one process, as it introduced itself with its first append.
package struct WriterIdentity: Hashable, Sendable {
  package let process: ProcessSignature
  /// When it first wrote.
  package let time: Timestamp

  package init(process: ProcessSignature, time: Timestamp) {
    self.process = process
    self.time = time
  }

  package var processID: Int32 { process.processID }
  package var host: String { process.host }
  package var bootID: String { process.bootID }
}
