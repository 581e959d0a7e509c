import Foundation
import Numerics
import StudyModel
import Testing

@testable import Samplers

/// The split, the mixtures and their densities against Optuna's, on the same histories; see
/// tools/reference/tpe.py.
@Suite struct `TPE against Optuna` {
  static let cases = try! JSONDecoder().decode(
    [ParzenCase].self, from: Data(parzenFixtures.utf8))

  @Test(arguments: cases)
  func `the same split`(_ fixture: ParzenCase) throws {
    let table = try ObservationTable(of: fixture.history, fixture.searchSpace)
    #expect(table.good == fixture.below)
    #expect(table.others == fixture.above)
  }

  @Test(arguments: cases)
  func `the same groups, mixtures and densities`(_ fixture: ParzenCase) throws {
    let space = fixture.searchSpace
    var model = TreeParzenModel(space.parameters, fixture.history.objectives)
    try model.update(fixture.history, except: nil)
    func names(_ group: GroupModel) -> [String] {
      group.parameters.map { space.parameters[$0].name }
    }
    #expect(
      Set(model.groups.map { Set(names($0)) }) == Set(fixture.groups.map { Set($0.names) }))

    for group in model.groups {
      let names = names(group)
      let expected = try #require(fixture.groups.first { Set($0.names) == Set(names) })
      var (below, above) = (group.below, group.above)
      compare(below, expected.below, names)
      compare(above, expected.above, names)
      let points = expected.logBelow.indices.map { point in
        names.map { expected.points[$0]![point] }
      }
      expectClose(points.map { below.logDensity(at: $0) }, expected.logBelow)
      expectClose(points.map { above.logDensity(at: $0) }, expected.logAbove)
    }
  }

  private func compare(
    _ estimator: ParzenEstimator, _ expected: ParzenCase.Mixture, _ names: [String]
  ) {
    expectClose(estimator.weights, expected.weights)
    for (index, name) in names.enumerated() {
      let part = expected.parameters[name]!
      if let categories = part.categories {
        for (kernel, row) in categories.enumerated() {
          expectClose(
            row.indices.map { exp(estimator.logKernel(kernel, index, at: Double($0))) }, row)
        }
      } else {
        let prior = estimator.domains[index].priorKernel
        expectClose(estimator.centers[index] + [prior.center], part.centers!)
        expectClose(estimator.deviations[index] + [prior.deviation], part.deviations!)
      }
    }
  }

  private func expectClose(_ actual: [Double], _ expected: [Double]) {
    #expect(actual.count == expected.count)
    for (a, b) in zip(actual, expected) {
      #expect(abs(a - b) <= 1e-9 * max(abs(a), abs(b)), "\(a) is not \(b)")
    }
  }
}

extension ObservationTable {
  /// That of `history`, made at once.
  init(of history: History, _ space: SearchSpace, except ownRow: Int? = nil) throws {
    self.init(space.parameters, history.objectives)
    _ = try update(history, except: ownRow)
  }

  /// Rows that count among the bad ones, ascending.
  var others: [Int] { rows.filter { !good.contains($0) } }
}

extension ParzenEstimator {
  /// Of trials in the rows 0, 1, 2, …
  ///
  /// - Parameter observations: by domain, their coordinates.
  init(_ domains: [KernelDomain], observations: [[Double]]) {
    self.init(domains)
    update((observations.first ?? []).indices.map { row in (row, observations.map { $0[row] }) })
  }
}

struct ParzenCase: Decodable, CustomTestStringConvertible {
  struct Trial: Decodable {
    let state: String
    let params: [String: Double]
    let values: [Double]?
    let intermediate: [[AnyNumber]]
    let violations: [Double]
  }

  struct Part: Decodable {
    let categories: [[Double]]?
    let centers: [Double]?
    let deviations: [Double]?
  }

  struct Mixture: Decodable {
    let weights: [Double]
    let parameters: [String: Part]
  }

  struct Group: Decodable {
    let names: [String]
    let below: Mixture
    let above: Mixture
    let points: [String: [Double]]
    let logBelow: [Double]
    let logAbove: [Double]
  }

  let name: String
  let space: String
  let directions: [String]
  let trials: [Trial]
  let below: [Int]
  let above: [Int]
  let groups: [Group]

  var testDescription: String { name }

  var searchSpace: SearchSpace {
    switch space {
    case "mixed": FixtureSpace.mixed
    case "tree": FixtureSpace.tree
    default: FixtureSpace.small
    }
  }

  var history: History {
    var fixture = StudyFixture(
      searchSpace, directions: directions.map { StudyDirection(rawValue: $0)! },
      bounds: trials.map(\.violations.count).max() ?? 0)
    for trial in trials {
      let assignment = Assignment(
        searchSpace.parameters.compactMap { parameter in
          trial.params[parameter.name].map {
            .init(name: parameter.name, distribution: parameter.distribution, internalValue: $0)
          }
        })
      guard trial.state != "waiting" else {
        fixture.create(assignment)
        continue
      }
      let number = fixture.start(assignment)
      for point in trial.intermediate {
        fixture.report(number, step: Int64(point[0].value), point[1].value)
      }
      if trial.state != "running" {
        fixture.finish(
          number, TrialState(name: trial.state)!, trial.values ?? [],
          violations: trial.violations)
      }
    }
    return fixture.history
  }
}
