// The choices of a categorical parameter.

/// Values to choose from, in their order.
public struct ChoiceDomain: Hashable, Sendable {
  /// At least one, but for what an old store may hold.
  public let values: [ParameterValue]
  /// Whether the order means something: `small, medium, large`. A sampler then takes neighbours
  /// for alike.
  public let isOrdered: Bool
  /// One for each value, or none where all are as ``ParameterValue/description`` has them.
  private let texts: [String]

  /// Nothing is asked of the choices.
  ///
  /// - Parameter texts: how each was typed (`1.10`, `1e3`); empty: as `description` has it.
  public init(
    unchecked values: [ParameterValue], texts: [String] = [], isOrdered: Bool = false
  ) {
    self.values = values
    self.isOrdered = isOrdered
    let isTyped =
      texts.count == values.count
      && zip(texts, values).contains { !$0.isSameName(as: $1.description) }
    self.texts = isTyped ? texts : []
  }

  /// Choices as they were stored, by this version or one that took 1 and 1.0 for two.
  ///
  /// - Throws: ``DomainError`` when one stands there twice.
  public init(
    stored values: [ParameterValue], texts: [String] = [], isOrdered: Bool = false
  ) throws(DomainError) {
    self.init(unchecked: values, texts: texts, isOrdered: isOrdered)
    var seen = Set<ParameterValue>(minimumCapacity: values.count)
    for value in values where !seen.insert(value).inserted { throw .repeatedChoice(value.json) }
  }

  init(one value: ParameterValue, text: String) {
    values = [value]
    isOrdered = false
    texts = text == value.description ? [] : [text]
  }

  /// - Throws: ``DomainError`` when there is no choice, or one stands there twice: 1 and 1.0 are
  ///   one number.
  public init(
    _ values: [ParameterValue], texts: [String] = [], isOrdered: Bool = false
  ) throws(DomainError) {
    guard !values.isEmpty else { throw .noChoices }
    self.init(unchecked: values, texts: texts, isOrdered: isOrdered)
    var seen = Set<ParameterValue>()
    var numbers: [Double: Int] = [:]
    for (index, value) in values.enumerated() {
      guard seen.insert(value).inserted else {
        let first = values.firstIndex(of: value) ?? index
        if text(at: first) == text(at: index) { throw .repeatedChoice(value.json) }
        throw .sameNumber(text(at: first), text(at: index))
      }
      guard let number = value.number else { continue }
      if let first = numbers.updateValue(index, forKey: number) {
        throw .sameNumber(text(at: first), text(at: index))
      }
    }
  }

  /// How choice `index` is handed to a script: as it was typed.
  public func text(at index: Int) -> String {
    texts.isEmpty ? values[index].description : texts[index]
  }

  /// How the choices were typed, in their order; nil where ``ParameterValue/description`` says it.
  public var typedTexts: [String]? { texts.isEmpty ? nil : texts }
}

extension ChoiceDomain: RandomAccessCollection {
  public var startIndex: Int { values.startIndex }
  public var endIndex: Int { values.endIndex }
  /// The choice of an index, from 0.
  public subscript(index: Int) -> ParameterValue { values[index] }
}

extension ChoiceDomain: ExpressibleByArrayLiteral {
  /// At least one value; that none stands there twice is for the writer of the code to see.
  public init(arrayLiteral values: ParameterValue...) {
    precondition(!values.isEmpty, "a choice needs at least one value")
    self.values = values
    isOrdered = false
    texts = []
  }
}

/// In JSON a plain list of values, or an object where there is more to say.
extension ChoiceDomain: Codable {
  private enum Key: String, CodingKey { case choices, texts, ordered }

  public init(from decoder: any Decoder) throws {
    if var list = try? decoder.unkeyedContainer() {
      var values: [ParameterValue] = []
      while !list.isAtEnd { values.append(try list.decode(ParameterValue.self)) }
      guard !values.isEmpty else { throw DomainError.noChoices }
      try self.init(stored: values)
      return
    }
    let keyed = try decoder.container(keyedBy: Key.self)
    try self.init(
      stored: try keyed.decode([ParameterValue].self, forKey: .choices),
      texts: try keyed.decodeIfPresent([String].self, forKey: .texts) ?? [],
      isOrdered: try keyed.decodeIfPresent(Bool.self, forKey: .ordered) ?? false)
    if values.isEmpty { throw DomainError.noChoices }
  }

  public func encode(to encoder: any Encoder) throws {
    if texts.isEmpty && !isOrdered {
      try values.encode(to: encoder)
      return
    }
    var keyed = encoder.container(keyedBy: Key.self)
    try keyed.encode(values, forKey: .choices)
    if !texts.isEmpty { try keyed.encode(texts, forKey: .texts) }
    if isOrdered { try keyed.encode(true, forKey: .ordered) }
  }
}

extension Distribution {
  /// A categorical distribution with at least one choice and none twice.
  ///
  /// - Parameter texts: how each choice was typed; empty: as ``ParameterValue/description``.
  public static func choice(
    _ values: [ParameterValue], texts: [String] = [], isOrdered: Bool = false
  ) throws(DomainError) -> Distribution {
    .categorical(try ChoiceDomain(values, texts: texts, isOrdered: isOrdered))
  }

  /// A parameter that is always the same.
  public static func fixed(_ value: ParameterValue, text: String? = nil) -> Distribution {
    .categorical(ChoiceDomain(one: value, text: text ?? value.description))
  }
}
