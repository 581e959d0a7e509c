// A dense matrix of numbers.

/// `rows` × `columns` numbers, one row after the other.
///
/// What computes with it needs ``LinearAlgebra/load()`` to have succeeded.
package struct Matrix: Hashable, Sendable {
  package let rows: Int
  package let columns: Int
  /// Row by row.
  package var elements: [Double]

  /// All elements are `value`.
  package init(rows: Int, columns: Int, repeating value: Double = 0) {
    precondition(rows >= 0 && columns >= 0)
    self.rows = rows
    self.columns = columns
    elements = [Double](repeating: value, count: rows * columns)
  }

  /// `elements` are `rows` rows, one after the other.
  package init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// One row for each of `rows`, all of length `columns`.
  package init(_ rows: [[Double]], columns: Int) {
    precondition(rows.allSatisfy { $0.count == columns })
    self.init(rows: rows.count, columns: columns, elements: rows.flatMap { $0 })
  }

  package subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// One row, by column.
  package func row(_ index: Int) -> [Double] {
    Array(elements[index * columns..<(index + 1) * columns])
  }

  /// The product with a column vector of ``columns`` elements.
  package func times(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rows)
    BLAS.multiply(
      elements, rows: rows, columns: columns, transposed: false, vector, into: &result)
    return result
  }

  /// The product of the transposed matrix with a vector of ``rows`` elements.
  package func transposedTimes(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    BLAS.multiply(elements, rows: rows, columns: columns, transposed: true, vector, into: &result)
    return result
  }

  /// The sum of the squares of each row.
  package func squaredRowLengths() -> [Double] {
    BLAS.squaredLengths(elements, rows: rows, columns: columns)
  }

  /// The product with the transpose of `other`, which has as many columns.
  package func timesTransposed(_ other: Matrix) -> Matrix {
    precondition(columns == other.columns)
    return Matrix(
      rows: rows, columns: other.rows,
      elements: BLAS.multiply(elements, other.elements, m: rows, n: other.rows, k: columns))
  }

  /// Makes it the product of `a` with the transpose of `b`, which has as many columns; in its own
  /// memory if it has the product's size already.
  package mutating func setProduct(of a: Matrix, transposed b: Matrix) {
    if rows != a.rows || columns != b.rows {
      self = a.timesTransposed(b)
      return
    }
    precondition(a.columns == b.columns)
    BLAS.multiply(
      a.elements, b.elements, m: a.rows, n: b.rows, k: a.columns, into: &elements)
  }
}
