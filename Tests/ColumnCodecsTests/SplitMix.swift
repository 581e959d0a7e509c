// A seeded generator (SplitMix64), and values of many distributions.

/// Equal seeds give equal values, on every machine.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in `0..<1`.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// About normal: the sum of twelve uniform ones.
  mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}

/// A kind of column, by name.
enum FloatKind: String, CaseIterable {
  case anyBits, special, subnormals, uniform, normal, walk, decay, decimals, decimalsWithNoise
  case largeDecimals, ratios, ratiosInFloat32, diverging, float32Loss, float32Negative
  case bfloat16, integers, zeros, fewDistinct, repeated, steps, alternatingZeros

  /// Values that no column should spoil.
  static let odd: [Double] = [
    .nan, Double(bitPattern: 0x7FF0_0000_0000_0001), Double(bitPattern: 0xFFF8_0000_DEAD_BEEF),
    -0.0, 0.0, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0.1, 1e22, 1e23,
    Double(Float.nan), Double(Float.leastNonzeroMagnitude), 0x1p53, 0x1p53 + 2, 1 / 3,
  ]

  func values(_ count: Int, _ random: inout SplitMix) -> [Double] {
    var level = random.unit()
    let odd = Self.odd
    let pool = (0..<40).map { _ in random.unit() }
    return (0..<count).map { index in
      let epoch = Double(index % 100)
      level += random.normal() / 100
      switch self {
      case .anyBits: return Double(bitPattern: random.next())
      case .special: return odd[Int(random.next() % UInt64(odd.count))]
      case .subnormals: return Double(bitPattern: random.next() >> 12)
      case .uniform: return random.unit()
      case .normal: return random.normal() * 1e6
      case .walk: return level
      case .decay: return 1 / (1 + epoch) + level
      case .decimals: return ((1 / (1 + epoch) + level) * 1e4).rounded() / 1e4
      case .decimalsWithNoise:
        return random.next() % 50 == 0 ? random.unit() : (level * 1e3).rounded() / 1e3
      case .largeDecimals: return (random.normal() * 1e9).rounded() / 100
      case .ratios: return (random.unit() * 360).rounded() / 360
      case .ratiosInFloat32: return Double(Float((random.unit() * 719).rounded()) / 719)
      case .diverging:
        return index / 100 % 7 == 3 && epoch > 40
          ? .nan : Double(Float((random.unit() * 100).rounded()) / 719)
      case .float32Loss: return Double(Float(2 / (1 + epoch) + 0.01 * random.normal()))
      case .float32Negative: return Double(Float(random.normal()))
      case .bfloat16:
        return Double(Float(bitPattern: Float(random.unit()).bitPattern & 0xFFFF_0000))
      case .integers: return (random.normal() * 100).rounded()
      case .zeros: return random.next() % 100 == 0 ? random.unit() : 0
      case .fewDistinct: return pool[Int(random.next() % 40)]
      case .repeated: return pool[index % 40]
      case .steps: return Double(index) * 25
      case .alternatingZeros: return index % 2 == 0 ? 0.0 : -0.0
      }
    }
  }
}
