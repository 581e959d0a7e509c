// A study, without its trials.

/// A study without its trials: its name, what it is to find, and notes.
public struct Study: Hashable, Sendable {
  /// Unique in its store.
  public let id: StudyID
  /// Unique among the studies of a store; may be empty or hold anything.
  public let name: String
  /// As it was edited last.
  public package(set) var definition: StudyDefinition
  /// When it was made.
  public let created: Timestamp
  /// When anything of it was last recorded.
  public package(set) var updated: Timestamp
  /// Values are JSON text, kept as it came.
  public package(set) var userAttributes: [String: String] = [:]
  /// JSON texts by key, set by programs.
  public package(set) var systemAttributes: [String: String] = [:]
  /// How often its definition was changed since it was created.
  public package(set) var edits = 0
  /// How many times it was asked to stop: a running worker compares with what it saw first.
  public package(set) var stopRequests = 0

  /// A study that was just made.
  public init(id: StudyID, name: String, definition: StudyDefinition, created: Timestamp) {
    self.id = id
    self.name = name
    self.definition = definition
    self.created = created
    updated = created
  }

  /// The directions of the objectives, in their order.
  public var directions: [StudyDirection] { definition.objectives.map(\.direction) }

  /// The system attribute of a study that is not whole yet, and therefore not there for anybody:
  /// the number of the writer that makes it, as JSON. A study without it is there.
  package static let draftKey = "cairn:draft"

  /// Whether it is still being made, or was when its maker died.
  package var isDraft: Bool { systemAttributes[Self.draftKey] != nil }

  /// The writer that makes it; nil of a study that is whole.
  package var draftOwner: UInt32? { systemAttributes[Self.draftKey].flatMap { UInt32($0) } }
}
