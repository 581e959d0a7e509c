// The Cholesky factor of a symmetric matrix, which may grow by a row at a time.

import Glibc

/// L with L Lᵀ = A for a symmetric positive definite A.
///
/// A factor that grew by ``append(_:diagonal:)`` is one of the same matrix as one that was made of
/// the whole, to rounding; the same steps give the same bits.
package struct Cholesky: Sendable {
  /// How many rows there are.
  package private(set) var count: Int
  /// Room for so many rows.
  private var stride: Int
  private var elements: [Double]

  /// Factors the matrix whose lower triangle is that of `matrix`.
  ///
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(row:)``.
  /// - Complexity: O(n³).
  package init(_ matrix: consuming Matrix) throws(LinearAlgebraError) {
    precondition(matrix.rows == matrix.columns)
    count = matrix.rows
    stride = count
    elements = matrix.elements
    try BLAS.factor(&elements, count: count, stride: stride)
  }

  /// Makes it the factor of a matrix with one row and column more.
  ///
  /// - Parameters:
  ///   - row: what the new row has in common with those before it.
  ///   - diagonal: its own element.
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(row:)``; the factor stays as it was.
  /// - Complexity: O(n²).
  package mutating func append(
    _ row: [Double], diagonal: Double
  ) throws(LinearAlgebraError) {
    precondition(row.count == count)
    let solved = halfSolve(row)
    let pivot = diagonal - solved.reduce(0) { $0 + $1 * $1 }
    guard pivot > 0, pivot.isFinite else { throw .notPositiveDefinite(row: count) }
    if count == stride { grow() }
    for (column, value) in solved.enumerated() { elements[count * stride + column] = value }
    elements[count * stride + count] = pivot.squareRoot()
    count += 1
  }

  private mutating func grow() {
    let wider = max(16, stride + stride / 4)
    var grown = [Double](repeating: 0, count: wider * wider)
    for row in 0..<count {
      for column in 0...row { grown[row * wider + column] = elements[row * stride + column] }
    }
    elements = grown
    stride = wider
  }

  /// An element of L, `column` ≤ `row`.
  package subscript(row: Int, column: Int) -> Double {
    precondition(column <= row && row < count)
    return elements[row * stride + column]
  }

  /// ln det A.
  package var logDeterminant: Double {
    2 * (0..<count).reduce(0) { $0 + log(elements[$1 * stride + $1]) }
  }

  /// L⁻¹ b.
  package func halfSolve(_ b: [Double]) -> [Double] {
    var x = b
    BLAS.solve(elements, count: count, stride: stride, transposed: false, &x)
    return x
  }

  /// L⁻ᵀ b.
  package func backSolve(_ b: [Double]) -> [Double] {
    var x = b
    BLAS.solve(elements, count: count, stride: stride, transposed: true, &x)
    return x
  }

  /// A⁻¹ b.
  package func solve(_ b: [Double]) -> [Double] { backSolve(halfSolve(b)) }

  /// L⁻¹ b for each row b of a matrix, as a row.
  package func halfSolve(rows: Matrix) -> Matrix {
    precondition(rows.columns == count)
    var result = rows
    BLAS.solve(elements, count: count, stride: stride, rows: rows.rows, &result.elements)
    return result
  }

  /// A⁻¹, of which only the lower triangle is set.
  ///
  /// - Complexity: O(n³).
  package consuming func lowerInverse() -> Matrix {
    let (count, stride) = (count, stride)
    // Nobody else holds the elements then, and they need not be copied.
    var inverse = (consume self).elements
    BLAS.invert(&inverse, count: count, stride: stride)
    if stride == count { return Matrix(rows: count, columns: count, elements: inverse) }
    var result = Matrix(rows: count, columns: count)
    for row in 0..<count {
      for column in 0...row { result[row, column] = inverse[row * stride + column] }
    }
    return result
  }
}
