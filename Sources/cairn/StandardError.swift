import Foundation

/// Where progress and remarks go.
enum StandardError {
  /// Says a line. Where nobody listens any more, nothing is lost by silence.
  static func say(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }
}
