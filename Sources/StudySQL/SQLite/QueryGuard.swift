// What watches over a connection: what it may do, and when it must stop.

internal import Synchronization

/// Which statements a connection accepts.
enum QueryPolicy {
  /// Any reading of the tables there are.
  case reading
  /// Computing with bound values, the same result every time: no tables, no recursion, no
  /// chance, no clock.
  case computing
}

/// Stops a running query, from any thread.
public final class QueryCancellation: Sendable {
  private let flag = Atomic(false)

  /// Nothing is cancelled yet.
  public init() {}

  /// Ends queries now running, and those to come, with ``QueryError/interrupted``.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Whether ``cancel()`` has been called.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// Shared by a connection and its statements, since SQLite asks it while either is in use.
final class QueryGuard: Sendable {
  /// How many operations of SQLite's machine pass between two looks at the guard.
  static let stride: Int32 = 4000

  /// What a computing statement calls its bound values.
  static let boundTable = "assignment"

  let policy: QueryPolicy
  let cancellation: QueryCancellation
  /// Operations of SQLite's machine that a statement may take; nil: as many as it wants.
  let operationLimit: Int?
  private let operations = Atomic(0)

  init(policy: QueryPolicy, cancellation: QueryCancellation, operationLimit: Int?) {
    self.policy = policy
    self.cancellation = cancellation
    self.operationLimit = operationLimit
  }

  /// Gives the next execution its full allowance.
  func begin() { operations.store(0, ordering: .relaxed) }

  /// Called every ``stride`` operations; returns whether to stop.
  func shouldStop() -> Bool {
    let count = operations.add(Int(Self.stride), ordering: .relaxed).newValue
    return cancellation.isCancelled || operationLimit.map { count > $0 } ?? false
  }

  /// The reason why SQLite says that it was interrupted.
  var reasonForStopping: QueryError {
    if !cancellation.isCancelled, let operationLimit {
      return .tooMuchWork(operations: operationLimit)
    }
    return .interrupted
  }

  /// Functions whose result is not a function of their arguments.
  private static let impureFunctions: Set<String> = [
    "random", "randomblob", "date", "time", "datetime", "julianday", "unixepoch", "strftime",
    "current_date", "current_time", "current_timestamp", "changes", "total_changes",
    "last_insert_rowid",
  ]

  /// Whether a statement that calls `function` may be prepared.
  func allows(function: String) -> Bool {
    let name = function.foldedName
    if name == "load_extension" || name == "fts3_tokenizer" { return false }
    return policy == .reading || !Self.impureFunctions.contains(name)
  }
}
