import Foundation
import StudyModel
import Testing

@testable import StudyStorage

@Suite struct XXHash64Tests {
  /// From the xxhash package of Python, over bytes (37·i + 11) mod 256.
  static let known: [(count: Int, seed: UInt64, hash: UInt64)] = [
    (0, 0, 0xef46_db37_51d8_e999), (0, 0x9e37_79b1_85eb_ca87, 0x6ec6_d05f_61c7_e7a7),
    (1, 0, 0xf592_c0c7_639c_4cb6), (1, 0x9e37_79b1_85eb_ca87, 0x11c1_5bc6_4227_a259),
    (3, 0, 0x22c0_8528_601d_4f27), (4, 0, 0xfb1e_5cf2_f1ae_4d95),
    (7, 0, 0x5613_ac51_0496_c04e), (8, 0, 0x57cb_2b75_21f3_e21a),
    (15, 0, 0x90a9_714e_b00e_8d29), (31, 0, 0xe4a0_e629_e519_a4ae),
    (32, 0, 0xcc6b_8aaa_da79_0b2d), (33, 0, 0x35ec_4985_0475_a832),
    (33, 0x9e37_79b1_85eb_ca87, 0x7b94_d2f1_9b05_1eff), (63, 0, 0xbf9f_0ba3_cf95_b28a),
    (64, 0, 0x155c_cce4_bf32_befc), (100, 0, 0x4826_e367_566e_a023),
    (255, 0, 0x178e_a4a7_d231_9abe), (255, 0x9e37_79b1_85eb_ca87, 0x83af_98e2_2622_0a71),
  ]

  @Test(arguments: known) func `agrees with the reference`(
    count: Int, seed: UInt64, hash: UInt64
  ) {
    let bytes = (0..<count).map { UInt8(($0 * 37 + 11) % 256) }
    #expect(xxHash64(bytes, 0..<count, seed: seed) == hash)
  }
}

@Suite struct ByteCodecTests {
  @Test func `whole numbers come back at every length`() throws {
    for shift in 0..<64 {
      for delta: UInt64 in [0, 1, .max] {
        let value = (UInt64(1) << UInt64(shift)) &+ delta
        var writer = ByteWriter()
        writer.varint(value)
        writer.signed(Int64(bitPattern: value))
        var reader = ByteReader(writer.bytes)
        #expect(try reader.varint() == value)
        #expect(try reader.signed() == Int64(bitPattern: value))
        #expect(reader.isAtEnd)
      }
    }
  }

  @Test(arguments: [
    [0xC3], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0x80],
  ])
  func `a string that is no UTF-8 is refused`(bytes: [UInt8]) {
    var reader = ByteReader([UInt8(bytes.count)] + bytes)
    #expect(throws: ByteError.notUTF8) { try reader.string() }
  }

  @Test(arguments: ["", "a", "ü", "日本", "👩‍👩‍👧", "\u{FFFD}", "e\u{301}", "\0"])
  func `a string comes back as it was`(text: String) throws {
    var reader = ByteReader([UInt8(text.utf8.count)] + Array(text.utf8))
    #expect(Array(try reader.string().utf8) == Array(text.utf8))
  }

  @Test func `a varint beyond 64 bits is refused`() {
    var reader = ByteReader([UInt8](repeating: 0xFF, count: 9) + [2])
    #expect(throws: ByteError.varintTooLong) { try reader.varint() }
  }

  @Test func `a length beyond the end is refused before anything is allocated`() {
    var writer = ByteWriter()
    writer.varint(1 << 62)
    var reader = ByteReader(writer.bytes)
    #expect(throws: ByteError.tooShort) { try reader.blob() }
  }

  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384]) func `a length fits what it precedes`(
    count: Int
  ) throws {
    var writer = ByteWriter()
    let place = writer.beginLength()
    writer.zeros(count)
    writer.endLength(at: place)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.blob().count == count)
    #expect(reader.isAtEnd)
  }
}

@Suite struct RecordTests {
  let context = RecordContext(timeBase: EventSamples.time.rawValue, epoch: 3)

  private func encoded(_ records: [LogRecord]) throws -> [UInt8] {
    var encoder = RecordEncoder(context)
    for record in records { try encoder.append(record) }
    return Array(encoder.writer.bytes[FrameHeader.byteCount...])
  }

  private func decoded(_ bytes: [UInt8]) throws -> [LogRecord] {
    try RecordDecoder.records(bytes, 0..<bytes.count, context)
  }

  @Test func `every event comes back bit for bit`() throws {
    let later = try EventSamples.laterDistributions.map {
      StudyEvent.parameterSet(EventSamples.study, trial: 0, name: "x", $0, internalValue: 1)
    }
    for event in try EventSamples.all + EventSamples.later + later {
      let bytes = try encoded([.event(event)])
      let back = try decoded(bytes)
      #expect(try encoded(back) == bytes, "\(event)")
      if !"\(event)".contains("nan") { #expect(back == [.event(event)]) }
    }
  }

  @Test func `hello and close come back`() throws {
    let process = ProcessSignature(processID: 77, startTicks: 9, host: "h", bootID: "b")
    let records = [
      LogRecord.hello(WriterIdentity(process: process, time: EventSamples.early)), .close,
    ]
    #expect(try decoded(try encoded(records)) == records)
  }

  @Test func `unknown records are skipped unless they are critical`() throws {
    var writer = ByteWriter()
    writer.varint(900 << 1)
    writer.blob([1, 2, 3])
    let known = try encoded([.close])
    #expect(try decoded(writer.bytes + known) == [.close])
    var critical = ByteWriter()
    critical.varint(900 << 1 | 1)
    critical.blob([])
    #expect(throws: RecordDecoder.Failure.unknown(type: 900)) { try decoded(critical.bytes) }
  }

  @Test func `fields of a later version behind the known ones are ignored`() throws {
    var writer = ByteWriter()
    writer.varint(RecordType.studyDeleted.rawValue << 1 | 1)
    var body = ByteWriter()
    body.varint(4)
    body.signed(0)
    body.string("later")
    writer.blob(body.bytes)
    #expect(
      try decoded(writer.bytes)
        == [.event(.studyDeleted(StudyID(rawValue: 4), time: EventSamples.time))])
  }

  /// Decoding must throw or answer, whatever the bytes, and what it answers can be applied.
  @Test func `no change of any byte makes decoding or applying trap`() throws {
    var random = SeededGenerator(11)
    var applied = 0
    for event in try EventSamples.all + EventSamples.later {
      let bytes = try encoded([.event(event)])
      for index in bytes.indices {
        var changed = bytes
        changed[index] = UInt8.random(in: .min ... .max, using: &random)
        for bytes in [changed, Array(bytes.prefix(index))] {
          guard let records = try? decoded(bytes) else { continue }
          var replay = Replay(path: "/s")
          replay.apply(
            [.event(EventSamples.creation)] + records, of: FrameIdentity(epoch: 3, sequence: 0))
          applied += records.count
        }
      }
    }
    #expect(applied > 300)
  }

  @Test func `a domain that no initializer would make is refused`() throws {
    var writer = ByteWriter()
    writer.varint(RecordType.parameterSet.rawValue << 1 | 1)
    var body = ByteWriter()
    body.varint(1)
    body.varint(0)
    body.string("n")
    body.byte(3)
    body.signed(0)
    body.signed(10)
    body.signed(0)  // a step of zero
    body.double(0)
    writer.blob(body.bytes)
    #expect(throws: RecordDecoder.Failure.self) { try decoded(writer.bytes) }
  }
}

@Suite struct FrameTests {
  @Test func `every length comes back`() throws {
    var random = SeededGenerator(5)
    for count in Array(1...300) + [4096, 70_000] {
      let isNoise = random.chance(0.5)
      let payload = (0..<count).map { index in
        isNoise ? UInt8.random(in: .min ... .max, using: &random) : UInt8(index % 7)
      }
      let offset = UInt64.random(in: 0..<1000, using: &random) * 8
      let frame = try #require(
        FrameCodec.encode(
          payload: payload,
          FramePlace(epoch: 9, sequence: 8, synced: offset, seed: 77, offset: offset)))
      #expect(frame.count % 8 == 0)
      guard case .valid(let header) = FrameCodec.probe(frame, at: 0, offset: offset, seed: 77)
      else {
        Issue.record("\(count) bytes do not come back")
        continue
      }
      #expect(header.synced == offset && header.epoch == 9 && header.sequence == 8)
      #expect(header.frameByteCount == frame.count)
      let (bytes, range) = try FrameCodec.payload(of: header, frame, at: 0)
      #expect(Array(bytes[range]) == payload)
      if count >= 4096 && !isNoise { #expect(frame.count < count / 10) }
    }
  }

  @Test func `a frame of another place or another log is none`() throws {
    let frame = try #require(
      FrameCodec.encode(
        payload: [1, 2, 3],
        FramePlace(epoch: 1, sequence: 1, synced: 0, seed: 4, offset: 4224)))
    for (offset, seed): (UInt64, UInt64) in [(4232, 4), (4224, 5)] {
      guard case .invalid = FrameCodec.probe(frame, at: 0, offset: offset, seed: seed) else {
        Issue.record("accepted at \(offset) under \(seed)")
        continue
      }
    }
  }

  @Test func `too large a payload is refused`() {
    let payload = [UInt8](repeating: 1, count: FrameHeader.maximumPayload + 1)
    #expect(
      FrameCodec.encode(
        payload: payload, FramePlace(epoch: 1, sequence: 0, synced: 0, seed: 0, offset: 0)) == nil)
  }
}

@Suite struct MountPointTests {
  static let mountinfo = """
    22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
    40 22 0:40 / /data rw shared:5 - nfs4 nas:/data rw,vers=4.2,local_lock=none
    41 22 0:41 / /data/old rw - nfs nas:/old rw,vers=3,nolock
    42 22 0:42 / /with\\040space rw - lustre mds:/x rw,localflock
    """

  @Test(arguments: [
    ("/home/x", "/", nil), ("/data", "/data", nil), ("/data2", "/", nil),
    ("/data/old/store", "/data/old", "nolock"), ("/with space/s", "/with space", "localflock"),
  ])
  func `is the longest that leads there`(path: String, mount: String, option: String?) throws {
    let found = try #require(MountPoint.holding(path, mountinfo: Self.mountinfo))
    #expect(found.path == mount)
    #expect(found.localLockOption == option)
  }
}
