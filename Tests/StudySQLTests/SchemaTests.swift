import PlainText
import Foundation
import StudyModel
import Testing

@testable import StudySQL

/// schema/tables.sql says what there is.
@Suite struct SchemaTests {
  /// The declarations in the file: columns by table, in order.
  private func documented() throws -> [String: [String]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../schema/tables.sql")
    let text = try String(contentsOf: file, encoding: .utf8)
    var tables: [String: [String]] = [:]
    var table: String?
    for line in text.split(separator: "\n") {
      let code = line.split(separator: "--", omittingEmptySubsequences: false)[0]
        .trimmingCharacters(in: .whitespaces)
      if let name = code.removing(prefix: "CREATE TABLE ") {
        table = String(name.dropLast(2))
      } else if code == ");" {
        table = nil
      } else if let table, !code.isEmpty {
        tables[table, default: []].append(code.hasSuffix(",") ? String(code.dropLast()) : code)
      }
    }
    return tables
  }

  private func example() -> Snapshot {
    var store = StoreBuilder()
    let space = try! SearchSpace([
      Parameter(name: "lr", distribution: rate), Parameter(name: "opt", distribution: optimizer),
    ])
    let id = store.study(
      "digits", objectives: [.init(name: "loss", direction: .minimize)], space: space)
    let trial = store.start(id)
    store.report(id, trial, "loss", [1])
    store.attribute(id, trial, "note", "1")
    store.attribute(id, trial, "gpu", "0", .system)
    _ = store.study("pareto", objectives: twoObjectives, bounds: [latencyBound])
    return store.snapshot
  }

  @Test func `the file declares what SQLite is told`() throws {
    let catalog = TableCatalog(example(), clock: .utc)
    var declared: [String: [String]] = [:]
    for table in catalog.tables {
      declared[table.name] = table.table.columns.map {
        $0.declaration.replacing("\"", with: "")
      }
    }
    #expect(try documented() == declared)
  }
}
