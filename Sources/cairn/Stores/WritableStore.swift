// A store that a command changes: found, opened, and closed in good order.

import Foundation
import PlainText
import StudyEngine
import StudyModel
import StudySQL
import StudyStorage

struct WritableStore {
  let location: StoreLocation
  /// With an absolute path, which objectives are told.
  let store: Store
  let database: StudyDatabase

  /// Opens the store at `location`, and tells on standard error what it lacks.
  ///
  /// - Parameter creating: makes it when it is not there.
  init(
    _ location: StoreLocation, creating: Bool = false,
    durability: Durability = .standard
  ) throws(StorageError) {
    self.location = location
    let isNew = creating && !location.exists
    store = try Store.open(
      at: location.absolutePath, for: .writing(create: creating), durability: durability)
    // A store in a repository is no part of it, as .pytest_cache and target/ are none. Where this
    // cannot be written the store is as good.
    if isNew {
      _ = FileManager.default.createFile(
        atPath: location.absolutePath + "/.gitignore", contents: Data("*\n".utf8))
    }
    database = StudyDatabase(compilingConstraintsOf: store)
    store.printWarnings()
  }

  /// The directory that a study's remembered paths are relative to.
  var parent: String { location.parent }

  /// Closes it, and tells of a seal that failed meanwhile.
  func close() throws(StorageError) {
    defer { warnUnlessSealed() }
    try store.close()
  }

  private func warnUnlessSealed() {
    guard let failure = store.sealingFailure else { return }
    Diagnostic(
      "\(location.path) has everything, and could not be sealed, which makes it small and quick"
        + " to open",
      evidence: ["\(failure)"],
      try: [ShellText.line(["cairn", "compact"] + location.option)]
    ).print(as: .warning)
  }

  /// Opens the store that `options` mean, runs `body`, and closes it however that ends.
  static func use(
    _ options: StoreOptions, durability: Durability = .standard,
    _ body: (WritableStore) async throws -> Void
  ) async throws {
    let opened = try WritableStore(try options.locate(for: .reading), durability: durability)
    do {
      try await body(opened)
    } catch {
      // What went wrong first is what is told; the claims end with the process all the same.
      try? opened.close()
      throw error
    }
    try opened.close()
  }
}

extension StudyDatabase {
  /// A database whose constraints are SQL expressions.
  convenience init(compilingConstraintsOf store: Store) {
    self.init(store) { space in
      try SQLConstraintEvaluator.evaluator(for: space)
    }
  }
}

extension Store {
  /// Damage is told of once, when the store is opened.
  func printWarnings() {
    for warning in warnings { Diagnostic(warning).print(as: .warning) }
  }
}

extension StoreLocation {
  /// The path from the root, without a slash at its end or steps that lead back.
  var absolutePath: String {
    URL(
      filePath: path, relativeTo: .currentDirectory()
    ).standardizedFileURL.path(percentEncoded: false).withoutTrailingSlash
  }

  /// The directory the store lies in.
  var parent: String {
    URL(filePath: absolutePath).deletingLastPathComponent().path(percentEncoded: false)
      .withoutTrailingSlash
  }

  /// Whether there is a store at the path. A directory that has no FORMAT yet is none: its
  /// maker may have been killed, and who makes the store goes on from there.
  var exists: Bool { FileManager.default.fileExists(atPath: absolutePath + "/FORMAT") }

  /// What another command needs to mean the same store; nothing where it finds it by itself.
  var option: [String] { origin == .option ? ["--store", path] : [] }
}

extension String {
  fileprivate var withoutTrailingSlash: String {
    count > 1 && hasSuffix("/") ? String(dropLast()) : self
  }
}
