// Payloads that are changed at random and sealed with right checksums: whatever they say, a store
// of them opens, is gone on with and checked, or is refused with an error.
//
// `CAIRN_FUZZ_STORES=100000 tools/test --filter StoreFuzzTests` makes more of them;
// tools/crash-test does so at length.

import Foundation
import PlainText
import StudyModel
import Testing

@testable import StudyStorage

@Suite struct StoreFuzzTests {
  static let stores =
    ProcessInfo.processInfo.environment["CAIRN_FUZZ_STORES"].flatMap { Int($0) } ?? 400

  /// A plausible life, event by event, with the samples mixed in.
  private static func events(_ random: inout SeededGenerator) throws -> [StudyEvent] {
    let study = EventSamples.study
    var events: [StudyEvent] = [EventSamples.creation]
    for number in 0..<Int.random(in: 1...4, using: &random) {
      let claim = ClaimID(epoch: 1, sequence: UInt32(number))
      events += [
        .trialCreated(
          study,
          TrialCreation(
            id: TrialID(rawValue: UInt64(number + 1)), number: number, time: EventSamples.time)),
        .trialClaimed(
          study, trial: number,
          TrialClaim(
            claim: claim, lease: .held, host: "h", worker: "w", time: EventSamples.time)),
        .metricsReported(
          study, trial: number,
          MetricReport(
            claim: claim, step: .random(in: -3...3, using: &random),
            entries: [.init("loss", 0.5)], time: EventSamples.time)),
        .trialFinished(
          study, trial: number,
          TrialResult(claim: claim, state: .complete, values: [1], time: EventSamples.time)),
      ]
    }
    for sample in try EventSamples.all + EventSamples.later where random.chance(0.2) {
      events.insert(sample, at: Int.random(in: 0...events.count, using: &random))
    }
    return events
  }

  /// Numbers that have broken things.
  private static let extremes: [UInt64] = [
    0, 1, 127, 128, 1 << 31 - 2, 1 << 31 - 1, 1 << 31, 1 << 32 - 1, 1 << 53, 1 << 63 - 1, 1 << 63,
    .max - 1, .max,
  ]

  /// Changes a few bytes, or puts an extreme number where one may stand.
  private static func mutate(_ payload: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var payload = payload
    for _ in 0..<Int.random(in: 1...3, using: &random) where !payload.isEmpty {
      let place = Int.random(in: 0..<payload.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: payload[place] = .random(in: .min ... .max, using: &random)
      case 1: payload[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: payload.remove(at: place)
      case 3: payload.insert(.random(in: .min ... .max, using: &random), at: place)
      default:
        var number = ByteWriter()
        number.varint(extremes.randomElement(using: &random) ?? 0)
        payload.replaceSubrange(place...place, with: number.bytes)
      }
    }
    return payload.isEmpty ? [0] : payload
  }

  /// Puts an extreme number into a field and the right length in front of the record, so that
  /// what is behind it is still read.
  private static func mutateField(
    _ payload: [UInt8], _ random: inout SeededGenerator
  ) throws -> [UInt8] {
    var reader = ByteReader(payload)
    let tag = try reader.varint()
    var body = try reader.blob()
    guard !body.isEmpty else { return payload }
    var number = ByteWriter()
    number.varint(extremes.randomElement(using: &random) ?? 0)
    let place = Int.random(in: 0..<body.count, using: &random)
    body.replaceSubrange(place...place, with: number.bytes)
    var writer = ByteWriter()
    writer.varint(tag)
    writer.blob(body)
    return writer.bytes
  }

  private static func forged(_ random: inout SeededGenerator) throws -> ForgedStore {
    var forged = ForgedStore()
    let events = try events(&random)
    for event in events {
      var payload = try ForgedStore.payload([event])
      if random.chance(0.05) { payload = mutate(payload, &random) }
      if random.chance(0.05) { payload = (try? mutateField(payload, &random)) ?? payload }
      forged.add(
        payload: payload, epoch: random.chance(0.05) ? extreme32(&random) : 1,
        sequence: random.chance(0.05) ? extreme32(&random) : nil)
      if random.chance(0.1) {
        let end = extremes.randomElement(using: &random) ?? 0
        let isOdd = random.chance(0.5)
        forged.addLog { if isOdd { $0.previousEnd = end } }
      }
    }
    return forged
  }

  private static func extreme32(_ random: inout SeededGenerator) -> UInt32 {
    UInt32(truncatingIfNeeded: extremes.randomElement(using: &random) ?? 0)
  }

  @Test func `no payload makes a store trap`() throws {
    var opened = 0
    for seed in 0..<Self.stores {
      var random = SeededGenerator(UInt64(seed))
      let machine = try Self.forged(&random).machine()
      do {
        let snapshot = try ForgedStore.useAll(machine)
        opened += 1
        // Unless all identities are given away, there is room for another study.
        #expect(
          snapshot.study(named: "another") != nil || snapshot.nextStudyID.rawValue >= .max - 1,
          "seed \(seed)")
      } catch let error as StorageError {
        #expect(!error.description.isEmpty)
      }
    }
    // Were all refused at once, nothing behind the decoders would have been tried.
    #expect(opened > Self.stores / 20, "\(opened) of \(Self.stores) opened")
  }
}
