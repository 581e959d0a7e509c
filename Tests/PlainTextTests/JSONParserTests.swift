import PlainText
import Testing

/// JSON texts as a tree, for comparisons.
private indirect enum Tree: Equatable {
  case scalar(JSONScalar)
  case array([Tree])
  case object([Entry])

  struct Entry: Equatable {
    let name: String
    let value: Tree
  }

  /// As JSON, with `space` between the tokens.
  func text(_ space: String) -> String {
    switch self {
    case .scalar(.null): "null"
    case .scalar(.bool(let value)): "\(value)"
    case .scalar(.integer(let value)): "\(value)"
    case .scalar(.number(let value)): value.jsonToken
    case .scalar(.string(let text)): text.jsonQuoted
    case .array(let elements):
      "[" + space + elements.map { $0.text(space) }.joined(separator: space + "," + space) + "]"
    case .object(let entries):
      "{" + space
        + entries.map { $0.name.jsonQuoted + space + ":" + space + $0.value.text(space) }
        .joined(separator: "," + space) + space + "}"
    }
  }

  static func random(depth: Int, _ generator: inout some RandomNumberGenerator) -> Tree {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &generator) {
    case 0: .scalar(.null)
    case 1: .scalar(.bool(.random(using: &generator)))
    case 2: .scalar(.integer(.random(in: .min ... .max, using: &generator)))
    case 3: .scalar(.integer(.random(in: -1000...1000, using: &generator)))
    case 4:
      .scalar(
        .number(Double(bitPattern: .random(in: 1...0x7FEF_FFFF_FFFF_FFFF, using: &generator))))
    case 5, 6: .scalar(.string(string(&generator)))
    case 7:
      .array(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
          random(depth: depth - 1, &generator)
        })
    default:
      .object(
        (0..<Int.random(in: 0..<4, using: &generator)).map { index in
          Entry(name: "\(index)" + string(&generator), value: random(depth: depth - 1, &generator))
        })
    }
  }

  private static func string(_ generator: inout some RandomNumberGenerator) -> String {
    let alphabet: [Character] = ["a", "\"", "\\", "\n", "\u{1}", "é", "数", "😀", "/", " "]
    return String(
      (0..<Int.random(in: 0..<6, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? "a"
      })
  }
}

private struct TreeBuilder: JSONBuilder {
  var places: [Int] = []

  mutating func scalar(_ scalar: JSONScalar, at range: Range<Int>) -> Tree {
    places.append(range.lowerBound)
    return .scalar(scalar)
  }
  mutating func array(_ elements: [Tree], at offset: Int) -> Tree { .array(elements) }
  mutating func object(_ members: [JSONMember<Tree>], at offset: Int) -> Tree {
    .object(members.map { Tree.Entry(name: $0.name, value: $0.value) })
  }
}

private func parse(
  _ text: String, as dialect: JSONDialect = .strict, within limits: JSONLimits = JSONLimits()
) throws(JSONError) -> Tree {
  try parse(Array(text.utf8), as: dialect, within: limits)
}

private func parse(
  _ bytes: [UInt8], as dialect: JSONDialect = .strict, within limits: JSONLimits = JSONLimits()
) throws(JSONError) -> Tree {
  var builder = TreeBuilder()
  return try JSONParser.parse(bytes[...], as: dialect, within: limits, by: &builder)
}

struct JSONParserTests {
  @Test(arguments: ["", " ", "\n\t"])
  func `what is written is read back, and no beginning of it is whole`(space: String) throws {
    var generator = Generator(state: 7)
    for _ in 0..<400 {
      let tree = Tree.random(depth: 3, &generator)
      let text = tree.text(space)
      #expect(try parse(text) == tree)
      #expect(text.isJSON)
      guard case .scalar = tree else {
        for end in text.utf8.indices where end != text.utf8.startIndex {
          let beginning = Array(text.utf8[..<end])
          #expect(throws: JSONError.self, "\(text)") { try parse(beginning) }
        }
        continue
      }
    }
  }

  @Test func `any bytes are read or refused`() {
    var generator = Generator(state: 11)
    let alphabet = Array("{}[]\",:\\u0129aeE+-.tfn \u{1}é".utf8) + [0xFF, 0xC3]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<16, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      do throws(JSONError) {
        _ = try parse(bytes, as: .python)
      } catch {
        #expect((0...bytes.count).contains(error.offset))
        #expect(!error.reason.isEmpty)
      }
    }
  }

  @Test(arguments: [
    ("", 0, "a value is missing at the end"), ("[1,]", 3, "a value should stand here"),
    ("[1 2]", 3, "the list needs a \",\" or \"]\" here"),
    ("{\"a\" 1}", 5, "a \":\" should follow the key"),
    ("{a:1}", 1, "a key in quotes should stand here"),
    ("{\"a\":1,}", 7, "a key in quotes should stand here"),
    ("{\"a\":1;}", 6, "the object needs a \",\" or \"}\" here"),
    ("{\"a\":1,\"a\":2}", 7, "the key \"a\" stands here twice"),
    ("  \"abc", 2, "the closing quote is missing"),
    ("\"a\tb\"", 2, "a control character stands unescaped in the text"),
    ("\"\\x\"", 1, "there is no such escape in JSON"),
    ("\"\\u12g4\"", 3, "four hexadecimal digits should stand here"),
    ("\"\\ud800\"", 1, "this is half a character"),
    ("\"\\ud800\\u0041\"", 1, "this is half a character"),
    ("1 2", 2, "there is more after the end of the value"),
    ("nul", 0, "\"nul\" is no JSON value"), ("01", 0, "\"01\" is no JSON value"),
    ("-", 0, "\"-\" is no JSON value"), ("1.", 0, "\"1.\" is no JSON value"),
    (".5", 0, "\".5\" is no JSON value"), ("+1", 0, "\"+1\" is no JSON value"),
    ("1e", 0, "\"1e\" is no JSON value"), ("-01", 0, "\"-01\" is no JSON value"),
    ("NaN", 0, "\"NaN\" is no JSON value"), ("0x10", 0, "\"0x10\" is no JSON value"),
    ("[1]]", 3, "there is more after the end of the value"),
    ("'a'", 0, "a value should stand here"),
  ])
  func `a mistake is placed and named`(text: String, offset: Int, reason: String) {
    do throws(JSONError) {
      _ = try parse(text)
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.offset == offset)
      #expect(error.reason == reason)
    }
  }

  @Test(arguments: [
    ("0", JSONScalar.integer(0)), ("-0", .number(-0.0)), ("-7", .integer(-7)),
    ("999999999999999999", .integer(999_999_999_999_999_999)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e3", .number(1000)),
    ("1.50", .number(1.5)), ("-1E-2", .number(-0.01)), ("\"\\ud83d\\ude00\"", .string("😀")),
    ("\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"", .string("/\u{8}\u{c}\n\r\t\"\\")),
  ])
  func `scalars are what they mean`(text: String, scalar: JSONScalar) throws {
    #expect(try parse(text) == .scalar(scalar))
  }

  @Test func `Python's words, repeated keys and halves of characters are taken where asked`() throws
  {
    #expect(try parse("[-Infinity]", as: .python) == .array([.scalar(.number(-.infinity))]))
    let nan = try parse("NaN", as: .python)
    guard case .scalar(.number(let value)) = nan else { throw JSONErrorExpected() }
    #expect(value.isNaN)
    #expect(try parse("\"\\ud800x\"", as: .python) == .scalar(.string("\u{FFFD}x")))
    #expect(
      try parse("{\"a\":1,\"a\":2}", as: .python)
        == .object([
          .init(name: "a", value: .scalar(.integer(1))),
          .init(name: "a", value: .scalar(.integer(2))),
        ]))
  }
  private struct JSONErrorExpected: Error {}

  @Test func `depth and number of values are bounded`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try parse(nested(64))
    #expect(throws: JSONError.self) { try parse(nested(65)) }
    // A million brackets end where the limit is, not where the stack is.
    #expect(throws: JSONError(problem: .tooDeep(limit: 64), offset: 64)) {
      try parse(String(repeating: "[", count: 1_000_000))
    }
    _ = try parse("[1,2,3]", within: JSONLimits(values: 4))
    #expect(throws: JSONError(problem: .tooManyValues(limit: 3), offset: 5)) {
      try parse("[1,2,3]", within: JSONLimits(values: 3))
    }
  }

  @Test func `a builder is told where scalars stand`() throws {
    var builder = TreeBuilder()
    let text = " [1, \"é\", {\"a\": null}]"
    _ = try JSONParser.parse(Array(text.utf8)[...], as: .strict, by: &builder)
    #expect(builder.places == [2, 5, 17])
  }
}

struct PositionTableTests {
  @Test func `lines and columns are those of counting from the start`() {
    var generator = Generator(state: 3)
    for length in [0, 1, 127, 128, 129, 700] {
      let text = String(
        (0..<length).map { _ in ["a", "é", "😀", "\n", "b"].randomElement(using: &generator) ?? "a" }
          .joined())
      let bytes = Array(text.utf8)
      let table = PositionTable(bytes)
      for offset in 0...bytes.count {
        let before = bytes[..<offset]
        let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        let expected = SourcePosition(
          line: before.count { $0 == 10 } + 1,
          column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
        #expect(table[offset] == expected)
      }
      #expect(table[bytes.count + 5] == table[bytes.count])
    }
  }
}

/// SplitMix64.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
