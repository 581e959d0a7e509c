// Lines from a pipe, with two system calls for all that has arrived. Here alone the command line
// reads a descriptor by itself: a file handle's reads cost several times as much.

import Glibc

/// Cuts what arrives on a descriptor into lines, and wakes up when it is told to end.
struct LineInput: ~Copyable {
  /// Longer lines are passed over; an empty one stands for each.
  static let lineLimit = 1 << 20

  /// How often is looked for input before sleeping until there is some.
  private static let patience = 40

  private let descriptor: Int32
  private let interruption: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  /// What has arrived and was not handed out: `buffer[start..<end]`.
  private var start = 0
  private var end = 0
  /// Where the next line ends, when that is known.
  private var lineEnd: Int?
  private var isSkipping = false
  private var isAtEnd = false
  /// Whether reading ended by the interruption and not by the end of the input.
  private(set) var wasInterrupted = false

  /// - Parameters:
  ///   - descriptor: what is read; may block.
  ///   - interruption: when this becomes readable, or its other end is closed, reading ends.
  init(_ descriptor: Int32, until interruption: Int32) {
    self.descriptor = descriptor
    self.interruption = interruption
  }

  /// The next line without its end, waiting for it; nil at the end. It should be let go of
  /// before the next call.
  mutating func next() throws(InputError) -> ArraySlice<UInt8>? {
    while true {
      if let lineEnd {
        let line = isSkipping ? [] : buffer[start..<lineEnd]
        isSkipping = false
        start = lineEnd + 1
        self.lineEnd = endOfLine(from: start)
        return line
      }
      if isAtEnd {
        guard start < end || isSkipping else { return nil }
        defer {
          start = end
          isSkipping = false
        }
        return isSkipping ? [] : buffer[start..<end]
      }
      try fill()
    }
  }

  /// Whether a whole line has arrived already.
  var hasLine: Bool { lineEnd != nil }

  private func endOfLine(from place: Int) -> Int? {
    buffer[place..<end].firstIndex(of: UInt8(ascii: "\n"))
  }

  private mutating func fill() throws(InputError) {
    makeRoom()
    let searched = end
    guard try waitForInput() else {
      // What has no end yet was not said.
      start = end
      isSkipping = false
      isAtEnd = true
      wasInterrupted = true
      return
    }
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[end...])
      return unsafe read(descriptor, free.baseAddress, free.count)
    }
    if count < 0 {
      if errno == EINTR || errno == EAGAIN { return }
      throw InputError(code: errno)
    }
    end += count
    isAtEnd = count == 0
    lineEnd = endOfLine(from: searched)
  }

  /// Moves what is left to the front, and grows the buffer when that is not enough.
  private mutating func makeRoom() {
    if start == end {
      start = 0
      end = 0
    } else if end == buffer.count && start > 0 {
      buffer.replaceSubrange(0..<(end - start), with: buffer[start..<end])
      end -= start
      start = 0
    }
    guard end == buffer.count else { return }
    if buffer.count < Self.lineLimit {
      buffer += [UInt8](repeating: 0, count: buffer.count)
    } else {
      isSkipping = true
      end = start
    }
  }

  /// - Returns: whether there is input, and not the interruption.
  private func waitForInput() throws(InputError) -> Bool {
    var descriptors = [
      pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    // A program that answers at once is met awake: to sleep and be woken takes longer than all
    // else that happens between two lines. One that computes in between costs a few dozen
    // microseconds.
    var looks = 0
    while true {
      let ready = unsafe poll(&descriptors, 2, looks < Self.patience ? 0 : -1)
      if ready > 0 { return descriptors[0].revents == 0 }
      if ready < 0 && errno != EINTR { throw InputError(code: errno) }
      looks += 1
      sched_yield()
    }
  }
}

/// Standard input cannot be read.
struct InputError: Error, CustomStringConvertible {
  let code: Int32

  var description: String {
    "standard input cannot be read: \(unsafe String(cString: strerror(code)))"
  }
}
