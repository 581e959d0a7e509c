import PlainText
import SpaceNotation
import StudyModel
import Testing

struct DistributionNotationTests {
  static func float(
    _ low: Double, _ high: Double, log: Bool = false, step: Double? = nil
  ) throws -> Distribution {
    .float(try FloatDomain(low: low, high: high, isLogarithmic: log, step: step))
  }

  static func integer(
    _ low: Int64, _ high: Int64, log: Bool = false, step: Int64 = 1
  ) throws -> Distribution {
    .integer(try IntegerDomain(low: low, high: high, isLogarithmic: log, step: step))
  }

  static func normal(
    _ mean: Double, _ deviation: Double, log: Bool = false, low: Double? = nil,
    high: Double? = nil, step: Double? = nil
  ) throws -> Distribution {
    .float(
      try .normal(
        NormalPrior(mean: mean, deviation: deviation), isLogarithmic: log, low: low, high: high,
        step: step))
  }

  static func integerNormal(
    _ mean: Double, _ deviation: Double, low: Int64, high: Int64
  ) throws -> Distribution {
    .integer(
      try .normal(NormalPrior(mean: mean, deviation: deviation), low: low, high: high))
  }

  @Test(arguments: [
    ("log:1e-5..1e-1", try float(1e-5, 0.1, log: true)),
    ("1..4", try integer(1, 4)),
    ("0.0..0.5", try float(0, 0.5)),
    ("0..0.5", try float(0, 0.5)),
    ("1e0..4", try float(1, 4)),
    ("float:1..4", try float(1, 4)),
    ("log:1..1024", try integer(1, 1024, log: true)),
    ("float:log:1..1024", try float(1, 1024, log: true)),
    ("log:8..256:step=8", try integer(8, 256, log: true, step: 8)),
    ("log:0.5..64.0:step=0.5", try float(0.5, 64, log: true, step: 0.5)),
    ("0..<8", try integer(0, 7)),
    ("0.0..<1.0", try float(0, 1.0.nextDown)),
    ("-5.5..<5.0:step=0.5", try float(-5.5, 4.5, step: 0.5)),
    ("0..<1:step=0.3", try float(0, 0.9, step: 0.3)),
    ("range(-5.5,5.0,step=0.5)", try float(-5.5, 4.5, step: 0.5)),
    ("range(0,10,step=2)", try integer(0, 9, step: 2)),
    ("normal:0,1", try normal(0, 1)),
    ("normal(0,1)", try normal(0, 1)),
    ("normal:0,1:-2..2:step=0.5", try normal(0, 1, low: -2, high: 2, step: 0.5)),
    ("lognormal:-7,2", try normal(-7, 2, log: true)),
    ("lognormal(-7,2,1e-6..1)", try normal(-7, 2, log: true, low: 1e-6, high: 1)),
    ("int:normal:32,8:1..64", try integerNormal(32, 8, low: 1, high: 64)),
    ("int:log:1..1024", try integer(1, 1024, log: true)),
    ("log:int:1..1e3", try integer(1, 1000, log: true)),
    ("0..1:step=0.1", try float(0, 1, step: 0.1)),
    ("0..10:step=2", try integer(0, 10, step: 2)),
    ("float:0..10:step=2", try float(0, 10, step: 2)),
    ("-1..1", try integer(-1, 1)),
    ("-.5..+2.", try float(-0.5, 2)),
    (" 1 .. 4 ", try integer(1, 4)),
    ("float(0,1,step=0.1)", try float(0, 1, step: 0.1)),
    ("float( 0 , 1 )", try float(0, 1)),
    ("float(1,8,log)", try float(1, 8, log: true)),
    ("log(1e-5,1e-1)", try float(1e-5, 0.1, log: true)),
    ("log(1,8)", try integer(1, 8, log: true)),
    ("log(1.0,8)", try float(1, 8, log: true)),
    ("int(1,4)", try integer(1, 4)),
    ("int(1,64,log)", try integer(1, 64, log: true)),
    ("int(0,64,step=8)", try integer(0, 64, step: 8)),
  ])
  func `ranges are read as they are meant`(text: String, expected: Distribution) throws {
    #expect(try Distribution(notation: text) == expected)
  }

  @Test(
    arguments: [
      ("adam,sgd", [.string("adam"), .string("sgd")]),
      ("adam, sgd", [.string("adam"), .string("sgd")]),
      ("16,32", [.integer(16), .integer(32)]),
      ("1,0.5", [.integer(1), .float(0.5)]),
      ("016,32", [.string("016"), .string("32")]),
      ("16,big", [.string("16"), .string("big")]),
      ("true,false", [.bool(true), .bool(false)]),
      ("bool", [.bool(false), .bool(true)]),
      ("true,maybe", [.string("true"), .string("maybe")]),
      ("no,yes", [.string("no"), .string("yes")]),
      ("choice(adam,sgd)", [.string("adam"), .string("sgd")]),
      ("choice(adam)", [.string("adam")]),
      (#"choice("1","2")"#, [.string("1"), .string("2")]),
      (#"choice("a,b","c\"d")"#, [.string("a,b"), .string("c\"d")]),
      (#"choice("",x)"#, [.string(""), .string("x")]),
      (
        #"["adam", null, 16, 1.0, true]"#,
        [.string("adam"), .null, .integer(16), .float(1), .bool(true)]
      ),
      ("s3://a,s3://b", [.string("s3://a"), .string("s3://b")]),
      ("fixed:7", [.integer(7)]), ("fixed:adam", [.string("adam")]), ("fixed:01", [.string("01")]),
      (#"fixed:"7""#, [.string("7")]), ("fixed:null", [.null]), ("fixed(true)", [.bool(true)]),
      ("fixed:[64, 64]", [.structure("[64,64]")]),
      (
        #"[[64, 64], {"act": "relu", "w": [1]}, []]"#,
        [.structure("[64,64]"), .structure(#"{"act":"relu","w":[1]}"#), .structure("[]")]
      ),
    ] as [(String, [ParameterValue])])
  func `choices keep the kind that is written`(text: String, expected: [ParameterValue]) throws {
    #expect(try Distribution(notation: text) == .choice(expected))
  }

  @Test(arguments: [
    ("", "", "a domain is missing"),
    ("1..x", "x", "\"x\" is not a number"),
    ("1..", "", "the upper bound is missing"),
    ("4..1", "4..1", "the lower bound 4 is above the upper bound 1"),
    ("log:0..1", "log:0..1", "a logarithmic domain must begin above zero, not at 0"),
    ("lag:1..4", "lag", "there is no kind of range \"lag\"; did you mean log?"),
    ("int:0.5..4", "0.5", "\"0.5\" is not a whole number"),
    ("1..4:stop=2", "stop=2", "\"stop=2\" does not belong here"),
    ("int:int:1..4", "int", "\"int\" does not belong here"),
    ("float(0)", "", "the upper bound is missing"),
    ("float(0,1", "", "the closing parenthesis is missing"),
    ("flaot(0,1)", "flaot", "there is no domain \"flaot\"; did you mean float?"),
    ("int(1,2,3)", "3", "\"3\" does not belong here"),
    ("adam,,sgd", "", "a choice between commas is missing"),
    ("adam,adam", "adam,adam", "the choice \"adam\" stands there twice"),
    ("adam", "adam", "\"adam\" is not a domain"),
    ("1:4", "1:4", "\"1:4\" is not a domain"),
    ("0..1,2", "0..1", "\"0..1\" does not belong here"),
    ("log:1,10", "log:1", "\"log:1\" does not belong here"),
    (#"choice("a,b)"#, "\"a,b", "the closing quote is missing"),
    (
      "99999999999999999999..1", "99999999999999999999",
      "whole numbers beyond ±2^53 cannot be kept exactly"
    ),
    ("nan..1", "nan", "\"nan\" is not a number"),
    ("1..inf", "inf", "\"inf\" is not a number"),
    ("0x1..4", "0x1", "\"0x1\" is not a number"),
    ("1..4:step=0", "1..4:step=0", "the step must be positive, not 0"),
    ("1,1.0", "1,1.0", "1 and 1.0 are one number; in quotes they are two texts"),
    ("1.1,1.10", "1.1,1.10", "1.1 and 1.10 are one number; in quotes they are two texts"),
    ("normal:0", "0", "\"0\" is not a mean and a standard deviation"),
    (
      "normal:0,0", "normal:0,0", "a standard deviation must be a positive number, not 0.0"
    ),
    ("normal:0,1:x=2", "x=2", "\"x=2\" does not belong here"),
    ("normal(0)", "", "the standard deviation is missing"),
    ("log:normal:0,1", "normal", "\"normal\" does not belong here"),
    ("fixed:", "", "the value is missing"),
    ("fixed:[1", "[1", "\"[1\" is not JSON: the list needs a \",\" or \"]\" here"),
    ("0.0..<0.0", "0.0..<0.0", "the lower bound 0.0 is above the upper bound -5e-324"),
  ])
  func `an error names the offending part`(text: String, part: String, fact: String) throws {
    let error = try #require(throws: NotationError.self) { try Distribution(notation: text) }
    #expect(error.part == part)
    #expect(error.fact == fact)
  }

  @Test func `numbers are handed on as they were typed`() throws {
    func texts(_ text: String) throws -> [String] {
      let distribution = try Distribution(notation: text)
      return (0..<(distribution.cardinality ?? 0)).map { distribution.text(of: Double($0)) }
    }
    #expect(try texts("1.9,1.10") == ["1.9", "1.10"])
    #expect(try texts("1e3,2e3") == ["1e3", "2e3"])
    #expect(try texts("01,83e7104") == ["01", "83e7104"])
    #expect(try texts("[1e-4, \"x\", [1.50]]") == ["1e-4", "x", "[1.50]"])
    #expect(try texts("fixed:1.10") == ["1.10"])
    #expect(try Distribution(notation: "1.9,1.10").notation == "1.9,1.10")
    #expect(try Distribution(notation: "1.9,1.10").internalValue(of: .float(1.1)) == 1)
  }

  @Test func `ordered choices say so`() throws {
    for text in ["ordered:s,m,l", "ordered(s,m,l)", #"ordered:["s","m","l"]"#] {
      #expect(
        try Distribution(notation: text)
          == .choice([.string("s"), .string("m"), .string("l")], isOrdered: true))
    }
    #expect(try Distribution(notation: "ordered:s,m,l").notation == "ordered:s,m,l")
  }

  @Test func `an error shows the text with a mark and what to try`() throws {
    let error = try #require(throws: NotationError.self) {
      try Parameter(notation: "lr=log:1e-1..1e-5")
    }
    #expect(error.evidence == ["lr=log:1e-1..1e-5", "   ^^^^^^^^^^^^^^"])
    #expect(error.suggestions == ["1e-5..1e-1"])
    let swiftRange = try #require(throws: NotationError.self) {
      try Distribution(notation: "1...4")
    }
    #expect(swiftRange.suggestions == ["1..4"])
    let colon = try #require(throws: NotationError.self) { try Distribution(notation: "1:4") }
    #expect(colon.suggestions == ["1..4"])
  }

  @Test(arguments: [
    (try float(1e-5, 0.1, log: true), "log:1e-5..0.1"),
    (try float(0, 1, step: 0.1), "0.0..1.0:step=0.1"),
    (try float(1e16, 1e20), "1e16..1e20"),
    (try integer(1, 1024, log: true), "log:1..1024"),
    (try float(0, 1.0.nextDown), "0.0..<1.0"),
    (try normal(0, 1), "normal:0.0,1.0"),
    (try integerNormal(32, 8, low: 1, high: 64), "int:normal:32.0,8.0:1..64"),
    (try .choice([.integer(1), .integer(2)], isOrdered: true), "ordered:1,2"),
    (.categorical([.structure("[64,64]"), .null]), "[[64,64],null]"),
    (.categorical([.string("7")]), #"fixed:"7""#),
    (try integer(-4, 4, step: 2), "-4..4:step=2"),
    (.boolean, "bool"),
    (.categorical([.bool(true), .bool(false)]), "true,false"),
    (.categorical([.string("adam")]), "fixed:adam"),
    (.categorical([.string("1"), .string("2")]), #"choice("1","2")"#),
    (.categorical([.string("1"), .string("x")]), "1,x"),
    (.categorical([.null, .integer(16)]), "[null,16]"),
    (.categorical([.float(.nan), .float(.infinity)]), "[NaN,Infinity]"),
    (.categorical([.string("a..b"), .string("c")]), #"choice("a..b","c")"#),
  ])
  func `domains are printed the short way`(domain: Distribution, text: String) {
    #expect(domain.notation == text)
  }

  @Test func `every domain reads back as itself`() throws {
    var generator = SplitMix(state: 7)
    for _ in 0..<20_000 {
      let domain = Self.random(using: &generator)
      #expect(try Distribution(notation: domain.notation) == domain, "\(domain.notation)")
    }
  }

  @Test func `no text brings the parser down`() {
    var generator = SplitMix(state: 8)
    let pieces = [
      "int", "float", "log", ":", "..", "(", ")", "[", "]", ",", "\"", "\\", "1", "-", "e", ".",
      "step=", " ", "é", "choice(", "bool", "{", "\u{301}", "9999999999999999999", "\\u12",
      "normal:", "lognormal:", "ordered:", "fixed:", "..<", "range(", "}",
    ]
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0..<9, using: &generator))
        .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      if let domain = try? Distribution(notation: text) {
        #expect((try? Distribution(notation: domain.notation)) == domain, "\(text)")
      }
    }
  }

  static func random(using generator: inout SplitMix) -> Distribution {
    func double() -> Double {
      let bits = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &generator))
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: return bits.isFinite ? bits : 0
      case 1: return Double.random(in: -10...10, using: &generator)
      default: return Double(Int.random(in: -100...100, using: &generator))
      }
    }
    let limit = Int64(1) << 53
    while true {
      let isLogarithmic = Bool.random(using: &generator)
      let prior = try? NormalPrior(
        mean: Double.random(in: -9...9, using: &generator),
        deviation: Double.random(in: 0...3, using: &generator))
      let hasPrior = Int.random(in: 0..<3, using: &generator) == 0
      switch Int.random(in: 0..<4, using: &generator) {
      case 3:
        guard let prior else { continue }
        if let domain = try? FloatDomain.normal(
          prior, isLogarithmic: isLogarithmic, step: hasPrior ? 0.3 : nil)
        {
          return .float(domain)
        }
      case 0:
        let (a, b) = (double(), double())
        let step = Bool.random(using: &generator) ? nil : abs(double())
        let domain = try? FloatDomain(
          low: min(a, b), high: max(a, b), isLogarithmic: isLogarithmic && min(a, b) > 0,
          step: step, prior: hasPrior ? prior : nil)
        if let domain { return .float(domain) }
      case 1:
        let bound = Bool.random(using: &generator) ? limit : 100
        let a = Int64.random(in: -bound...bound, using: &generator)
        let b = Int64.random(in: -bound...bound, using: &generator)
        let log = isLogarithmic && min(a, b) > 0
        let step = Int64.random(in: 1...5, using: &generator)
        if let domain = try? IntegerDomain(
          low: min(a, b), high: max(a, b), isLogarithmic: log, step: step,
          prior: hasPrior ? prior : nil)
        {
          return .integer(domain)
        }
      default:
        let texts = [
          "", "a", "b c", " x", "1", "016", "true", "null", "..", "a..b", "log:1", "é", "\"", "\\",
          "a,b", "(", "choice(a)", "[1]", "bool", "float", "\u{1}", "\u{7f}", "NaN", "-", "1e5",
          "fixed:a", "ordered:b", "normal:0", "{}", "{",
        ]
        let kind = Int.random(in: 0..<5, using: &generator)
        let values = (0..<Int.random(in: 1..<5, using: &generator)).map { _ -> ParameterValue in
          switch kind < 4 ? kind : Int.random(in: 0..<6, using: &generator) {
          case 0: .string(texts.randomElement(using: &generator) ?? "")
          case 1: .float(double())
          case 2: .integer(.random(in: .min ... .max, using: &generator))
          case 3: .bool(.random(using: &generator))
          case 4:
            [.null, .structure("[64,[1.5]]"), .structure("{\"a\":null}")]
              .randomElement(using: &generator) ?? .null
          default: .float([.nan, .infinity, -.infinity].randomElement(using: &generator) ?? 0)
          }
        }
        if let domain = try? Distribution.choice(
          values, isOrdered: Int.random(in: 0..<4, using: &generator) == 0)
        {
          return domain
        }
      }
    }
  }
}

/// A generator with a seed (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
/// generators").
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
