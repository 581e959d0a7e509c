import PlainText
import Foundation
import StudySQL

/// Where everything goes that is not data. Where nobody listens any more, nothing is lost by
/// silence.
enum StandardError {
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// One line, with what a terminal would obey written out: names are free to hold anything.
  static func writeLine(_ text: String) { write(text.neutralized + "\n") }
}
