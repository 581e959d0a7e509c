// What /proc says of processes. A process may vanish between any two reads: then it is nil, or
// not there.

import Glibc

package enum ProcessTable {
  /// Some fields of /proc/PID/stat.
  package struct Entry: Equatable {
    package var parent: Int32
    package var group: Int32
    /// Clock ticks after boot at which it began.
    package var startTicks: UInt64
    /// Ended, but not reaped.
    package var isZombie: Bool

    /// The name in parentheses may hold anything, spaces and parentheses too: the fields are
    /// those behind the last one.
    package init?(parsing stat: some BidirectionalCollection<UInt8>) {
      guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
      let fields = String(decoding: stat[stat.index(after: close)...], as: UTF8.self)
        .split(separator: " ")
      guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
        let ticks = UInt64(fields[19])
      else { return nil }
      self.parent = parent
      self.group = group
      startTicks = ticks
      isZombie = fields[0] == "Z" || fields[0] == "X"
    }
  }

  package static func entry(of process: Int32) -> Entry? {
    KernelFile.read("/proc/\(process)/stat").flatMap { Entry(parsing: $0) }
  }

  package static func isAlive(_ process: Int32) -> Bool {
    entry(of: process).map { !$0.isZombie } ?? false
  }

  /// All processes.
  package static func all() -> [Int32] {
    (KernelFile.names(in: "/proc") ?? []).compactMap { Int32($0) }
  }

  /// Children, their children, and so on; a child that is born while this looks may be missed.
  package static func descendants(of process: Int32) -> [Int32] {
    guard listsChildren else { return descendantsByParent(of: process) }
    var found: [Int32] = []
    var seen: Set<Int32> = [process]
    var next = [process]
    while let parent = next.popLast() {
      for child in children(of: parent) where seen.insert(child).inserted {
        found.append(child)
        next.append(child)
      }
    }
    return found
  }

  /// Whether this kernel lists children (CONFIG_PROC_CHILDREN).
  private static let listsChildren = KernelFile.read("/proc/thread-self/children") != nil

  /// A list for each thread, since each thread has its own.
  private static func children(of process: Int32) -> [Int32] {
    (KernelFile.names(in: "/proc/\(process)/task") ?? []).flatMap { thread in
      let list = KernelFile.read("/proc/\(process)/task/\(thread)/children") ?? []
      return String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
    }
  }

  private static func descendantsByParent(of process: Int32) -> [Int32] {
    var children: [Int32: [Int32]] = [:]
    for other in all() {
      if let parent = entry(of: other)?.parent { children[parent, default: []].append(other) }
    }
    var found = children[process] ?? []
    var index = 0
    while index < found.count {
      found += children[found[index]] ?? []
      index += 1
    }
    return found
  }

  /// Bytes in memory, shared ones included.
  package static func residentBytes(of process: Int32) -> Int64? {
    guard let text = KernelFile.read("/proc/\(process)/statm") else { return nil }
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int64(fields[1]) else { return nil }
    return pages * pageSize
  }

  private static let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

  /// Bytes in memory, each shared page divided by the number of its sharers. Some 10 ms for a
  /// large process.
  package static func proportionalBytes(of process: Int32) -> Int64? {
    kibibytes("Pss:", in: "/proc/\(process)/smaps_rollup")
  }

  /// The most it ever had in memory since its exec. Not what getrusage says of it: that also
  /// holds what its parent had, when it was started by vfork.
  package static func peakResidentBytes(of process: Int32) -> Int64? {
    kibibytes("VmHWM:", in: "/proc/\(process)/status")
  }

  /// The number behind `label` in a file of such lines, in bytes.
  private static func kibibytes(_ label: String, in path: String) -> Int64? {
    guard let text = KernelFile.read(path) else { return nil }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n")
    where line.hasPrefix(label) {
      let number = line.dropFirst(label.count).split { $0 == " " || $0 == "\t" }.first
      return number.flatMap { Int64($0) }.map { $0 * 1024 }
    }
    return nil
  }

  /// Living processes, but for the calling one, that were started with `variable` set to `value`
  /// in their environment.
  package static func processes(with variable: String, setTo value: String) -> [Int32] {
    let own = getpid()
    let wanted = Array("\(variable)=\(value)".utf8)
    return all().filter { $0 != own && environment(of: $0, holds: wanted) }
  }

  private static func environment(of process: Int32, holds wanted: [UInt8]) -> Bool {
    guard let environment = KernelFile.read("/proc/\(process)/environ", limit: 4 << 20) else {
      return false
    }
    return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
  }

  /// Identifies the run of the machine: another one after each boot.
  package static let bootID: String = {
    let text = KernelFile.read("/proc/sys/kernel/random/boot_id") ?? []
    return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }()

  package static let hostName: String = {
    let text = KernelFile.read("/proc/sys/kernel/hostname") ?? []
    return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }()
}
