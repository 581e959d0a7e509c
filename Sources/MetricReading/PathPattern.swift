// Paths with wildcards.

import Machine
import Glibc

/// An absolute path in which `*`, `?` and `[…]` stand for parts of a name, and `**` for any
/// directories, none included.
struct PathPattern: Hashable, Sendable {
  /// How deep `**` reaches, and how many entries one search looks at: what an objective writes
  /// is not ours to trust.
  private static let depthLimit = 16
  private static let entryLimit = 20_000

  private let segments: [String]

  /// `path` is relative to `base`.
  init(_ path: String, relativeTo base: String) {
    let absolute = path.hasPrefix("/") ? path : base + "/" + path
    segments = absolute.split(separator: "/").map(String.init).filter { $0 != "." }
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

    mutating func find(_ segments: ArraySlice<String>, under path: String, depth: Int) {
      guard let segment = segments.first else {
        if FileStatus(path.isEmpty ? "/" : path) != nil { found.insert(path) }
        return
      }
      let rest = segments.dropFirst()
      if segment == "**" {
        find(rest, under: path, depth: depth)
        guard depth < PathPattern.depthLimit else { return }
        for name in names(in: path) where !name.hasPrefix(".") {
          let child = path + "/" + name
          // Not through links: they may lead in circles.
          if FileStatus(child, followsLinks: false)?.isDirectory == true {
            find(segments, under: child, depth: depth + 1)
          }
        }
      } else if segment.contains(where: { "*?[".contains($0) }) {
        for name in names(in: path) where unsafe fnmatch(segment, name, FNM_PERIOD) == 0 {
          find(rest, under: path + "/" + name, depth: depth)
        }
      } else {
        find(rest, under: path + "/" + segment, depth: depth)
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
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isRegular = status.st_mode & S_IFMT == S_IFREG
  }

  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
