// Which tables there are, and which study is found under which name.

import PlainText
internal import StudyModel

struct TableCatalog {
  let sources: [StudySource]
  private(set) var tables: [RegisteredTable] = []
  private var sourceOfStudy: [StudyID: Int] = [:]

  /// Names that a study's table cannot have: those of the other tables, and what SQLite brings.
  private static let reservedNames = [
    "studies", "trials", "params", "metrics", "series", "steps", "choices", "attrs",
    "json_each", "json_tree",
    "sqlite_schema", "sqlite_master", "sqlite_temp_schema", "sqlite_temp_master",
  ]

  init(
    _ snapshot: Snapshot, clock: ClockZone, lastLine: HistoryDatabase.LastLineReader? = nil
  ) {
    var names = UniqueNames()
    for name in Self.reservedNames { _ = names.reserve(name) }
    var sources: [StudySource] = []
    var trialsBefore = 0
    for state in snapshot.studies {
      let isInternal = state.study.name.foldedName.hasPrefix("sqlite_")
      let name = names.take(
        isInternal ? "study_" + state.study.name : state.study.name, or: "study_")
      sourceOfStudy[state.study.id] = sources.count
      sources.append(
        StudySource(
          state, clock: clock, trialsBefore: trialsBefore, index: sources.count, tableName: name,
          lastLine: lastLine))
      trialsBefore += state.trialCount
    }
    self.sources = sources
    let all = sources
    tables = [
      RegisteredTable("studies") { StudiesTable(sources: all) },
      RegisteredTable("trials") { TrialsTable(sources: all) },
      RegisteredTable("params") { ParamsTable(sources: all) },
      RegisteredTable("metrics") { MetricsTable(sources: all) },
      RegisteredTable("series") { SeriesTable(sources: all) },
      RegisteredTable("steps") { StepsTable(sources: all) },
      RegisteredTable("choices") { ChoicesTable(sources: all) },
      RegisteredTable("attrs") { AttrsTable(sources: all) },
    ]
    tables += all.map { source in
      RegisteredTable(source.tableName) { StudyTable(source) }
    }
  }

  /// Studies whose tables are called otherwise since SQL would see no difference to another
  /// study: `Digits` beside `digits`.
  var renamedStudies: [(table: String, study: String)] {
    sources.filter {
      !$0.tableName.hasSameBytes(as: $0.name) && !$0.tableName.hasPrefix("study_")
    }.map { ($0.tableName, $0.name) }
  }

  /// The table that SQL finds under `name`.
  func tableName(like name: String) -> String {
    tables.first { $0.name.foldedName == name.foldedName }?.name ?? name
  }

  func source(of study: StudyID) -> StudySource? {
    sourceOfStudy[study].map { sources[$0] }
  }
}
