// Paths with wildcards.

import Machine
import Glibc

/// An absolute path in which `*`, `?` and `[…]` stand for parts of a name, and `**` for any
/// directories, none included. A name that is there as it was written counts too, whatever its
/// signs would stand for; what is put in for a placeholder stands for itself alone.
struct PathPattern: Hashable, Sendable {
  private enum Segment: Hashable {
    case name(String)
    /// As it was written, and as `fnmatch` reads it.
    case wildcards(String, pattern: String)
    case anyDirectories
  }

  /// How deep `**` reaches, and how many entries one search looks at: what an objective writes
  /// is not ours to trust.
  private static let depthLimit = 16
  private static let entryLimit = 20_000

  private let segments: [Segment]

  /// - Parameters:
  ///   - path: relative to `base`, which has no wildcards, unless it begins at the root.
  ///   - values: what stands for `{name}` in it.
  init(_ path: String, relativeTo base: String, values: [String: String] = [:]) {
    var segments: [Segment] = []
    for part in path.split(separator: "/") where part != "." {
      let literal = Self.fill(part, values)
      if part == "**" {
        segments.append(.anyDirectories)
      } else if part.contains(where: { "*?[".contains($0) }) {
        let pattern = Self.fill(part, values.mapValues(Self.escaped))
        segments.append(.wildcards(literal, pattern: pattern))
      } else {
        // A placeholder may stand for several directories.
        segments += literal.split(separator: "/").filter { $0 != "." }.map { .name(String($0)) }
      }
    }
    let begins = Self.fill(path[...], values)
    let start = begins.hasPrefix("/") ? [] : Self.names(of: base)
    self.segments = start + segments
  }

  /// The file at an absolute `path`, whatever signs are in it.
  init(literal path: String) { segments = Self.names(of: path) }

  private static func names(of path: String) -> [Segment] {
    path.split(separator: "/").filter { $0 != "." }.map { .name(String($0)) }
  }

  private static func fill(_ text: Substring, _ values: [String: String]) -> String {
    values.reduce(String(text)) { $0.replacing("{\($1.key)}", with: $1.value) }
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "*?[]\\".contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  /// What is there, sorted.
  func matches() -> [String] {
    var search = Search()
    search.find(segments[...], under: "", depth: 0)
    return search.found.sorted()
  }

  private struct Search {
    var found = Set<String>()
    private var seen = 0

    mutating func find(_ segments: ArraySlice<Segment>, under path: String, depth: Int) {
      guard let segment = segments.first else {
        if FileStatus(path.isEmpty ? "/" : path) != nil { found.insert(path) }
        return
      }
      let rest = segments.dropFirst()
      switch segment {
      case .name(let name): find(rest, under: path + "/" + name, depth: depth)
      case .wildcards(let literal, let pattern):
        find(rest, under: path + "/" + literal, depth: depth)
        for name in names(in: path)
        where name != literal && (unsafe fnmatch(pattern, name, FNM_PERIOD)) == 0 {
          find(rest, under: path + "/" + name, depth: depth)
        }
      case .anyDirectories:
        find(rest, under: path, depth: depth)
        guard depth < PathPattern.depthLimit else { return }
        for name in names(in: path) where !name.hasPrefix(".") {
          let child = path + "/" + name
          // Not through links: they may lead in circles.
          if FileStatus(child, followsLinks: false)?.isDirectory == true {
            find(segments, under: child, depth: depth + 1)
          }
        }
      }
    }

    private mutating func names(in path: String) -> [String] {
      guard seen < PathPattern.entryLimit else { return [] }
      let names = KernelFile.names(in: path.isEmpty ? "/" : path) ?? []
      seen += names.count
      return names
    }
  }
}

/// What a file is, as far as it matters for following it.
struct FileStatus: Equatable {
  let device: UInt64
  let inode: UInt64
  let size: Int
  /// Nanoseconds of the clock when it was last written to.
  let modified: Int64
  let isDirectory: Bool
  let isRegular: Bool

  /// Nil when there is nothing at `path`.
  init?(_ path: String, followsLinks: Bool = true) {
    var status = stat()
    let failed = unsafe followsLinks ? stat(path, &status) : lstat(path, &status)
    guard failed == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isRegular = status.st_mode & S_IFMT == S_IFREG
  }

  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
