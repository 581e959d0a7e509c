import Foundation

/// log(Σ exp(term)) by its definition, the largest term taken out lest it overflows.
func logSumExp(_ terms: [Double]) -> Double {
  guard let top = terms.max(), top > -.infinity else { return -.infinity }
  return top + log(terms.reduce(0) { $0 + exp($1 - top) })
}
