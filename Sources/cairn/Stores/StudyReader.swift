// A store that is only looked at.

import StudyEngine
import StudyModel
import StudyStorage

/// A store opened without permission to write, and without creating anything.
struct StudyReader {
  let store: Store
  let database: StudyDatabase

  init(_ location: StoreLocation) throws(StorageError) {
    store = try Store.open(at: location.absolutePath, for: .reading)
    database = StudyDatabase(compilingConstraintsOf: store)
    store.printWarnings()
  }
}
