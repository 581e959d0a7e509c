// Why there is no proposal, or no sampler.

public import PlainText
internal import StudyModel

/// What a sampler, or the making of one, can throw.
public enum SamplerError: ExplainedError, Hashable {
  /// Every assignment of the finite space (or every point of the grid) has been tried.
  case exhausted(tried: Int)
  /// `draws` points in a row broke the constraints.
  case infeasible(draws: Int)
  /// An expression could not be computed.
  case constraint(String)
  case unknown(kind: String, name: String, known: [String])
  case unknownOption(component: String, option: String, known: [String])
  case badOption(component: String, option: String, reason: String)
  /// This sampler cannot work on this space (a grid over a continuous parameter).
  case unsuitable(sampler: String, reason: String, try: [String])
  /// What it needs is not on this machine.
  case unavailable(Explanation)

  public var explanation: Explanation {
    switch self {
    case .exhausted(let tried):
      Explanation("all \(tried) points of the space have been tried", kind: .wrongUsage)
    case .infeasible(let draws):
      Explanation(
        "\(draws) points in a row broke the constraints", try: ["constraints that leave more"],
        kind: .wrongUsage)
    case .constraint(let reason):
      Explanation("a constraint cannot be computed: \(reason)", kind: .wrongUsage)
    case .unknown(let kind, let name, let known):
      Explanation(
        "there is no \(kind) \"\(name)\"", evidence: ["there are \(known.joined(separator: ", "))"],
        try: nearestNames(to: name, among: known), kind: .wrongUsage)
    case .unknownOption(let component, let option, let known):
      Explanation(
        "\(component) has no option \"\(option)\"",
        evidence: [
          known.isEmpty ? "it takes none" : "its options are \(known.joined(separator: ", "))"
        ], try: nearestNames(to: option, among: known), kind: .wrongUsage)
    case .badOption(let component, let option, let reason):
      Explanation("\(component) does not take \"\(option)\": \(reason)", kind: .wrongUsage)
    case .unavailable(let explanation): explanation
    case .unsuitable(let sampler, let reason, let suggestions):
      Explanation(
        "\(sampler) cannot search this space: \(reason)", try: suggestions, kind: .wrongUsage)
    }
  }
}
