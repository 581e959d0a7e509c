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
