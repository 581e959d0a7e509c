// Errors of storage and of SQL as a person reads them.

import StudySQL
import StudyStorage

extension Diagnostic {
  /// A wrong expression is a wrong command line; a query that fails while it runs is not.
  init(_ error: QueryError) {
    var evidence: [String] = []
    if let excerpt = error.excerpt {
      evidence = [excerpt.line, String(repeating: " ", count: excerpt.column) + "^"]
    }
    let status: ExitStatus =
      switch error {
      case .failed, .tooMuchWork, .unknownStudy: .failure
      case .interrupted: .interrupted
      default: .usage
      }
    self.init(
      error.fact, evidence: evidence, try: error.suggestion.map { [$0] } ?? [], status: status)
  }

  init(_ error: StorageError) {
    switch error {
    case .noStore(let path):
      self.init(
        "there is no store at \(path)", try: ["cairn run STUDY … creates one", "--store PATH"])
    case .notAStore(let path, let reason):
      self.init(
        "\(path) is not a Cairn store", evidence: [reason, "nothing was changed there"],
        try: ["--store PATH", "CAIRN_STORE=PATH"])
    case .newerFormat(let path, let version, let supported):
      self.init(
        "\(path) is of a newer Cairn",
        evidence: ["its format is version \(version), and this Cairn reads up to \(supported)"],
        try: ["a newer Cairn"])
    default:
      // Sentences: the first is the fact.
      var sentences = error.description.split(separator: ". ").map(String.init)
      let fact = sentences.isEmpty ? "" : sentences.removeFirst()
      self.init(Self.withoutStop(fact), evidence: sentences.map(Self.withoutStop))
    }
  }

  private static func withoutStop(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }
}
