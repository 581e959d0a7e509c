import Foundation
import StudyEngine
import StudyModel
import StudyStorage
import TestSupport

/// A directory with a store, and the command line as it works on it.
final class StepDirectory {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  let path: String
  var store: String { path + "/store" }

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "cairn-steps-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.standardizedFileURL.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A study with two parameters, `x` and `y`, between 0 and 1.
  func makeStudy(_ name: String = "s", target: Int? = nil) async throws {
    let store = try Store.open(at: store, for: .writing(create: true))
    let parameters = try ["x", "y"].map {
      Parameter(name: $0, distribution: .float(try FloatDomain(low: 0, high: 1)))
    }
    let definition = StudyDefinition(
      space: try SearchSpace(parameters), sampler: ComponentChoice("random"), seed: 1,
      targetTrials: target)
    _ = try await StudyDatabase(store) { _ in nil }.createStudy(name, definition)
    try store.close()
  }

  func trials(of name: String = "s") throws -> LoadedColumns {
    let store = try Store.open(at: store, for: .reading)
    guard let state = try store.snapshot().study(named: name) else {
      throw EngineError.unknownStudy(name, nearest: [])
    }
    return try state.load(.all)
  }

  /// The command, ready to be started on this store.
  func process(_ arguments: [String], store: String? = nil) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: Binary.cairn)
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["CAIRN_STORE"] = store ?? self.store
    process.environment = environment
    process.currentDirectoryURL = URL(filePath: path)
    process.standardInput = FileHandle.nullDevice
    return process
  }

  func cairn(_ arguments: [String], store: String? = nil) throws -> Outcome {
    let process = process(arguments, store: store)
    let output = Pipe.closedOnExec()
    let errors = Pipe.closedOnExec()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }
}
