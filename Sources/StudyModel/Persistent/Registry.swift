// Numbers for things that have names: columns by the names of parameters and metrics.

/// Distinct elements, numbered from 0 in the order in which they came. None is ever taken away.
struct Registry<Element: Hashable & Sendable>: Sendable {
  private var elements = IntegerMap<Element>()
  /// From an element's hash, or the next number that was free, to its number.
  private var numbers = IntegerMap<Int>()

  var count: Int { elements.count }

  subscript(number: Int) -> Element { elements[UInt64(number)]! }

  /// - Complexity: O(log n).
  func number(of element: Element) -> Int? {
    var key = UInt64(truncatingIfNeeded: element.hashValue)
    while let number = numbers[key] {
      if self[number] == element { return number }
      key &+= 1
    }
    return nil
  }

  /// The number of `element`, which gets one if it has none.
  mutating func register(_ element: Element) -> Int {
    var key = UInt64(truncatingIfNeeded: element.hashValue)
    while let number = numbers[key] {
      if self[number] == element { return number }
      key &+= 1
    }
    let number = count
    numbers[key] = number
    elements[UInt64(number)] = element
    return number
  }

  /// In the order of their numbers.
  var all: [Element] { elements.entries().map(\.value) }
}

/// A name as the store keeps it: equal when all bytes are. (Swift's strings are equal when they
/// look the same, and a file or another program may tell them apart.)
struct Name: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: Self, b: Self) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
  }

  // Equal bytes hash alike; texts that only look alike may too.
  func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
