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
  private let source: MetricSource
  private let pattern: PathPattern
  private let rules: MetricRules
  private var files: [String: FollowedFile] = [:]
  private var said = SaidBefore()
  /// Metrics that were found, for who looks for another: so many names at most.
  private var names: Set<String> = []
  private static let nameLimit = 64
  /// Why something could not be read, once for each file.
  package private(set) var problems: [String] = []

  /// - Parameters:
  ///   - directory: the trial's, for `{dir}`.
  ///   - workingDirectory: what relative paths are relative to.
  package init(
    _ source: MetricSource, directory: String, trial: Int, workingDirectory: String,
    rules: MetricRules
  ) {
    self.init(
      source,
      source.pattern(directory: directory, trial: trial, workingDirectory: workingDirectory),
      rules)
  }

  /// Follows the file of JSON lines at `path`, an absolute one without wildcards.
  package init(jsonLines path: String, rules: MetricRules) {
    self.init(MetricSource(.jsonl, path: path), PathPattern(literal: path), rules)
  }

  private init(_ source: MetricSource, _ pattern: PathPattern, _ rules: MetricRules) {
    self.source = source
    self.pattern = pattern
    self.rules = rules
    for (path, prefix) in candidates() {
      files[path] = FollowedFile(path, decoder: decoder(prefix: prefix), skippingPresent: true)
    }
  }

  /// What was written since the last call, in the order of the paths.
  package mutating func poll() -> [Observation] { read(isLast: false) }

  /// The rest, a last line without an end too; when the objective has ended.
  package mutating func finish() -> [Observation] { read(isLast: true) }

  /// Why `metric` may not have been found here, in words.
  package func account(of metric: String) -> String? {
    if files.isEmpty { return "no file came for \(source.notation)" }
    if names.contains(metric) { return nil }
    let written = files.values.contains { $0.hasNews }
    guard written else { return "nothing was written to \(source.notation) by this attempt" }
    let columns = files.values.lazy.compactMap(\.columns).first ?? names.sorted()
    let shown = columns.prefix(12).map(\.jsonQuoted).joined(separator: ", ")
    let what = source.kind == .csv ? "columns" : "metrics"
    return "\(source.notation) has no \(metric.jsonQuoted)"
      + (shown.isEmpty ? "" : " but the \(what) \(shown)\(columns.count > 12 ? ", …" : "")")
  }

  /// Values in it that were meant for a metric and are no numbers as a whole.
  package var unread: UnreadNumbers {
    files.values.reduce(into: UnreadNumbers()) { $0.merge($1.unread) }
  }

  private mutating func read(isLast: Bool) -> [Observation] {
    var found: [Observation] = []
    for (path, prefix) in candidates().sorted(by: { $0.path < $1.path }) {
      var file =
        files[path]
        ?? FollowedFile(path, decoder: decoder(prefix: prefix), skippingPresent: false)
      let hadProblem = file.problem != nil
      for observation in file.read(isLast: isLast) {
        if let left = said.leaveOut(from: observation) { found.append(left) }
      }
      if !hadProblem, let problem = file.problem { problems.append("\(path): \(problem)") }
      files[path] = file
    }
    for observation in found where names.count < Self.nameLimit {
      switch observation {
      case .intermediate(_, let entries), .stepless(let entries):
        names.formUnion(entries.map(\.metric))
      case .bareNumber, .restart: break
      }
    }
    return found
  }

  private func decoder(prefix: String) -> MetricFileDecoder {
    switch source.kind {
    case .csv: .csv(CSVMetrics(rules: rules))
    case .jsonl: .jsonl(JSONLineMetrics(rules: rules))
    case .tensorboard: .tensorboard(TensorBoardMetrics(prefix: prefix))
    }
  }

  /// The files there are, and what their metrics' names begin with.
  private func candidates() -> [(path: String, prefix: String)] {
    let matches = pattern.matches()
    guard source.kind == .tensorboard else { return matches.map { ($0, "") } }
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
    if case .restart(let step) = observation {
      for name in values.keys { values[name] = values[name]?.filter { $0.key < step } }
    }
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
  private static let sampleSize = 512

  private let path: String
  private let fresh: MetricFileDecoder
  private var decoder: MetricFileDecoder
  private var status: FileStatus?
  private var offset = 0
  /// The first bytes, and the last that were read: by these a file that was written anew is
  /// known, unless it was written the same.
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private(set) var problem: String?
  /// Whether anything was written to it since it is followed.
  private(set) var hasNews = false

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
    hasNews = false
  }

  var columns: [String]? {
    if case .csv(let csv) = decoder { csv.columns } else { nil }
  }

  var unread: UnreadNumbers {
    if case .csv(let csv) = decoder { csv.unread } else { UnreadNumbers() }
  }

  mutating func read(isLast: Bool) -> [Observation] {
    guard let status = FileStatus(path), status.isRegular else { return [] }
    if status == self.status, status.size == offset { return isLast ? decoder.finish() : [] }
    guard let file = PositionedFile(path) else {
      problem = problem ?? "cannot be read"
      return []
    }
    hasNews = true
    let start = file.read(at: 0, count: Self.sampleSize)
    if let known = self.status {
      // Written to without growing: the same bytes once more.
      let isSame = status == known
      if !known.isSameFile(as: status) || (status.size <= offset && !isSame)
        || !start.starts(with: head)
        || file.read(at: offset - tail.count, count: tail.count) != tail
      {
        startOver()
      }
    }
    head = start
    var found: [Observation] = []
    let end = offset + Self.readLimit
    while offset < end {
      let bytes = file.read(at: offset, count: Self.chunkSize)
      guard !bytes.isEmpty else { break }
      offset += bytes.count
      tail = (tail + bytes.suffix(Self.sampleSize)).suffix(Self.sampleSize)
      found += decoder.consume(bytes)
    }
    // As it is now: it may have grown since the look at it.
    self.status = FileStatus(path) ?? status
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
    tail = []
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
  private let rules: MetricRules
  private var splitter = LineSplitter()
  private var numbering = StepNumbering()

  init(rules: MetricRules) { self.rules = rules }

  mutating func consume(_ bytes: [UInt8]) -> [Observation] {
    splitter.split(bytes[...]).compactMap { observation(of: $0) }
  }

  mutating func finish() -> [Observation] {
    splitter.finish().flatMap { observation(of: $0) }.map { [$0] } ?? []
  }

  mutating func spoilUnfinished() { splitter.spoilUnfinished() }

  private mutating func observation(of line: LineSplitter.Line) -> Observation? {
    guard !line.isCut, let object = JSONLine(line.bytes) else { return nil }
    return rules.observation(of: object, numbering: &numbering)
  }
}
