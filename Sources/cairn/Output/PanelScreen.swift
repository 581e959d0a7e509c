// Lines that are drawn over themselves at the bottom of a terminal.

import Presentation
import PlainText
import StudySQL
import Synchronization

/// Standard error with a panel at its end, and lines that stay above it.
final class PanelScreen: Sendable {
  private struct Drawn {
    var lines: [String] = []
    /// The window it was drawn in.
    var columns = 0
  }

  private let drawn = Mutex(Drawn())

  /// Draws the panel anew, in the window's present size; nothing where it would stay the same.
  func draw(_ panel: Panel) {
    let size = Terminal.error.size
    // The last column is left free, where some terminals break lines.
    let lines = panel.lines(width: size.columns - 1, height: size.rows - 1)
    drawn.withLock { drawn in
      if drawn.lines == lines, drawn.columns == size.columns { return }
      StandardError.write(
        Self.erasing(drawn.lines, columns: size.columns) + lines.map { $0 + "\n" }.joined())
      drawn = Drawn(lines: lines, columns: size.columns)
    }
  }

  /// Prints `text`, which ends with a newline, above the panel; it is drawn again below.
  func printAbove(_ text: String) {
    drawn.withLock { drawn in
      StandardError.write(Self.erasing(drawn.lines, columns: Terminal.error.size.columns) + text)
      drawn = Drawn()
    }
  }

  func erase() { printAbove("") }

  /// What takes the cursor back to where the panel began, and clears from there. A window that
  /// has become narrower has broken lines into several.
  static func erasing(_ lines: [String], columns: Int) -> String {
    if lines.isEmpty { return "" }
    let rows = lines.reduce(0) { $0 + max(1, ($1.displayWidth + columns - 1) / columns) }
    return "\u{1B}[\(rows)F\u{1B}[J"
  }
}
