// Why there is no proposal, or no sampler.

public import PlainText
internal import StudyModel

/// What a sampler, or the making of one, can throw.
public enum SamplerError: ExplainedError, Hashable {
  /// Every assignment of the finite space (or every point of the grid) has been tried.
  case exhausted(tried: Int)
  /// `draws` random assignments all broke the constraints.
  case infeasible(draws: Int)
  /// An expression could not be computed.
  case constraint(String)
  case unknown(kind: String, name: String, known: [String])
  case badOption(component: String, option: String, reason: String)
  /// This sampler cannot work on this space (a grid over a continuous parameter).
  case unsuitable(sampler: String, reason: String)

  public var explanation: Explanation { Explanation(fact, kind: .wrongUsage) }

  private var fact: String {
    switch self {
    case .exhausted(let tried): "all \(tried) points of the space have been tried"
    case .infeasible(let draws):
      "\(draws) random points in a row broke the constraints; are they too narrow?"
    case .constraint(let reason): "a constraint cannot be computed: \(reason)"
    case .unknown(let kind, let name, let known):
      "there is no \(kind) \"\(name)\"; there are \(known.joined(separator: ", "))"
        + (nearestNames(to: name, among: known).first.map { "; did you mean \"\($0)\"?" } ?? "")
    case .badOption(let component, let option, let reason):
      "\(component) does not take \"\(option)\": \(reason)"
    case .unsuitable(let sampler, let reason): "\(sampler) cannot search this space: \(reason)"
    }
  }
}
