// Names that SQLite can tell apart: it takes `lr` and `LR` for one.

struct UniqueNames {
  private var reserved = Set<String>()
  private var taken = Set<String>()

  /// Whether nobody has `name`, nor one that differs only in case.
  func isFree(_ name: String) -> Bool { !name.isEmpty && !taken.contains(name.foldedName) }

  /// Gives away `name` as it is.
  mutating func reserve(_ name: String) -> String {
    reserved.insert(name.foldedName)
    taken.insert(name.foldedName)
    return name
  }

  /// `name`, or `prefix` and `name` when it is reserved or empty; numbered when another has it.
  mutating func take(_ name: String, or prefix: String) -> String {
    let isReserved = name.isEmpty || reserved.contains(name.foldedName)
    return number(isReserved ? prefix + name : name)
  }

  /// `name`, or `prefix` and `name` when anyone has it; numbered when even that is taken.
  mutating func yield(_ name: String, or prefix: String) -> String {
    number(isFree(name) ? name : prefix + name)
  }

  private mutating func number(_ name: String) -> String {
    // SQL text ends at a zero byte, so no name can hold one.
    let base = name.replacing("\0", with: "\u{FFFD}")
    var candidate = base
    var count = 2
    while !isFree(candidate) {
      candidate = "\(base)_\(count)"
      count += 1
    }
    taken.insert(candidate.foldedName)
    return candidate
  }
}
