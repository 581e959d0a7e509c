// The samplers and pruners there are. To add one: write its file, and name it here.

public import StudyModel

private let samplerKinds: [any SamplerKind.Type] = [
  AutomaticSampler.self, GaussianProcessSampler.self, TreeParzenSampler.self,
  QuasiRandomSampler.self, GridSampler.self, RandomSampler.self,
]

private let prunerKinds: [any PrunerKind.Type] = [
  NoPruner.self, MedianPruner.self, PercentilePruner.self, SuccessiveHalvingPruner.self,
  CurvePruner.self,
]

/// What a component is for.
public enum ComponentKind: String, Hashable, Sendable {
  case sampler
  case pruner

  /// All there are of it, for help and completion; the first is what a study has that was told
  /// nothing.
  public var all: [ComponentDescription] {
    switch self {
    case .sampler: samplerKinds.map { $0.description }
    case .pruner: prunerKinds.map { $0.description }
    }
  }

  /// - Throws: ``SamplerError/unknown(kind:name:known:)``.
  func named(_ name: String) throws(SamplerError) -> ComponentDescription {
    guard let found = all.first(where: { $0.name == name }) else { throw unknown(name) }
    return found
  }

  func unknown(_ name: String) -> SamplerError {
    .unknown(kind: rawValue, name: name, known: all.map(\.name))
  }
}

/// The sampler that `choice` names, for a study of this seed.
///
/// - Throws: ``SamplerError`` for an unknown name or option, or a value out of range.
public func makeSampler(
  _ choice: ComponentChoice, seed: UInt64
) throws(SamplerError) -> any Sampler {
  guard let kind = samplerKinds.first(where: { $0.name == choice.name }) else {
    throw ComponentKind.sampler.unknown(choice.name)
  }
  return try kind.make(choice, seed: seed)
}

/// The pruner that `choice` names, for a study with these objectives.
///
/// - Throws: ``SamplerError`` for an unknown name or option, a value out of range, and for any
///   pruner but `none` when there are several objectives.
public func makePruner(
  _ choice: ComponentChoice, objectives: [Objective]
) throws(SamplerError) -> any Pruner {
  guard let kind = prunerKinds.first(where: { $0.name == choice.name }) else {
    throw ComponentKind.pruner.unknown(choice.name)
  }
  return try kind.make(choice, objectives: objectives)
}

extension SamplerKind {
  fileprivate static func make(
    _ choice: ComponentChoice, seed: UInt64
  ) throws(SamplerError) -> any Sampler {
    make(try options(choice), seed: seed)
  }
}

extension PrunerKind {
  fileprivate static func make(
    _ choice: ComponentChoice, objectives: [Objective]
  ) throws(SamplerError) -> any Pruner {
    let options = try options(choice)
    guard !comparesTrials || objectives.count == 1 else {
      throw .badOption(
        component: name, option: "\(objectives.count) objectives",
        reason: "a pruner compares trials by one objective; use --pruner \(NoPruner.name)")
    }
    return try make(options)
  }
}
