// A study, without its trials.

public struct Study: Hashable, Sendable {
  public let id: StudyID
  /// Unique among the studies of a store; may be empty or hold anything.
  public let name: String
  public internal(set) var definition: StudyDefinition
  public let created: Timestamp
  /// When anything of it was last recorded.
  public internal(set) var updated: Timestamp
  /// Values are JSON text, kept as it came.
  public internal(set) var userAttributes: [String: String] = [:]
  public internal(set) var systemAttributes: [String: String] = [:]
  /// How often its definition was changed since it was created.
  public internal(set) var edits = 0
  /// How many times it was asked to stop: a running worker compares with what it saw first.
  public internal(set) var stopRequests = 0

  public init(id: StudyID, name: String, definition: StudyDefinition, created: Timestamp) {
    self.id = id
    self.name = name
    self.definition = definition
    self.created = created
    updated = created
  }

  public var directions: [StudyDirection] { definition.objectives.map(\.direction) }
}
