// The live panel of a study, as a value and as lines.

import PlainText
import StudyModel
import StudySQL

/// What the panel shows.
struct Panel: Equatable {
  struct Running: Equatable {
    var trial: Int
    var step: Int64?
    /// The objective's latest value.
    var value: Double?
    var seconds: Double
  }

  struct Best: Equatable {
    var headline: String
    var parameters: String
    /// The best so far, over the trials.
    var history: [Double]
  }

  var study: String
  var done: Int
  var target: Int?
  var failed = 0
  var waiting = 0
  /// Trials a second; nil until one has ended.
  var rate: Double?
  var best: Best?
  var objective = "value"
  var running: [Running] = []
  /// The last failure: `trial 12: exit status 1`.
  var lastFailure: String?
}

extension Panel {
  private static let labelWidth = 8

  /// The panel's lines, none wider than `width` columns, at most `height` of them.
  func lines(width: Int, height: Int = .max) -> [String] {
    var lines = [Self.spread(headline, pace, width)]
    if target != nil { lines.append(bar(width: min(width, 80))) }
    if let best { lines += Self.lines(of: best, width: width) }
    var tail: [String] = []
    if let lastFailure {
      tail.append(Self.labelled("failed", lastFailure.neutralized, width))
    }
    let room = max(1, height - lines.count - tail.count)
    var shown = runningLines(width: width)
    if shown.count > room {
      shown = shown.prefix(room - 1) + ["  and \(shown.count - room + 1) more running"]
    }
    return (lines + shown + tail).prefix(max(1, height)).map { $0.truncated(toWidth: width) }
  }

  private var headline: String {
    var text = "\(study.neutralized): \(done)\(target.map { " of \($0)" } ?? "") done"
    if failed > 0 { text += ", \(failed) failed" }
    text += ", \(running.count) running"
    if waiting > 0 { text += ", \(waiting) waiting" }
    return text
  }

  private var pace: String {
    guard let rate, rate > 0 else { return "" }
    let (number, unit) =
      rate >= 1 ? (rate, "s") : rate * 60 >= 1 ? (rate * 60, "min") : (rate * 3600, "h")
    let speed = "\(number.text(significantDigits: 2))/\(unit)"
    guard let target, target > done else { return speed }
    return "\(speed), \(Measures.duration(wholeSeconds: Double(target - done) / rate)) left"
  }

  private func bar(width: Int) -> String {
    guard let target, target > 0, width > 0 else { return "" }
    let filled = min(width, width * done / target)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  private static func lines(of best: Best, width: Int) -> [String] {
    let history =
      best.history.count > 1
      ? Sparkline.text(best.history, width: min(20, max(0, width - 50))) : ""
    return [
      spread(labelled("best", best.headline, width), history, width),
      labelled("", best.parameters, width),
    ]
  }

  private func runningLines(width: Int) -> [String] {
    let trials = Self.column(running.map { "trial \($0.trial)" })
    let steps = Self.column(running.map { $0.step.map { "step \($0)" } ?? "" })
    return running.indices.map { index in
      let value = running[index].value.map {
        "\(objective.neutralized) \($0.text(significantDigits: 5))"
      }
      return Self.spread(
        "  \(trials[index])  \(steps[index])  \(value ?? "")",
        Measures.duration(wholeSeconds: running[index].seconds), width)
    }
  }

  /// All as wide as the widest.
  private static func column(_ cells: [String]) -> [String] {
    let width = cells.map(\.displayWidth).max() ?? 0
    return cells.map { $0.padded(toWidth: width) }
  }

  private static func labelled(_ label: String, _ text: String, _ width: Int) -> String {
    (label.padded(toWidth: labelWidth) + text).truncated(toWidth: width)
  }

  /// `left` and `right` at the ends of a line of at most 80 columns; `left` gives way.
  private static func spread(_ left: String, _ right: String, _ width: Int) -> String {
    let width = min(width, 80)
    let room = right.isEmpty ? width : width - right.displayWidth - 2
    guard room >= 20 || right.isEmpty else { return left.truncated(toWidth: width) }
    let start = left.truncated(toWidth: room)
    return right.isEmpty ? start : start.padded(toWidth: room + 2) + right
  }
}
