// One line that a trainer printed for people, cut into named values and counters.
//
// Nobody declared a grammar, so this takes what all of them have in common: a name, a sign or
// nothing, a number; segments between commas, bars, brackets, tabs, dashes; quotes around names
// and numbers. What is no whole number (times, dates, fractions, `12ms`) separates, and is no
// value.

import PlainText

/// The pieces of a line.
struct PrintedLine {
  private(set) var values: [NamedValue] = []
  private(set) var counters: [Counter] = []
  /// `[3]` or `3:` in front of everything.
  private(set) var leading: Counter?
  /// How far a progress bar has come: `| 7/52 [`.
  private(set) var bar: Counter?

  private let bytes: [UInt8]
  private let keys: StepKeys
  private var index = 0
  /// Where the words in front of the next value begin.
  private var wordsStart = 0
  private var followsSign = false
  /// The last word, while it may be a counter's name.
  private var counterWord: Range<Int>?
  private var previousWord: Range<Int>?
  /// What was so before the brackets that are open.
  private var open: [(bracket: UInt8, wordsStart: Int, counterWord: Range<Int>?)] = []
  private var closed: (wordsStart: Int, end: Int)?
  /// Names of the nested objects that are open, one a brace; empty ones have no name.
  private var path: [String] = []
  private var pendingName: String?
  private static let depthLimit = 16

  /// - Parameter bytes: as ``TerminalText/plain(_:)`` makes them.
  /// - Complexity: O(length), but for names of brackets, which are short.
  init(_ bytes: [UInt8], keys: StepKeys) {
    self.bytes = bytes
    self.keys = keys
    readLeading()
    while index < bytes.count { readNext() }
  }

  // MARK: Pieces

  private func byte(_ place: Int) -> UInt8 { place < bytes.count ? bytes[place] : 0 }

  private mutating func readNext() {
    let byte = bytes[index]
    switch byte {
    case 0x20: index += 1
    case UInt8(ascii: ":"), UInt8(ascii: "="): readSign()
    case UInt8(ascii: "'"), UInt8(ascii: "\""): readQuoted()
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): openBracket(byte)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): closeBracket(byte)
    case _ where Self.separates(byte): endSegment(at: index + 1)
    case UInt8(ascii: "-")
    where self.byte(index + 1) == 0x20 && (index == 0 || bytes[index - 1] == 0x20):
      endSegment(at: index + 1)
    default: readWord()
    }
  }

  private static func separates(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "<"),
      UInt8(ascii: ">"), UInt8(ascii: "*"), 0x00..<0x20:
      true
    default: false
    }
  }

  /// Names begin at `place`, behind a separator or a number.
  private mutating func endSegment(at place: Int) {
    index = place
    wordsStart = place
    followsSign = false
    counterWord = nil
    previousWord = nil
    pendingName = nil
  }

  private mutating func openBracket(_ bracket: UInt8) {
    if bracket == UInt8(ascii: "{") {
      let isNested = !path.isEmpty && path.count < Self.depthLimit
      path.append(isNested ? pendingName ?? "" : "")
    }
    if bracket == UInt8(ascii: "["), let word = counterWord, let counter = bracketed(word) {
      // Of `[1][10/100]` the first is the epoch, the second its batches.
      take(counter.counter, endingAt: counter.end)
      return
    }
    if bracket == UInt8(ascii: "["), bar == nil, let bar = barBefore(index) { self.bar = bar }
    if open.count < Self.depthLimit { open.append((bracket, wordsStart, counterWord)) }
    let word = counterWord
    endSegment(at: index + 1)
    // `Epoch(val) [1]` and `Epoch [1/5]`: the word waits for its number.
    if bracket == UInt8(ascii: "(") { counterWord = nil } else { counterWord = word }
  }

  private mutating func closeBracket(_ bracket: UInt8) {
    if bracket == UInt8(ascii: "}"), !path.isEmpty { path.removeLast() }
    let opened = open.popLast()
    endSegment(at: index + 1)
    if bracket == UInt8(ascii: ")"), let opened {
      closed = (opened.wordsStart, index)
      counterWord = opened.counterWord
    }
  }

  /// `[3]` or `[3/10]` at the bracket that `index` is at, for the counter named by `word`.
  private func bracketed(_ word: Range<Int>) -> (counter: Counter, end: Int)? {
    guard let key = counterKey(word) else { return nil }
    var place = index + 1
    guard let counter = number(key, from: &place), byte(place) == UInt8(ascii: "]") else {
      return nil
    }
    return (counter, place + 1)
  }

  /// Digits, and perhaps a slash and digits, with blanks around them.
  private func number(_ key: String, from place: inout Int) -> Counter? {
    func digits() -> Int64? {
      while byte(place) == 0x20 { place += 1 }
      let start = place
      while byte(place).isDigit { place += 1 }
      guard place > start, place - start <= 18 else { return nil }
      return Int64(String(decoding: bytes[start..<place], as: UTF8.self))
    }
    guard let value = digits() else { return nil }
    let end = place
    while byte(place) == 0x20 { place += 1 }
    guard byte(place) == UInt8(ascii: "/") else {
      if byte(end) != UInt8(ascii: "]") && byte(place) != UInt8(ascii: "]") { place = end }
      return Counter(key: key, value: Double(value))
    }
    place += 1
    guard let total = digits() else {
      place = end
      return Counter(key: key, value: Double(value))
    }
    while byte(place) == 0x20, byte(place + 1) == UInt8(ascii: "]") { place += 1 }
    return Counter(key: key, value: Double(value), total: total)
  }

  /// `| 7/52 ` in front of `place`.
  private func barBefore(_ place: Int) -> Counter? {
    var start = place
    while start > 0, bytes[start - 1] == 0x20 { start -= 1 }
    while start > 0, bytes[start - 1].isDigit || bytes[start - 1] == UInt8(ascii: "/") {
      start -= 1
    }
    var before = start
    while before > 0, bytes[before - 1] == 0x20 { before -= 1 }
    guard before > 0, bytes[before - 1] == UInt8(ascii: "|") else { return nil }
    var place = start
    guard let counter = number("bar", from: &place), counter.total != nil else { return nil }
    return counter
  }

  private mutating func take(_ counter: Counter, endingAt place: Int) {
    counters.append(counter)
    endSegment(at: place)
  }

  // MARK: Words and numbers

  private mutating func readWord() {
    let start = index
    let end = endOfToken(from: start)
    if startsNumber(start) {
      readNumber(start, end)
      return
    }
    previousWord = counterWord
    counterWord = start..<end
    index = end
  }

  private func startsNumber(_ start: Int) -> Bool {
    var place = start
    if byte(place) == UInt8(ascii: "-") || byte(place) == UInt8(ascii: "+") { place += 1 }
    if byte(place).isDigit { return true }
    if byte(place) == UInt8(ascii: ".") { return byte(place + 1).isDigit }
    // `nan` and `inf`, where a name stands in front of them.
    let end = endOfToken(from: start)
    return end - place <= 8 && byte(place).isLetter && counterWord != nil
      && PrintedNumber.decimal(bytes[start..<end]) != nil
  }

  /// A word reaches to a blank, a sign or a separator; a number also over what would make it
  /// another (`1,234`, `0:00:12`).
  private func endOfToken(from start: Int) -> Int {
    var end = start
    let isNumber =
      byte(start).isDigit || byte(start) == UInt8(ascii: "-") || byte(start) == UInt8(ascii: "+")
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard isNumber, byte(end + 1).isDigit else { return end }
      case UInt8(ascii: "'"):
        // Within a word it belongs to it: valid_0's.
        guard end > start, byte(end + 1).isLetter else { return end }
      case UInt8(ascii: "="), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: "["),
        UInt8(ascii: "{"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"),
        UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "<"), UInt8(ascii: ">"),
        UInt8(ascii: "*"), 0x00...0x20:
        return end == start ? start + 1 : end
      default: break
      }
      end += 1
    }
    return end
  }

  private mutating func readNumber(_ start: Int, _ end: Int) {
    if let word = counterWord, let key = counterKey(word) {
      var place = start
      // `00003` and `3/10`, but not `3.5s`.
      if let counter = number(key, from: &place), place >= end {
        take(counter, endingAt: place)
        return
      }
    }
    let token = bytes[start..<end]
    let number = PrintedNumber(token)
    if number != .none, !isProgress(end) {
      add(upTo: start, value: number, text: token, form: .adjacent, isTight: false)
      if case .number(let value) = number, let word = counterWord, let key = counterKey(word) {
        counters.append(Counter(key: key, value: value))
      }
    }
    endSegment(at: end)
  }

  /// Whether a percentage that ends at `end` belongs to a progress bar.
  private func isProgress(_ end: Int) -> Bool {
    guard byte(end - 1) == UInt8(ascii: "%") else { return false }
    var place = end
    while byte(place) == 0x20 { place += 1 }
    return byte(place) == UInt8(ascii: "|") || byte(place) == TerminalText.barGlyph
  }

  // MARK: Signs and quotes

  private mutating func readSign() {
    let sign = bytes[index]
    // `====`, `::`, `<=`, `!=` are no signs between a name and a value.
    if byte(index + 1) == sign || (index > 0 && "<>!".utf8.contains(bytes[index - 1])) {
      while byte(index) == sign { index += 1 }
      endSegment(at: index)
      return
    }
    let name = wordsEnd(before: index)
    var start = index + 1
    if byte(start) == UInt8(ascii: ">") || byte(start) == UInt8(ascii: "=") { start += 1 }
    let isTight = name == index && byte(start) != 0x20
    while byte(start).isBlank { start += 1 }
    readValue(named: wordsStart..<name, from: start, form: .signed, isTight: isTight)
  }

  /// Where the words in front of the sign at `place` end.
  private func wordsEnd(before place: Int) -> Int {
    var end = place
    while end > wordsStart, bytes[end - 1].isBlank { end -= 1 }
    return end
  }

  private mutating func readValue(
    named words: Range<Int>, from start: Int, form: NamedValue.Form, isTight: Bool
  ) {
    var words = words
    // `loss (train): 0.5`: the brackets belong to the name.
    if words.isEmpty, let closed, wordsStart == closed.end {
      words = closed.wordsStart..<closed.end
    }
    let (token, end) = value(at: start)
    let number = PrintedNumber(token)
    let counter = counterWord.flatMap(counterKey)
    if let key = counter, form == .signed {
      var place = start
      if let found = self.number(key, from: &place), place >= end {
        take(found, endingAt: place)
        return
      }
    }
    if number == .none || isProgress(end) {
      // What follows may be a word, a nested object, a list.
      let name = text(words)
      index = max(start, index + 1)
      if isProgress(end), end > index { index = end }
      wordsStart = index
      followsSign = !words.isEmpty
      pendingName = form == .quoted ? name : nil
      // `Epoch: [0]`
      if byte(index) != UInt8(ascii: "[") { counterWord = nil }
      return
    }
    if let key = counter, form == .signed, let value = number.value {
      counters.append(Counter(key: key, value: value))
    } else {
      add(words, value: number, text: token, form: form, isTight: isTight)
    }
    endSegment(at: end)
  }

  /// The token of a value: in quotes, in a call (`tensor(0.5, device='cuda:0')`,
  /// `np.float64(0.5)`), or as it stands.
  private func value(at start: Int) -> (token: ArraySlice<UInt8>, end: Int) {
    if byte(start).isQuote {
      let close = bytes[(start + 1)...].prefix(64).firstIndex(of: bytes[start])
      guard let close else { return (bytes[start..<start], start) }
      return (bytes[(start + 1)..<close], close + 1)
    }
    let end = endOfToken(from: min(start, bytes.count))
    guard start < bytes.count else { return (bytes[bytes.count...], bytes.count) }
    if byte(end) == UInt8(ascii: "("), byte(start).isLetter {
      let inner = endOfToken(from: min(end + 1, bytes.count))
      guard let close = bytes[end...].prefix(256).firstIndex(of: UInt8(ascii: ")")),
        inner <= close, end + 1 < inner, PrintedNumber.decimal(bytes[(end + 1)..<inner]) != nil
      else { return (bytes[start..<end], end) }
      return (bytes[(end + 1)..<inner], close + 1)
    }
    // `[0.5]`, as some write a list of one.
    if byte(start) == UInt8(ascii: "["), end == start + 1 {
      let inner = endOfToken(from: min(end, bytes.count))
      if byte(inner) == UInt8(ascii: "]"), PrintedNumber.decimal(bytes[end..<inner]) != nil,
        counterWord.flatMap(counterKey) == nil
      {
        return (bytes[end..<inner], inner + 1)
      }
    }
    if byte(start) == UInt8(ascii: "[") || byte(start) == UInt8(ascii: "{") {
      return (bytes[start..<start], start)
    }
    return (bytes[start..<end], end)
  }

  private mutating func readQuoted() {
    let quote = bytes[index]
    let start = index + 1
    guard let close = bytes[min(start, bytes.count)...].prefix(128).firstIndex(of: quote) else {
      endSegment(at: start)
      return
    }
    var place = close + 1
    while byte(place).isBlank { place += 1 }
    guard byte(place) == UInt8(ascii: ":") || byte(place) == UInt8(ascii: "=") else {
      // A quoted text that names nothing.
      endSegment(at: close + 1)
      return
    }
    place += 1
    while byte(place).isBlank { place += 1 }
    let name = text(start..<close)
    let (token, end) = value(at: place)
    let number = PrintedNumber(token)
    if number == .none {
      endSegment(at: place)
      pendingName = name
      return
    }
    let prefix = path.filter { !$0.isEmpty }
    if prefix.isEmpty, keys.rank(of: name) != nil {
      if let value = number.value { counters.append(Counter(key: name, value: value)) }
    } else {
      values.append(
        NamedValue(
          words: (prefix + [name]).joined(separator: "/"), value: number, text: token,
          form: .quoted, followsSign: false, isPlace: false))
    }
    endSegment(at: end)
  }

  // MARK: Names

  private mutating func add(
    upTo end: Int, value: PrintedNumber, text: ArraySlice<UInt8>, form: NamedValue.Form,
    isTight: Bool
  ) {
    add(wordsStart..<wordsEnd(before: end), value: value, text: text, form: form, isTight: isTight)
  }

  private mutating func add(
    _ words: Range<Int>, value: PrintedNumber, text token: ArraySlice<UInt8>,
    form: NamedValue.Form, isTight: Bool
  ) {
    var start = words.lowerBound
    while start < words.upperBound, bytes[start].isBlank { start += 1 }
    guard start < words.upperBound, words.upperBound - start <= 200 else { return }
    // Two blanks separate, as in a table.
    var isCut = false
    for place in stride(from: words.upperBound - 1, to: start, by: -1)
    where bytes[place] == 0x20 && bytes[place - 1] == 0x20 {
      start = place + 1
      isCut = true
      break
    }
    let isColonBefore = start > 0 && bytes[start - 1] == UInt8(ascii: ":")
    values.append(
      NamedValue(
        words: text(start..<words.upperBound), value: value, text: token, form: form,
        followsSign: followsSign && !isCut,
        isPlace: isTight && (isColonBefore || text(words).contains("."))))
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  /// The name of the step that the word in `range` is, unless it speaks of another one: `best
  /// epoch`, `per step`.
  private func counterKey(_ range: Range<Int>) -> String? {
    guard range.count <= 40 else { return nil }
    let key = text(range)
    guard keys.rank(of: key) != nil else { return nil }
    if let previousWord, Self.otherCounts.contains(text(previousWord).lowercased()) { return nil }
    return key
  }

  private static let otherCounts: Set<String> = [
    "best", "max", "maximum", "min", "minimum", "total", "num", "every", "per", "each", "of",
  ]

  /// `[3]`, `[3/10]` or `3:` in front, behind a time in brackets.
  private mutating func readLeading() {
    var start = 0
    while byte(start).isBlank { start += 1 }
    if byte(start) == UInt8(ascii: "["), byte(start + 1).isDigit {
      var place = start + 1
      if let counter = number("[", from: &place), byte(place) == UInt8(ascii: "]") {
        leading = counter
        index = place + 1
        wordsStart = index
        return
      }
      // A time: what follows may be the step.
      if let close = bytes[start...].prefix(48).firstIndex(of: UInt8(ascii: "]")) {
        var next = close + 1
        while byte(next).isBlank { next += 1 }
        guard byte(next) == UInt8(ascii: "["), byte(next + 1).isDigit else { return }
        var place = next + 1
        if let counter = number("[", from: &place), byte(place) == UInt8(ascii: "]") {
          leading = counter
          index = place + 1
          wordsStart = index
        }
      }
    } else if byte(start).isDigit {
      var place = start
      if let counter = number(":", from: &place), counter.total == nil,
        byte(place) == UInt8(ascii: ":"), byte(place + 1).isBlank
      {
        leading = counter
        index = place + 1
        wordsStart = index
      }
    }
  }
}
