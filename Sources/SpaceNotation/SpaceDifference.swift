// How two search spaces differ, in words that show both.

import PlainText
package import StudyModel

/// What differs between a space and another that was meant to be the same. The order of
/// parameters and of constraints counts for nothing: they are found by name.
package struct SpaceDifference: Hashable, Sendable {
  package enum Change: Hashable, Sendable {
    case added(Parameter)
    case removed(Parameter)
    case changed(from: Parameter, to: Parameter)
    case constraintAdded(String)
    case constraintRemoved(String)
  }

  package let changes: [Change]

  package init(from old: SearchSpace, to new: SearchSpace) {
    var changes: [Change] = []
    for parameter in old.parameters {
      if let other = new[parameter.name] {
        if !parameter.means(other) { changes.append(.changed(from: parameter, to: other)) }
      } else {
        changes.append(.removed(parameter))
      }
    }
    for parameter in new.parameters where old[parameter.name] == nil {
      changes.append(.added(parameter))
    }
    for constraint in old.constraints where !new.constraints.contains(constraint) {
      changes.append(.constraintRemoved(constraint))
    }
    for constraint in new.constraints where !old.constraints.contains(constraint) {
      changes.append(.constraintAdded(constraint))
    }
    self.changes = changes
  }

  package var isEmpty: Bool { changes.isEmpty }

  /// One line a change.
  package var lines: [String] { changes.map(\.description) }
}

extension SpaceDifference.Change: CustomStringConvertible {
  package var description: String {
    switch self {
    case .added(let parameter): "\(parameter.name): not there -> \(parameter.domainNotation)"
    case .removed(let parameter): "\(parameter.name): \(parameter.domainNotation) -> not there"
    case .changed(let old, let new):
      "\(old.name): \(old.domainNotation) -> \(new.domainNotation)"
    case .constraintAdded(let text): "constraint not there -> \(text)"
    case .constraintRemoved(let text): "constraint \(text) -> not there"
    }
  }
}

extension Parameter {
  /// `0.0..1.0`, `0.0..1.0 when opt is "sgd"`
  package var domainNotation: String {
    distribution.notation + (isConditional ? " when \(conditionNotation)" : "")
  }

  fileprivate func means(_ other: Parameter) -> Bool {
    distribution == other.distribution && Set(conditions) == Set(other.conditions)
      && expression?.text == other.expression?.text
  }
}

extension SearchSpace {
  /// What its owner may not have meant: a range of two whole numbers is those two and nothing
  /// between.
  package var notes: [String] {
    parameters.compactMap { parameter in
      guard case .integer(let domain) = parameter.distribution, domain.stepCount == 1,
        domain.step == 1
      else { return nil }
      let (low, high) = (domain.low, domain.high)
      return "\(parameter.name) is \(low) or \(high); for reals write \(low).0..\(high).0"
    }
  }
}
