import Numerics
import Testing

@Suite struct `Random streams` {
  /// The sequence of the reference implementation for seed 1234567.
  @Test func `SplitMix64 gives its published sequence`() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { _ in generator.next() } == expected)
  }

  /// The sequence of the reference implementation for the state 1, 2, 3, 4.
  @Test func `xoshiro256** gives its published sequence`() {
    var generator = Xoshiro256StarStar(state: (1, 2, 3, 4))
    let expected: [UInt64] = [
      11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
      607_988_272_756_665_600, 16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
      10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
    ]
    #expect((0..<10).map { _ in generator.next() } == expected)
  }

  /// Studies are resumed across versions: these numbers must never change.
  @Test func `a stream is what it was in the first version`() {
    var stream = RandomStream(seed: 42, trial: 7, purpose: 1)
    #expect((0..<3).map { _ in stream.bits() } == frozenBits)
    #expect(stream.uniform() == frozenUniform)
    #expect((0..<5).map { _ in stream.integer(below: 1000) } == frozenIntegers)
  }

  @Test func `seed, trial and purpose each make another stream`() {
    func first(_ seed: UInt64, _ trial: Int, _ purpose: UInt64) -> UInt64 {
      var stream = RandomStream(seed: seed, trial: trial, purpose: purpose)
      return stream.bits()
    }
    var seen = Set<UInt64>()
    for seed in 0..<8 {
      for trial in 0..<8 {
        for purpose in 0..<8 { seen.insert(first(UInt64(seed), trial, UInt64(purpose))) }
      }
    }
    #expect(seen.count == 512)
  }

  @Test func `integers are unbiased and in range`() {
    var stream = RandomStream(seed: 1, trial: 0)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[Int(stream.integer(below: 7))] += 1 }
    let chiSquare = counts.reduce(0.0) {
      $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000
    }
    #expect(chiSquare < 22.5)  // 0.1 % of 6 degrees of freedom
    for _ in 0..<1000 { #expect(stream.integer(below: .max) < .max) }
    #expect(stream.integer(below: 1) == 0)
  }

  @Test func `uniform draws have their mean`() {
    var stream = RandomStream(seed: 2, trial: 0)
    let count = 50_000
    let uniform = (0..<count).map { _ in stream.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniform.reduce(0, +) / Double(count) - 0.5) < 0.006)
  }
}

// Also computed by an independent implementation of the definition.
private let frozenBits: [UInt64] = [
  691_943_230_175_208_969, 3_856_784_043_395_269_603, 3_533_373_164_804_507_162,
]
private let frozenUniform = 0.5960394131584877
private let frozenIntegers: [UInt64] = [284, 253, 459, 608, 917]
