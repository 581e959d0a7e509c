// Distributions and their choices in records.

import StudyModel

extension ByteWriter {
  /// The plain forms, 0 to 5, wherever they say it all: they are short.
  mutating func distribution(_ distribution: Distribution) {
    switch distribution {
    case .float(let domain):
      let isPlain = domain.prior == nil && !(domain.isLogarithmic && domain.step != nil)
      if isPlain {
        byte(domain.isLogarithmic ? 1 : domain.step == nil ? 0 : 2)
      } else {
        byte(6)
        byte(domain.isLogarithmic ? 1 : 0)
      }
      double(domain.low)
      double(domain.high)
      if isPlain, let step = domain.step { double(step) }
      if !isPlain {
        optional(domain.step) { $0.double($1) }
        optional(domain.prior) { $0.prior($1) }
      }
    case .integer(let domain):
      let isPlain = domain.prior == nil && !(domain.isLogarithmic && domain.step != 1)
      if isPlain {
        byte(domain.isLogarithmic ? 4 : 3)
      } else {
        byte(7)
        byte(domain.isLogarithmic ? 1 : 0)
      }
      signed(domain.low)
      signed(domain.high)
      if !isPlain || !domain.isLogarithmic { signed(domain.step) }
      if !isPlain { optional(domain.prior) { $0.prior($1) } }
    case .categorical(let choices):
      let isPlain = !choices.isOrdered && choices.typedTexts == nil
      byte(isPlain ? 5 : 8)
      if !isPlain { byte(choices.isOrdered ? 1 : 0) }
      varint(UInt64(choices.count))
      for choice in choices { parameterValue(choice) }
      if !isPlain {
        let texts = choices.typedTexts ?? []
        varint(UInt64(texts.count))
        for text in texts { string(text) }
      }
    }
  }

  private mutating func prior(_ prior: NormalPrior) {
    double(prior.mean)
    double(prior.deviation)
  }

  private mutating func parameterValue(_ value: ParameterValue) {
    switch value {
    case .null: byte(0)
    case .bool(false): byte(1)
    case .bool(true): byte(2)
    case .integer(let number):
      byte(3)
      signed(number)
    case .float(let number):
      byte(4)
      double(number)
    case .string(let text):
      byte(5)
      string(text)
    case .structure(let text):
      byte(6)
      string(text)
    }
  }
}

extension ByteReader {
  mutating func distribution() throws(ByteError) -> Distribution {
    switch try byte() {
    case 0: return try float(isLogarithmic: false, hasStep: false)
    case 1: return try float(isLogarithmic: true, hasStep: false)
    case 2: return try float(isLogarithmic: false, hasStep: true)
    case 3: return try integer(isLogarithmic: false)
    case 4: return try integer(isLogarithmic: true)
    case 5: return .categorical(try choices(hasMore: false))
    case 6: return try fullFloat()
    case 7: return try fullInteger()
    case 8: return .categorical(try choices(hasMore: true))
    case let other: throw .badValue("distribution \(other)")
    }
  }

  private mutating func float(
    isLogarithmic: Bool, hasStep: Bool
  ) throws(ByteError) -> Distribution {
    let low = try double()
    let high = try double()
    let step = hasStep ? try double() : nil
    return try domain { () throws(DomainError) in
      .float(try FloatDomain(low: low, high: high, isLogarithmic: isLogarithmic, step: step))
    }
  }

  private mutating func fullFloat() throws(ByteError) -> Distribution {
    let isLogarithmic = try truth("logarithm")
    let low = try double()
    let high = try double()
    let step = try optional { reader throws(ByteError) in try reader.double() }
    let prior = try optional { reader throws(ByteError) in try reader.prior() }
    return try domain { () throws(DomainError) in
      .float(
        try FloatDomain(
          low: low, high: high, isLogarithmic: isLogarithmic, step: step, prior: prior))
    }
  }

  private mutating func integer(isLogarithmic: Bool) throws(ByteError) -> Distribution {
    let low = try signed()
    let high = try signed()
    let step = isLogarithmic ? 1 : try signed()
    return try domain { () throws(DomainError) in
      .integer(try IntegerDomain(low: low, high: high, isLogarithmic: isLogarithmic, step: step))
    }
  }

  private mutating func fullInteger() throws(ByteError) -> Distribution {
    let isLogarithmic = try truth("logarithm")
    let low = try signed()
    let high = try signed()
    let step = try signed()
    let prior = try optional { reader throws(ByteError) in try reader.prior() }
    return try domain { () throws(DomainError) in
      .integer(
        try IntegerDomain(
          low: low, high: high, isLogarithmic: isLogarithmic, step: step, prior: prior))
    }
  }

  private mutating func prior() throws(ByteError) -> NormalPrior {
    let mean = try double()
    let deviation = try double()
    return try domain { () throws(DomainError) in
      try NormalPrior(mean: mean, deviation: deviation)
    }
  }

  private mutating func truth(_ what: String) throws(ByteError) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    case let other: throw .badValue("\(what) \(other)")
    }
  }

  private func domain<Value>(
    _ make: () throws(DomainError) -> Value
  ) throws(ByteError) -> Value {
    do { return try make() } catch { throw .badValue("distribution: \(error)") }
  }

  private mutating func choices(hasMore: Bool) throws(ByteError) -> ChoiceDomain {
    let isOrdered = hasMore ? try truth("order") : false
    let count = try count(upTo: remaining, "count")
    var choices: [ParameterValue] = []
    choices.reserveCapacity(count)
    for _ in 0..<count { choices.append(try parameterValue()) }
    var texts: [String] = []
    if hasMore {
      let count = try self.count(upTo: choices.count, "count of texts")
      for _ in 0..<count { texts.append(try string()) }
    }
    return ChoiceDomain(unchecked: choices, texts: texts, isOrdered: isOrdered)
  }

  private mutating func parameterValue() throws(ByteError) -> ParameterValue {
    switch try byte() {
    case 0: return .null
    case 1: return .bool(false)
    case 2: return .bool(true)
    case 3: return .integer(try signed())
    case 4: return .float(try double())
    case 5: return .string(try string())
    case 6: return .structure(try string())
    case let other: throw .badValue("choice \(other)")
    }
  }
}
