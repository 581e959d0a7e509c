// Disks that are full or must not be written, for root too: mounts in a namespace of their own.

import Foundation
import Testing

/// What a script sees in a user and mount namespace, where it may mount what it likes.
enum Enclosure {
  /// Whether this machine lets its users make namespaces and mount in them.
  static let isAllowed: Bool = {
    let place = try? Workplace()
    let outcome = try? place?.run(
      "unshare -Urm sh -c 'mkdir m && mount -t tmpfs -o size=64k tmpfs m && mount --bind m m'")
    return outcome?.status == 0
  }()

  static let comment: Comment =
    "this machine does not let its users mount in namespaces (unshare -Urm)"
}

extension Workplace {
  /// Runs a shell script in which mounts may be made. `cairn` is the program under test.
  func runEnclosed(_ script: String) throws -> Outcome {
    try write("enclosed.sh", script)
    return try run("unshare -Urm bash enclosed.sh")
  }

  /// What the enclosed script said between a line `== NAME` and the next.
  static func section(_ name: String, of text: String) -> String {
    let sections = text.components(separatedBy: "== ")
    return sections.first { $0.hasPrefix("\(name)\n") }.map { String($0.dropFirst(name.count + 1)) }
      ?? ""
  }
}
