// The fields of a batch of trials: columns, each with the places that have a value.

import PlainText
import StudyModel

extension TrialBatch {
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder) throws(ByteError) {
    var id = firstID.rawValue
    try coder.varint("first id", &id)
    firstID = TrialID(rawValue: id)
    try coder.list(&numbers, 0, leastBytes: 1) { (coder, number) throws(ByteError) in
      try coder.number("number", &number)
    }
    try coder.list(&states, .complete, leastBytes: 1) { (coder, state) throws(ByteError) in
      try coder.raw("state", &state)
    }
    try coder.list(&created, Blank.time, leastBytes: 1) { (coder, time) throws(ByteError) in
      try coder.time(&time, "created")
    }
    try coder.list(&ended, Blank.time, leastBytes: 1) { (coder, time) throws(ByteError) in
      try coder.time(&time, "ended")
    }
    for path in [\TrialBatch.values, \.violations] {
      try coder.list(&self[keyPath: path], BatchCells(), leastBytes: 2) {
        (coder, cells) throws(ByteError) in
        try cells.code(&coder, 0, leastBytes: 8) { (coder, value) throws(ByteError) in
          try coder.double("value", &value)
        }
      }
    }
    try codeColumns(&coder)
    guard coder.isReading else { return }
    if let contradiction { throw .badValue(contradiction) }
    endRuns()
  }

  private mutating func codeColumns<Coder: FieldCoder>(
    _ coder: inout Coder
  ) throws(ByteError) {
    let blank = Parameter(name: "", distribution: Blank.distribution, cells: BatchCells())
    try coder.list(&parameters, blank, leastBytes: 5) { (coder, parameter) throws(ByteError) in
      try coder.string("name", &parameter.name)
      try coder.distribution(&parameter.distribution)
      try parameter.cells.code(&coder, 0, leastBytes: 8) { (coder, value) throws(ByteError) in
        try coder.double("value", &value)
      }
    }
    let note = Attribute(scope: .user, key: "", cells: BatchCells())
    try coder.list(&attributes, note, leastBytes: 4) { (coder, attribute) throws(ByteError) in
      try coder.raw("scope", &attribute.scope)
      try coder.string("key", &attribute.key)
      try attribute.cells.code(&coder, "", leastBytes: 1) { (coder, json) throws(ByteError) in
        try coder.string("JSON", &json)
      }
    }
    try proposers.code(&coder, "", leastBytes: 1) { (coder, name) throws(ByteError) in
      try coder.string("proposer", &name)
    }
    try retryOf.code(&coder, 0, leastBytes: 1) { (coder, number) throws(ByteError) in
      try coder.number("retry of", &number)
    }
    try coder.claim(&claim)
    try runs.code(&coder, Blank.run, leastBytes: 9) { (coder, run) throws(ByteError) in
      try coder.time(&run.started, "started")
      try run.end.code(&coder)
      try coder.string("host", &run.host)
      try coder.string("worker", &run.worker)
    }
  }
}

extension BatchCells {
  fileprivate mutating func code<Coder: FieldCoder>(
    _ coder: inout Coder, _ blank: @autoclosure () -> Value, leastBytes: Int,
    _ body: (inout Coder, inout Value) throws(ByteError) -> Void
  ) throws(ByteError) {
    try coder.list(&places, 0, leastBytes: 1) { (coder, place) throws(ByteError) in
      var wide = UInt64(place)
      try coder.varint("place", &wide)
      guard let narrow = UInt16(exactly: wide) else { throw .badValue("place \(wide)") }
      place = Int(narrow)
    }
    try coder.list(&values, blank(), leastBytes: leastBytes, body)
  }
}
