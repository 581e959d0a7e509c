// Errors of the store and its disk as a person reads them.

import StudyStorage

extension Diagnostic {
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
    case .damagedFormat(let path):
      self.init(
        "\(path) is damaged: it fails its checksum",
        evidence: ["the logs beside it may be whole; nothing was changed there"],
        try: ["\(path), 64 bytes, from a backup of the store"])
    case .missingFormat(let path, let log):
      self.init(
        "\(path) is missing", evidence: ["\(log) holds records", "nothing was changed there"],
        try: ["\(path), 64 bytes, from a backup of the store", "--store PATH"])
    case .diskFull(let path, let bytesNeeded, let error):
      self.init(
        "there is no room for \(bytesNeeded) more bytes in \(path)",
        evidence: ["\(error)", "nothing of it was written; what was recorded before is safe"],
        try: ["free some space, then run the same line again"])
    case .disk(let error): self.init(error)
    default:
      // Sentences: the first is the fact.
      var sentences = error.description.split(separator: ". ").map(String.init)
      let fact = sentences.isEmpty ? "" : sentences.removeFirst()
      self.init(Self.withoutStop(fact), evidence: sentences.map(Self.withoutStop))
    }
  }

  private init(_ error: DiskError) {
    if error.isFull {
      let what = error.bytes.map { "\($0) more bytes in " } ?? ""
      self.init(
        "there is no room for \(what)\(error.path)",
        evidence: ["\(error)", "what was recorded before is safe"],
        try: ["free some space, then run the same line again"])
    } else if error.isForbidden {
      self.init(
        "\(error.path) cannot be \(error.isOfReading ? "read" : "written")",
        evidence: ["\(error)"],
        try: error.isOfReading
          ? ["its permissions", "--store PATH"]
          : [
            "--store PATH, for a store elsewhere",
            "cairn studies, show, trials and the others that only read",
          ])
    } else {
      self.init(
        "the disk failed", evidence: ["\(error)", "what was recorded before is safe"],
        try: ["the system's log (dmesg) for what ails the disk, then the same line again"])
    }
  }

  private static func withoutStop(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }
}
