// Values of options that are more than a word.

public import ArgumentParser
import Samplers
public import StudySQL
import StudyStorage
import Synchronization

/// A whole number with a lower limit, for `transform:` of an option.
enum Count {
  static func atLeast(_ least: Int) -> @Sendable (String) throws -> Int {
    { text in
      guard let count = Int(text) else { throw ValidationError("it is not a whole number") }
      guard count >= least else { throw ValidationError("it must be at least \(least)") }
      return count
    }
  }
}

/// What was given to `--minimize` or `--maximize`, with its place among both: the parser keeps
/// the order within an option only, and the order of objectives is the user's.
struct ObjectiveOption: Equatable {
  private static let counter = Mutex(0)

  let text: String
  /// Ascending in the order in which the parser met them.
  let order: Int

  init(_ text: String) {
    self.text = text
    order = Self.counter.withLock { count in
      count += 1
      return count
    }
  }
}

/// What was given to `--target`: a value, or that there is none any more.
enum TargetOption: Equatable {
  case value(Double)
  case none

  init(_ text: String) throws {
    if text == "none" {
      self = .none
    } else if let value = Double(text), value.isFinite {
      self = .value(value)
    } else {
      throw ValidationError("it is neither a number nor \"none\"")
    }
  }

  var value: Double? {
    switch self {
    case .value(let value): value
    case .none: nil
    }
  }
}

extension Durability: ExpressibleByArgument {}

extension RowFormat: ExpressibleByArgument {}

extension ExportNames: ExpressibleByArgument {}

/// What help and completion say of the samplers and pruners there are; which choice is right is
/// judged by who makes them.
extension ComponentKind {
  var names: [String] { all.map(\.name) }

  /// A line each: what it does, and its options as they stand when they are not given.
  var discussion: String {
    all.map { component in
      let options = component.options.map { "\($0.name)=\($0.standard)" }
      return "\(component.name): \(component.summary)"
        + (options.isEmpty ? "" : " (\(options.joined(separator: ", ")))")
    }.joined(separator: "\n")
  }
}
