// Why a trial was run: who proposed it, what was expected of it, what it was like, and what then
// happened.

package import PlainText
import Samplers
import SpaceNotation
package import StudyModel

package struct TrialReasons {
  private let state: StudyRecord
  private let trial: TrialRecord
  private let nearest: [(trial: TrialRecord, distance: Double)]

  /// Of the complete trials with smaller numbers that keep the bounds.
  private let bestBefore: (number: Int, value: Double)?

  /// Of a pruned trial: its curve, and where that was going.
  private let curve: (points: [MetricPoint], forecast: CurveForecast)?

  private static let nearestCount = 3

  /// - Throws: when the study's columns cannot be read.
  package init(state: StudyRecord, trial: TrialRecord) throws {
    self.state = state
    self.trial = trial
    let history = History(state)
    nearest = try history.nearestTrials(
      to: trial.row, in: state.study.definition.space, count: Self.nearestCount
    ).map { (try state.trial($0.row), $0.distance) }
    let direction = state.study.definition.objectives[0].direction
    var best: (row: Int, value: Double)?
    for row in 0..<trial.row {
      let cells = try history.trial(row)
      guard cells.state == .complete, let value = cells.value(ofObjective: 0),
        (0..<history.boundCount).allSatisfy({ (cells.violation(ofBound: $0) ?? .infinity) <= 0 })
      else { continue }
      if best.map({ direction.isBetter(value, than: $0.value) }) ?? true { best = (row, value) }
    }
    let definition = state.study.definition
    if trial.state == .pruned,
      let forecast = try history.curveForecast(ofRow: trial.row, by: definition.pruner)
    {
      curve = (try state.series(of: definition.objectives[0].name, row: trial.row), forecast)
    } else {
      curve = nil
    }
    bestBefore = best.map { (state.number(ofRow: $0.row), $0.value) }
  }

  private var objective: Objective { state.study.definition.objectives[0] }

  private var forecast: Forecast? {
    trial.systemAttributes.first { $0.key == Forecast.attribute }
      .flatMap { Forecast(json: $0.json) }
  }

  /// Lines with labels, each with its end.
  package func text() -> String {
    var lines = LabelledLines()
    lines.add("proposed by", proposer)
    if let forecast {
      lines.add(
        "expected",
        "\(objective.name) \(number(forecast.median)), with 68 % between \(number(forecast.low))"
          + " and \(number(forecast.high))")
      lines.add("promise", "\(number(forecast.acquisition)), ln of the acquisition function")
      lines.add(
        "borrowed from",
        forecast.sources.map { "\($0.name): \(percent($0.weight))" })
    }
    lines.add("parameters", trial.assignment.notation)
    lines.add(
      "nearest",
      LabelledLines.aligned(
        nearest.map { near in
          [
            "trial \(near.trial.number)", "at \(number(near.distance))",
            near.trial.values.map(\.notation).joined(separator: ", "),
            near.trial.assignment.summary,
          ]
        }))
    lines.add("came out", outcome)
    if let curve {
      lines.add("its curve", curveLines(curve.forecast))
      lines.add("", CurveChart(points: curve.points, forecast: curve.forecast).lines)
    }
    return "trial \(trial.number) of \(state.study.name.neutralized):"
      + " \(trial.state.name)\n" + lines.text
  }

  private var proposer: String {
    switch trial.proposer {
    case "": "nobody: it was enqueued"
    case let name where forecast == nil && state.study.definition.sampler.name != name:
      "\(name), for \(state.study.definition.sampler.name)"
    case let name: name
    }
  }

  private var outcome: [String] {
    switch trial.state {
    case .waiting, .running: return ["nothing yet"]
    case .failed:
      return ["failed" + (trial.attempts.last?.end.map { ": \($0.briefReason)" } ?? "")]
    case .complete, .pruned: break
    }
    guard let value = trial.values.first else { return [trial.state.name] }
    var lines = [
      "\(objective.name) \(value.notation)" + (trial.state == .pruned ? ", pruned" : "")
    ]
    // What a pruned trial reached so far is not what was foretold.
    if trial.state == .complete, let forecast, value.isFinite, forecast.high > forecast.low {
      let deviations = (value - forecast.median) / ((forecast.high - forecast.low) / 2)
      let isBetter = objective.direction.isBetter(value, than: forecast.median)
      lines.append(
        "\(number(abs(deviations))) deviations \(isBetter ? "better" : "worse") than expected")
    }
    if let best = bestBefore {
      let isBetter = objective.direction.isBetter(value, than: best.value)
      lines.append(
        (isBetter ? "the best until then, ahead of " : "the best before it: ")
          + "\(best.value.notation) of trial \(best.number)")
    }
    return lines
  }

  private func curveLines(_ forecast: CurveForecast) -> [String] {
    [
      "stopped at step \(forecast.step) of \(forecast.lastStep), at \(number(forecast.current))",
      "expected to end at \(number(forecast.expected)), with 90 % between "
        + "\(number(forecast.optimistic)) and \(number(forecast.pessimistic))",
      "to beat: \(number(forecast.best)); the chance of that was \(percent(forecast.chance))",
    ]
  }

  private static func json(_ forecast: CurveForecast) -> JSONDocument {
    .object([
      ("step", .integer(forecast.step)), ("last_step", .integer(forecast.lastStep)),
      ("current", .number(forecast.current)), ("expected", .number(forecast.expected)),
      ("optimistic", .number(forecast.optimistic)),
      ("pessimistic", .number(forecast.pessimistic)), ("best", .number(forecast.best)),
      ("chance", .number(forecast.chance)),
    ])
  }

  /// The same as one JSON object.
  package var json: JSONDocument {
    .object([
      ("study", .string(state.study.name)),
      ("number", JSONDocument(trial.number)),
      ("state", .string(trial.state.name)),
      ("proposer", .string(trial.proposer)),
      ("forecast", forecast.map { JSONDocument.token($0.json) } ?? .null),
      ("curve", curve.map { Self.json($0.forecast) } ?? .null),
      ("params", trial.assignment.document),
      (
        "nearest",
        .array(
          nearest.map { near in
            .object([
              ("number", JSONDocument(near.trial.number)), ("distance", .number(near.distance)),
              ("values", state.json(ofValues: near.trial.values)),
              ("params", near.trial.assignment.document),
            ])
          })
      ),
      ("values", state.json(ofValues: trial.values)),
    ])
  }

  private func number(_ value: Double) -> String { value.text(significantDigits: 4) }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
