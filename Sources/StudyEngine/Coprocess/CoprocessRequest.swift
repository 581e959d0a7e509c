// What a program says to a coprocess: one JSON object a line.

internal import PlainText
internal import StudyModel

/// A line that was understood.
enum CoprocessRequest: Hashable, Sendable {
  case ask
  case report(trial: Int, step: Int64, metrics: [MetricReport.Entry], value: Double?)
  /// `values` is nil when the line names none.
  case tell(trial: Int, state: TrialState, values: [Double]?, reason: String)

  /// - Throws: what is wrong with the line. Members that are not known are passed over.
  init(_ line: ArraySlice<UInt8>) throws(BadCoprocessLine) {
    guard let object = JSONLine(line) else { throw .init("the line is not a JSON object") }
    guard case .text(let operation)? = object["op"]?.value else {
      throw .init("the line lacks \"op\", which is \"ask\", \"report\" or \"tell\"")
    }
    switch operation {
    case "ask": self = .ask
    case "report": self = try Self.report(object)
    case "tell": self = try Self.tell(object)
    default: throw .init("\"op\" is ask, report or tell, not \(operation.jsonQuoted)")
    }
  }

  private static func report(_ object: JSONLine) throws(BadCoprocessLine) -> CoprocessRequest {
    guard let trial = try object.whole("trial") else { throw .init("report needs \"trial\"") }
    guard let step = try object.whole("step") else { throw .init("report needs \"step\"") }
    let value = try object.number("value")
    var metrics: [MetricReport.Entry] = []
    switch object["metrics"]?.value {
    case nil, .null?: break
    case .object(let named)?:
      metrics.reserveCapacity(named.members.count)
      for member in named.members {
        guard let number = member.number else {
          throw .init("the metric \(member.name.jsonQuoted) is not a number")
        }
        metrics.append(.init(member.name, number))
      }
    default: throw .init("\"metrics\" is not an object of numbers")
    }
    if value == nil && metrics.isEmpty { throw .init("report needs \"value\" or \"metrics\"") }
    return .report(
      trial: Int(clamping: trial), step: step, metrics: metrics, value: value)
  }

  private static func tell(_ object: JSONLine) throws(BadCoprocessLine) -> CoprocessRequest {
    guard let trial = try object.whole("trial") else { throw .init("tell needs \"trial\"") }
    let state: TrialState
    switch object["state"]?.value {
    case nil, .null?: state = .complete
    case .text(let name)?:
      guard let named = TrialState(name: name), named.isFinished else {
        throw .init("\"state\" is complete, pruned or failed, not \(name.jsonQuoted)")
      }
      state = named
    default: throw .init("\"state\" is not text")
    }
    var reason = ""
    if case .text(let text)? = object["reason"]?.value { reason = text }
    return .tell(
      trial: Int(clamping: trial), state: state, values: try values(object), reason: reason)
  }

  private static func values(_ object: JSONLine) throws(BadCoprocessLine) -> [Double]? {
    switch object["values"]?.value {
    case nil, .null?: return try object.number("value").map { [$0] }
    case .list(let list)?:
      let numbers = list.compactMap(\.number)
      guard numbers.count == list.count else { throw .init("\"values\" are not all numbers") }
      return numbers
    default: throw .init("\"values\" is not a list of numbers")
    }
  }
}

/// Why a line could not be understood.
struct BadCoprocessLine: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension JSONLine {
  /// The number under `name`; nil when there is none, or null.
  fileprivate func number(_ name: String) throws(BadCoprocessLine) -> Double? {
    guard let member = self[name], member.value != .null else { return nil }
    guard let number = member.number else {
      throw BadCoprocessLine("\(name.jsonQuoted) is not a number")
    }
    return number
  }

  /// The whole number under `name`; nil when there is none, or null.
  fileprivate func whole(_ name: String) throws(BadCoprocessLine) -> Int64? {
    if case .integer(let whole)? = self[name]?.value { return whole }
    guard let number = try number(name) else { return nil }
    guard let whole = Int64(exactly: number) else {
      throw BadCoprocessLine("\(name.jsonQuoted) is not a whole number")
    }
    return whole
  }
}
