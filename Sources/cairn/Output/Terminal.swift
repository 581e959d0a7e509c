import Foundation

/// Whether a standard stream leads to a person, and how wide the window is.
struct Terminal {
  static let output = Terminal(descriptor: STDOUT_FILENO)
  static let error = Terminal(descriptor: STDERR_FILENO)

  let isTerminal: Bool
  /// Colours are for terminals whose owner has not declined them (https://no-color.org).
  let usesColor: Bool
  /// Whether lines may be drawn over others: not on what only prints (`TERM=dumb`, or none).
  let canRedraw: Bool
  private let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
    let environment = ProcessInfo.processInfo.environment
    canRedraw = isTerminal && !["dumb", ""].contains(environment["TERM"] ?? "")
    usesColor = canRedraw && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Columns, 80 where the terminal does not tell.
  var width: Int { size.columns }

  /// Columns and rows, 80 and 24 where the terminal does not tell.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
    return (
      size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24
    )
  }
}
