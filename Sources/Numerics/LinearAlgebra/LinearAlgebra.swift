// Dense linear algebra, done by OpenBLAS: the one file that hands it pointers.

internal import COpenBLAS

/// What OpenBLAS is on this machine. It is loaded when it is first asked for, and computes on one
/// thread: results are the same bit for bit whatever else the machine does, as long as the
/// processor, and with it ``coreName``, stays the same.
package enum LinearAlgebra {
  private static let failure: String? = {
    guard let reason = unsafe cairn_blas_open() else { return nil }
    return unsafe String(cString: reason)
  }()

  /// To be called before anything else that computes with matrices.
  ///
  /// - Throws: ``LinearAlgebraError/missing(reason:)`` when there is no OpenBLAS.
  package static func load() throws(LinearAlgebraError) {
    if let failure { throw .missing(reason: failure) }
  }

  /// The kernels that were chosen for this processor, such as `Haswell`.
  package static var coreName: String {
    precondition(failure == nil)
    return unsafe String(cString: cairn_blas_core_name())
  }

  /// How many threads compute; 1.
  package static var threadCount: Int {
    precondition(failure == nil)
    return Int(cairn_blas_thread_count())
  }
}

/// What can go wrong with matrices.
package enum LinearAlgebraError: Error, Hashable {
  /// OpenBLAS is not there; `reason` is the loader's.
  case missing(reason: String)
  /// A factorization met row `row` and found no positive pivot.
  case notPositiveDefinite(row: Int)
}

// MARK: - The routines, with the checks that C does not make

enum BLAS {
  /// Factors the lower triangle of the leading `count` rows.
  static func factor(
    _ a: inout [Double], count: Int, stride: Int
  ) throws(LinearAlgebraError) {
    check(count, stride, within: a.count)
    if count == 0 { return }
    let info = unsafe a.withUnsafeMutableBufferPointer { a in
      unsafe cairn_blas_potrf(Int32(count), a.baseAddress, Int32(stride))
    }
    if info != 0 { throw .notPositiveDefinite(row: Int(info) - 1) }
  }

  /// Replaces a factor by the inverse of what was factored.
  static func invert(_ l: inout [Double], count: Int, stride: Int) {
    check(count, stride, within: l.count)
    if count == 0 { return }
    unsafe l.withUnsafeMutableBufferPointer { l in
      unsafe cairn_blas_potri(Int32(count), l.baseAddress, Int32(stride))
    }
  }

  /// x := L⁻¹ x, or L⁻ᵀ x.
  static func solve(
    _ l: [Double], count: Int, stride: Int, transposed: Bool, _ x: inout [Double]
  ) {
    check(count, stride, within: l.count)
    precondition(x.count == count)
    if count == 0 { return }
    unsafe l.withUnsafeBufferPointer { l in
      unsafe x.withUnsafeMutableBufferPointer { x in
        unsafe cairn_blas_trsv(
          transposed, Int32(count), l.baseAddress, Int32(stride), x.baseAddress)
      }
    }
  }

  /// Each of the `rows` rows x of `x` becomes L⁻¹ x.
  static func solve(_ l: [Double], count: Int, stride: Int, rows: Int, _ x: inout [Double]) {
    check(count, stride, within: l.count)
    precondition(x.count == rows * count)
    if count == 0 || rows == 0 { return }
    unsafe l.withUnsafeBufferPointer { l in
      unsafe x.withUnsafeMutableBufferPointer { x in
        unsafe cairn_blas_trsm(
          Int32(rows), Int32(count), l.baseAddress, Int32(stride), x.baseAddress, Int32(count))
      }
    }
  }

  /// A x for A of `rows` × `columns`, or Aᵀ x.
  static func multiply(
    _ a: [Double], rows: Int, columns: Int, transposed: Bool, _ x: [Double], into y: inout [Double]
  ) {
    precondition(a.count >= rows * columns)
    precondition(x.count == (transposed ? rows : columns))
    precondition(y.count == (transposed ? columns : rows))
    if rows == 0 || columns == 0 {
      for index in y.indices { y[index] = 0 }
      return
    }
    unsafe a.withUnsafeBufferPointer { a in
      unsafe x.withUnsafeBufferPointer { x in
        unsafe y.withUnsafeMutableBufferPointer { y in
          unsafe cairn_blas_gemv(
            transposed, Int32(rows), Int32(columns), a.baseAddress, Int32(columns),
            x.baseAddress, y.baseAddress)
        }
      }
    }
  }

  /// C := A Bᵀ for A of `m` × `k` and B of `n` × `k`.
  static func multiply(
    _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, into c: inout [Double]
  ) {
    precondition(c.count == m * n)
    unsafe c.withUnsafeMutableBufferPointer { c in
      unsafe multiply(a, b, m: m, n: n, k: k, into: c)
    }
  }

  /// A Bᵀ for A of `m` × `k` and B of `n` × `k`.
  static func multiply(_ a: [Double], _ b: [Double], m: Int, n: Int, k: Int) -> [Double] {
    unsafe [Double](unsafeUninitializedCapacity: m * n) { c, count in
      unsafe multiply(a, b, m: m, n: n, k: k, into: c)
      count = m * n
    }
  }

  private static func multiply(
    _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, into c: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(a.count == m * k && b.count == n * k)
    if m == 0 || n == 0 || k == 0 {
      for index in 0..<m * n { unsafe c[index] = 0 }
      return
    }
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        // A product with a vector, which is not worth packing the matrix for.
        if n == 1 {
          unsafe cairn_blas_gemv(
            false, Int32(m), Int32(k), a.baseAddress, Int32(k), b.baseAddress, c.baseAddress)
        } else if m == 1 {
          unsafe cairn_blas_gemv(
            false, Int32(n), Int32(k), b.baseAddress, Int32(k), a.baseAddress, c.baseAddress)
        } else {
          unsafe cairn_blas_gemm(
            Int32(m), Int32(n), Int32(k), a.baseAddress, Int32(k), b.baseAddress, Int32(k),
            c.baseAddress, Int32(n))
        }
      }
    }
  }

  static func dot(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count)
    return unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeBufferPointer { y in
        unsafe cairn_blas_dot(Int32(x.count), x.baseAddress, y.baseAddress)
      }
    }
  }

  /// The sum of the squares of each of `rows` rows.
  static func squaredLengths(_ a: [Double], rows: Int, columns: Int) -> [Double] {
    precondition(a.count == rows * columns)
    return unsafe a.withUnsafeBufferPointer { a in
      (0..<rows).map { row in
        guard let start = a.baseAddress else { return 0 }
        let first = unsafe start + row * columns
        return unsafe cairn_blas_dot(Int32(columns), first, first)
      }
    }
  }

  private static func check(_ count: Int, _ stride: Int, within size: Int) {
    precondition(count >= 0 && count <= stride && stride <= Int(Int32.max))
    precondition(count == 0 || (count - 1) * stride + count <= size)
  }
}

/// The sum of `x[i] y[i]`.
package func dotProduct(_ x: [Double], _ y: [Double]) -> Double { BLAS.dot(x, y) }
