// How far an import is, and Ctrl-C while it runs.

import Foundation
import PlainText
import Synchronization

/// One line on standard error that is written anew; where that is no terminal, one now and then.
final class ImportProgress {
  private let isQuiet: Bool
  private let start = ContinuousClock.now
  private var last = ContinuousClock.now
  private var isShown = false

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func show(_ what: String, _ count: Int, _ share: Double) {
    let canRedraw = Terminal.error.canRedraw
    let pause: Duration = canRedraw ? .milliseconds(200) : .seconds(10)
    guard !isQuiet, last.duration(to: .now) >= pause else { return }
    last = .now
    let text = "\(what): \(Measures.count(count, "record")), \(Int(100 * min(share, 1))) %"
    if canRedraw {
      StandardError.write("\r\u{1B}[K" + text)
      isShown = true
    } else {
      StandardError.writeLine(text)
    }
  }

  func clear() {
    if isShown { StandardError.write("\r\u{1B}[K") }
    isShown = false
  }
}

/// Turns Ctrl-C into an error of whoever asks, so that nothing half done stays; the second one ends
/// the process.
final class ImportInterruption {
  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  private let flag = Flag()
  private let watch: SignalWatch

  init() {
    watch = SignalWatch { [flag] count in
      if count > 1 { ExitStatus.interrupted.exit() }
      flag.isSet.store(true, ordering: .relaxed)
    }
  }

  func check() throws {
    guard flag.isSet.load(ordering: .relaxed) else { return }
    throw Diagnostic(Explanation("interrupted: nothing was imported", kind: .interruption))
  }
}
