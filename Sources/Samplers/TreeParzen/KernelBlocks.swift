// The kernels of a mixture as its density reads them: eight side by side.

import Numerics

/// Block by block of eight kernels: what of their log densities does not depend on the point;
/// center and inverse width (times √½) for every continuous domain; code for every categorical;
/// center and inverse width for every discrete one. Lanes behind the last kernel are −∞, which no
/// sum notices.
struct KernelBlocks: Sendable {
  typealias Lanes = SIMD8<Double>

  /// The domains by kind, in the order of their lanes.
  let continuous: [Int]
  let categorical: [Int]
  let discrete: [Int]
  /// By domain: the place of its first lanes in a block.
  private let places: [Int]
  /// How many lanes a block has.
  let stride: Int
  private(set) var packed: [Lanes] = []
  private(set) var kernelCount = 0
  /// By discrete domain.
  var masses: [StepMasses]
  /// By domain: its place in `masses`.
  private let massPlaces: [Int?]

  init(_ domains: [KernelDomain]) {
    var continuous: [Int] = []
    var categorical: [Int] = []
    var discrete: [Int] = []
    for (index, domain) in domains.enumerated() {
      switch domain {
      case .continuous: continuous.append(index)
      case .categorical: categorical.append(index)
      case .discrete: discrete.append(index)
      }
    }
    var places = [Int](repeating: 0, count: domains.count)
    var next = 1
    for (group, width) in [(continuous, 2), (categorical, 1), (discrete, 2)] {
      for index in group {
        places[index] = next
        next += width
      }
    }
    (self.continuous, self.categorical, self.discrete) = (continuous, categorical, discrete)
    self.places = places
    stride = next
    masses = discrete.map { StepMasses(domains[$0]) }
    massPlaces = domains.indices.map { discrete.firstIndex(of: $0) }
  }

  var blockCount: Int { (kernelCount + 7) / 8 }

  /// Makes room for `count` kernels, or leaves out those beyond.
  mutating func resize(_ count: Int) {
    kernelCount = count
    let size = blockCount * stride
    if packed.count > size { packed.removeLast(packed.count - size) }
    while packed.count < size {
      packed.append(Lanes(repeating: -.infinity))
      for _ in 1..<stride { packed.append(Lanes(repeating: 1)) }
    }
    if count % 8 > 0 {
      for lane in (count % 8)..<8 { packed[size - stride][lane] = -.infinity }
    }
    for index in masses.indices { masses[index].resize(count) }
  }

  mutating func setConstant(_ kernel: Int, _ constant: Double) {
    packed[kernel / 8 * stride][kernel % 8] = constant
  }

  mutating func set(_ kernel: Int, _ domain: Int, center: Double, deviation: Double?) {
    let place = kernel / 8 * stride + places[domain]
    packed[place][kernel % 8] = center
    guard let deviation else { return }
    packed[place + 1][kernel % 8] = 0.5.squareRoot() / deviation
    if let place = massPlaces[domain] {
      masses[place].set(kernel, center: center, deviation: deviation)
    }
  }
}
