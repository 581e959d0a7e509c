// From a launch to a process, or to a reason that helps.

import Machine
import CProcessControl
import Glibc

/// A started objective: its process and the reading ends of its outputs.
struct SpawnedObjective: ~Copyable {
  let process: Int32
  let output: Descriptor
  let error: Descriptor

  init(_ launch: ObjectiveLaunch) throws(LaunchFailure) {
    let path = try Self.find(launch)
    var environment = launch.environment
    environment[ObjectiveLaunch.markVariable] = launch.mark

    let output = try Pipe()
    let error = try Pipe()
    var stage: Int32 = 0
    var errorNumber: Int32 = 0
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let process = unsafe CStringArray.with(launch.arguments) { arguments in
      unsafe CStringArray.with(variables) { variables in
        unsafe path.withCString { path in
          unsafe launch.workingDirectory.withCString { directory in
            var command = unsafe cpc_command(
              path: path, arguments: arguments, environment: variables, directory: directory,
              output: output.writing.number, error: error.writing.number,
              set_nice: launch.niceness != nil, nice: launch.niceness ?? 0)
            return unsafe cpc_start(&command, &stage, &errorNumber)
          }
        }
      }
    }
    guard process >= 0 else {
      throw Self.failure(launch, path: path, stage: UInt32(stage), errorNumber: errorNumber)
    }
    self.process = process
    self.output = output.reading
    self.error = error.reading
  }

  private struct Pipe: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(LaunchFailure) {
      var reading: Int32 = -1
      var writing: Int32 = -1
      let failed = unsafe cpc_pipe(&reading, &writing)
      guard failed == 0 else {
        throw LaunchFailure(
          errorNumber: failed, description: "cannot make a pipe: \(SystemError.describe(failed))")
      }
      self.reading = Descriptor(reading)
      self.writing = Descriptor(writing)
    }
  }

  /// The program's path: as the shell would find it, with the environment it will have.
  private static func find(_ launch: ObjectiveLaunch) throws(LaunchFailure) -> String {
    guard let program = launch.arguments.first, !program.isEmpty else {
      throw LaunchFailure(errorNumber: EINVAL, description: "the command is empty")
    }
    if program.contains("/") { return program }
    let path = launch.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    var unusable: String?
    for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
      let candidate = (directory.isEmpty ? "." : String(directory)) + "/" + program
      let seen = absolute(candidate, in: launch.workingDirectory)
      guard isFile(seen) else { continue }
      if unsafe access(seen, X_OK) == 0 { return candidate }
      unusable = unusable ?? seen
    }
    if let unusable {
      throw LaunchFailure(
        errorNumber: EACCES,
        description: "\(unusable) is not executable\ntry: chmod +x \(unusable)")
    }
    var description = "there is no program \"\(program)\" in PATH"
    if isFile(absolute(program, in: launch.workingDirectory)) {
      description += "\ntry: ./\(program), for a program in the working directory"
    }
    throw LaunchFailure(errorNumber: ENOENT, description: description)
  }

  private static func failure(
    _ launch: ObjectiveLaunch, path: String, stage: UInt32, errorNumber: Int32
  ) -> LaunchFailure {
    let reason = SystemError.describe(errorNumber)
    let seen = absolute(path, in: launch.workingDirectory)
    let description: String
    switch (stage, errorNumber) {
    case (cpc_stage_directory.rawValue, _):
      description = "cannot enter the working directory \(launch.workingDirectory): \(reason)"
    case (cpc_stage_exec.rawValue, ENOENT) where isFile(seen):
      let interpreter = firstLine(of: seen)
      description =
        interpreter.map { "\(path) asks for an interpreter that is not there: \($0)" }
        ?? "\(path) needs a loader that is not on this machine"
    case (cpc_stage_exec.rawValue, ENOENT): description = "there is no file \(seen)"
    case (cpc_stage_exec.rawValue, ENOEXEC):
      description = """
        \(path) is neither a program nor a script with a first line that names its interpreter
        try: to name it in the command, as in: -- sh \(path)
        """
    case (cpc_stage_exec.rawValue, EACCES) where isFile(seen):
      description = "\(path) is not executable\ntry: chmod +x \(seen)"
    case (cpc_stage_exec.rawValue, E2BIG):
      description = "the arguments and the environment are longer than the system takes"
    default: description = "cannot start \(path): \(reason)"
    }
    return LaunchFailure(errorNumber: errorNumber, description: description)
  }

  private static func absolute(_ path: String, in directory: String) -> String {
    path.hasPrefix("/") ? path : directory + "/" + path
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The `#!` line of a script; nil when it has none.
  private static func firstLine(of path: String) -> String? {
    guard let start = KernelFile.read(path, limit: 256), start.starts(with: Array("#!".utf8))
    else { return nil }
    return String(decoding: start.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

/// The system's words for an error number.
enum SystemError {
  static func describe(_ errorNumber: Int32) -> String {
    guard let text = unsafe strerror(errorNumber) else { return "error \(errorNumber)" }
    return unsafe String(cString: text)
  }
}

/// Texts as C wants them: an array of pointers that ends with a null.
private enum CStringArray {
  static func with<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("an array with its null") }
      return unsafe body(base)
    }
  }
}
