/// Which of its two outputs a process wrote to.
package enum OutputChannel: UInt8, Hashable, Sendable, CaseIterable {
  case standardOutput = 1
  case standardError = 2
}
