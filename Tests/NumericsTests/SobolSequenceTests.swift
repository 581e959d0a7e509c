import Numerics
import Testing

@Suite struct `Sobol sequence` {
  /// scipy.stats.qmc.Sobol(8, scramble=False).random(8)
  @Test func `the first points are the published ones`() {
    let expected: [[Double]] = [
      [0, 0, 0, 0, 0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375, 0.875],
      [0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375],
      [0.625, 0.125, 0.875, 0.625, 0.625, 0.875, 0.125, 0.125],
      [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625],
    ]
    let sequence = SobolSequence(dimensions: 8)
    for (index, point) in expected.enumerated() {
      #expect(
        (0..<8).map { sequence.coordinate(point: UInt64(index), dimension: $0) } == point)
    }
  }

  /// The same of 256 dimensions and 1,024 points: each point's bits folded into one number.
  @Test func `all dimensions agree with scipy`() {
    let sequence = SobolSequence(dimensions: 256)
    var hash: UInt64 = 0
    for point in 0..<UInt64(1024) {
      for dimension in 0..<256 {
        let bits = UInt64(sequence.bits(point: point, dimension: dimension))
        hash = hash &* 6_364_136_223_846_793_005 &+ bits &+ 1
      }
    }
    #expect(hash == 13_554_883_611_943_763_968)
  }

  /// Any aligned stretch of 2^m points has one point in each of 2^m equal strips, and in two
  /// dimensions in each elementary rectangle: scrambling keeps that.
  @Test func `scrambled points are still a net`() {
    let sequence = SobolSequence(dimensions: 16)
    for start in [UInt64(0), 256, 1024] {
      for dimension in 0..<16 {
        let strips = (0..<256).map { offset in
          Int(
            sequence.scrambledCoordinate(
              point: start + UInt64(offset), dimension: dimension, seed: 5) * 256)
        }
        #expect(Set(strips).count == 256)
      }
    }
    for rows in 0...8 {
      let cells = (0..<UInt64(256)).map { point in
        let x = sequence.scrambledCoordinate(point: point, dimension: 0, seed: 9)
        let y = sequence.scrambledCoordinate(point: point, dimension: 1, seed: 9)
        return Int(x * Double(1 << rows)) << 16 | Int(y * Double(1 << (8 - rows)))
      }
      #expect(Set(cells).count == 256)
    }
  }

  @Test func `scrambling depends on its seed and fills the last bits`() {
    let sequence = SobolSequence(dimensions: 1)
    let points = (0..<UInt64(64)).map {
      sequence.scrambledCoordinate(point: 0, dimension: 0, seed: $0)
    }
    #expect(Set(points).count == 64)
    #expect(points.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = points.reduce(0, +) / 64
    #expect(abs(mean - 0.5) < 0.12)
  }

  /// The error of a smooth integral falls much faster than a random sample's.
  @Test func `scrambled points integrate well`() {
    let sequence = SobolSequence(dimensions: 6)
    var worst = 0.0
    for seed in 0..<UInt64(10) {
      var sum = 0.0
      for point in 0..<UInt64(1024) {
        sum += (0..<6).reduce(1.0) {
          $0 * (2 * sequence.scrambledCoordinate(point: point, dimension: $1, seed: seed))
        }
      }
      worst = max(worst, abs(sum / 1024 - 1))
    }
    #expect(worst < 0.02)  // a random sample's standard error is 0.067
  }
}
