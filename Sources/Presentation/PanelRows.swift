// The panel's table of running trials: a line each, with the parameters that fit; two where the
// window is high enough and not wide enough.

import PlainText

struct PanelRows {
  private let running: [Panel.Running]
  /// Of parameters that are not the same in all running trials and the best.
  private let varied: [String]
  /// Of the others.
  private let common: [String]

  private static let gap = "  "
  /// A longer value is cut, lest it drives out the others.
  private static let longestValue = 24

  /// - Parameter best: the best trial's parameters.
  init(_ running: [Panel.Running], among best: [Panel.Parameter]) {
    self.running = running
    var names: [String] = []
    var values: [String: Set<String>] = [:]
    var counts: [String: Int] = [:]
    for parameter in running.flatMap(\.parameters) {
      if values[parameter.name] == nil { names.append(parameter.name) }
      values[parameter.name, default: []].insert(parameter.value)
      counts[parameter.name, default: 0] += 1
    }
    for parameter in best { values[parameter.name]?.insert(parameter.value) }
    func varies(_ name: String) -> Bool {
      values[name].map { $0.count > 1 } ?? false || counts[name] != running.count
    }
    varied = names.filter(varies)
    common = names.filter { !varies($0) }
  }

  /// At most `height` lines, of at most `width` columns where a trial's first column fits that.
  func lines(width: Int, height: Int) -> [String] {
    if running.isEmpty { return [] }
    let starts = starts(width)
    let used = starts[0].displayWidth
    let beside = parameters(width: width - used - Self.gap.count)
    let below = parameters(width: width - 4)
    let isTwofold = running.count * 2 <= height && below.count > beside.count
    var lines: [String] = []
    for index in running.indices {
      if isTwofold {
        lines += [starts[index], "    " + below.cells[index]]
      } else {
        lines.append(starts[index] + Self.gap + beside.cells[index])
      }
    }
    if lines.count > height {
      let rest = lines.count - height + 1
      lines = lines.prefix(height - 1) + ["  and \(rest) more running"]
    }
    return lines.map(\.trimmedAtEnd)
  }

  /// `  trial 9   step 3  accuracy 0.45   3 s`, all equally wide. Metrics go without their names
  /// where these would take more than half of the line.
  private func starts(_ width: Int) -> [String] {
    let trials = Self.column(running.map { "trial \($0.trial)" })
    let steps = Self.column(running.map { $0.step.map { "step \($0)" } ?? "" })
    let times = Self.column(
      running.map { Measures.duration(wholeSeconds: $0.seconds) }, alignedRight: true)
    func metrics(named: Bool) -> [String] {
      Self.column(
        running.map { trial in
          trial.metrics.map { metric in
            let value = metric.value.text(significantDigits: 5)
            return named ? "\(metric.name.neutralized) \(value)" : value
          }.joined(separator: Self.gap)
        })
    }
    let long = metrics(named: true)
    let values = long[0].displayWidth > width / 2 ? metrics(named: false) : long
    return running.indices.map { index in
      let cells = [trials[index], steps[index], values[index], times[index]]
      return Self.gap + cells.filter { !$0.isEmpty }.joined(separator: Self.gap)
    }
  }

  /// As many parameters as fit, the same for all trials, in columns, those that vary first; `…`
  /// stands for the others. Names are shortened where that lets more of them in.
  private func parameters(width: Int) -> (cells: [String], count: Int) {
    let columns = (varied + common).map { column($0, as: $0) }
    if Self.width(columns) <= width { return (joined(columns), columns.count) }
    let fitting = Self.fitting(varied.map { column($0, as: shortName($0)) }, width - 2)
    let cells = fitting.isEmpty ? running.map { _ in "…" } : joined(fitting).map { $0 + " …" }
    return (width < 2 ? running.map { _ in "" } : cells, fitting.count)
  }

  /// `lr` of `model.optimizer.lr`, where no other parameter ends so.
  private func shortName(_ name: String) -> String {
    func last(_ name: String) -> Substring { name.split { "./".contains($0) }.last ?? "" }
    let short = last(name)
    return (varied + common).count { last($0) == short } == 1 ? String(short) : name
  }

  private static func width(_ columns: [[String]]) -> Int {
    columns.reduce(-gap.count) { $0 + gap.count + $1[0].displayWidth }
  }

  private static func fitting(_ columns: [[String]], _ width: Int) -> [[String]] {
    columns.reduce(into: []) { fitting, column in
      if Self.width(fitting + [column]) <= width { fitting.append(column) }
    }
  }

  /// Side by side, one text a trial.
  private func joined(_ columns: [[String]]) -> [String] {
    running.indices.map { index in
      columns.map { $0[index] }.joined(separator: Self.gap)
    }
  }

  private func column(_ name: String, as label: String) -> [String] {
    Self.column(
      running.map { trial in
        guard let parameter = trial.parameters.first(where: { $0.name == name }) else { return "" }
        let value = parameter.value.truncated(toWidth: Self.longestValue)
        return Panel.Parameter(name: label, value: value).text
      })
  }

  /// All as wide as the widest.
  private static func column(_ cells: [String], alignedRight: Bool = false) -> [String] {
    let width = cells.map(\.displayWidth).max() ?? 0
    return cells.map { $0.padded(toWidth: width, alignedRight: alignedRight) }
  }
}

extension String {
  /// Without spaces at the end.
  fileprivate var trimmedAtEnd: String {
    var text = self
    while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
    return text
  }
}
