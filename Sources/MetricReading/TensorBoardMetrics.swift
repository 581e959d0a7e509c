// Scalars in TensorBoard's event files.
//
// A file is a sequence of TFRecords, little-endian:
//
//     record := length:UInt64 maskedCRC(length):UInt32 data:byte[length] maskedCRC(data):UInt32
//
// with the CRC-32C of Castagnoli, masked as ((crc >> 15) | (crc << 17)) + 0xa282ead8. Each
// data is a protocol buffer of TensorFlow's event.proto:
//
//     Event   { step = 2: int64;  summary = 5: Summary;  … }
//     Summary { value = 1: repeated Value }
//     Value   { tag = 1: string;  simple_value = 2: float;  tensor = 8: TensorProto;
//               metadata = 9: SummaryMetadata { plugin_data = 1 { plugin_name = 1 } }; … }
//
// Source: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto,
// tensorflow/core/framework/{summary,tensor}.proto.

import StudyModel

struct TensorBoardMetrics: Sendable {
  /// Larger records are images and graphs gone wrong.
  private static let recordLimit: UInt64 = 256 << 20

  /// What the metrics' names begin with.
  private let prefix: String
  private var bytes: [UInt8] = []
  /// Where the file is damaged, nothing more is read of it.
  private(set) var damage: TensorBoardError?

  init(prefix: String) { self.prefix = prefix }

  mutating func consume(_ more: [UInt8]) -> [Observation] {
    guard damage == nil else { return [] }
    bytes += more
    var found: [Observation] = []
    var start = 0
    defer { bytes.removeFirst(start) }
    do {
      while let record = try nextRecord(at: start) {
        start = record.end
        if let observation = try observation(of: bytes[record.data]) { found.append(observation) }
      }
    } catch {
      damage = error
      start = bytes.count
    }
    return found
  }

  /// The record at `start`; nil while its end has not been written.
  private func nextRecord(
    at start: Int
  ) throws(TensorBoardError) -> (data: Range<Int>, end: Int)? {
    guard bytes.count - start >= 12 else { return nil }
    let length = number(at: start, byteCount: 8)
    guard number(at: start + 8, byteCount: 4) == maskedCRC(start..<(start + 8)) else {
      throw .checksum(.length)
    }
    guard length <= Self.recordLimit else { throw .recordTooLong(length) }
    let data = (start + 12)..<(start + 12 + Int(length))
    guard bytes.count >= data.upperBound + 4 else { return nil }
    guard number(at: data.upperBound, byteCount: 4) == maskedCRC(data) else {
      throw .checksum(.data)
    }
    return (data, data.upperBound + 4)
  }

  private func number(at start: Int, byteCount: Int) -> UInt64 {
    (0..<byteCount).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
  }

  private func maskedCRC(_ range: Range<Int>) -> UInt64 {
    let crc = CRC32C.checksum(of: bytes[range])
    return UInt64((crc >> 15 | crc << 17) &+ 0xa282_ead8)
  }

  private func observation(
    of event: ArraySlice<UInt8>
  ) throws(TensorBoardError) -> Observation? {
    var step: Int64 = 0
    var entries: [MetricReport.Entry] = []
    for field in try ProtobufFields.all(in: event) {
      switch (field.number, field.value) {
      case (2, .varint(let value)): step = Int64(bitPattern: value)
      case (5, .bytes(let summary)):
        for value in try ProtobufFields.all(in: summary) {
          guard value.number == 1, case .bytes(let bytes) = value.value else { continue }
          if let (tag, number) = try scalar(bytes) { entries.append(.init(prefix + tag, number)) }
        }
      default: break
      }
    }
    return entries.isEmpty ? nil : .intermediate(step: step, entries)
  }

  /// The tag and value of a scalar; nil for images, texts and the like.
  private func scalar(
    _ value: ArraySlice<UInt8>
  ) throws(TensorBoardError) -> (String, Double)? {
    var tag = ""
    var number: Double?
    for field in try ProtobufFields.all(in: value) {
      switch (field.number, field.value) {
      case (1, .bytes(let bytes)): tag = String(decoding: bytes, as: UTF8.self)
      case (2, .fixed32(let bits)): number = TensorScalar.widen(Float(bitPattern: bits))
      case (8, .bytes(let tensor)): number = try TensorScalar.decode(tensor)
      case (9, .bytes(let metadata)):
        let plugin = try pluginName(metadata)
        if !plugin.isEmpty, plugin != "scalars" { return nil }
      default: break
      }
    }
    return number.map { (tag, $0) }
  }

  private func pluginName(_ metadata: ArraySlice<UInt8>) throws(TensorBoardError) -> String {
    for field in try ProtobufFields.all(in: metadata) {
      guard field.number == 1, case .bytes(let data) = field.value else { continue }
      for inner in try ProtobufFields.all(in: data) {
        guard inner.number == 1, case .bytes(let name) = inner.value else { continue }
        return String(decoding: name, as: UTF8.self)
      }
    }
    return ""
  }
}

/// Tensors of one number (tensor.proto).
enum TensorScalar {
  static func decode(_ tensor: ArraySlice<UInt8>) throws(TensorBoardError) -> Double? {
    var type: UInt64 = 0
    var content: ArraySlice<UInt8> = []
    var listed: ProtobufFields.Value?
    for field in try ProtobufFields.all(in: tensor) {
      switch (field.number, field.value) {
      case (1, .varint(let value)): type = value
      case (4, .bytes(let bytes)): content = bytes
      case (5, _), (6, _), (7, _), (10, _): listed = field.value
      default: break
      }
    }
    switch type {
    case 1: return (content.bits(4) ?? listed?.bits(4)).map { widen(Float(bitPattern: UInt32($0))) }
    case 2: return (content.bits(8) ?? listed?.bits(8)).map { Double(bitPattern: $0) }
    case 3:
      return (content.bits(4) ?? listed?.varint).map { Double(Int32(truncatingIfNeeded: $0)) }
    case 9: return (content.bits(8) ?? listed?.varint).map { Double(Int64(bitPattern: $0)) }
    default: return nil
    }
  }

  /// The Double that reads as the Float does: 0.91, not 0.9100000262260437.
  static func widen(_ value: Float) -> Double { Double(value.description) ?? Double(value) }
}

extension ProtobufFields.Value {
  /// A number of `count` bytes, alone or as the only one of a packed list.
  fileprivate func bits(_ count: Int) -> UInt64? {
    switch self {
    case .fixed32(let bits): count == 4 ? UInt64(bits) : nil
    case .fixed64(let bits): count == 8 ? bits : nil
    case .bytes(let bytes): bytes.bits(count)
    case .varint: nil
    }
  }

  fileprivate var varint: UInt64? {
    switch self {
    case .varint(let value): return value
    case .bytes(let bytes):
      var reader = ProtobufFields(bytes)
      guard let value = try? reader.varint(), reader.isAtEnd else { return nil }
      return value
    default: return nil
    }
  }
}

extension ArraySlice<UInt8> {
  /// The little-endian number that these bytes are, if they are `byteCount`.
  fileprivate func bits(_ byteCount: Int) -> UInt64? {
    guard count == byteCount else { return nil }
    return reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Why an event file cannot be read on.
enum TensorBoardError: Error, Hashable, CustomStringConvertible {
  enum Part: String { case length, data }
  case checksum(Part)
  case recordTooLong(UInt64)
  case malformed

  var description: String {
    switch self {
    case .checksum(let part): "damaged event file: the checksum of a record's \(part) is wrong"
    case .recordTooLong(let bytes): "an event of \(bytes) bytes"
    case .malformed: "damaged event file: a record is no protocol buffer"
    }
  }
}
