// What the parts of a study's blocks are called, for people.

import StudyModel

struct PartNames {
  private let parameters: [String]
  private let metrics: [String]
  private let userAttributes: [String]
  private let systemAttributes: [String]
  private let hasOneObjective: Bool

  init(_ record: StudyRecord) {
    parameters = record.parameterNames
    metrics = record.metricNames
    userAttributes = record.attributeKeys(.user)
    systemAttributes = record.attributeKeys(.system)
    hasOneObjective = record.study.definition.objectives.count == 1
  }

  /// What a part is of, as a column of a table is named where there is such a one.
  func name(of key: PartKey) -> String {
    switch key.kind {
    case .isPacked: "finished"
    case .ids: "identity"
    case .numbers: "number"
    case .states: "state"
    case .created: "created"
    case .started: "started"
    case .ended: "ended"
    case .proposers: "proposer"
    case .retryOf: "retry_of"
    case .value: hasOneObjective ? "value" : "value_\(key.number + 1)"
    case .violation: "violation_\(key.number + 1)"
    case .parameter: "parameter \(named(key.number, parameters))"
    case .distribution: "distribution of \(named(key.number, parameters))"
    case .userAttribute: "attribute \(named(key.number, userAttributes))"
    case .systemAttribute: "system attribute \(named(key.number, systemAttributes))"
    case .attempt: "attempts: \(AttemptField(rawValue: key.number).map { "\($0)" } ?? "?")"
    case .series: "summaries of \(named(key.metric, metrics))"
    case .pointValues: "\(named(key.number, metrics)): values"
    case .pointTimes: "\(named(key.number, metrics)): times"
    case .pointSteps: "\(named(key.number, metrics)): steps"
    case .zones: "ranges of columns"
    }
  }

  private func named(_ number: Int, _ names: [String]) -> String {
    number < names.count ? names[number] : "\(number)"
  }
}
