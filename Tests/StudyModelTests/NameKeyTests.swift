import StudyModel
import Testing

@Suite struct NameKeyTests {
  /// One letter in two spellings: `==` of texts calls them equal.
  static let composed = "\u{E9}"
  static let decomposed = "e\u{301}"

  @Test func `names are equal when their bytes are`() {
    #expect(Self.composed == Self.decomposed)
    #expect(NameKey(Self.composed) != NameKey(Self.decomposed))
    #expect(!Self.composed.isSameName(as: Self.decomposed))
    for name in ["", "a", "12345678", "123456789", Self.composed, "\u{0}", "\u{0}\u{0}"] {
      let copy = String(decoding: Array(name.utf8), as: UTF8.self)
      #expect(NameKey(name) == NameKey(copy))
      #expect(NameKey(name).hashValue == NameKey(copy).hashValue)
      #expect(name.isSameName(as: copy))
    }
    #expect(Set(["\u{0}", "\u{0}\u{0}", "", "a", "b"].map(NameKey.init)).count == 5)
    #expect(NameKey("a") < NameKey("b"))
    #expect(NameKey(Self.decomposed) < NameKey(Self.composed))
  }

  @Test func `two spellings are two parameters and two choices`() throws {
    let domain = Distribution.float(try FloatDomain(low: 0, high: 1))
    let space = try SearchSpace([
      Parameter(name: Self.composed, distribution: domain),
      Parameter(
        name: Self.decomposed,
        distribution: try .choice([.string(Self.composed), .string(Self.decomposed)])),
    ])
    #expect(space[Self.composed]?.distribution == domain)
    #expect(space[Self.decomposed]?.distribution.cardinality == 2)
    let choices = try #require(space[Self.decomposed]?.distribution)
    #expect(choices.internalValue(of: .string(Self.decomposed)) == 1)
  }
}
