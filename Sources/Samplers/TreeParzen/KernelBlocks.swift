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
    fitBlocks()
    for index in masses.indices { masses[index].resize(count) }
  }

  private mutating func fitBlocks() {
    let size = blockCount * stride
    if packed.count > size { packed.removeLast(packed.count - size) }
    while packed.count < size {
      packed.append(Lanes(repeating: -.infinity))
      for _ in 1..<stride { packed.append(Lanes(repeating: 1)) }
    }
    if kernelCount % 8 > 0 {
      for lane in (kernelCount % 8)..<8 { packed[size - stride][lane] = -.infinity }
    }
  }

  /// Moves the kernels from `kernel` on up by one; what is to stand there must be set.
  mutating func insert(_ kernel: Int) {
    kernelCount += 1
    fitBlocks()
    for index in masses.indices { masses[index].insert(kernel) }
    var carried = [Double](repeating: 0, count: stride)
    for block in kernel / 8..<blockCount {
      let first = block == kernel / 8 ? kernel % 8 : 0
      for place in 0..<stride {
        let lanes = packed[block * stride + place]
        var moved = Lanes(
          carried[place], lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6])
        for lane in 0..<first { moved[lane] = lanes[lane] }
        carried[place] = lanes[7]
        packed[block * stride + place] = moved
      }
    }
  }

  /// Moves the kernels behind `kernel` down by one.
  mutating func remove(_ kernel: Int) {
    for index in masses.indices { masses[index].remove(kernel) }
    for block in kernel / 8..<blockCount {
      let first = block == kernel / 8 ? kernel % 8 : 0
      for place in 0..<stride {
        let lanes = packed[block * stride + place]
        let next = block + 1 < blockCount ? packed[(block + 1) * stride + place][0] : -.infinity
        var moved = Lanes(
          lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6], lanes[7], next)
        for lane in 0..<first { moved[lane] = lanes[lane] }
        packed[block * stride + place] = moved
      }
    }
    kernelCount -= 1
    fitBlocks()
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
