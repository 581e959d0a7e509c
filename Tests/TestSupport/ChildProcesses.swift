// What many tests that start processes at the same time in one process must mind.

public import Foundation

extension Pipe {
  /// A pipe whose ends reach only the child that is given one.
  ///
  /// `Process` closes the descriptors there were when it counted them, so a child that another
  /// test starts at the same moment may keep the end of a plain pipe open, and nobody hears the
  /// end of the file before that child is gone.
  public static func closedOnExec() -> Pipe {
    let pipe = Pipe()
    for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
      _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    return pipe
  }
}

/// Writes a program that can be started at once.
///
/// The file is made by a child: were it open for writing here while another test forks, the
/// kernel would refuse to start it until that fork has come to its exec ("Text file busy").
///
/// - Parameter mode: the permissions, as chmod takes them.
public func writeProgram(_ text: String, to path: String, mode: Int = 0o755) throws {
  let draft = path + ".draft"
  try text.write(toFile: draft, atomically: false, encoding: .utf8)
  defer { try? FileManager.default.removeItem(atPath: draft) }
  let install = Process()
  install.executableURL = URL(filePath: "/usr/bin/install")
  install.arguments = ["-m", String(mode, radix: 8), draft, path]
  try install.run()
  install.waitUntilExit()
  guard install.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
}
