// Parameters as they are typed: `-p lr=log:1e-5..1e-1` declares one, `enqueue STUDY lr=0.001`
// gives one a value.

import PlainText
package import StudyModel

extension Parameter {
  /// Reads `NAME=DOMAIN`.
  package init(notation text: String) throws(NotationError) {
    let (name, domain) = try text.splitAtEquals(expecting: "DOMAIN")
    let distribution: Distribution
    do {
      distribution = try Distribution(notation: String(domain))
    } catch {
      throw error.within(
        text, at: text.distance(from: text.startIndex, to: domain.startIndex))
    }
    self.init(name: name, distribution: distribution)
  }

  /// `lr=log:1e-5..0.1`: without the conditions, for which the command line has no notation.
  package var notation: String { "\(name)=\(distribution.notation)" }
}

extension Parameter {
  /// `opt is "sgd" or "adam" and layers > 2`: when it exists; empty: always.
  package var conditionNotation: String {
    (conditions.map(\.notation) + (expression.map { [$0.text] } ?? []))
      .joined(separator: " and ")
  }
}

extension ParameterCondition {
  /// `opt is sgd`, `opt is sgd or adam`
  package var notation: String {
    "\(parent) is \(values.map(\.jsonNotation).joined(separator: " or "))"
  }
}

extension Assignment {
  /// Reads `NAME=VALUE` texts as values for parameters of `space`, which is all that need be
  /// given. A categorical value is meant as JSON (`16`, `"16"`, `null`) before it is meant as
  /// text.
  ///
  /// - Throws: ``NotationError`` for an unknown parameter, one given twice or not existing
  ///   beside the others, or a value that its domain does not have.
  package init(notation texts: [String], in space: SearchSpace) throws(NotationError) {
    var given: [String: (text: String, entry: Entry)] = [:]
    for text in texts {
      let (name, value) = try text.splitAtEquals(expecting: "VALUE")
      guard let parameter = space[name] else {
        let names = space.parameters.map(\.name)
        throw NotationError(
          .unknown("parameter", nearest: nearestNames(to: name, among: names).first, known: names),
          in: text, at: text[...].prefix { $0 != "=" }.trimmed)
      }
      guard given[name] == nil else {
        throw NotationError(.repeated, in: text, at: text[...].prefix { $0 != "=" }.trimmed)
      }
      let internalValue = try parameter.internalValue(notation: value, in: text)
      let entry = Entry(
        name: name, distribution: parameter.distribution, internalValue: internalValue)
      given[name] = (text, entry)
    }
    self.init(space.parameters.compactMap { given[$0.name]?.entry })
    for parameter in space.parameters {
      guard let (text, _) = given[parameter.name] else { continue }
      for condition in parameter.conditions {
        // A parent that is not given may yet come out right.
        guard let value = self[condition.parent],
          !condition.values.contains(where: { $0.means(value) })
        else { continue }
        throw NotationError(
          .inactive(parameter: parameter.name, condition: condition.notation), in: text,
          at: text[...].prefix { $0 != "=" }.trimmed)
      }
    }
  }

  /// Reads `NAME=VALUE`, several of them between white space or commas that stand in no quotes
  /// or brackets: a configuration in one text.
  package init(configuration text: String, in space: SearchSpace) throws(NotationError) {
    try self.init(notation: text.settings, in: space)
  }

  /// `lr=0.001 opt=adam`
  package var notation: String {
    entries.map { "\($0.name)=\($0.value.notation)" }.joined(separator: " ")
  }
}

extension Parameter {
  fileprivate func internalValue(
    notation value: Substring, in text: String
  ) throws(NotationError) -> Double {
    func outside(nearest: String? = nil) -> NotationError {
      NotationError(
        .outside(parameter: name, domain: distribution.notation, nearest: nearest), in: text,
        at: value, suggestions: nearest.map { ["\(name)=\($0)"] } ?? [])
    }
    switch distribution {
    case .float(let domain):
      guard let number = value.decimalNumber else {
        throw NotationError(.notA("a number"), in: text, at: value)
      }
      if !distribution.contains(number) {
        throw outside(nearest: domain.nearest(to: number).notation)
      }
      return distribution.internalValue(of: .float(number)) ?? number
    case .integer(let domain):
      guard let number = value.decimalNumber, number.rounded() == number else {
        throw NotationError(.notA("a whole number"), in: text, at: value)
      }
      if !distribution.contains(number) {
        throw outside(nearest: String(domain.nearest(to: number)))
      }
      return number
    case .categorical(let choices):
      if let index = choices.indices.first(where: { choices.text(at: $0) == value }) {
        return Double(index)
      }
      // What is no JSON is text as it stands.
      if let meant = try? JSONReader.read(String(value), allowsNonFinite: true),
        let index = distribution.internalValue(of: meant.parameterValue)
      {
        return index
      }
      if let index = choices.firstIndex(where: { $0.notation == value || $0.description == value })
      {
        return Double(index)
      }
      throw outside(nearest: nearestNames(to: String(value), among: choices.map(\.notation)).first)
    }
  }
}

extension String {
  /// The parts between white space or commas, but for those in double quotes or brackets.
  fileprivate var settings: [String] {
    var parts: [String] = []
    var part = String.UnicodeScalarView()
    var depth = 0
    var isQuoted = false
    var isEscaped = false
    for scalar in unicodeScalars {
      let isSeparator = scalar == "," || scalar.properties.isWhitespace
      if isSeparator && depth == 0 && !isQuoted {
        if !part.isEmpty { parts.append(String(part)) }
        part.removeAll()
        continue
      }
      part.append(scalar)
      if isQuoted {
        if scalar == "\"" && !isEscaped { isQuoted = false }
        isEscaped = scalar == "\\" && !isEscaped
      } else if scalar == "\"" {
        isQuoted = true
      } else if scalar == "[" || scalar == "{" {
        depth += 1
      } else if scalar == "]" || scalar == "}" {
        depth = max(0, depth - 1)
      }
    }
    if !part.isEmpty { parts.append(String(part)) }
    return parts
  }

  /// The name before the first `=`, and what follows.
  fileprivate func splitAtEquals(
    expecting what: String
  ) throws(NotationError) -> (name: String, rest: Substring) {
    guard let sign = firstIndex(of: "=") else {
      throw NotationError(
        .missing("\"=\(what)\""), in: self, at: self[endIndex...],
        suggestions: ["\(isEmpty ? "NAME" : self)=\(what)"])
    }
    let name = self[..<sign].trimmed
    if name.isEmpty { throw NotationError(.missing("the parameter's name"), in: self, at: name) }
    return (String(name), self[index(after: sign)...].trimmed)
  }
}
