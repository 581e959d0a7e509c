// What a store holds, at one point of its log.

public import StudyModel

/// All studies of a store after the frames up to `position`. A value: cheap to copy, and what
/// it says never changes.
public struct Snapshot: Sendable {
  /// In order of creation; deleted studies are gone.
  public private(set) var studies: [StudyState] = []
  /// Where the frames end that this is made of.
  package internal(set) var position = LogPosition(log: 0, offset: 0)
  private var places: [StudyID: Int] = [:]
  private var identifiers: [NameKey: StudyID] = [:]

  /// One above the highest identity ever given, deleted studies included; the highest there is
  /// when none is left.
  public private(set) var nextStudyID = StudyID(rawValue: 1)
  public private(set) var nextTrialID = TrialID(rawValue: 1)

  /// Where each trial is, by ascending trial identity; those of deleted studies too.
  private var trialPlaces = ChunkedArray<TrialPlace>()

  private struct TrialPlace: Sendable {
    let id: TrialID
    let study: StudyID
    let number: Int
  }

  public init() {}

  public subscript(id: StudyID) -> StudyState? { places[id].map { studies[$0] } }

  public func study(named name: String) -> StudyState? {
    identifiers[NameKey(name)].flatMap { self[$0] }
  }

  /// The study and number of a trial; nil when there is none, or its study is deleted.
  public func place(of id: TrialID) -> (study: StudyID, number: Int)? {
    var low = 0
    var high = trialPlaces.count
    while low < high {
      let middle = (low + high) / 2
      if trialPlaces[middle].id < id { low = middle + 1 } else { high = middle }
    }
    guard low < trialPlaces.count, trialPlaces[low].id == id,
      places[trialPlaces[low].study] != nil
    else { return nil }
    return (trialPlaces[low].study, trialPlaces[low].number)
  }

  /// Applies what happened next; returns whether it took effect.
  @discardableResult
  package mutating func apply(_ event: StudyEvent) -> Bool {
    switch event {
    case .studyCreated(let id, let name, let definition, let time):
      guard id >= nextStudyID, id.rawValue < .max, identifiers[NameKey(name)] == nil else {
        return false
      }
      nextStudyID = StudyID(rawValue: id.rawValue + 1)
      places[id] = studies.count
      identifiers[NameKey(name)] = id
      studies.append(StudyState(id: id, name: name, definition: definition, time: time))
      return true
    case .studyDeleted(let id, _):
      guard let place = places.removeValue(forKey: id) else { return false }
      identifiers[NameKey(studies[place].study.name)] = nil
      studies.remove(at: place)
      for later in studies[place...] { places[later.study.id]! -= 1 }
      return true
    default:
      guard let place = places[event.study] else {
        // Of a study whose creation was lost: nobody else is given its identity.
        if event.study >= nextStudyID {
          nextStudyID = StudyID(
            rawValue: event.study.rawValue == .max ? .max : event.study.rawValue + 1)
        }
        return false
      }
      if case .trialCreated(_, let creation) = event {
        guard creation.id >= nextTrialID, creation.id.rawValue < .max else { return false }
      }
      let tookEffect = studies[place].apply(event)
      if tookEffect, case .trialCreated(let study, let creation) = event {
        nextTrialID = TrialID(rawValue: creation.id.rawValue &+ 1)
        trialPlaces.append(.init(id: creation.id, study: study, number: creation.number))
      }
      return tookEffect
    }
  }
}
