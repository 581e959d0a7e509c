// What a study gets that names no sampler.

internal import StudyModel

/// The best there is for the space: at present TPE for every one.
enum AutomaticSampler: SamplerKind {
  static let name = "auto"
  static let summary = "the best there is for the space; at present \(TreeParzenSampler.name)"
  static let guidance = Guidance(
    for: "studies whose owner has no reason to choose",
    needs: "nothing: the space and the history decide which sampler proposes, and each trial "
      + "says which did",
    otherwise: "grid where every combination shall run, random as a yardstick")

  typealias Options = NoOptions

  static func make(_ options: NoOptions, seed: UInt64) -> any Sampler {
    TreeParzenSampler(seed: seed)
  }
}
