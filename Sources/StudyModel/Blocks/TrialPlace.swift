// One trial, wherever it lies: in a box of its own, or at a place in a block.columns.

/// Reads one trial at a time; its cells by column numbers. Of a block that was read from elsewhere,
/// only what was asked for is there.
enum TrialPlace: Sendable {
  case loose(Box<OpenTrial>)
  case packed(TrialBlock, Int)

  var id: TrialID {
    switch self {
    case .loose(let box): box.value.id
    case .packed(let block, let place): block.columns.ids[place]
    }
  }

  var number: Int {
    switch self {
    case .loose(let box): box.value.number
    case .packed(let block, let place): block.columns.numbers[place]
    }
  }

  var state: TrialState {
    switch self {
    case .loose(let box): box.value.state
    case .packed(let block, let place): block.columns.states[place]
    }
  }

  var created: Timestamp {
    switch self {
    case .loose(let box): box.value.created
    case .packed(let block, let place): block.columns.created[place]
    }
  }

  var started: Timestamp? {
    switch self {
    case .loose(let box): box.value.started
    case .packed(let block, let place): block.columns.started[place]
    }
  }

  var ended: Timestamp? {
    switch self {
    case .loose(let box): box.value.ended
    case .packed(let block, let place): block.columns.ended[place]
    }
  }

  var proposer: String {
    switch self {
    case .loose(let box): box.value.proposer
    case .packed(let block, let place): block.columns.proposers[place]
    }
  }

  var retryOf: Int? {
    switch self {
    case .loose(let box): box.value.retryOf
    case .packed(let block, let place): block.columns.retryOf[place, 0]
    }
  }

  func value(_ objective: Int) -> Double? {
    switch self {
    case .loose(let box):
      box.value.values.indices.contains(objective) ? box.value.values[objective] : nil
    case .packed(let block, let place): block.columns.values[place, objective]
    }
  }

  func violation(_ bound: Int) -> Double? {
    switch self {
    case .loose(let box):
      box.value.violations.indices.contains(bound) ? box.value.violations[bound] : nil
    case .packed(let block, let place): block.columns.violations[place, bound]
    }
  }

  func parameter(_ column: Int) -> KeptParameter? {
    switch self {
    case .loose(let box): box.value.parameters[UInt64(column)]
    case .packed(let block, let place):
      block.columns.parameters[place, column].map {
        KeptParameter(value: $0, distribution: block.columns.distributions[place, column] ?? 0)
      }
    }
  }

  /// By ascending column.
  var parameters: [(column: Int, value: KeptParameter)] {
    switch self {
    case .loose(let box): box.value.parameters.entries().map { (Int($0.key), $0.value) }
    case .packed(let block, let place):
      block.columns.parameters.row(place).map { column, value in
        let distribution = block.columns.distributions[place, column] ?? 0
        return (column, KeptParameter(value: value, distribution: distribution))
      }
    }
  }

  func attribute(_ scope: AttributeScope, _ column: Int) -> String? {
    switch (self, scope) {
    case (.loose(let box), .user): box.value.userAttributes[UInt64(column)]
    case (.loose(let box), .system): box.value.systemAttributes[UInt64(column)]
    case (.packed(let block, let place), .user): block.columns.userAttributes[place, column]
    case (.packed(let block, let place), .system): block.columns.systemAttributes[place, column]
    }
  }

  /// By ascending column.
  func attributes(_ scope: AttributeScope) -> [(column: Int, value: String)] {
    switch (self, scope) {
    case (.loose(let box), .user):
      box.value.userAttributes.entries().map { (Int($0.key), $0.value) }
    case (.loose(let box), .system):
      box.value.systemAttributes.entries().map { (Int($0.key), $0.value) }
    case (.packed(let block, let place), .user): block.columns.userAttributes.row(place)
    case (.packed(let block, let place), .system): block.columns.systemAttributes.row(place)
    }
  }

  /// First to last.
  var attempts: [Attempt] {
    switch self {
    case .loose(let box): box.value.attempts.entries().map(\.value)
    case .packed(let block, let place): block.columns.attempts.attempts(at: place)
    }
  }

  var lastAttempt: Attempt? {
    switch self {
    case .loose(let box): box.value.lastAttempt
    case .packed(let block, let place): block.columns.attempts.last(at: place)
    }
  }

  /// The metrics it reported, ascending.
  var metrics: [Int] {
    switch self {
    case .loose(let box): box.value.series.entries().map { Int($0.key) }
    case .packed(let block, let place): block.columns.curves.series(at: place).map(\.metric)
    }
  }

  func summary(_ metric: Int) -> SeriesSummary? {
    switch self {
    case .loose(let box): box.value.series[UInt64(metric)]?.summary
    case .packed(let block, let place):
      block.columns.curves.series(at: place, of: metric)?.summary
    }
  }

  /// By ascending step; none when it never reported the metric.
  ///
  /// - Throws: when they are stored and cannot be read.
  func points(_ metric: Int) throws -> [MetricPoint] {
    switch self {
    case .loose(let box): box.value.series[UInt64(metric)]?.points ?? []
    case .packed(let block, let place):
      try block.columns.curves.series(at: place, of: metric)?.points(block.columns.curves) ?? []
    }
  }

  /// - Throws: when it is stored and cannot be read.
  func reported(_ metric: Int, atStep step: Int64) throws -> Double? {
    switch self {
    case .loose(let box): box.value.series[UInt64(metric)]?.value(atStep: step)
    case .packed(let block, let place):
      try block.columns.curves.series(at: place, of: metric)?.value(
        atStep: step, block.columns.curves)
    }
  }
}
