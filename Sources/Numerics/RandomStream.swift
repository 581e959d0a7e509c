// Seeded random numbers, defined here once and for ever: a resumed study must draw what an
// uninterrupted one would have drawn, on any machine and with any later version. So neither the
// generators nor the draws are the standard library's, whose algorithms may change.

/// SplitMix64: one 64-bit counter, and a mixing function over it. Spreads seeds.
///
/// Source: Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators";
/// constants as in Vigna's public-domain `splitmix64.c`.
package struct SplitMix64: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  /// A bijection of 64-bit numbers that leaves no structure to see.
  @inlinable
  package static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Xoshiro256**, 256 bits of state.
///
/// Source: Blackman & Vigna (2021), "Scrambled linear pseudorandom number generators".
package struct Xoshiro256StarStar: Sendable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// The state itself, which must not be all zeros.
  package init(state: (UInt64, UInt64, UInt64, UInt64)) {
    precondition(state.0 | state.1 | state.2 | state.3 != 0)
    (s0, s1, s2, s3) = state
  }

  /// The state is what ``SplitMix64`` gives from `seed`, as the authors advise.
  package init(seed: UInt64) {
    var seeder = SplitMix64(seed: seed)
    self.init(state: (seeder.next(), seeder.next(), seeder.next(), seeder.next()))
  }

  package mutating func next() -> UInt64 {
    let result = Self.rotate(s1 &* 5, by: 7) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = Self.rotate(s3, by: 45)
    return result
  }

  private static func rotate(_ x: UInt64, by k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
}

/// The random numbers of one trial and purpose: a function of (seed, trial, purpose) and
/// nothing else, so no generator state is ever stored.
///
/// The three are folded one after the other through ``SplitMix64/mix(_:)`` of their sum with
/// the golden-ratio increment, and the result seeds ``Xoshiro256StarStar``.
package struct RandomStream: Sendable {
  private var generator: Xoshiro256StarStar

  package init(seed: UInt64, trial: Int, purpose: UInt64 = 0) {
    generator = Xoshiro256StarStar(seed: Self.fold(seed, UInt64(bitPattern: Int64(trial)), purpose))
  }

  /// One number for several, each of which changes all its bits.
  package static func fold(_ values: UInt64...) -> UInt64 {
    var state: UInt64 = 0
    for value in values { state = SplitMix64.mix((state ^ value) &+ 0x9e37_79b9_7f4a_7c15) }
    return state
  }

  /// 64 random bits.
  package mutating func bits() -> UInt64 { generator.next() }

  /// Uniform on 0 ..< 1: one of the 2⁵³ multiples of 2⁻⁵³.
  package mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

  /// Uniform on the open interval from 0 to 1: one of 2⁵² midpoints.
  package mutating func openUniform() -> Double { (Double(bits() >> 12) + 0.5) * 0x1p-52 }

  /// Uniform on `0 ..< bound`, without bias.
  ///
  /// Source: Lemire (2019), "Fast random integer generation in an interval".
  package mutating func integer(below bound: UInt64) -> UInt64 {
    precondition(bound > 0)
    var product = bits().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = bits().multipliedFullWidth(by: bound) }
    }
    return product.high
  }
}
