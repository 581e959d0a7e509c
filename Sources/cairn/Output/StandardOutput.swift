import Foundation

/// Where data goes: standard output, written in large pieces.
struct StandardOutput: ~Copyable {
  private static let pieceSize = 1 << 16
  /// The name of the file that it leads to; nil when it leads elsewhere.
  static var fileName: String? {
    guard
      let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/1"),
      let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeRegular
    else { return nil }
    return path.split(separator: "/").last.map(String.init)
  }

  private var pending = Data()

  /// - Throws: ``OutputError``.
  mutating func write(_ text: String) throws(OutputError) {
    pending.append(contentsOf: text.utf8)
    if pending.count >= Self.pieceSize { try flush() }
  }

  /// - Throws: ``OutputError``.
  mutating func write(_ bytes: Data) throws(OutputError) {
    pending.append(bytes)
    if pending.count >= Self.pieceSize { try flush() }
  }

  mutating func writeLine(_ text: String) throws(OutputError) { try write(text + "\n") }

  /// Must be the last call: what is still held back is lost without it.
  mutating func flush() throws(OutputError) {
    guard !pending.isEmpty else { return }
    defer { pending.removeAll(keepingCapacity: true) }
    do {
      try FileHandle.standardOutput.write(contentsOf: pending)
    } catch {
      throw OutputError(error)
    }
  }
}

enum OutputError: Error, CustomStringConvertible {
  /// The reader has seen enough (`cairn trials … | head`): no failure, and no more to do.
  case closedPipe
  case failed(String)

  fileprivate init(_ error: any Error) {
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    let reason = cause.localizedDescription
      .replacing("The operation could not be completed. ", with: "")
    self =
      cause.domain == NSPOSIXErrorDomain && cause.code == Int(EPIPE)
      ? .closedPipe : .failed(reason)
  }

  var description: String {
    switch self {
    case .closedPipe: "nobody reads standard output any more"
    case .failed(let reason): "standard output cannot be written: \(reason)"
    }
  }
}
