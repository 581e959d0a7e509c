// Lines that are drawn over themselves at the bottom of a terminal.

import PlainText
import StudySQL
import Synchronization

/// Standard error with a panel at its end, and lines that stay above it.
final class PanelScreen: Sendable {
  /// The widths of the lines that stand there.
  private let drawn = Mutex<[Int]>([])

  /// Draws the panel anew, in the window's present size.
  func draw(_ panel: Panel) {
    let size = Terminal.error.size
    // The last column is left free, where some terminals break lines.
    let lines = panel.lines(width: size.columns - 1, height: size.rows - 1)
    drawn.withLock { drawn in
      StandardError.write(
        Self.erasing(drawn, columns: size.columns) + lines.map { $0 + "\n" }.joined())
      drawn = lines.map(\.displayWidth)
    }
  }

  /// Prints `text`, which ends with a newline, above the panel; it is drawn again below.
  func printAbove(_ text: String) {
    drawn.withLock { drawn in
      StandardError.write(Self.erasing(drawn, columns: Terminal.error.size.columns) + text)
      drawn = []
    }
  }

  func erase() { printAbove("") }

  /// What takes the cursor back to where the panel began, and clears from there. A window that
  /// has become narrower has broken lines into several.
  static func erasing(_ widths: [Int], columns: Int) -> String {
    if widths.isEmpty { return "" }
    let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
    return "\u{1B}[\(rows)F\u{1B}[J"
  }
}
