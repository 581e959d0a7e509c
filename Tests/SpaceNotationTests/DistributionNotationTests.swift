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

  @Test(arguments: [
    ("log:1e-5..1e-1", try float(1e-5, 0.1, log: true)),
    ("1..4", try integer(1, 4)),
    ("0.0..0.5", try float(0, 0.5)),
    ("0..0.5", try float(0, 0.5)),
    ("1e0..4", try float(1, 4)),
    ("float:1..4", try float(1, 4)),
    ("log:1..1024", try float(1, 1024, log: true)),
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
    ("log(1,8)", try float(1, 8, log: true)),
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
    ] as [(String, [ParameterValue])])
  func `choices keep the kind that is written`(text: String, expected: [ParameterValue]) throws {
    #expect(try Distribution(notation: text) == .choice(expected))
  }

  @Test(arguments: [
    ("", "", "a domain is missing"),
    ("1..x", "x", "\"x\" is not a number"),
    ("1..", "", "the upper bound is missing"),
    ("4..1", "4..1", "the lower bound 4 is above the upper bound 1"),
    ("log:0..1", "log:0..1", "a logarithmic domain must begin above zero, not at 0.0"),
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
    ("[1,{}]", "[1,{}]", "\"[1,{}]\" is not a list of plain values"),
  ])
  func `an error names the offending part`(text: String, part: String, fact: String) throws {
    let error = try #require(throws: NotationError.self) { try Distribution(notation: text) }
    #expect(error.part == part)
    #expect(error.fact == fact)
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
    (try integer(1, 1024, log: true), "int:log:1..1024"),
    (try integer(-4, 4, step: 2), "-4..4:step=2"),
    (.boolean, "bool"),
    (.categorical([.bool(true), .bool(false)]), "true,false"),
    (.categorical([.string("adam")]), "choice(adam)"),
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
      switch Int.random(in: 0..<3, using: &generator) {
      case 0:
        let (a, b) = (double(), double())
        let step = isLogarithmic || Bool.random(using: &generator) ? nil : abs(double())
        let domain = try? FloatDomain(
          low: min(a, b), high: max(a, b), isLogarithmic: isLogarithmic && min(a, b) > 0, step: step
        )
        if let domain { return .float(domain) }
      case 1:
        let bound = Bool.random(using: &generator) ? limit : 100
        let a = Int64.random(in: -bound...bound, using: &generator)
        let b = Int64.random(in: -bound...bound, using: &generator)
        let log = isLogarithmic && min(a, b) > 0
        let step = log ? 1 : Int64.random(in: 1...5, using: &generator)
        if let domain = try? IntegerDomain(
          low: min(a, b), high: max(a, b), isLogarithmic: log, step: step)
        {
          return .integer(domain)
        }
      default:
        let texts = [
          "", "a", "b c", " x", "1", "016", "true", "null", "..", "a..b", "log:1", "é", "\"", "\\",
          "a,b", "(", "choice(a)", "[1]", "bool", "float", "\u{1}", "\u{7f}", "NaN", "-", "1e5",
        ]
        let kind = Int.random(in: 0..<5, using: &generator)
        let values = (0..<Int.random(in: 1..<5, using: &generator)).map { _ -> ParameterValue in
          switch kind < 4 ? kind : Int.random(in: 0..<6, using: &generator) {
          case 0: .string(texts.randomElement(using: &generator) ?? "")
          case 1: .float(double())
          case 2: .integer(.random(in: .min ... .max, using: &generator))
          case 3: .bool(.random(using: &generator))
          case 4: .null
          default: .float([.nan, .infinity, -.infinity].randomElement(using: &generator) ?? 0)
          }
        }
        if let domain = try? Distribution.choice(values) { return domain }
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
