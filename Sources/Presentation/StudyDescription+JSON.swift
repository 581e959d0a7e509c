// All there is to know of a study, for programs. The space is as a space file has it.

package import PlainText
import Samplers
import SpaceNotation
package import StudyModel

extension StudyDescription {
  /// The same as one JSON object.
  ///
  /// - Throws: when the best trials cannot be read.
  package func json() throws -> JSONDocument {
    let study = state.study
    return .object([
      ("name", .string(study.name)),
      ("objectives", .array(definition.objectives.map(Self.json))),
      ("space", Self.json(definition.space)),
      ("bounds", .array(definition.bounds.map { .string($0.notation) })),
      ("sampler", .string(definition.sampler.notation)),
      (
        "warm_start",
        .array(
          borrowed.map { loan in
            .object([
              ("study", .string(loan.source.name)),
              ("finished_trials", JSONDocument(loan.source.finishedCount)),
              ("weight", JSONDocument(loan.weight)),
            ])
          })
      ),
      ("pruner", .string(definition.pruner.notation)),
      ("seed", .token(String(definition.seed))),
      ("target", JSONDocument(definition.targetTrials)),
      ("target_value", definition.targetValue.map { .number($0) } ?? .null),
      ("trials", try counts()),
      ("best", try best),
      ("run", definition.run.map(Self.json) ?? .null),
      ("user_attributes", Self.json(attributes: study.userAttributes)),
      ("system_attributes", Self.json(attributes: study.systemAttributes)),
      ("created", .string(clock.text(study.created))),
      ("updated", .string(clock.text(study.updated))),
      ("edits", .integer(Int64(study.edits))),
      ("store", .string(store)),
    ])
  }

  private func counts() throws -> JSONDocument {
    let states: [TrialState] = [.complete, .pruned, .failed, .running, .waiting]
    return .object(
      [("total", JSONDocument(state.trialCount))]
        + states.map { ($0.name, JSONDocument(state.count($0))) }
        + [
          ("out_of_bounds", JSONDocument(try state.countBreakingBounds())),
          ("dropped", JSONDocument(state.setAsideCounts.dropped)),
          ("reruns", JSONDocument(state.setAsideCounts.reruns)),
        ])
  }

  private var best: JSONDocument {
    get throws {
      .array(
        try state.bestTrials.map { best in
          .object([
            ("number", JSONDocument(best.number)),
            ("values", state.json(ofValues: best.values)),
            ("params", try state.trial(best.row).assignment.document),
          ])
        })
    }
  }

  private static func json(_ objective: Objective) -> JSONDocument {
    .object([
      ("name", .string(objective.name)),
      ("direction", .string(objective.direction.rawValue)),
      ("aggregate", .string(objective.aggregate.notation)),
    ])
  }

  static func json(_ space: SearchSpace) -> JSONDocument {
    .object([
      (
        "parameters",
        .object(
          space.parameters.map { parameter in
            (
              parameter.name,
              .object(members(of: parameter.distribution) + conditions(of: parameter))
            )
          })
      ),
      ("constraints", .array(space.constraints.map { .string($0) })),
    ])
  }

  /// What stands under `when`: a mapping, an expression, or a list of both.
  private static func conditions(
    of parameter: Parameter
  ) -> [(key: String, value: JSONDocument)] {
    let plain = JSONDocument.object(
      parameter.conditions.map { condition in
        (condition.parent, .array(condition.values.map { JSONDocument($0) }))
      })
    guard let expression = parameter.expression else {
      return parameter.conditions.isEmpty ? [] : [("when", plain)]
    }
    let text = JSONDocument.string(expression.text)
    return [("when", parameter.conditions.isEmpty ? text : .array([plain, text]))]
  }

  private static func members(of prior: NormalPrior?) -> [(key: String, value: JSONDocument)] {
    prior.map { [("mean", .number($0.mean)), ("deviation", .number($0.deviation))] } ?? []
  }

  /// A distribution as a space file says it.
  private static func members(
    of distribution: Distribution
  ) -> [(key: String, value: JSONDocument)] {
    switch distribution {
    case .float(let domain):
      [
        ("type", .string("float")), ("low", .number(domain.low)), ("high", .number(domain.high)),
        ("log", .bool(domain.isLogarithmic)),
      ] + (domain.step.map { [("step", .number($0))] } ?? []) + members(of: domain.prior)
    case .integer(let domain):
      [
        ("type", .string("int")), ("low", .integer(domain.low)), ("high", .integer(domain.high)),
        ("log", .bool(domain.isLogarithmic)), ("step", .integer(domain.step)),
      ] + members(of: domain.prior)
    case .categorical(let choices):
      distribution == .boolean
        ? [("type", .string("bool"))]
        : [
          ("type", .string(choices.isOrdered ? "ordered" : "choice")),
          (
            "choices",
            .array(
              choices.indices.map { index in
                let text = choices.text(at: index)
                return choices[index].number != nil && text.isJSONNumber
                  ? .token(text) : JSONDocument(choices[index])
              })
          ),
        ]
    }
  }

  private static func json(_ run: RunConfiguration) -> JSONDocument {
    .object([
      ("command", .array(run.command.map { .string($0) })),
      ("directory", .string(run.workingDirectory)),
      ("jobs", JSONDocument(run.jobs)),
      ("cpus", JSONDocument(run.cpusPerTrial)),
      ("gpus", JSONDocument(run.gpusPerTrial)),
      ("memory_bytes", run.memoryLimit.map { .integer($0) } ?? .null),
      ("trial_timeout_s", JSONDocument(run.trialTimeoutSeconds)),
      ("retries", JSONDocument(run.retries)),
      ("max_failures", JSONDocument(run.maximumFailures)),
      ("grace_s", .number(run.graceSeconds)),
      ("metric", .array(run.metricPatterns.map { .string($0) })),
      ("metrics_from", .array(run.metricSources.map { .string($0) })),
      ("template", JSONDocument(run.template)),
      ("params_from_env", .bool(run.readsEnvironment)),
      ("code", JSONDocument(run.code)),
    ])
  }

  static func json(attributes: [String: String]) -> JSONDocument {
    .object(
      attributes.sorted { $0.key < $1.key }.map { ($0.key, JSONDocument(attribute: $0.value)) })
  }
}

extension StudyRecord {
  /// The objectives by name; empty when the trial has no values.
  func json(ofValues values: [Double]) -> JSONDocument {
    .object(zip(study.definition.objectives, values).map { ($0.name, .number($1)) })
  }
}

extension JSONDocument {
  init(_ value: ParameterValue) {
    switch value {
    case .float(let number): self = .number(number)
    case .integer(let number): self = .integer(number)
    case .bool(let bool): self = .bool(bool)
    case .string(let text): self = .string(text)
    case .structure(let text): self = .token(text)
    case .null: self = .null
    }
  }
}

extension Assignment {
  /// As one JSON object, values by name.
  package var document: JSONDocument { .object(entries.map { ($0.name, JSONDocument($0.value)) }) }
}
