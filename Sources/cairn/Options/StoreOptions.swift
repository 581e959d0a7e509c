import ArgumentParser
import Foundation

/// Where the studies are. Every command that touches a store has this group.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The store's directory.",
      discussion: "Default: $CAIRN_STORE, else the nearest .cairn upwards from here.",
      valueName: "path"),
    completion: .directory)
  var store: String?

  /// - Throws: ``Diagnostic``, as ``StoreLocation`` resolves it.
  func locate(for access: StoreLocation.Access) throws(Diagnostic) -> StoreLocation {
    try StoreLocation.resolve(
      option: store, environment: ProcessInfo.processInfo.environment,
      workingDirectory: FileManager.default.currentDirectoryPath, access: access
    ) { path in
      let attributes = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.isDirectoryKey])
      return attributes?.isDirectory
    }
  }
}
