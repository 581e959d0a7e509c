// Which version of the objective's code is run.

import Supervision

enum CodeVersion {
  /// The commit that is checked out at `directory`, with `-dirty` behind it when files that git
  /// knows have changed since; nil without git, or outside of a repository.
  static func detect(in directory: String) async -> String? {
    let command = [
      "git", "-C", directory, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty",
    ]
    guard let printed = await CommandOutput.read(command) else { return nil }
    return String(decoding: printed, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
