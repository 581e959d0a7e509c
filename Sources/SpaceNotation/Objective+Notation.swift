// Objectives and bounds as they are typed: `--maximize accuracy@max`, `--constraint
// 'latency_ms <= 20'`.

import PlainText
package import StudyModel

extension MetricAggregate {
  /// `last`, `min`, `max`, `mean:5`
  package var notation: String {
    switch self {
    case .last: "last"
    case .minimum: "min"
    case .maximum: "max"
    case .mean(let count): "mean:\(count)"
    }
  }

  fileprivate init(_ word: Substring, in text: String) throws(NotationError) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let known = ["last", "min", "max", "mean:5"]
    switch parts.first {
    case "last" where parts.count == 1: self = .last
    case "min" where parts.count == 1: self = .minimum
    case "max" where parts.count == 1: self = .maximum
    case "mean":
      guard parts.count == 2, let count = Int(parts[1]), count > 0 else {
        let part = parts.count == 2 ? parts[1] : word
        throw NotationError(
          .notA("a number of steps to take the mean of"), in: text, at: part,
          suggestions: ["\(text[..<word.startIndex])mean:5"])
      }
      self = .mean(count: count)
    default:
      let nearest = nearestNames(to: String(word), among: known).first
      throw NotationError(.unknown("aggregate", nearest: nearest, known: known), in: text, at: word)
    }
  }
}

extension Objective {
  /// Reads `NAME` or `NAME@AGGREGATE`.
  package init(
    notation text: String, direction: StudyDirection
  ) throws(NotationError) {
    let body = text[...].trimmed
    let at = body.lastIndex(of: "@")
    let name = body[..<(at ?? body.endIndex)].trimmed
    if name.isEmpty { throw NotationError(.missing("the metric's name"), in: text, at: name) }
    var aggregate = MetricAggregate.last
    if let at {
      aggregate = try MetricAggregate(body[body.index(after: at)...].trimmed, in: text)
    }
    self.init(name: String(name), direction: direction, aggregate: aggregate)
  }

  /// `accuracy`, `loss@min`: without the direction, which an option gives.
  package var notation: String {
    // A name with an "@" of its own would lose it when it is read again.
    aggregate == .last && !name.contains("@") ? name : "\(name)@\(aggregate.notation)"
  }
}

extension MetricBound {
  /// Reads `METRIC <= NUMBER` or `METRIC >= NUMBER`; a metric may be in double quotes.
  package init(notation text: String) throws(NotationError) {
    let body = text[...].trimmed
    guard let sign = body.lastIndex(where: { $0 == "<" || $0 == ">" || $0 == "=" }) else {
      throw NotationError(
        .missing("the relation <= or >="), in: text, at: body[body.endIndex...],
        suggestions: ["\(body.isEmpty ? "latency_ms" : body) <= 20"])
    }
    let operatorStart =
      body[..<sign].last.map { "<>=!".contains($0) } == true
      ? body.index(before: sign) : sign
    let operatorText = body[operatorStart...sign]
    let name = body[..<operatorStart].trimmed
    let limit = body[body.index(after: sign)...].trimmed
    guard let relation = Relation(rawValue: String(operatorText)) else {
      let fixed = operatorText.first == ">" ? ">=" : "<="
      throw NotationError(
        .notA("the relation <= or >="), in: text, at: operatorText,
        suggestions: ["\(name) \(fixed) \(limit)"])
    }
    if name.isEmpty { throw NotationError(.missing("the metric's name"), in: text, at: name) }
    guard let number = limit.decimalNumber, number.isFinite else {
      let suggestions =
        name.decimalNumber == nil
        ? [] : ["\(limit) \(relation == .atMost ? ">=" : "<=") \(name)"]
      throw NotationError(.notA("a number"), in: text, at: limit, suggestions: suggestions)
    }
    self.init(metric: Self.unquoted(name), relation: relation, limit: number)
  }

  private static func unquoted(_ name: Substring) -> String {
    guard name.count > 2, name.first == "\"", name.last == "\"" else { return String(name) }
    return String(name.dropFirst().dropLast())
  }

  /// `latency_ms <= 20.0`
  package var notation: String { "\(metric) \(relation.rawValue) \(limit.notation)" }
}
