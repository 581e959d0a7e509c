// One pass over a JSON text that checks it, and writes down what JSON has no words for.

struct StrictJSON {
  private(set) var output: [UInt8] = []
  /// Whether the output differs from the input.
  private(set) var isChanged = false

  private let bytes: [UInt8]
  private let depthLimit: Int
  private var position = 0
  /// The closing brackets that are awaited, the innermost last.
  private var open: [UInt8] = []

  init(_ json: String, depthLimit: Int) {
    bytes = Array(json.utf8)
    self.depthLimit = depthLimit
    output.reserveCapacity(bytes.count)
  }

  /// Copies the text as one JSON value; false when it is none, or nested too deep.
  mutating func rewrite() -> Bool {
    repeat {
      guard value() else { return false }
      // A value is whole: brackets may close, and a comma leads to the next.
      while let closing = open.last {
        skipSpace()
        if take(closing) {
          open.removeLast()
        } else if take(UInt8(ascii: ",")) {
          if closing == UInt8(ascii: "}"), !name() { return false }
          break
        } else {
          return false
        }
      }
    } while !open.isEmpty
    skipSpace()
    return position == bytes.count
  }

  /// A scalar, or the beginning of an array or object up to its first value; empty ones whole.
  private mutating func value() -> Bool {
    while true {
      skipSpace()
      guard position < bytes.count else { return false }
      switch bytes[position] {
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        let closing = bytes[position] + 2
        _ = take(bytes[position])
        skipSpace()
        if take(closing) { return true }
        guard open.count < depthLimit else { return false }
        open.append(closing)
        if closing == UInt8(ascii: "}"), !name() { return false }
      case UInt8(ascii: "\""): return string()
      default: return word("true") || word("false") || word("null") || special() || number()
      }
    }
  }

  private mutating func name() -> Bool {
    skipSpace()
    guard string() else { return false }
    skipSpace()
    return take(UInt8(ascii: ":"))
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      copy()
    }
  }

  private mutating func copy() {
    output.append(bytes[position])
    position += 1
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    copy()
    return true
  }

  private mutating func word(_ word: String, as replacement: String? = nil) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    output += Array((replacement ?? word).utf8)
    if replacement != nil { isChanged = true }
    return true
  }

  private mutating func special() -> Bool {
    word("NaN", as: "null") || word("Infinity", as: "9e999") || word("-Infinity", as: "-9e999")
  }

  private mutating func string() -> Bool {
    guard take(UInt8(ascii: "\"")) else { return false }
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        copy()
        return true
      case UInt8(ascii: "\\"): guard escape() else { return false }
      case ..<0x20: return false
      default: copy()
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    copy()
    guard position < bytes.count else { return false }
    let mark = bytes[position]
    copy()
    if mark != UInt8(ascii: "u") { return Array("\"\\/bfnrt".utf8).contains(mark) }
    for _ in 0..<4 {
      guard position < bytes.count, isHexadecimal(bytes[position]) else { return false }
      copy()
    }
    return true
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private mutating func digits() -> Bool {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { copy() }
    return position > start
  }

  private mutating func number() -> Bool {
    _ = take(UInt8(ascii: "-"))
    // A zero stands alone: what follows it is no digit of this number.
    guard take(UInt8(ascii: "0")) || digits() else { return false }
    if take(UInt8(ascii: ".")), !digits() { return false }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
      return digits()
    }
    return true
  }
}
