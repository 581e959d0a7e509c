// A search space as a Gaussian process sees it: one dimension for each parameter that can vary.

import GaussianProcess
import StudyModel

/// Translates between points of a frame and points of a model.
struct EncodedSpace: Sendable {
  let frame: ProposalFrame
  /// By dimension.
  let axes: [EncodedAxis]
  let dimensions: [InputDimension]
  /// The parameter of each dimension, and the dimension of each parameter that has one.
  let parameters: [Int]
  private let dimensionOfParameter: [Int?]
  /// Whether every place stands for a point whose parameters all exist and are free.
  private let isPlain: Bool

  init(_ frame: ProposalFrame) {
    self.frame = frame
    parameters = frame.parameters.indices.filter {
      frame.parameters[$0].distribution.cardinality != 1
    }
    axes = parameters.map { EncodedAxis(frame.parameters[$0].distribution) }
    dimensions = zip(parameters, axes).map { parameter, axis in
      axis.isCategory
        ? .categorical : .numeric(isConditional: frame.parameters[parameter].isConditional)
    }
    var dimensionOfParameter = [Int?](repeating: nil, count: frame.count)
    for (dimension, parameter) in parameters.enumerated() {
      dimensionOfParameter[parameter] = dimension
    }
    self.dimensionOfParameter = dimensionOfParameter
    isPlain = frame.parameters.indices.allSatisfy {
      frame.given[$0] == nil && !frame.parameters[$0].isConditional
    }
  }

  /// Whether a parameter is a continuum.
  var isContinuous: Bool { axes.contains { $0.count == nil } }

  /// The numbers of a frame's point.
  func encode(_ point: [Double]) -> [Double] {
    parameters.indices.map { axes[$0].encode(point[parameters[$0]]) }
  }

  /// The frame's point that a place stands for.
  func framePoint(at place: [Double]) -> [Double] {
    frame.point { parameter in
      guard let dimension = dimensionOfParameter[parameter] else {
        return frame.parameters[parameter].distribution.internalValue(atQuantile: 0.5)
      }
      return axes[dimension].decode(place[dimension])
    }
  }

  /// The model's point that a place stands for.
  func point(at place: [Double]) -> [Double] {
    guard isPlain else { return encode(framePoint(at: place)) }
    return axes.indices.map { dimension in
      axes[dimension].count == nil
        ? min(max(place[dimension], 0), 1)
        : axes[dimension].encode(axes[dimension].decode(place[dimension]))
    }
  }

  /// A place that stands for a point; what the point lacks is in the middle.
  func place(of point: [Double]) -> [Double] {
    point.indices.map { dimension in
      point[dimension].isNaN ? axes[dimension].encode(middle(dimension)) : point[dimension]
    }
  }

  private func middle(_ dimension: Int) -> Double {
    axes[dimension].distribution.internalValue(atQuantile: 0.5)
  }
}

/// Where a proposal is sought: the places of a space, but for points that break a constraint or
/// are taken already.
struct ProposalDomain: AcquisitionDomain {
  /// So many values, and a countable domain is climbed like a continuum, too.
  private static let manyValues = 64

  let space: EncodedSpace
  private let fresh: FreshPoint
  private let isChecked: Bool
  /// A model's point and the radius around it; nil: nothing is barred.
  let bars: (@Sendable (_ point: [Double]) -> Bool)?
  let continuous: [Int]
  let discrete: [Int]

  init(
    _ space: EncodedSpace, _ fresh: FreshPoint,
    barring bars: (@Sendable (_ point: [Double]) -> Bool)? = nil
  ) {
    self.space = space
    self.fresh = fresh
    self.bars = bars
    isChecked = space.frame.isFinite || fresh.space.evaluator != nil
    let free = space.parameters.indices.filter { space.frame.given[space.parameters[$0]] == nil }
    continuous = free.filter { dimension in
      let axis = space.axes[dimension]
      return !axis.isCategory && axis.count ?? .max > Self.manyValues
    }
    discrete = free.filter { space.axes[$0].count != nil }
  }

  var dimensions: [InputDimension] { space.dimensions }

  func number(atQuantile u: Double, of dimension: Int) -> Double {
    let axis = space.axes[dimension]
    return axis.isCategory ? axis.distribution.internalValue(atQuantile: u) : u
  }

  func point(at place: [Double]) -> [Double] { space.point(at: place) }

  func alternatives(to number: Double, of dimension: Int) -> [Double] {
    space.axes[dimension].alternatives(to: number)
  }

  func allows(_ point: [Double]) -> Bool {
    if let bars, bars(point) { return false }
    guard isChecked else { return true }
    let point = space.framePoint(at: space.place(of: point))
    if fresh.isTried(point) { return false }
    // An expression that cannot be computed is told of when the proposal is made.
    do { return try fresh.isFeasible(point) } catch { return false }
  }
}
