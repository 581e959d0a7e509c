// All studies at one moment.

/// What a store holds at one point of its log. A value: a copy costs nothing, and what it says
/// never changes.
public struct Snapshot: Sendable {
  private var records = IntegerMap<Box<StudyRecord>>()
  /// By a hash of the name.
  private var identities = IntegerMap<[StudyID]>()
  /// In order of creation.
  private var draftIDs: [StudyID] = []

  /// One above the highest identity ever given, deleted studies included; the highest there is
  /// when none is left.
  public private(set) var nextStudyID = StudyID(rawValue: 1)
  /// The identity of the next trial of any study.
  public private(set) var nextTrialID = TrialID(rawValue: 1)

  /// No studies.
  public init() {}

  /// What was written down of all studies; nil when it contradicts itself.
  package init?(
    _ studies: [StudyRecord], nextStudyID: StudyID, nextTrialID: TrialID
  ) {
    self.nextStudyID = nextStudyID
    self.nextTrialID = nextTrialID
    for record in studies {
      let (id, name) = (record.study.id, NameKey(record.study.name))
      guard id < nextStudyID, records[id.rawValue] == nil,
        record.study.isDraft || identity(ofStudyNamed: name) == nil
      else { return nil }
      records[id.rawValue] = Box(record)
      if record.study.isDraft { draftIDs.append(id) }
      identities.update(Self.hash(name), orInsert: []) { $0.append(id) }
    }
  }

  /// The identities and numbers that the next `count` trials of `study` get; nil when there is no
  /// such study, or not so many are left.
  public func nextTrials(
    _ count: Int, of study: StudyID
  ) -> [(id: TrialID, number: Int)]? {
    self[study].flatMap { nextTrials(count, from: $0.nextNumber) }
  }

  /// The identities and numbers that the first `count` trials of a new study get; nil when not so
  /// many identities are left.
  public func firstTrials(_ count: Int) -> [(id: TrialID, number: Int)]? {
    nextTrials(count, from: 0)
  }

  private func nextTrials(_ count: Int, from first: Int) -> [(id: TrialID, number: Int)]? {
    guard count <= Int.max - first, UInt64(count) <= UInt64.max - nextTrialID.rawValue else {
      return nil
    }
    return (0..<count).map {
      (TrialID(rawValue: nextTrialID.rawValue + UInt64($0)), first + $0)
    }
  }

  /// How many studies there are, deleted ones and drafts left out.
  public var studyCount: Int { records.count - draftIDs.count }

  /// In order of creation; deleted studies are gone, and drafts are not there yet.
  public var studies: [StudyRecord] {
    draftIDs.isEmpty ? allStudies : allStudies.filter { !$0.study.isDraft }
  }

  /// Studies and drafts, in order of creation: all that must be kept.
  package var allStudies: [StudyRecord] { records.entries().map(\.value.value) }

  /// Studies that are being imported, or were when their importer died: see
  /// ``Study/draftKey``.
  package var drafts: [StudyRecord] { draftIDs.compactMap { self[$0] } }

  /// - Complexity: O(log studies).
  public subscript(id: StudyID) -> StudyRecord? { records[id.rawValue]?.value }

  /// The study whose name has these bytes.
  ///
  /// - Complexity: O(log studies).
  public func study(named name: String) -> StudyRecord? {
    identity(ofStudyNamed: NameKey(name)).flatMap { self[$0] }
  }

  private func identity(ofStudyNamed name: NameKey) -> StudyID? {
    identities[Self.hash(name)]?.first { id in
      records[id.rawValue].map { box in
        !box.value.study.isDraft && NameKey(box.value.study.name) == name
      } ?? false
    }
  }

  private static func hash(_ name: NameKey) -> UInt64 { UInt64(truncatingIfNeeded: name.hashValue) }

  /// Applies what happened next; returns whether it took effect.
  @discardableResult
  package mutating func apply(_ event: StudyEvent) -> Bool {
    switch event {
    case .studyCreated(let id, let name, let definition, let time):
      guard id >= nextStudyID, id.rawValue < .max, identity(ofStudyNamed: NameKey(name)) == nil
      else {
        return false
      }
      nextStudyID = StudyID(rawValue: id.rawValue + 1)
      records[id.rawValue] = Box(
        StudyRecord(id: id, name: name, definition: definition, time: time))
      identities.update(Self.hash(NameKey(name)), orInsert: []) { $0.append(id) }
      return true
    case .studyDeleted(let id, _):
      guard let name = records[id.rawValue]?.value.study.name else { return false }
      records[id.rawValue] = nil
      let hash = Self.hash(NameKey(name))
      let others = identities[hash]?.filter { $0 != id } ?? []
      identities[hash] = others.isEmpty ? nil : others
      draftIDs.removeAll { $0 == id }
      return true
    case .studyAttributeSet(let id, .system, key: Study.draftKey, let owner, _):
      return setDraft(id, owner, event)
    case .trialCreated(let study, let creation):
      noteLostStudy(study)
      guard creation.id >= nextTrialID, creation.id.rawValue < .max,
        change(study, event)
      else { return false }
      nextTrialID = TrialID(rawValue: creation.id.rawValue + 1)
      return true
    case .trialsImported(let study, let batch):
      noteLostStudy(study)
      let (next, overflow) = batch.firstID.rawValue.addingReportingOverflow(UInt64(batch.count))
      guard batch.firstID >= nextTrialID, !overflow, change(study, event) else { return false }
      nextTrialID = TrialID(rawValue: next)
      return true
    default:
      noteLostStudy(event.study)
      return change(event.study, event)
    }
  }

  /// A study becomes a draft, or a draft a study: then nobody else may have its name.
  private mutating func setDraft(_ id: StudyID, _ owner: String?, _ event: StudyEvent) -> Bool {
    noteLostStudy(id)
    guard let study = records[id.rawValue]?.value.study, study.isDraft != (owner != nil),
      owner != nil || identity(ofStudyNamed: NameKey(study.name)) == nil,
      change(id, event)
    else { return false }
    if owner == nil { draftIDs.removeAll { $0 == id } } else { draftIDs.append(id) }
    return true
  }

  /// Has the finished trials of a block lie somewhere else, unless more have finished than `block`
  /// has.
  package mutating func replaceBlock(
    of study: StudyID, at index: Int, with block: PackedBlock
  ) {
    _ = records.modify(study.rawValue) { $0.value.replaceBlock(at: index, with: block) }
  }

  private mutating func change(_ study: StudyID, _ event: StudyEvent) -> Bool {
    records.modify(study.rawValue) { $0.value.apply(event) } ?? false
  }

  /// An event of a study whose creation was lost: nobody else is given its identity.
  private mutating func noteLostStudy(_ study: StudyID) {
    guard study >= nextStudyID else { return }
    nextStudyID = StudyID(rawValue: study.rawValue == .max ? .max : study.rawValue + 1)
  }
}
