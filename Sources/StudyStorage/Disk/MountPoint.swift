// Where a store must not lie: network mounts whose locks do not reach the other clients.

/// One line of /proc/self/mountinfo, as far as the store cares.
package struct MountPoint: Equatable, Sendable {
  package let path: String
  package let type: String
  package let options: [String]

  package init(path: String, type: String, options: [String]) {
    self.path = path
    self.type = type
    self.options = options
  }

  /// Reads a line such as
  /// `36 35 98:0 /root /mnt rw,noatime master:1 - nfs4 server:/export rw,local_lock=none`.
  package init?(line: some StringProtocol) {
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 1 else {
      return nil
    }
    let superOptions = fields.count > dash + 3 ? String(fields[dash + 3]) : ""
    self.init(
      path: Self.unescaped(fields[4]), type: String(fields[dash + 1]),
      options: [String(fields[5]), superOptions].flatMap { list in
        list.split(separator: ",").map { String($0) }
      })
  }

  /// The mount that holds the absolute `path`: the last of the longest that lead there.
  package static func holding(_ path: String, mountinfo: String) -> MountPoint? {
    var best: MountPoint?
    for line in mountinfo.split(separator: "\n") {
      guard let mount = MountPoint(line: line), mount.contains(path) else { continue }
      if mount.path.utf8.count >= (best?.path.utf8.count ?? 0) { best = mount }
    }
    return best
  }

  private func contains(_ other: String) -> Bool {
    path == "/" || other == path || other.hasPrefix(path + "/")
  }

  /// The option that makes locks local to this machine; nil when locks reach all clients.
  package var localLockOption: String? {
    switch type {
    case "nfs", "nfs4":
      options.first {
        $0 == "nolock" || ($0.hasPrefix("local_lock=") && $0 != "local_lock=none")
      }
    case "lustre": options.first { $0 == "localflock" || $0 == "noflock" }
    default: nil
    }
  }

  /// mountinfo writes space, tab, newline and backslash as `\040` and so on.
  private static func unescaped(_ field: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let first = rest.popFirst() {
      if first == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest.removeFirst(3)
      } else {
        bytes.append(first)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
