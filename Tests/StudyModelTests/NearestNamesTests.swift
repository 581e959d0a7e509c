import PlainText
import StudyModel
import Testing

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
