// What stood in bytes that are damaged, as far as it can be made out: a frame says in clear who
// wrote it and how long it is, and most damage is a few bytes of many.

import PlainText
import StudyModel

/// Damaged frames.
struct FrameDebris {
  /// Frame by frame, or one line for all of it.
  private(set) var lines: [String] = []

  /// More of them are only counted.
  private static let lineLimit = 8
  /// So many bytes are looked at.
  private static let byteLimit = 1 << 20

  var description: String { lines.joined(separator: "; ") }

  /// The debris in `range` of the log that `cursor` reads.
  init(_ cursor: LogCursor, _ range: Range<UInt64>) throws(StorageError) {
    let count = Int(min(UInt64(Self.byteLimit), range.upperBound - range.lowerBound))
    let bytes = try onDisk { () throws(DiskError) in
      try cursor.file.read(at: range.lowerBound, count: count)
    }
    var index = 0
    while index + FrameHeader.byteCount <= bytes.count {
      let header = FrameHeader(decoding: bytes, at: index)
      guard header.isPlausible(at: range.lowerBound + UInt64(index)),
        header.frameByteCount <= bytes.count - index
      else { break }
      guard lines.count < Self.lineLimit else {
        lines.append("and more")
        return
      }
      lines.append(
        Self.line(header, bytes, at: index, timeBase: cursor.header.timeBase))
      index += header.frameByteCount
    }
    let rest = range.upperBound - range.lowerBound - UInt64(index)
    if rest > 0 { lines.append("\(rest) bytes that cannot be made out") }
  }

  /// A frame whose records cannot all be read.
  init(_ frame: LogFrame) {
    lines = [
      Self.line(frame.header, frame.bytes, at: frame.index, timeBase: frame.timeBase)
    ]
  }

  private static func line(
    _ header: FrameHeader, _ bytes: [UInt8], at index: Int, timeBase: Int64
  ) -> String {
    let names = recordNames(header, bytes, at: index, timeBase)
    let frame = "frame \(header.sequence) of writer \(header.epoch)"
    return names.isEmpty ? frame : "\(frame): \(names.joined(separator: ", "))"
  }

  /// The records of a frame up to the first that makes no sense.
  private static func recordNames(
    _ header: FrameHeader, _ bytes: [UInt8], at index: Int, _ timeBase: Int64
  ) -> [String] {
    guard let (payload, range) = try? FrameCodec.payload(of: header, bytes, at: index) else {
      return []
    }
    let context = RecordContext(timeBase: timeBase, epoch: header.epoch)
    var reader = ByteReader(payload, range)
    var names: [String] = []
    while !reader.isAtEnd, names.count < lineLimit,
      let tag = try? reader.varint(), let type = RecordType(rawValue: tag >> 1),
      let body = try? reader.lengthPrefixed()
    {
      var fields = FieldReader(reader: body, context: context)
      var record = LogRecord.blank(type)
      let isWhole = (try? record.code(&fields)) != nil
      names.append(isWhole ? record.subject : type.name)
    }
    return names
  }
}

extension LogRecord {
  /// What it says of what: `trial finished (trial 3 of study 1)`.
  fileprivate var subject: String {
    guard case .event(let event) = self else { return type.name }
    let study = "study \(event.study.rawValue)"
    if case .trialsImported(_, let batch) = event {
      let first = batch.numbers.first ?? 0
      return "\(type.name) (\(Measures.count(batch.count, "trial")) from \(first) of \(study))"
    }
    if case .trialsMarked(_, let marking) = event {
      let numbers = marking.entries.prefix(5).map { String($0.number) }.joined(separator: ", ")
      let rest = marking.entries.count > 5 ? ", …" : ""
      return "\(type.name) (\(numbers)\(rest) of \(study))"
    }
    guard let trial = event.trial else { return "\(type.name) (\(study))" }
    return "\(type.name) (trial \(trial) of \(study))"
  }
}

extension StudyEvent {
  /// The number of the trial it is about, if it is about one.
  fileprivate var trial: Int? {
    switch self {
    case .studyCreated, .studyEdited, .studyDeleted, .studyAttributeSet, .trialsImported,
      .trialsMarked:
      nil
    case .stopRequested(_, let trial, _): trial
    case .trialCreated(_, let creation): creation.number
    case .trialClaimed(_, let trial, _), .processStarted(_, let trial, _, _),
      .parameterSet(_, let trial, _, _, _), .metricsReported(_, let trial, _),
      .trialAttributeSet(_, let trial, _, _, _), .attemptEnded(_, let trial, _, _, _),
      .trialFinished(_, let trial, _):
      trial
    }
  }
}
