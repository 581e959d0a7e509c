// The live panel of a study, as a value and as lines.

import PlainText
import StudyModel

/// What the panel shows.
package struct Panel: Equatable {
  package struct Running: Equatable {
    var trial: Int
    var step: Int64?
    /// The latest values of the objectives, or of another metric where none was reported yet.
    var metrics: [Metric] = []
    var seconds: Double
    /// In the order of the space.
    var parameters: [Parameter] = []
  }

  package struct Metric: Equatable {
    var name: String
    var value: Double
  }

  package struct Parameter: Equatable {
    var name: String
    /// As it is shown, short.
    var value: String

    var text: String { "\(name)=\(value)".neutralized }
  }

  package struct Best: Equatable {
    var headline: String
    var parameters: [Parameter]
    /// The best so far, over the trials.
    var history: [Double]
  }

  package struct Failure: Equatable {
    /// `trial 12: exit status 1`
    var headline: String
    /// What it printed last; empty: nothing.
    var lastLine: String
  }

  var study: String
  var done: Int
  var target: Int?
  var pruned = 0
  var failed = 0
  var waiting = 0
  /// How many trials wait because their worker died.
  var left = 0
  /// How many complete trials break a bound.
  var breakingBounds = 0
  /// Trials a second; nil until one has ended.
  var rate: Double?
  var best: Best?
  var running: [Running] = []
  var lastFailure: Failure?
}

extension Panel {
  private static let labelWidth = 8

  /// The panel's lines, none wider than `width` columns, at most `height` of them. What matters
  /// less gives way in a small window: further lines of parameters, then running trials.
  package func lines(width: Int, height: Int = .max) -> [String] {
    var lines = progress(width)
    if let best { lines += Self.lines(of: best, width, maximum: height < 16 ? 1 : 3) }
    let tail = lastFailure.map { Self.lines(of: $0, width) } ?? []
    let room = max(1, height - lines.count - tail.count)
    let shown = PanelRows(running, among: best?.parameters ?? []).lines(width: width, height: room)
    return (lines + shown + tail).prefix(max(1, height)).map { $0.truncated(toWidth: width) }
  }

  private func progress(_ width: Int) -> [String] {
    let counts = counts
    // A long name gives way to the counts, down to what still tells it from others.
    let room = width - counts.joined(separator: ", ").displayWidth
    let name = study.neutralized.truncated(toWidth: max(20, room))
    let headline = Self.filled(
      [name + counts[0]] + counts.dropFirst(), mark: ",", width: width, maximum: 2)
    guard let target, target > 0 else {
      return [Self.spread(headline[0], pace, width)] + headline.dropFirst()
    }
    return headline + [bar(target, width: width - pace.displayWidth - 2) + pace]
  }

  /// `: 37 of 100 done (4 pruned)`, `2 failed`, `2 running`
  private var counts: [String] {
    var done = ": \(done)\(target.map { " of \($0)" } ?? "") done"
    let kinds = [(pruned, "pruned"), (breakingBounds, "out of bounds")].filter { $0.0 > 0 }
    if !kinds.isEmpty { done += " (\(kinds.map { "\($0) \($1)" }.joined(separator: ", ")))" }
    let parts = [(failed, "failed"), (running.count, "running"), (waiting, "waiting")]
    let shown = parts.filter { $0.0 > 0 || $0.1 == "running" }.map { "\($0) \($1)" }
    return [done] + shown + (left > 0 ? ["\(left) left by a dead worker"] : [])
  }

  private var pace: String {
    guard let rate, rate > 0 else { return "" }
    let (number, unit) =
      rate >= 1 ? (rate, "s") : rate * 60 >= 1 ? (rate * 60, "min") : (rate * 3600, "h")
    let speed = "\(number.text(significantDigits: 2))/\(unit)"
    guard let target, target > done else { return speed }
    return "\(speed), \(Measures.duration(wholeSeconds: Double(target - done) / rate)) left"
  }

  private func bar(_ target: Int, width: Int) -> String {
    guard width >= 4 else { return "" }
    let filled = Int(Double(width) * min(1, Double(done) / Double(target)))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return bar + "  "
  }

  private static func lines(of best: Best, _ width: Int, maximum: Int) -> [String] {
    let headline = labelled("best", best.headline)
    let room = min(60, width - headline.displayWidth - 2)
    let curve =
      best.history.count > 1 && room >= 4 ? Sparkline.text(best.history, width: room) : ""
    let parameters = filled(
      best.parameters.map(\.text), width: width - labelWidth, maximum: maximum)
    return [curve.isEmpty ? headline : headline + "  " + curve]
      + parameters.map { labelled("", $0) }
  }

  private static func lines(of failure: Failure, _ width: Int) -> [String] {
    let headline = labelled("failed", failure.headline.neutralized)
    if failure.lastLine.isEmpty { return [headline] }
    let said = failure.lastLine.neutralized
    let whole = "\(headline): \(said)"
    return whole.displayWidth <= width ? [whole] : [headline, labelled("", said)]
  }

  /// `words`, a mark between them, in at most `maximum` lines, none broken; `…` stands for those
  /// that are left out.
  private static func filled(
    _ words: [String], mark: String = "", width: Int, maximum: Int
  ) -> [String] {
    var lines: [String] = []
    for (index, word) in words.enumerated() {
      if let line = lines.last {
        // Where no further line is left, room for the sign of what may be left out.
        let spare = lines.count == maximum && index < words.count - 1 ? 2 : 0
        let longer = line + mark + " " + word
        if longer.displayWidth + spare <= width {
          lines[lines.count - 1] = longer
          continue
        }
        lines[lines.count - 1] += lines.count == maximum ? " …" : mark
        if lines.count == maximum { break }
      }
      lines.append(word.truncated(toWidth: max(1, width - 2)))
    }
    return lines
  }

  private static func labelled(_ label: String, _ text: String) -> String {
    label.padded(toWidth: labelWidth) + text
  }

  /// `left` and `right` at the ends of a line; `left` gives way.
  private static func spread(_ left: String, _ right: String, _ width: Int) -> String {
    let room = width - right.displayWidth - 2
    guard room >= 20, !right.isEmpty else { return left }
    return left.truncated(toWidth: room).padded(toWidth: room + 2) + right
  }
}
