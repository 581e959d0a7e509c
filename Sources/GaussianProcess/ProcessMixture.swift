// A model together with models of other tasks that are believed in part.

package import Numerics

/// A weighed sum of a task's own process and of *lenders*, processes of other tasks: means are
/// summed by their weights, variances by the squares of these.
///
/// Source: Feurer, Letham, Hutter & Bakshy (2018), equation 3. Each process speaks of its own
/// task's standardized values, so that scales need not agree.
package struct ProcessMixture: Sendable {
  /// A process of another task.
  package struct Lender: Sendable {
    package let process: GaussianProcess
    package let weight: Double
    /// K⁻¹y.
    fileprivate(set) var weights: [Double]

    package init(_ process: GaussianProcess, weight: Double) {
      self.process = process
      self.weight = weight
      weights = process.weights
    }

    fileprivate init(_ process: GaussianProcess, weight: Double, weights: [Double]) {
      self.process = process
      self.weight = weight
      self.weights = weights
    }
  }

  package let own: GaussianProcess
  package let ownWeight: Double
  package let lenders: [Lender]

  /// Nothing but the task's own process, unless there are lenders.
  package init(_ own: GaussianProcess, weight: Double = 1, lenders: [Lender] = []) {
    self.own = own
    ownWeight = weight
    self.lenders = lenders.filter { $0.weight > 0 }
  }

  /// Mean and variance (without noise) at each of some points.
  package func posterior(at points: Matrix) -> (means: [Double], variances: [Double]) {
    let (means, variances) = own.posterior(at: points)
    var sums = (
      means.map { ownWeight * $0 }, variances.map { ownWeight * ownWeight * $0 }
    )
    let lent = lent(at: points)
    for row in means.indices {
      sums.0[row] += lent.means[row]
      sums.1[row] += lent.variances[row]
    }
    return sums
  }

  /// What the lenders add.
  func lent(at points: Matrix) -> (means: [Double], variances: [Double]) {
    var means = [Double](repeating: 0, count: points.rows)
    var variances = means
    for lender in lenders {
      let covariance = lender.process.covariance
      let cross = covariance.between(covariance.prepare(points), lender.process.prepared)
      let lentMeans = cross.times(lender.weights)
      let lentVariances = lender.process.variances(lender.process.factor.halfSolve(rows: cross))
      for row in means.indices {
        means[row] += lender.weight * lentMeans[row]
        variances[row] += lender.weight * lender.weight * lentVariances[row]
      }
    }
    return (means, variances)
  }

  /// The lenders, as if they had seen at `points` what they expect there.
  func lendersBelieving(_ points: [[Double]]) throws(LinearAlgebraError) -> [Lender] {
    let expected = Matrix(rows: 1, columns: points.count)
    var believing: [Lender] = []
    for lender in lenders {
      let (process, weights, _) = try lender.process.observing(points, normals: expected)
      believing.append(Lender(process, weight: lender.weight, weights: weights.row(0)))
    }
    return believing
  }
}
