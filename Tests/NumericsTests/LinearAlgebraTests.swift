import Numerics
import Testing

@Suite struct `Linear algebra` {
  init() throws { try LinearAlgebra.load() }

  /// A random symmetric matrix that is positive definite: B Bᵀ + I.
  static func positive(_ n: Int, seed: UInt64) -> Matrix {
    var stream = RandomStream(seed: seed, trial: n)
    var b = Matrix(rows: n, columns: n)
    for index in b.elements.indices { b.elements[index] = stream.uniform() - 0.5 }
    var a = b.timesTransposed(b)
    for index in 0..<n { a[index, index] += 1 }
    return a
  }

  @Test func `it computes on one thread, and says with which kernels`() {
    #expect(LinearAlgebra.threadCount == 1)
    #expect(!LinearAlgebra.coreName.isEmpty)
  }

  /// numpy.linalg.cholesky and slogdet.
  @Test func `a factor, as NumPy has it`() throws {
    let a = Matrix([[4, 1, 0.5], [1, 3, 0.25], [0.5, 0.25, 2]], columns: 3)
    let factor = try Cholesky(a)
    let expected = [
      [2.0], [0.5, 1.6583123951777], [0.25, 0.07537783614444091, 1.3898986228564232],
    ]
    for row in 0..<3 {
      for column in 0...row {
        #expect(abs(factor[row, column] - expected[row][column]) < 1e-15)
      }
    }
    #expect(abs(factor.logDeterminant - 3.056356895370426) < 1e-14)
  }

  /// Odd sizes, since kernels work in blocks.
  @Test(arguments: [1, 2, 3, 7, 16, 33, 70, 129])
  func `solving undoes multiplying`(n: Int) throws {
    let a = Self.positive(n, seed: 1)
    let factor = try Cholesky(a)
    let x = (0..<n).map { Double($0 % 5) - 1.5 }
    for (found, expected) in zip(factor.solve(a.times(x)), x) {
      #expect(abs(found - expected) < 1e-10)
    }
    let inverse = factor.lowerInverse()
    for row in 0..<n {
      let full = (0..<n).map { $0 <= row ? inverse[row, $0] : inverse[$0, row] }
      for (column, value) in a.times(full).enumerated() {
        #expect(abs(value - (column == row ? 1 : 0)) < 1e-10)
      }
    }
    let rows = Matrix([x, a.row(0)], columns: n)
    let together = factor.halfSolve(rows: rows)
    for row in 0..<2 {
      for (one, other) in zip(together.row(row), factor.halfSolve(rows.row(row))) {
        #expect(abs(one - other) < 1e-12)
      }
    }
  }

  @Test(arguments: [1, 2, 9]) func `products with the transpose, and rows' lengths`(rows: Int) {
    var stream = RandomStream(seed: 4, trial: rows)
    func random(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(
        rows: rows, columns: columns,
        elements: (0..<rows * columns).map { _ in stream.uniform() - 0.5 })
    }
    let a = random(rows, 21)
    for others in [1, 3, 17] {
      let b = random(others, 21)
      var into = Matrix(rows: rows, columns: others, repeating: .nan)
      into.setProduct(of: a, transposed: b)
      let product = a.timesTransposed(b)
      #expect(into == product)
      for row in 0..<rows {
        for column in 0..<others {
          let expected = zip(a.row(row), b.row(column)).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(product[row, column] - expected) < 1e-14)
        }
      }
    }
    for (row, length) in a.squaredRowLengths().enumerated() {
      #expect(abs(length - a.row(row).reduce(0) { $0 + $1 * $1 }) < 1e-14)
    }
    #expect(Matrix(rows: 0, columns: 3).squaredRowLengths().isEmpty)
    #expect(Matrix(rows: 2, columns: 0).squaredRowLengths() == [0, 0])
  }

  @Test(arguments: [1, 5, 40])
  func `a factor that grew is that of the whole`(first: Int) throws {
    let n = first + 37
    let a = Self.positive(n, seed: 2)
    var start = Matrix(rows: first, columns: first)
    for row in 0..<first { for column in 0..<first { start[row, column] = a[row, column] } }
    var grown = try Cholesky(start)
    for row in first..<n { try grown.append(Array(a.row(row)[..<row]), diagonal: a[row, row]) }
    let whole = try Cholesky(a)
    for row in 0..<n {
      for column in 0...row { #expect(abs(grown[row, column] - whole[row, column]) < 1e-12) }
    }
    let b = (0..<n).map { Double($0) }
    for (one, other) in zip(grown.solve(b), whole.solve(b)) { #expect(abs(one - other) < 1e-9) }
    let (one, other) = (grown.lowerInverse(), whole.lowerInverse())
    #expect(abs(one[n - 1, first] - other[n - 1, first]) < 1e-10)
  }

  @Test func `the same numbers give the same bits wherever they lie`() throws {
    let a = Self.positive(61, seed: 5)
    let b = (0..<61).map { 1 / (Double($0) + 0.3) }
    let expected = try Cholesky(a)
    let (solution, product) = (expected.solve(b), a.times(b))
    var kept: [[Double]] = []
    for size in 1..<60 {
      kept.append([Double](repeating: 0, count: size))
      var copy = a
      copy.elements[0] += 0
      let factor = try Cholesky(copy)
      #expect(factor.solve(b.map { $0 + 0 }) == solution)
      #expect(copy.times(b.map { $0 + 0 }) == product)
      #expect(copy.timesTransposed(copy) == a.timesTransposed(a))
    }
  }

  @Test func `what is not positive definite is refused, and said where`() throws {
    let a = Matrix([[1, 0, 0], [0, 1, 2], [0, 2, 1]], columns: 3)
    #expect(throws: LinearAlgebraError.notPositiveDefinite(row: 2)) { _ = try Cholesky(a) }
    var factor = try Cholesky(Matrix([[1]], columns: 1))
    #expect(throws: LinearAlgebraError.notPositiveDefinite(row: 1)) {
      try factor.append([1], diagonal: 1)
    }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(row: 1)) {
      try factor.append([.nan], diagonal: 1)
    }
    #expect(factor.count == 1)
    let empty = try Cholesky(Matrix(rows: 0, columns: 0))
    #expect(empty.solve([]).isEmpty)
  }

  @Test func `products agree with sums`() {
    var stream = RandomStream(seed: 3, trial: 0)
    func random(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(
        rows: rows, columns: columns,
        elements: (0..<rows * columns).map { _ in stream.uniform() - 0.5 })
    }
    let (a, b) = (random(13, 7), random(5, 7))
    let (x, y) = (random(1, 7).elements, random(1, 13).elements)
    let product = a.timesTransposed(b)
    for i in 0..<13 {
      #expect(abs(a.times(x)[i] - dotProduct(a.row(i), x)) < 1e-14)
      for j in 0..<5 {
        let sum = (0..<7).reduce(0) { $0 + a[i, $1] * b[j, $1] }
        #expect(abs(product[i, j] - sum) < 1e-14)
      }
    }
    for j in 0..<7 {
      let sum = (0..<13).reduce(0) { $0 + a[$1, j] * y[$1] }
      #expect(abs(a.transposedTimes(y)[j] - sum) < 1e-14)
    }
  }

  /// numpy.linalg.eigh, in descending order.
  @Test func `eigenvectors, as NumPy has them`() {
    let a = Matrix([[4, 1, 0.5], [1, 3, 0.25], [0.5, 0.25, 2]], columns: 3)
    let expected = [
      [0.83573673, 0.51149535, 0.19979145], [-0.50302965, 0.85902763, -0.09504054],
      [-0.22023917, -0.02107215, 0.97521827],
    ]
    let found = a.eigenvectors()
    for row in 0..<3 {
      for column in 0..<3 { #expect(abs(found[row, column] - expected[row][column]) < 1e-8) }
    }
  }

  @Test func `eigenvectors are an orthonormal basis, also of nothing and of what is no number`() {
    let v = Self.positive(9, seed: 4).eigenvectors()
    let product = v.timesTransposed(v)
    for i in 0..<9 {
      for j in 0..<9 { #expect(abs(product[i, j] - (i == j ? 1 : 0)) < 1e-13) }
    }
    let zero = Matrix(rows: 3, columns: 3).eigenvectors()
    #expect(zero.timesTransposed(zero)[2, 2] == 1)
    #expect(Matrix(rows: 0, columns: 0).eigenvectors().rows == 0)
    _ = Matrix(rows: 2, columns: 2, repeating: .nan).eigenvectors()
  }
}
