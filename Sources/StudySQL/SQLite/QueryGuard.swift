// What watches over a connection: what it may do, and when it must stop.

internal import CSQLite
internal import Synchronization

/// Which statements a connection accepts.
enum QueryPolicy {
  /// Any reading of the tables there are.
  case reading
  /// Computing with bound values, the same result every time: no tables, no recursion, no
  /// chance, no clock.
  case computing
}

/// How much a query may take.
public struct QueryLimits: Hashable, Sendable {
  /// Operations of SQLite's machine, some hundred million a second; nil: until it ends or is
  /// cancelled.
  public var operations: Int?
  /// Memory of SQLite beyond what it had when the query began, in bytes. It is looked at between
  /// operations, so a query that makes many large values at once passes it for a moment; see
  /// ``limitProcess(toBytes:)``.
  public var memoryBytes: Int

  /// As long as it takes, within 512 MiB, unless told otherwise.
  public init(operations: Int? = nil, memoryBytes: Int = 512 << 20) {
    self.operations = operations
    self.memoryBytes = memoryBytes
  }

  /// Lets no query of this process get more memory, to the byte. SQLite knows this limit only
  /// for a whole process: for programs that use SQLite for nothing else.
  public static func limitProcess(toBytes bytes: Int) {
    sqlite3_hard_heap_limit64(Int64(bytes))
  }
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
  /// How many operations of SQLite's machine pass between two looks at the guard: a microsecond
  /// or two when each is small, and a dozen rows when each makes a large value.
  static let stride: Int32 = 100

  /// What a computing statement calls its bound values.
  static let boundTable = "assignment"

  let policy: QueryPolicy
  let cancellation: QueryCancellation
  let limits: QueryLimits
  private let operations = Atomic(0)
  /// SQLite's memory when the statement began, in bytes.
  private let memoryBefore = Atomic(0)

  init(policy: QueryPolicy, cancellation: QueryCancellation, limits: QueryLimits) {
    self.policy = policy
    self.cancellation = cancellation
    self.limits = limits
  }

  /// Gives the next execution its full allowance.
  func begin() {
    operations.store(0, ordering: .relaxed)
    memoryBefore.store(Int(sqlite3_memory_used()), ordering: .relaxed)
  }

  /// Called every ``stride`` operations; returns whether to stop.
  func shouldStop() -> Bool {
    operations.add(Int(Self.stride), ordering: .relaxed)
    return cancellation.isCancelled || hasTakenTooMuch || isOutOfMemory
  }

  private var hasTakenTooMuch: Bool {
    limits.operations.map { operations.load(ordering: .relaxed) > $0 } ?? false
  }

  private var isOutOfMemory: Bool {
    Int(sqlite3_memory_used()) - memoryBefore.load(ordering: .relaxed) > limits.memoryBytes
  }

  /// What to say when SQLite ends a statement with `code`; `message` are its own words.
  func error(_ code: Int32, message: @autoclosure () -> String) -> QueryError {
    switch code & 0xFF {
    case SQLITE_INTERRUPT:
      if cancellation.isCancelled { return .interrupted }
      if let operations = limits.operations, hasTakenTooMuch {
        return .tooMuchWork(operations: operations)
      }
      return .tooMuchMemory(bytes: limits.memoryBytes)
    case SQLITE_NOMEM: return .tooMuchMemory(bytes: limits.memoryBytes)
    case SQLITE_TOOBIG: return .tooMuchMemory(bytes: policy.longestValue)
    default: return .failed(message: message())
    }
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
