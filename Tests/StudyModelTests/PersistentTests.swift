import Testing

@testable import StudyModel

@Suite struct IntegerMapTests {
  @Test(arguments: 0..<20) func `a map does what a dictionary does, and copies keep`(
    seed: Int
  ) {
    var random = SplitMix(seed)
    var map = IntegerMap<Int>()
    var plain: [UInt64: Int] = [:]
    var kept: [(IntegerMap<Int>, [UInt64: Int])] = []
    for index in 0..<3000 {
      let key =
        switch seed % 3 {
        case 0: UInt64(random.below(200))
        case 1: random.next()
        default: random.below(2) == 0 ? UInt64.max - UInt64(random.below(100)) : UInt64(index)
        }
      if random.below(4) == 0 {
        let victim = plain.keys.min() ?? key
        map[victim] = nil
        plain[victim] = nil
      } else {
        map[key] = index
        plain[key] = index
      }
      if index % 500 == 0 { kept.append((map, plain)) }
    }
    kept.append((map, plain))
    for (map, plain) in kept {
      #expect(map.count == plain.count)
      #expect(plain.allSatisfy { map[$0.key] == $0.value })
      let sorted = plain.sorted { $0.key < $1.key }
      #expect(map.entries().map(\.key) == sorted.map(\.key))
      #expect(map.entries().map(\.value) == sorted.map(\.value))
      for lower in [0, 1, 31, 32, 100, UInt64.max / 2, .max - 50, .max] {
        #expect(map.entries(from: lower).map(\.key) == sorted.map(\.key).filter { $0 >= lower })
      }
    }
  }

  @Test func `what is changed in place stays where it is`() {
    var map = IntegerMap<[Int]>()
    for key in 0..<100 { map[UInt64(key)] = [key] }
    let isThere = map.modify(50) { $0.append(1) } != nil
    let isElsewhere = map.modify(500) { $0.append(1) } != nil
    #expect(isThere && !isElsewhere)
    map.update(500, orInsert: []) { $0.append(7) }
    #expect(map[50] == [50, 1])
    #expect(map[500] == [7])
  }
}

@Suite struct RegistryTests {
  @Test func `names are numbered as they come, and differ by their bytes`() {
    var names = Registry<NameKey>()
    // One letter and two that look like it.
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    let numbers = [composed, "b", decomposed, composed].map { names.register(NameKey($0)) }
    #expect(numbers == [0, 1, 2, 0])
    #expect(names.number(of: NameKey(decomposed)) == 2)
    #expect(names.number(of: NameKey("c")) == nil)
    #expect(names.all.map(\.text).count == 3)
  }
}

@Suite struct SnapshotTests {
  @Test func `identities at the very end neither trap nor come again`() {
    let time = Timestamp(rawValue: 0)
    let definition = StudyDefinition(seed: 1)
    var snapshot = Snapshot()
    func create(_ id: UInt64, _ name: String) -> Bool {
      snapshot.apply(
        .studyCreated(
          id: StudyID(rawValue: id), name: name, definition: definition, time: time))
    }
    func createTrial(_ id: UInt64, _ number: Int) -> Bool {
      let creation = TrialCreation(id: TrialID(rawValue: id), number: number, time: time)
      return snapshot.apply(.trialCreated(StudyID(rawValue: 1), creation))
    }
    #expect(create(1, "a"))
    #expect(!create(2, "a"))
    #expect(createTrial(1, 0))
    #expect(!createTrial(1, 1))
    #expect(!createTrial(.max, 1))
    #expect(createTrial(.max - 1, 1))
    #expect(!createTrial(.max, 2))
    #expect(snapshot.nextTrials(1, of: StudyID(rawValue: 1)) == nil)
    #expect(!create(.max, "b"))
    #expect(create(.max - 1, "b"))
    #expect(!create(.max, "c"))
    for event in [
      StudyEvent.studyDeleted(StudyID(rawValue: .max), time: time),
      .stopRequested(StudyID(rawValue: .max), trial: 1, time: time),
    ] {
      let tookEffect = snapshot.apply(event)
      #expect(!tookEffect)
    }
    #expect(snapshot.studies.map(\.study.name) == ["a", "b"])
  }

  @Test func `a name is free again once its study is deleted`() {
    let time = Timestamp(rawValue: 0)
    var snapshot = Snapshot()
    let definition = StudyDefinition(seed: 1)
    for id in [1, 2] {
      let id = StudyID(rawValue: UInt64(id))
      snapshot.apply(.studyCreated(id: id, name: "", definition: definition, time: time))
      #expect(snapshot.study(named: "")?.study.id == id)
      snapshot.apply(.studyDeleted(id, time: time))
      #expect(snapshot.study(named: "") == nil)
      let isDeletedAgain = snapshot.apply(.studyDeleted(id, time: time))
      #expect(!isDeletedAgain)
    }
    #expect(snapshot.studyCount == 0)
    #expect(snapshot.nextStudyID == StudyID(rawValue: 3))
  }
}
