// When to choose a sampler or pruner, for people who have to.

/// What a component is for, in sentences.
public struct Guidance: Hashable, Sendable {
  /// What it is good at.
  public let purpose: String
  /// What it must have to work well.
  public let needs: String
  /// When another one serves better, and which.
  public let alternative: String

  /// Each a sentence or two, without a full stop at the end of the last.
  public init(for purpose: String, needs: String, otherwise alternative: String) {
    self.purpose = purpose
    self.needs = needs
    self.alternative = alternative
  }
}
