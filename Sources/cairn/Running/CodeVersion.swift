// Which version of the objective's code is run.

import Subprocess

enum CodeVersion {
  /// The commit that is checked out at `directory`, with `-dirty` behind it when files that git
  /// knows have changed since; nil without git, or outside of a repository.
  static func detect(in directory: String) async -> String? {
    let arguments = [
      "-C", directory, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty",
    ]
    let result = try? await Subprocess.run(
      .name("git"), arguments: Arguments(arguments), output: .string(limit: 4096),
      error: .discarded)
    guard let result, result.terminationStatus.isSuccess,
      let commit = result.standardOutput.split(separator: "\n").first
    else { return nil }
    return String(commit)
  }
}
