// What a state is made of: boxes. A snapshot and the state that goes on share all of them; a
// change copies those on the way to what changes, if someone else refers to them, and no other.

/// What may stand in a ``Box``.
protocol Boxed: Sendable {
  /// How many elements are copied when the box is.
  var copyCost: Int { get }
}

/// A value on the heap that copies share until one of them changes it.
struct Box<Value: Boxed>: Sendable {
  private var storage: Storage

  /// Unchecked: `value` is written only through a `Box` that alone refers to its storage.
  private final class Storage: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
  }

  init(_ value: Value) { storage = Storage(value) }

  var value: Value {
    _read { yield storage.value }
    _modify {
      if !isKnownUniquelyReferenced(&storage) {
        WorkMeter.current?.count { $0.copiedElements += storage.value.copyCost }
        storage = Storage(storage.value)
      }
      yield &storage.value
    }
  }
}
