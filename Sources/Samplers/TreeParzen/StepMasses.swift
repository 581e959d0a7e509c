// The logarithms of a discrete domain's step masses, each computed once for all kernels that share
// center and width, and kept from one proposal to the next.

import Numerics

struct StepMasses: Sendable {
  /// So many are kept before all are forgotten.
  private static let capacity = 1 << 18

  private struct Shape: Hashable {
    let center: Double
    let deviation: Double
  }

  private let domain: KernelDomain
  private var shapes: [Shape] = []
  private var numbers: [Shape: Int32] = [:]
  /// By kernel: the number of its shape.
  private var shapeNumbers: [Int32] = []
  /// By value: the place of its masses in `known`.
  private var places: [Double: Int] = [:]
  /// By value and shape; NaN: not yet.
  private var known: [[Double]] = []

  init(_ domain: KernelDomain) { self.domain = domain }

  mutating func resize(_ count: Int) {
    if shapeNumbers.count > count { shapeNumbers.removeLast(shapeNumbers.count - count) }
    while shapeNumbers.count < count { shapeNumbers.append(-1) }
    if shapes.count > 4 * count + 256 || shapes.count * places.count > Self.capacity { forget() }
  }

  /// Moves the kernels from `kernel` on up by one; it must be set.
  mutating func insert(_ kernel: Int) { shapeNumbers.insert(-1, at: kernel) }

  /// Moves the kernels behind `kernel` down by one.
  mutating func remove(_ kernel: Int) { shapeNumbers.remove(at: kernel) }

  /// Drops what no kernel has any more, and all masses.
  private mutating func forget() {
    let old = shapes
    let kernels = shapeNumbers
    shapeNumbers = kernels.map { _ in -1 }
    shapes = []
    numbers = [:]
    places = [:]
    known = []
    for kernel in kernels.indices where kernels[kernel] >= 0 {
      let shape = old[Int(kernels[kernel])]
      set(kernel, center: shape.center, deviation: shape.deviation)
    }
  }

  mutating func set(_ kernel: Int, center: Double, deviation: Double) {
    let shape = Shape(center: center, deviation: deviation)
    let current = shapeNumbers[kernel]
    if current >= 0 && shapes[Int(current)] == shape { return }
    if let number = numbers[shape] {
      shapeNumbers[kernel] = number
    } else {
      shapeNumbers[kernel] = Int32(shapes.count)
      numbers[shape] = Int32(shapes.count)
      shapes.append(shape)
    }
  }

  /// Where the masses of `value` are.
  mutating func place(of value: Double) -> Int {
    if let place = places[value] { return place }
    places[value] = known.count
    known.append([])
    return known.count - 1
  }

  /// ln of the mass that `kernel`, before it is cut to the domain, has over the step of `value`,
  /// whose masses are at `place`.
  mutating func logMass(kernel: Int, value: Double, at place: Int) -> Double {
    let number = Int(shapeNumbers[kernel])
    if number >= known[place].count {
      known[place] += [Double](repeating: .nan, count: shapes.count - known[place].count)
    }
    if known[place][number].isNaN {
      let shape = shapes[number]
      known[place][number] = domain.logStepMass(
        at: value, center: shape.center, deviation: shape.deviation)
    }
    return known[place][number]
  }
}
