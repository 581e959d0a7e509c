// The principal axes of a small symmetric matrix.

import Glibc

extension Matrix {
  /// The eigenvectors of this symmetric matrix, one a row, by descending eigenvalue, each with its
  /// largest element positive.
  ///
  /// - Complexity: O(n³) a sweep, of which there are about eight.
  ///
  /// Source: the cyclic Jacobi method; Golub & Van Loan (2013), "Matrix computations", section 8.5.
  package func eigenvectors() -> Matrix {
    precondition(rows == columns)
    let n = rows
    var a = self
    var v = Matrix(rows: n, columns: n)
    for index in 0..<n { v[index, index] = 1 }
    for _ in 0..<30 {
      var offDiagonal = 0.0
      var diagonal = 0.0
      for i in 0..<n {
        diagonal += a[i, i] * a[i, i]
        for j in 0..<i { offDiagonal += a[i, j] * a[i, j] }
      }
      if offDiagonal <= 1e-24 * diagonal || !offDiagonal.isFinite { break }
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) { Self.rotate(&a, &v, p, q) }
      }
    }
    let order = (0..<n).sorted { a[$0, $0] == a[$1, $1] ? $0 < $1 : a[$0, $0] > a[$1, $1] }
    return Matrix(
      order.map { index in
        let vector = v.row(index)
        let largest = vector.max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? vector.map { -$0 } : vector
      }, columns: n)
  }

  /// Makes a[p, q] zero by a rotation of rows and columns p and q.
  private static func rotate(_ a: inout Matrix, _ v: inout Matrix, _ p: Int, _ q: Int) {
    if a[p, q] == 0 { return }
    let tau = (a[q, q] - a[p, p]) / (2 * a[p, q])
    let t = (tau >= 0 ? 1 : -1) / (abs(tau) + (1 + tau * tau).squareRoot())
    let c = 1 / (1 + t * t).squareRoot()
    let s = t * c
    for k in 0..<a.rows {
      let (x, y) = (a[k, p], a[k, q])
      a[k, p] = c * x - s * y
      a[k, q] = s * x + c * y
    }
    for k in 0..<a.rows {
      let (x, y) = (a[p, k], a[q, k])
      a[p, k] = c * x - s * y
      a[q, k] = s * x + c * y
      let (vx, vy) = (v[p, k], v[q, k])
      v[p, k] = c * vx - s * vy
      v[q, k] = s * vx + c * vy
    }
  }
}
