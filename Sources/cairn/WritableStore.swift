// The store of a command that changes something.

import Foundation
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

/// An open store, and its studies. Closing it is the command's last step.
struct WritableStore {
  let store: Store
  let database: StudyDatabase

  /// Opens the store that `options` mean; what is wrong with it that can be lived with is a
  /// warning on standard error.
  ///
  /// - Parameter creates: whether a store is made where there is none.
  /// - Throws: ``Diagnostic``, or the store's errors.
  init(
    _ options: StoreOptions, creates: Bool = false,
    durability: StudyStorage.Durability = .standard
  ) throws {
    let location = try options.locate(for: creates ? .writing : .reading)
    // Absolute, since objectives and scripts are told where their files are.
    let path = URL(fileURLWithPath: location.path).standardizedFileURL.path
    store = try Store.open(at: path, for: .writing(create: creates), durability: durability)
    for warning in store.warnings { Diagnostic("\(warning)").print(as: .warning) }
    database = StudyDatabase(store) { space in
      space.constraints.isEmpty ? nil : try SQLConstraintEvaluator(space)
    }
  }

  /// Runs `body`, and closes the store however it ends.
  static func use(
    _ options: StoreOptions, durability: StudyStorage.Durability = .standard,
    _ body: (WritableStore) async throws -> Void
  ) async throws {
    let opened = try WritableStore(options, durability: durability)
    do {
      try await body(opened)
    } catch {
      // What went wrong first is what is told; the claims end with the process all the same.
      try? opened.store.close()
      throw error
    }
    try opened.store.close()
  }
}
