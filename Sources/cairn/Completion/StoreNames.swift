// The names in a store, for completion. Where there is no store, or none that can be read, there
// are no names: whoever presses Tab wants no error message.

import Foundation
import Presentation
import SpaceNotation
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

struct StoreNames {
  private let snapshot: Snapshot

  init(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// - Parameter path: the value of `--store`, if it was given.
  init(store path: String?) {
    snapshot =
      (try? Store.open(
        at: StoreOptions.locate(path.map(Self.expanded), for: .reading).path,
        for: .reading
      ).snapshot()) ?? Snapshot()
  }

  /// The shell has not put in yet what `~` stands for.
  private static func expanded(_ path: String) -> String {
    path == "~" || path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
  }

  var studies: [CompletionCandidate] {
    snapshot.studies.map {
      CompletionCandidate($0.study.name, $0.progressSummary)
    }
  }

  /// All columns of a study's table, those first that are not hidden.
  func columns(of study: String?) -> [CompletionCandidate] {
    guard let state = state(study) else { return [] }
    do {
      let database = try HistoryDatabase(snapshot)
      let names = try database.columnNames(of: state.study.id, includingHidden: true)
      return names.map { CompletionCandidate($0) }
    } catch {
      return []
    }
  }

  /// What a study's trials reported, and its objectives; without a study, those of all.
  func metrics(of study: String?) -> [CompletionCandidate] {
    let states = state(study).map { [$0] } ?? snapshot.studies
    var names: [String] = []
    for state in states {
      for name in state.study.definition.objectives.map(\.name) + state.metricNames
      where !names.contains(name) { names.append(name) }
    }
    return names.map { CompletionCandidate($0) }
  }

  func parameters(of study: String?) -> [CompletionCandidate] {
    (state(study)?.study.definition.space.parameters ?? []).map {
      CompletionCandidate($0.name, $0.domainNotation)
    }
  }

  /// The trials that are under way, by their numbers.
  func openTrials(of study: String?) -> [CompletionCandidate] {
    guard let state = state(study) else { return [] }
    return state.openTrials.prefix(50).map {
      CompletionCandidate(String($0.number), $0.state.name)
    }
  }

  private func state(_ study: String?) -> StudyRecord? { study.flatMap(snapshot.study) }
}
