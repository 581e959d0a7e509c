// The fields of what is said of trials, in the log and in checkpoints.

import PlainText
import StudyModel

extension TrialMarking {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.time(&time)
    try coder.list(&entries, Entry(0, .note(nil)), leastBytes: 3) {
      (coder, entry) throws(ByteError) in
      try coder.number("number", &entry.number)
      try coder.choice(&entry.mark)
    }
    try coder.optional("", &best, []) { (coder, trials) throws(ByteError) in
      try coder.part("best", "") { (coder) throws(ByteError) in
        try Self.code(&trials, &coder)
      }
    }
  }

  private static func code<Coder: FieldCoder>(
    _ best: inout [BestTrial], _ coder: inout Coder
  ) throws(ByteError) {
    try coder.list(&best, Blank.best, leastBytes: 2) { (coder, trial) throws(ByteError) in
      var (number, values) = (trial.number, trial.values)
      try coder.number("number", &number)
      try coder.list(&values, 0, leastBytes: 8) { (coder, value) throws(ByteError) in
        try coder.double("value", &value)
      }
      trial = BestTrial(row: 0, number: number, values: values)
    }
  }
}

extension TrialMark: TaggedFields {
  static var name: StaticString { "mark" }
  static var cases: [(text: StaticString, blank: TrialMark)] {
    [
      ("note", .note(nil)), ("tag", .tag("")), ("no such tag", .untag("")),
      ("dropped", .dropped(.complete, reason: nil)), ("rerun", .rerun(of: 0, ended: nil)),
    ]
  }

  var tag: UInt8 {
    switch self {
    case .note: 0
    case .tag: 1
    case .untag: 2
    case .dropped: 3
    case .rerun: 4
    }
  }

  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    switch self {
    case .note(var text):
      try coder.text("text", &text)
      self = .note(text)
    case .tag(var text):
      try coder.string("text", &text)
      self = .tag(text)
    case .untag(var text):
      try coder.string("text", &text)
      self = .untag(text)
    case .dropped(var state, var reason):
      try coder.raw("state", &state)
      try coder.text("reason", &reason)
      self = .dropped(state, reason: reason)
    case .rerun(var number, var ended):
      try coder.number("of", &number)
      try coder.optional("", &ended, .complete) { (coder, state) throws(ByteError) in
        try coder.raw("state", &state)
      }
      self = .rerun(of: number, ended: ended)
    }
  }
}

extension StudyImage.MarkedTrial {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    try coder.part("marked trial", "") { (coder) throws(ByteError) in
      try coder.count("row", &row)
      try coder.text("note", &marks.said.note)
      try coder.list(&marks.said.tags, "", leastBytes: 1) { (coder, tag) throws(ByteError) in
        try coder.string("tag", &tag)
      }
      try coder.text("dropped for", &marks.said.dropped)
      try coder.optional("", &marks.said.rerunOf, 0) { (coder, number) throws(ByteError) in
        try coder.number("rerun of", &number)
      }
      try coder.optional("", &marks.ended, .complete) { (coder, state) throws(ByteError) in
        try coder.raw("state", &state)
      }
    }
  }
}

extension FieldCoder {
  fileprivate mutating func text(
    _ name: StaticString, _ text: inout String?
  ) throws(ByteError) {
    try optional("", &text, "") { (coder, text) throws(ByteError) in
      try coder.string(name, &text)
    }
  }
}
