// Tables with a row a trial: `trials` over all studies, and each study's own, wide one.

internal import StudyModel

/// `trials`: what the trials of all studies have in common.
struct TrialsTable: ColumnarTable {
  let sources: [StudySource]

  static let fields: [TrialColumn] =
    [
      TrialColumn("study", .text, .study),
      TrialColumn("number", .integer, .number),
      TrialColumn("state", .word, .state),
      TrialColumn("value", .real, .singleValue),
      TrialColumn("objectives", .text, .objectives),
    ] + TrialLayout.times + [
      TrialColumn("params", .text, .parameters),
      TrialColumn("attrs", .text, .userAttributes),
    ] + TrialLayout.particulars + TrialLayout.marks

  var columns: [TableColumn] { Self.fields.map(\.column) }
  var studyColumn: Int? { 0 }
  var numberColumn: Int? { 1 }
  var hasOneRowPerTrial: Bool { true }

  var size: TableSize {
    let total = sources.reduce(0) { $0 + $1.state.trialCount }
    return .init(total: total, perStudy: total / max(1, sources.count), perTrial: 1)
  }

  func pieces(in scope: ScanScope) -> PieceSource {
    TrialRows.pieces(of: sources, Self.fields.map(\.field), scope)
  }
}

/// The own table of one study: its parameters, attributes and metrics as columns.
struct StudyTable: ColumnarTable {
  let source: StudySource
  let columns: [TableColumn]
  private let fields: [TrialField]

  init(_ source: StudySource) {
    self.source = source
    let layout = TrialLayout(of: source.state).columns
    columns = layout.map(\.column)
    fields = layout.map(\.field)
  }

  var studyColumn: Int? { nil }
  var numberColumn: Int? { 0 }
  var hasOneRowPerTrial: Bool { true }

  var size: TableSize {
    let count = source.state.trialCount
    return .init(total: count, perStudy: count, perTrial: 1)
  }

  func pieces(in scope: ScanScope) -> PieceSource {
    TrialRows.pieces(of: [source], fields, scope)
  }
}
