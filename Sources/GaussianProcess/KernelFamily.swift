// How correlation falls with distance. The one file that hands pointers to the loops over many.

internal import CKernelFunctions

/// A stationary kernel, as a function of the squared scaled distance r².
///
/// Source: Rasmussen & Williams (2006), section 4.2.
package enum KernelFamily: UInt8, Hashable, Sendable, CaseIterable {
  /// (1 + √5 r + 5r²/3) e^(−√5 r): twice differentiable.
  case maternFiveHalves = 0
  /// (1 + √3 r) e^(−√3 r): once differentiable.
  case maternThreeHalves = 1
  /// e^(−r²/2): smooth without end.
  case squaredExponential = 2

  private var kernel: cairn_kernel {
    switch self {
    case .maternFiveHalves: CAIRN_MATERN_FIVE_HALVES
    case .maternThreeHalves: CAIRN_MATERN_THREE_HALVES
    case .squaredExponential: CAIRN_SQUARED_EXPONENTIAL
    }
  }

  /// Puts covariances, `signal` times the correlation ρ, in place of the squared scaled distances
  /// at some places.
  func evaluate(_ squared: inout [Double], in places: Range<Int>, signal: Double) {
    precondition(squared.indices.contains(places))
    unsafe squared.withUnsafeMutableBufferPointer { squared in
      guard let start = squared.baseAddress else { return }
      unsafe cairn_covariances(kernel, places.count, signal, start + places.lowerBound)
    }
  }

  /// The same, and sets the slopes there to `signal` g with ∂ρ/∂(r²) = −g/2: so the covariance's
  /// derivative by ln ℓ_j is its slope times Δ_j²/ℓ_j².
  func evaluate(
    _ squared: inout [Double], slopes: inout [Double], in places: Range<Int>, signal: Double
  ) {
    precondition(squared.indices.contains(places) && slopes.indices.contains(places))
    unsafe squared.withUnsafeMutableBufferPointer { squared in
      unsafe slopes.withUnsafeMutableBufferPointer { slopes in
        guard let start = squared.baseAddress, let slopes = slopes.baseAddress else { return }
        unsafe cairn_covariances_with_slopes(
          kernel, places.count, signal, start + places.lowerBound, slopes + places.lowerBound)
      }
    }
  }
}

/// Puts |a − b|² in place of the products a·b at some places, for one a and the b from the first
/// on: |a|² is `own`, |b|² is in `squares`.
func setSquaredDistances(
  _ products: inout [Double], in places: Range<Int>, own: Double, squares: [Double]
) {
  precondition(products.indices.contains(places) && places.count <= squares.count)
  unsafe products.withUnsafeMutableBufferPointer { products in
    unsafe squares.withUnsafeBufferPointer { squares in
      guard let start = products.baseAddress, let squares = squares.baseAddress else { return }
      unsafe cairn_squared_distances(places.count, own, squares, start + places.lowerBound)
    }
  }
}
