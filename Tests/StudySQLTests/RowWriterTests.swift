import PlainText
import Foundation
import StudyModel
import Testing

@testable import StudySQL

/// `rows` in `format`.
func written(
  _ format: RowFormat, _ columns: [ResultColumn], _ rows: [[SQLValue]], width: Int? = nil
) throws -> String {
  var text = ""
  var writer = RowWriter(format, columns: columns, width: width) { text += $0 }
  for row in rows { try writer.write(row) }
  try writer.finish()
  return text
}

@Suite struct RowWriterTests {
  let columns = [
    ResultColumn("n"), ResultColumn("x"), ResultColumn("ok", isBoolean: true), ResultColumn("a|b"),
  ]
  let rows: [[SQLValue]] = [
    [1, 0.1, 1, "plain"], [2, .real(.infinity), 0, "a,b \"c\"\r\nd"], [3, nil, nil, ""],
    [4, .real(.leastNonzeroMagnitude), nil, "tab\t back\\ | pipe"],
  ]

  @Test func `csv is that of RFC 4180`() throws {
    #expect(
      try written(.csv, columns, rows) == """
        n,x,ok,a|b\r
        1,0.1,true,plain\r
        2,inf,false,"a,b ""c""\r\nd"\r
        3,,,""\r
        4,5e-324,,tab\t back\\ | pipe\r

        """)
    #expect(try written(.csv, [ResultColumn("x")], [[nil], [""]]) == "x\r\n\"\"\r\n\"\"\r\n")
  }

  @Test func `tsv escapes tabs, line ends and backslashes`() throws {
    #expect(
      try written(.tsv, columns, rows) == """
        n\tx\tok\ta|b
        1\t0.1\ttrue\tplain
        2\tinf\tfalse\ta,b "c"\\r\\nd
        3\t\t\t
        4\t5e-324\t\ttab\\t back\\\\ | pipe

        """)
  }

  @Test func `json is read by other readers`() throws {
    let text = try written(.json, columns, rows)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let array = try #require(object as? [[String: Any]])
    #expect(array.count == 4)
    #expect(array[0]["x"] as? Double == 0.1)
    #expect(array[0]["ok"] as? Bool == true)
    #expect(array[1]["a|b"] as? String == "a,b \"c\"\r\nd")
    #expect(array[2]["x"] is NSNull)
    #expect(array[1]["x"] as? String == "Infinity")
    #expect(try written(.json, columns, []) == "[]\n")
    #expect(
      try written(.json, [ResultColumn("a"), ResultColumn("a")], [[1, .real(.nan)]])
        == "[\n{\"a\": 1, \"a_2\": \"NaN\"}\n]\n")
  }

  @Test func `jsonl is one object a line`() throws {
    let lines = try written(.jsonl, columns, rows).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0] == #"{"n": 1, "x": 0.1, "ok": true, "a|b": "plain"}"#)
    #expect(lines[2] == #"{"n": 3, "x": null, "ok": null, "a|b": ""}"#)
  }

  @Test func `markdown escapes what it would read as markup`() throws {
    #expect(
      try written(.markdown, columns, rows) == #"""
        | n | x | ok | a\|b |
        | ---: | ---: | --- | --- |
        | 1 | 0.1 | true | plain |
        | 2 | inf | false | a,b "c"  d |
        | 3 |  |  |  |
        | 4 | 5e-324 |  | tab\t back\\ \| pipe |

        """#)
    #expect(try written(.markdown, [ResultColumn("a")], []) == "| a |\n| --- |\n")
  }

  @Test func `a long result goes out in pieces`() throws {
    var pieces = 0
    var writer = RowWriter(.csv, columns: [ResultColumn("x")]) {
      pieces += 1
      #expect($0.utf8.count < 20_000)
    }
    for index in 0..<20_000 { try writer.write([.integer(Int64(index))]) }
    try writer.finish()
    #expect(pieces > 5)
  }

  @Test func `a sink that fails ends it`() throws {
    struct Closed: Error {}
    var writer = RowWriter(.tsv, columns: [ResultColumn("x")]) { _ in throw Closed() }
    try writer.write([1])
    #expect(throws: Closed.self) { try writer.finish() }
  }

  // MARK: Tables

  @Test func `a table folds what never changes, and puts numbers to the right`() throws {
    let columns = ["number", "state", "value", "opt", "mom"].map { ResultColumn($0) }
    #expect(
      try written(
        .table, columns,
        [[0, "complete", 0.123456789, "adam", nil], [12, "complete", 12.5, "sgd", nil]],
        width: 80) == """
          state = complete, mom = –

          number     value  opt
               0  0.123457  adam
              12      12.5  sgd

          """)
    #expect(
      try written(.table, [ResultColumn("a"), ResultColumn("b")], [[1, 1]], width: 80) == """
        a  b
        1  1

        """)
    #expect(
      try written(.table, [ResultColumn("a"), ResultColumn("b")], [[1, 0.10000001], [2, 0.1]])
        == """
        a    b
        1  0.1
        2  0.1

        """)
    #expect(try written(.table, columns, []) == "(no rows)\n")
  }

  @Test func `a table keeps to its width`() throws {
    let columns = ["n", "text", "wide", "more"].map { ResultColumn($0) }
    let rows: [[SQLValue]] = [
      [1, .text(String(repeating: "x", count: 50)), "数数数数数数数数数数", 0.25],
      [2, "short", "e\u{301}\u{301}", 123456.789],
    ]
    for width in 1...90 {
      let text = try written(.table, columns, rows, width: width)
      for line in text.split(separator: "\n") where !line.hasPrefix("(not shown") {
        #expect(line.description.displayWidth <= width)
      }
    }
    #expect(
      try written(.table, columns, rows, width: 40) == """
        n  text           wide              more
        1  xxxxxxxxxxxx…  数数数数数数…     0.25
        2  short          e\u{301}\u{301}               123457

        """)
    #expect(
      try written(.table, columns, rows, width: 21) == """
        n  text      wide
        1  xxxxxxx…  数数数…
        2  short     e\u{301}\u{301}
        (not shown: more)

        """)
  }

  @Test func `a narrow table breaks long names, and keeps those columns that fit`() throws {
    let columns = ["number", "model.learning_rate", "weight_decay", "augmentation", "layers"]
      .map { ResultColumn($0) }
    let rows: [[SQLValue]] = [
      [1, 0.00123456, 0.5, "random-crop-and-flip", 3], [2, 0.1, 0.25, "none", 4],
    ]
    #expect(
      try written(.table, columns, rows, width: 60) == """
                    model.
                 learning_     weight_
        number        rate       decay  augmentation          layers
             1  0.00123456         0.5  random-crop-and-flip       3
             2         0.1        0.25  none                       4

        """)
    #expect(
      try written(.table, columns, rows, width: 31) == """
                    model.
                 learning_  weight_
        number        rate    decay
             1  0.00123456      0.5
             2         0.1     0.25
        (not shown: augmentation, layers)

        """)
  }

  @Test func `a table leaves the terminal alone`() throws {
    let text = try written(
      .table, [ResultColumn("a\u{1b}[2J"), ResultColumn("b")],
      [["\u{1b}[31mred\r\n", "\u{202e}x"], ["\u{9b}1m", "\u{7}"]])
    #expect(
      text == #"""
        a\x1b[2J         b
        \x1b[31mred\r\n  \u{202e}x
        \x9b1m           \x07

        """#)
  }

  @Test(
    arguments: [
      (0, "0"), (1, "1"), (-1.5, "-1.5"), (0.1 + 0.2, "0.3"), (123456.789, "123457"),
      (1234567.8, "1.23457e+06"), (0.00012345678, "0.000123457"), (1e-5, "1e-05"),
      (9.9999999, "10"), (0.99999999, "1"), (999999.9, "1e+06"), (1e300, "1e+300"),
      (-0.0, "0"), (.infinity, "inf"), (100, "100"), (.leastNonzeroMagnitude, "5e-324"),
    ] as [(Double, String)])
  func `numbers have the digits that say something`(value: Double, text: String) {
    #expect(value.text(significantDigits: 6) == text)
  }

  @Test func `short numbers are what C prints`() {
    var generator = SeededGenerator(state: 5)
    for _ in 0..<2000 {
      let value =
        Double.random(in: -1...1, using: &generator)
        * pow(10, Double.random(in: -12...12, using: &generator))
      let ours = Double(value.text(significantDigits: 6))
      let theirs = Double(String(format: "%.5e", value))
      #expect(ours == theirs)
    }
  }
}
