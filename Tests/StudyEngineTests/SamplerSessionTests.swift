import Samplers
import StudyEngine
import StudyModel
import StudyStorage
import Synchronization
import Testing

/// What the engine owes a sampler: one session a study, and what it remembers.
@Suite struct SamplerSessionTests {
  private static func definition() throws -> StudyDefinition {
    StudyDefinition(space: try SearchSpace([.unit("x"), .unit("y")]), seed: 1)
  }

  private static func enqueued() throws -> Assignment {
    Assignment([
      .init(name: "x", distribution: try Parameter.unit("x").distribution, internalValue: 0.25)
    ])
  }

  @Test func `memory comes back, also an enqueued trial's, also from disk`() async throws {
    let directory = try TemporaryStore()
    let watch = SamplerWatch()
    func open() throws -> StudyDatabase {
      try directory.open { _, _ in CountingSampler(watch: watch) }
    }
    var database = try open()
    let study = try await database.createStudy("s", try Self.definition())
    _ = try await database.take(study)
    _ = try await database.enqueue(study, [try Self.enqueued()])
    let filled = try await database.take(study)
    #expect(filled.assignment["x"] == .float(0.25) && filled.assignment["y"] == .float(0.5))
    _ = try await database.take(study)
    #expect(watch.memories == [nil, 1, 2])

    _ = try await database.enqueue(study, [try Self.enqueued()])
    let last = try await database.take(study)
    // What a closed store leaves open would be taken first.
    for number in 0...last.number {
      try await database.tell(
        study, trial: number, claim: nil, state: .complete, values: [Double(number)])
    }
    try database.store.close()
    database = try open()
    _ = try await database.take(study)
    #expect(watch.memories == [nil, 1, 2, 3, 4])
  }

  @Test func `one session a study, begun anew when its definition changes`() async throws {
    let watch = SamplerWatch()
    let directory = try TemporaryStore()
    let database = try directory.open { _, _ in CountingSampler(watch: watch) }
    // Creating and editing make a definition once to see whether it can be made.
    let one = try await database.createStudy("a", try Self.definition())
    let two = try await database.createStudy("b", try Self.definition())
    #expect(watch.sessions == 2)
    for _ in 0..<3 {
      _ = try await database.take(one)
      _ = try await database.take(two)
    }
    #expect(watch.sessions == 4)
    var edited = try Self.definition()
    edited.seed = 2
    try await database.editStudy(try database.state(of: one).study, edited)
    #expect(watch.sessions == 5)
    _ = try await database.take(one)
    _ = try await database.take(two)
    #expect(watch.sessions == 6)
  }
}

/// What a counting sampler was asked.
private final class SamplerWatch: Sendable {
  private let seen = Mutex<(memories: [UInt8?], sessions: Int)>(([], 0))

  var memories: [UInt8?] { seen.withLock { $0.memories } }
  var sessions: Int { seen.withLock { $0.sessions } }

  func asked(remembering memory: UInt8?) { seen.withLock { $0.memories.append(memory) } }
  func began() { seen.withLock { $0.sessions += 1 } }
}

/// Proposes the middle, and remembers how often it did.
private struct CountingSampler: Sampler {
  let watch: SamplerWatch

  func session() -> any SamplerSession {
    watch.began()
    return Session(watch: watch)
  }

  struct Session: SamplerSession {
    let watch: SamplerWatch

    func propose(_ request: ProposalRequest) -> Proposal {
      let last = request.memory?.bytes.first
      watch.asked(remembering: last)
      var assignment = request.fixed
      for parameter in request.space.space.parameters where assignment[parameter.name] == nil {
        assignment.set(parameter.name, parameter.distribution, 0.5)
      }
      return Proposal(
        assignment, by: "counting",
        memory: SamplerMemory(sampler: "counting", bytes: [(last ?? 0) + 1]))
    }
  }
}
