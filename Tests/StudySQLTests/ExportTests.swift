import Foundation
import StudyModel
import Testing

@testable import StudySQL

@Suite struct ExportTests {
  let snapshot: Snapshot
  let study: StudyID

  init() { (snapshot, study) = digits() }

  private func export(_ format: RowFormat, _ names: ExportNames = .cairn) throws -> String {
    var text = ""
    let database = try HistoryDatabase(snapshot)
    try database.exportTrials(of: study, format: format, TrialExport(names: names)) { text += $0 }
    return text
  }

  @Test func `trials are exported as their table shows them`() throws {
    let lines = try export(.csv).split(separator: "\r\n")
    #expect(
      lines[0]
        == "number,state,value,started,ended,duration_s,lr,layers,opt,amp,momentum,user_note,"
        + "attempt_reason")
    #expect(
      lines[1] == """
        0,complete,0.92,2026-01-02 03:04:05.000000,2026-01-02 03:04:06.500000,1.5,0.0005,2,adam,\
        true,,"a ""good"" one",
        """)
    #expect(lines.count == 7)

    let database = try HistoryDatabase(snapshot)
    var text = ""
    var rows = try database.query("SELECT *, attempt_reason FROM digits")
    var writer = RowWriter(.csv, columns: rows.columns) { text += $0 }
    try rows.write(to: &writer)
    #expect(text == (try export(.csv)))
  }

  @Test func `Optuna's names are those of its data frame`() throws {
    let lines = try export(.csv, .optuna).split(separator: "\r\n")
    #expect(
      lines[0] == """
        number,value,datetime_start,datetime_complete,duration,params_amp,params_layers,params_lr,\
        params_momentum,params_opt,user_attrs_note,system_attrs_code,state
        """)
    #expect(
      lines[3] == """
        2,,2026-01-02 03:04:07.000000,2026-01-02 03:04:08.500000,0 days 00:00:01.500000,false,1,\
        0.1,,adam,,,FAIL
        """)
    let several = """
      number,values_0,values_1,datetime_start,datetime_complete,duration,state
      """
    var store = StoreBuilder()
    let id = store.study(
      "m",
      objectives: [
        .init(name: "a", direction: .minimize), .init(name: "b", direction: .maximize),
      ])
    var text = ""
    try HistoryDatabase(store.snapshot).exportTrials(
      of: id, format: .tsv, TrialExport(names: .optuna)
    ) {
      text += $0
    }
    #expect(text == several.replacing(",", with: "\t") + "\n")
  }

  @Test func `reports are exported one a row, NaN included`() throws {
    var text = ""
    try HistoryDatabase(snapshot).exportMetrics(of: study, format: .csv) { text += $0 }
    let lines = text.split(separator: "\r\n")
    #expect(lines[0] == "number,metric,step,value,time")
    #expect(lines.count == 11)
    #expect(lines[9] == "3,accuracy,1,nan,2026-01-02 03:04:08.100000")
  }

  private func lines(_ export: TrialExport) throws -> [Substring] {
    var text = ""
    try HistoryDatabase(snapshot).exportTrials(of: study, format: .csv, export) { text += $0 }
    return text.split(separator: "\r\n")
  }

  @Test func `trials and columns are chosen`() throws {
    let found = try lines(
      TrialExport(filter: "lr < 1e-3", columns: ["number", "lr", "accuracy_last"]))
    #expect(found[0] == "number,lr,accuracy_last")
    var wanted = try HistoryDatabase(snapshot).query("SELECT number FROM digits WHERE lr < 1e-3")
    let numbers = try wanted.all().map { row -> String in
      if case .integer(let number) = row[0] { String(number) } else { "" }
    }
    #expect(found.dropFirst().map { String($0.prefix { $0 != "," }) } == numbers)
    #expect(!numbers.isEmpty && numbers.count < 6)
    var export = TrialExport()
    export.withLastValues = true
    #expect(try lines(export)[0].contains(",accuracy_last"))
    export.isWhole = true
    #expect(try lines(export)[0].contains(",created,sampler,retry_of,feasible,"))
    #expect(throws: QueryError.self) { _ = try lines(TrialExport(columns: ["lrr"])) }
    #expect(throws: QueryError.self) { _ = try lines(TrialExport(filter: "lrr > 1")) }
  }

  @Test func `text that looks like a number stands in quotes`() throws {
    let text = try written(
      .csv, [ResultColumn("t"), ResultColumn("n")],
      [
        [.text("1.10"), .real(1.1)], [.text("true"), .integer(1)], [.text("nan"), .real(.nan)],
        [.text("2026-01-02"), .null],
      ])
    #expect(
      text == "t,n\r\n\"1.10\",1.1\r\n\"true\",1\r\n\"nan\",nan\r\n2026-01-02,\r\n")
  }

  @Test func `an export can be cancelled`() throws {
    let database = try HistoryDatabase(snapshot)
    database.cancellation.cancel()
    #expect(throws: QueryError.interrupted) {
      try database.exportTrials(of: study, format: .csv) { _ in }
    }
  }

  @Test func `csv reads back as it was`() throws {
    var generator = SeededGenerator(state: 3)
    let alphabet: [Character] = ["a", ",", "\"", "\n", "\r", "é", "数", " ", "\t", "'"]
    let rows: [[SQLValue]] = (0..<300).map { _ in
      [
        .real(Double(bitPattern: generator.next())),
        .text(
          String(
            (0..<Int.random(in: 0..<6, using: &generator)).map { _ in
              alphabet.randomElement(using: &generator)!
            })),
        .integer(Int64(bitPattern: generator.next())),
      ]
    }
    let text = try written(.csv, ["x", "t", "n"].map { ResultColumn($0) }, rows)
    let parsed = parseCSV(text)
    #expect(parsed.count == 301)
    for (row, fields) in zip(rows, parsed.dropFirst()) {
      guard case .real(let x) = row[0], case .text(let t) = row[1], case .integer(let n) = row[2]
      else { continue }
      let back = try #require(Double(fields[0]))
      #expect(back == x || (back.isNaN && x.isNaN))
      #expect(Array(fields[1].utf8) == Array(t.utf8))
      #expect(Int64(fields[2]) == n)
    }
  }

  /// RFC 4180, read from its grammar.
  private func parseCSV(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\"")
      where isQuoted && index + 1 < bytes.count
        && bytes[index + 1] == UInt8(ascii: "\""):
        field.append(UInt8(ascii: "\""))
        index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted:
        row.append(String(decoding: field, as: UTF8.self))
        field = []
      case 0x0D where !isQuoted:
        row.append(String(decoding: field, as: UTF8.self))
        rows.append(row)
        row = []
        field = []
        index += 1
      case let byte: field.append(byte)
      }
      index += 1
    }
    return rows
  }
}
