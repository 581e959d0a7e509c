// Names that SQLite can tell apart: it takes `lr` and `LR` for one.

struct UniqueNames {
  /// Folded, and as bytes: Swift takes texts for equal that SQLite does not.
  private var reserved = Set<[UInt8]>()
  private var taken = Set<[UInt8]>()

  /// Whether nobody has `name`, nor one that differs only in case.
  func isFree(_ name: String) -> Bool { !name.isEmpty && !taken.contains(Self.key(name)) }

  /// Gives away `name` as it is.
  mutating func reserve(_ name: String) -> String {
    reserved.insert(Self.key(name))
    taken.insert(Self.key(name))
    return name
  }

  /// `name`, or `prefix` and `name` when it is reserved or empty; numbered when another has it.
  mutating func take(_ name: String, or prefix: String) -> String {
    let isReserved = name.isEmpty || reserved.contains(Self.key(name))
    return number(isReserved ? prefix + name : name)
  }

  /// `name`, or `prefix` and `name` when anyone has it; numbered when even that is taken.
  mutating func yield(_ name: String, or prefix: String) -> String {
    number(isFree(name) ? name : prefix + name)
  }

  private static func key(_ name: String) -> [UInt8] { Array(name.foldedName.utf8) }

  private mutating func number(_ name: String) -> String {
    // SQL text ends at a zero byte, so no name can hold one.
    let base = name.replacing("\0", with: "\u{FFFD}")
    var candidate = base
    var count = 2
    while !isFree(candidate) {
      candidate = "\(base)_\(count)"
      count += 1
    }
    taken.insert(Self.key(candidate))
    return candidate
  }
}
