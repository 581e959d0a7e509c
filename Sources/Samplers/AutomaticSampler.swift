// What a study gets that names no sampler.

internal import StudyModel

/// The best there is for the space: at present TPE for every one.
enum AutomaticSampler: SamplerKind {
  static let name = "auto"
  static let summary = "the best there is for the space; at present \(TreeParzenSampler.name)"

  typealias Options = NoOptions

  static func make(_ options: NoOptions, seed: UInt64) -> any Sampler {
    TreeParzenSampler(seed: seed)
  }
}
