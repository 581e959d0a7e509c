// Reading small files and directories with nothing but system calls: the supervisor of each
// attempt does it many times a second and should be small.

import Glibc

package enum KernelFile {
  /// The contents of a file, at most `limit` bytes; nil when it cannot be read.
  package static func read(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while contents.count < limit {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      contents.append(contentsOf: chunk.prefix(count))
    }
    return contents
  }

  /// What is in a directory, in no order, without `.` and `..`; nil when it cannot be read.
  package static func names(in directory: String) -> [String]? {
    guard let stream = unsafe opendir(directory) else { return nil }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

/// A file descriptor that is closed with its owner.
package struct Descriptor: ~Copyable {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// Leaves it open: whoever takes the number closes it.
  package consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}

/// Seconds of a clock that nobody sets.
package enum MonotonicClock {
  package static var now: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// A file that is read at given places.
package struct PositionedFile: ~Copyable {
  private let descriptor: Descriptor

  /// Nil when it cannot be opened.
  package init?(_ path: String) {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { return nil }
    descriptor = Descriptor(number)
  }

  /// Up to `count` bytes from `offset`; none at the end, or when they cannot be read.
  package func read(at offset: Int, count: Int) -> [UInt8] {
    let number = descriptor.number
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var taken: Int
      repeat {
        taken = unsafe pread(number, buffer.baseAddress, count, off_t(offset))
      } while taken < 0 && errno == EINTR
      filled = max(0, taken)
    }
  }
}
