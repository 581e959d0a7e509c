// From the choice of a sampler or pruner to the thing itself.

public import StudyModel

/// The sampler that `choice` names, for a study of this seed.
///
/// - Throws: ``SamplerError`` for an unknown name or option, or a value out of range.
public func makeSampler(
  _ choice: ComponentChoice, seed: UInt64
) throws(SamplerError) -> any Sampler {
  try ComponentDescription.named(choice.name, .sampler).validate(choice.options)
  switch choice.name {
  case "random": return RandomSampler(seed: seed)
  case "qmc": return QuasiRandomSampler(seed: seed)
  case "grid": return GridSampler(points: choice.whole("points"))
  default:
    return TreeParzenSampler(
      seed: seed, startupTrials: choice.whole("startup") ?? 10,
      candidates: choice.whole("candidates") ?? 24)
  }
}

/// The pruner that `choice` names, for a study with these objectives.
///
/// - Throws: ``SamplerError`` for an unknown name or option, a value out of range, and for any
///   pruner but `none` when there are several objectives.
public func makePruner(
  _ choice: ComponentChoice, objectives: [Objective]
) throws(SamplerError) -> any Pruner {
  try ComponentDescription.named(choice.name, .pruner).validate(choice.options)
  if choice.name == "none" { return NoPruner() }
  guard objectives.count == 1 else {
    throw .badOption(
      component: choice.name, option: "\(objectives.count) objectives",
      reason: "a pruner compares trials by one objective; use --pruner none")
  }
  switch choice.name {
  case "asha":
    if let bootstrap = choice.whole("bootstrap"), bootstrap > 0, choice.whole("min") == nil {
      throw .badOption(
        component: "asha", option: "bootstrap=\(bootstrap)", reason: "it needs min=STEPS as well")
    }
    return SuccessiveHalvingPruner(
      minimumResource: choice.whole("min").map(Int64.init),
      reductionFactor: choice.whole("factor") ?? 4,
      earlyStoppingRate: choice.whole("rate") ?? 0,
      bootstrapCount: choice.whole("bootstrap") ?? 0)
  default:
    return PercentilePruner(
      percentile: choice.name == "median" ? 50 : choice.options["percentile"] ?? 25,
      startupTrials: choice.whole("startup") ?? 5,
      warmupSteps: Int64(choice.whole("warmup") ?? 0),
      intervalSteps: Int64(choice.whole("interval") ?? 1),
      minimumTrials: choice.whole("trials") ?? 1)
  }
}
