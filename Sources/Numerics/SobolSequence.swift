// Sobol's sequence: points that fill the unit cube more evenly than random ones, and its
// scrambling by Owen, which keeps the evenness and makes every point uniform by itself.

/// Points of Sobol's sequence by index, in Gray-code order, each coordinate a whole number of
/// 2⁻³².
///
/// Source: Joe & Kuo (2008), "Constructing Sobol sequences with better two-dimensional
/// projections"; ordering after Antonov & Saleev (1979).
package struct SobolSequence: Sendable {
  /// How many coordinates the table of direction numbers reaches.
  package static let maximumDimensions = sobolDimensionCount

  package let dimensions: Int
  /// 32 direction numbers a dimension.
  private let directions: [UInt32]

  /// `dimensions` must be at most ``maximumDimensions``.
  package init(dimensions: Int) {
    precondition(dimensions >= 0 && dimensions <= Self.maximumDimensions)
    self.dimensions = dimensions
    var directions: [UInt32] = []
    directions.reserveCapacity(dimensions * 32)
    var place = 0
    for dimension in 0..<dimensions {
      guard dimension > 0 else {
        directions += (0..<32).map { 1 << (31 - UInt32($0)) }
        continue
      }
      let polynomial = UInt32(sobolTable[place])
      let degree = 31 - polynomial.leadingZeroBitCount
      let initial = sobolTable[(place + 1)...(place + degree)].map(UInt32.init)
      directions += Self.directions(polynomial: polynomial, degree: degree, initial: initial)
      place += degree + 1
    }
    self.directions = directions
  }

  /// The 32 direction numbers that grow from `initial` by the recurrence of a primitive
  /// polynomial over GF(2), whose coefficients are the bits of `polynomial`.
  private static func directions(
    polynomial: UInt32, degree: Int, initial: [UInt32]
  ) -> [UInt32] {
    var v: [UInt32] = []
    for (index, m) in initial.prefix(32).enumerated() { v.append(m << (31 - UInt32(index))) }
    for index in v.count..<32 {
      var next = v[index - degree] ^ (v[index - degree] >> UInt32(degree))
      for k in 1..<max(degree, 1) where polynomial >> UInt32(degree - k) & 1 == 1 {
        next ^= v[index - k]
      }
      v.append(next)
    }
    return v
  }

  /// Coordinate `dimension` of point `index`, times 2³². Indices repeat after 2³².
  package func bits(point index: UInt64, dimension: Int) -> UInt32 {
    var gray = UInt32(truncatingIfNeeded: index ^ (index >> 1))
    var result: UInt32 = 0
    while gray != 0 {
      result ^= directions[dimension * 32 + gray.trailingZeroBitCount]
      gray &= gray - 1
    }
    return result
  }

  /// Coordinate `dimension` of point `index`, in 0 ..< 1, unscrambled.
  package func coordinate(point index: UInt64, dimension: Int) -> Double {
    Double(bits(point: index, dimension: dimension)) * 0x1p-32
  }

  /// The same, under the nested uniform scrambling that `seed` chooses.
  ///
  /// Each bit is flipped or not by a hash of the seed, the dimension, and all bits before it;
  /// below the 32nd bit the hash itself goes on, so values are multiples of 2⁻⁵².
  ///
  /// Source: Owen (1995), "Randomly permuted (t,m,s)-nets and (t,s)-sequences".
  package func scrambledCoordinate(point index: UInt64, dimension: Int, seed: UInt64) -> Double {
    let bits = bits(point: index, dimension: dimension)
    let key = RandomStream.fold(seed, UInt64(dimension))
    var scrambled: UInt32 = 0
    for place in 0..<UInt32(32) {
      // The bits before, with a one in front that tells 0 from 00.
      let prefix = 1 << UInt64(place) | UInt64(bits) >> (32 - UInt64(place))
      let flip = UInt32(SplitMix64.mix(key &+ prefix &* 0x9e37_79b9_7f4a_7c15) >> 63)
      scrambled = scrambled << 1 | ((bits >> (31 - place) & 1) ^ flip)
    }
    let tail = SplitMix64.mix(key ^ (1 << 32 | UInt64(bits))) >> 44
    return Double(UInt64(scrambled) << 20 | tail) * 0x1p-52
  }
}
