// Reading metrics from files while they are being written.

import Machine
import PlainText
import StudyModel

/// Follows the files of a ``MetricSource`` for one attempt.
///
/// What is in them when it is made belongs to earlier attempts and is passed over. Files may
/// appear later, be replaced, truncated or written anew: then they are read from the start, and
/// what was said before is not said again.
package struct MetricFollower: Sendable {
  private let kind: MetricSource.Kind
  private let pattern: PathPattern
  private let rules: MetricRules
  private var files: [String: FollowedFile] = [:]
  private var said = SaidBefore()
  /// Why something could not be read, once for each file.
  package private(set) var problems: [String] = []

  /// - Parameters:
  ///   - directory: the trial's, for `{dir}`.
  ///   - workingDirectory: what relative paths are relative to.
  package init(
    _ source: MetricSource, directory: String, trial: Int, workingDirectory: String,
    rules: MetricRules
  ) {
    kind = source.kind
    self.rules = rules
    pattern = source.pattern(
      directory: directory, trial: trial, workingDirectory: workingDirectory)
    for (path, prefix) in candidates() {
      files[path] = FollowedFile(path, decoder: decoder(prefix: prefix), skippingPresent: true)
    }
  }

  /// What was written since the last call, in the order of the paths.
  package mutating func poll() -> [Observation] { read(isLast: false) }

  /// The rest, a last line without an end too; when the objective has ended.
  package mutating func finish() -> [Observation] { read(isLast: true) }

  private mutating func read(isLast: Bool) -> [Observation] {
    var found: [Observation] = []
    for (path, prefix) in candidates().sorted(by: { $0.path < $1.path }) {
      var file =
        files[path]
        ?? FollowedFile(path, decoder: decoder(prefix: prefix), skippingPresent: false)
      let hadProblem = file.problem != nil
      found += file.read(isLast: isLast)
      if !hadProblem, let problem = file.problem { problems.append("\(path): \(problem)") }
      files[path] = file
    }
    return found.compactMap { said.leaveOut(from: $0) }
  }

  private func decoder(prefix: String) -> MetricFileDecoder {
    switch kind {
    case .csv: .csv(CSVMetrics())
    case .jsonl: .jsonl(JSONLineMetrics(rules: rules))
    case .tensorboard: .tensorboard(TensorBoardMetrics(prefix: prefix))
    }
  }

  /// The files there are, and what their metrics' names begin with.
  private func candidates() -> [(path: String, prefix: String)] {
    let matches = pattern.matches()
    guard kind == .tensorboard else { return matches.map { ($0, "") } }
    var prefixes: [String: String] = [:]
    for directory in matches {
      for path in PathPattern("**/*tfevents*", relativeTo: directory).matches() {
        let below = path.dropFirst(directory.count + 1).split(separator: "/").dropLast()
        let prefix = below.map { "\($0)/" }.joined()
        if let other = prefixes[path], other.count <= prefix.count { continue }
        prefixes[path] = prefix
      }
    }
    return prefixes.map { ($0.key, $0.value) }
  }
}

/// The values that a source gave already: a file that is written anew (Lightning does so when a
/// metric joins) repeats them all.
private struct SaidBefore: Sendable {
  private var values: [String: [Int64: UInt64]] = [:]

  /// `observation` without what was said before; nil when nothing is left.
  mutating func leaveOut(from observation: Observation) -> Observation? {
    guard case .intermediate(let step, let entries) = observation else { return observation }
    let new = entries.filter { entry in
      values[entry.metric, default: [:]].updateValue(entry.value.bitPattern, forKey: step)
        != entry.value.bitPattern
    }
    return new.isEmpty ? nil : .intermediate(step: step, new)
  }
}

/// One file, and how far it was read.
private struct FollowedFile: Sendable {
  /// Bytes that one look takes at most: the rest comes with the next.
  private static let readLimit = 64 << 20
  private static let chunkSize = 1 << 18

  private let path: String
  private let fresh: MetricFileDecoder
  private var decoder: MetricFileDecoder
  private var status: FileStatus?
  private var offset = 0
  /// The first bytes, by which a file that was written anew is known.
  private var head: [UInt8] = []
  private static let headSize = 512
  private(set) var problem: String?

  init(_ path: String, decoder: MetricFileDecoder, skippingPresent: Bool) {
    self.path = path
    fresh = decoder
    self.decoder = decoder
    guard skippingPresent, let status = FileStatus(path), status.isRegular else { return }
    // Read, since a CSV's header is needed and its rows are counted; not told.
    var before: Int
    repeat {
      before = offset
      _ = read(isLast: false)
    } while offset > before
    self.decoder.spoilUnfinished()
  }

  mutating func read(isLast: Bool) -> [Observation] {
    guard let status = FileStatus(path), status.isRegular else { return [] }
    if let known = self.status, !known.isSameFile(as: status) || status.size < offset {
      startOver()
    }
    self.status = status
    guard let file = PositionedFile(path) else {
      problem = problem ?? "cannot be read"
      return []
    }
    let start = file.read(at: 0, count: Self.headSize)
    if !start.starts(with: head) { startOver() }
    head = start
    var found: [Observation] = []
    let end = offset + Self.readLimit
    while offset < end {
      let bytes = file.read(at: offset, count: Self.chunkSize)
      guard !bytes.isEmpty else { break }
      offset += bytes.count
      found += decoder.consume(bytes)
    }
    if isLast { found += decoder.finish() }
    if case .tensorboard(let events) = decoder, let damage = events.damage {
      problem = damage.description
    }
    return found
  }

  private mutating func startOver() {
    decoder = fresh
    offset = 0
    head = []
    problem = nil
  }
}

/// Finds metrics in the bytes of one file as they come.
enum MetricFileDecoder: Sendable {
  case csv(CSVMetrics)
  case jsonl(JSONLineMetrics)
  case tensorboard(TensorBoardMetrics)

  mutating func consume(_ bytes: [UInt8]) -> [Observation] {
    switch self {
    case .csv(var decoder):
      defer { self = .csv(decoder) }
      return decoder.consume(bytes)
    case .jsonl(var decoder):
      defer { self = .jsonl(decoder) }
      return decoder.consume(bytes)
    case .tensorboard(var decoder):
      defer { self = .tensorboard(decoder) }
      return decoder.consume(bytes)
    }
  }

  /// What an unfinished last line says. (An unfinished record says nothing.)
  mutating func finish() -> [Observation] {
    switch self {
    case .csv(var decoder):
      defer { self = .csv(decoder) }
      return decoder.finish()
    case .jsonl(var decoder):
      defer { self = .jsonl(decoder) }
      return decoder.finish()
    case .tensorboard: return []
    }
  }
}

extension MetricFileDecoder {
  /// What is unfinished now, left so by an earlier attempt, shall say nothing when it goes on.
  mutating func spoilUnfinished() {
    switch self {
    case .csv(var decoder):
      decoder.spoilUnfinished()
      self = .csv(decoder)
    case .jsonl(var decoder):
      decoder.spoilUnfinished()
      self = .jsonl(decoder)
    case .tensorboard: break
    }
  }
}

/// Metrics in lines of JSON.
struct JSONLineMetrics: Sendable {
  private static let stepKeys = ["step", "global_step", "epoch"]

  private let rules: MetricRules
  private var splitter = LineSplitter()

  init(rules: MetricRules) { self.rules = rules }

  mutating func consume(_ bytes: [UInt8]) -> [Observation] {
    splitter.split(bytes[...]).compactMap(observation)
  }

  mutating func finish() -> [Observation] {
    splitter.finish().flatMap(observation).map { [$0] } ?? []
  }

  mutating func spoilUnfinished() { splitter.spoilUnfinished() }

  private func observation(of line: LineSplitter.Line) -> Observation? {
    guard !line.isCut, let object = JSONLine(line.bytes) else { return nil }
    return rules.observation(of: object, stepKeys: Self.stepKeys)
  }
}
