// Files in which an objective writes its metrics by itself.

/// Where to look: `csv:PATH`, `jsonl:PATH` or `tensorboard:DIRECTORY`. The path may hold
/// `{dir}` (the trial's directory), `{trial}` (its number) and wildcards (`*`, `**`).
package struct MetricSource: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A header, then a row a step. The column `step`, else `global_step`, `epoch` or
    /// `iteration` is the step, else the row's number; other columns that hold numbers are
    /// metrics, empty cells are nothing (as Lightning's CSVLogger writes it).
    case csv
    /// JSON objects, a line each, as on standard output; `global_step` and `epoch` are steps
    /// too, where there is no `step`.
    case jsonl
    /// TensorBoard's event files in the directory, and in those below it: their metrics have
    /// the relative path in front (`validation/epoch_loss`). With wildcards, every directory
    /// that matches is one of its own (`tensorboard:{dir}/**` leaves nothing in front).
    case tensorboard
  }

  package let kind: Kind
  /// As it was written.
  package let path: String

  /// - Throws: ``MetricRuleError/notASource(_:)``.
  package init(parsing text: String) throws(MetricRuleError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), !parts[1].isEmpty else {
      throw .notASource(text)
    }
    self.init(kind, path: String(parts[1]))
  }

  package init(_ kind: Kind, path: String) {
    self.kind = kind
    self.path = path
  }

  func pattern(directory: String, trial: Int, workingDirectory: String) -> PathPattern {
    PathPattern(
      path.replacing("{dir}", with: directory).replacing("{trial}", with: String(trial)),
      relativeTo: workingDirectory)
  }
}
