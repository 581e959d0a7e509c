// What a study gets that names no sampler.

import StudyModel

/// The best there is for the space and the history, trial by trial: the Gaussian process where it
/// leads, TPE for the rest. Each trial says which of them proposed it.
///
/// The Gaussian process leads with one objective and at most ``mostParameters`` parameters, up to
/// ``mostTrials`` finished trials, as tools/bench optimizers measures it. Without OpenBLAS it is
/// TPE all along.
struct AutomaticSampler: SamplerKind, Sampler {
  static let name = "auto"
  static let borrows = true
  static let summary = "the best there is for the space and the history: gp, else tpe"
  static let guidance = Guidance(
    for: "studies whose owner has no reason to choose",
    needs: "nothing: the space and the history decide which sampler proposes, and each trial "
      + "says which did",
    otherwise: "grid where every combination shall run, random as a yardstick")

  typealias Options = NoOptions

  /// Beyond, distances in so many dimensions say little.
  static let mostParameters = 20
  /// Beyond, a proposal costs more than it gains.
  static let mostTrials = 5000

  private let process: GaussianProcessSampler
  private let parzen: TreeParzenSampler

  static func make(_ options: NoOptions, seed: UInt64) -> any Sampler { Self(seed: seed) }

  init(seed: UInt64) {
    process = GaussianProcessSampler(seed: seed)
    parzen = TreeParzenSampler(seed: seed)
  }

  func session() -> any SamplerSession {
    Session(process: process.session(), parzen: parzen.session())
  }

  private struct Session: SamplerSession {
    var process: any SamplerSession
    var parzen: any SamplerSession

    mutating func propose(_ request: ProposalRequest) throws -> Proposal {
      guard AutomaticSampler.isForProcess(request) else { return try parzen.propose(request) }
      do {
        return try process.propose(request)
      } catch SamplerError.unavailable {
        return try parzen.propose(request)
      }
    }
  }

  private static func isForProcess(_ request: ProposalRequest) -> Bool {
    let free = request.space.space.parameters.count { parameter in
      parameter.distribution.cardinality != 1 && request.fixed.entry(parameter.name) == nil
    }
    return request.history.objectives.count == 1 && free <= mostParameters
      && request.history.finishedRows.count <= mostTrials
  }
}
