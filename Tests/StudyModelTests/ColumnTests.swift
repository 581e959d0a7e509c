import PlainText
import StudyModel
import Testing

@Suite struct ChunkedArrayTests {
  @Test(arguments: [0, 1, 4095, 4096, 4097, 10_000])
  func `holds what was appended`(count: Int) {
    var array = ChunkedArray<Int>()
    for element in 0..<count { array.append(element) }
    #expect(array.count == count)
    #expect(Array(array) == Array(0..<count))
    var gathered: [Int] = []
    array.forEachChunk { chunk, first in
      #expect(gathered.count == first)
      gathered += chunk
    }
    #expect(gathered == Array(0..<count))
  }

  @Test func `a copy does not see later changes`() {
    var array = ChunkedArray(repeating: 0, count: 5000)
    let copy = array
    array[4999] = 1
    array[0] = 1
    array.append(2)
    #expect(copy.count == 5000)
    #expect(copy[4999] == 0)
    #expect(copy[0] == 0)
    #expect(array[5000] == 2)
  }
}

@Suite struct BestTests {
  private func state(_ values: [[Double]], _ directions: [StudyDirection]) -> StudyState {
    let objectives = directions.enumerated().map {
      Objective(name: "o\($0.offset)", direction: $0.element)
    }
    let id = StudyID(rawValue: 1)
    var state = StudyState(
      id: id, name: "s", definition: StudyDefinition(objectives: objectives, seed: 1),
      time: Timestamp(rawValue: 0))
    for (number, values) in values.enumerated() {
      let time = Timestamp(rawValue: 0)
      state.apply(
        .trialCreated(
          id, TrialCreation(id: TrialID(rawValue: UInt64(number)), number: number, time: time)))
      state.apply(
        .trialFinished(
          id, trial: number,
          TrialResult(claim: nil, state: .complete, values: values, time: time)))
    }
    return state
  }

  @Test func `the best of equals is the earliest`() {
    let state = state([[3], [1], [2], [1]], [.minimize])
    #expect(History(state).bestRows() == [1])
  }

  @Test func `the front holds what nothing beats in everything`() {
    let state = state([[1, 5], [2, 6], [0, 1], [2, 2], [1, 5]], [.minimize, .maximize])
    #expect(History(state).bestRows() == [0, 1, 2, 4])
  }
}

@Suite struct NearestNamesTests {
  @Test func `finds what was meant`() {
    let names = ["lr", "layers", "dropout", "momentum"]
    #expect(nearestNames(to: "lrr", among: names) == ["lr"])
    #expect(nearestNames(to: "layesr", among: names) == ["layers"])
    #expect(nearestNames(to: "Dropout", among: names) == ["dropout"])
    #expect(nearestNames(to: "rl", among: names) == ["lr"])
    #expect(nearestNames(to: "qqqqqq", among: names) == [])
    #expect(nearestNames(to: "batch", among: names) == [])
    #expect(nearestNames(to: "", among: names) == [])
  }

  @Test func `finds what a word begins, after what it misspells`() {
    let names = ["accuracy_last", "accuracy_min", "acc", "axx", "other"]
    #expect(nearestNames(to: "acc", among: names) == ["acc", "accuracy_min", "accuracy_last"])
    #expect(!isMisspelling("acc", of: "accuracy_min"))
    #expect(isMisspelling("acuracy_min", of: "accuracy_min"))
  }
}
