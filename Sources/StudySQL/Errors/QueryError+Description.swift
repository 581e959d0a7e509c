// The words of the errors: the fact, the evidence below it, then what to try.

public import PlainText

extension QueryError: ExplainedError {
  public var explanation: Explanation {
    var evidence: [String] = []
    if let excerpt {
      evidence = [excerpt.line, String(repeating: " ", count: excerpt.column) + "^"]
    }
    return Explanation(
      fact, evidence: evidence, try: suggestion.map { [$0] } ?? [], kind: kind)
  }

  /// A wrong expression is a wrong command line; a query that fails while it runs is not.
  private var kind: Explanation.Kind {
    switch self {
    case .failed, .tooMuchWork, .unknownStudy: .failure
    case .interrupted: .interruption
    default: .wrongUsage
    }
  }

  /// What is wrong, on one line.
  public var fact: String {
    switch self {
    case .unknownColumn(let name, _, _): "there is no column \(name.quoted)"
    case .unknownTable(let name, _, _): "there is no table or study \(name.quoted)"
    case .unknownStudy(let id): "there is no study with the identity \(id)"
    case .missingQuotes(let word, _, _):
      "\(word.quoted) is no column; text stands in single quotes"
    case .nameNeedsQuotes(let name, _):
      "the name \(name.quoted) needs double quotes in SQL, which would compute with its parts"
    case .bareColumn(let name):
      "the filter is only the column \(name.quoted), which is neither true nor false;"
        + " did the shell take the rest, such as a > or <?"
    case .emptyExpression: "the expression is empty"
    case .emptyQuery: "there is no SQL to run"
    case .severalStatements(let rest):
      "one statement at a time: after the first there is \(rest.quoted)"
    case .notOneExpression(let reason, _): "this is not one expression: \(reason)"
    case .textForBoolean(let text, let column, _):
      "\(column.quoted) is true or false, and never the text \(text.quoted)"
    case .unknownState(let name, _, _): "no trial is ever in the state \(name.quoted)"
    case .syntax(let message, _, _): "SQL cannot read this: \(message)"
    case .readsOnly(let statement): "queries only read; \(statement) is not allowed"
    case .notForConstraints(let what):
      "a constraint is computed from the parameters alone: \(what)"
    case .interrupted: "the query was interrupted"
    case .tooMuchWork(let operations):
      "the computation was stopped after \(operations) steps"
    case .failed(let message): "the query failed: \(message)"
    case .constraint(let index, let expression, let error):
      "constraint \(index), \(expression.quoted): \(error.fact)"
    case .condition(let parameter, let expression, let error):
      "the condition of \(parameter.quoted), \(expression.quoted): \(error.fact)"
    }
  }

  /// Where; nil when it is nowhere in particular.
  public var excerpt: Excerpt? {
    switch self {
    case .unknownColumn(_, _, let excerpt), .unknownTable(_, _, let excerpt),
      .missingQuotes(_, _, let excerpt), .nameNeedsQuotes(_, let excerpt),
      .notOneExpression(_, let excerpt), .textForBoolean(_, _, let excerpt),
      .unknownState(_, _, let excerpt),
      .syntax(_, _, let excerpt):
      excerpt
    case .constraint(_, _, let error), .condition(_, _, let error): error.excerpt
    default: nil
    }
  }

  /// What to type instead; nil when nothing is known to help.
  public var suggestion: String? {
    switch self {
    case .unknownColumn(_, let candidates, _), .unknownTable(_, let candidates, _):
      candidates.isEmpty ? nil : candidates.map(\.sqlNameIfNeeded).joined(separator: ", ")
    case .unknownState(_, let candidates, _):
      candidates.map(\.sqlLiteral).joined(separator: ", ")
    case .missingQuotes(_, let literal, _): literal
    case .textForBoolean(_, let column, _):
      "\(column.sqlNameIfNeeded), or not \(column.sqlNameIfNeeded)"
    case .nameNeedsQuotes(let name, _): name.sqlName
    case .bareColumn(let name):
      "the whole filter in quotes, such as '\(name.sqlNameIfNeeded) > 0', "
        + "or '\(name.sqlNameIfNeeded) IS NOT NULL'"
    case .emptyExpression: "a comparison, such as 'value < 0.5'"
    case .emptyQuery: "SELECT * FROM studies"
    case .severalStatements: "the statements one after the other"
    case .syntax(_, let example, _): example
    case .readsOnly: "a SELECT"
    case .constraint(_, _, let error), .condition(_, _, let error): error.suggestion
    default: nil
    }
  }
}

extension String {
  /// In double quotes, control characters made visible, for messages.
  var quoted: String { "\"" + neutralized + "\"" }

  /// As a name in SQL, quoted where SQL would not take it otherwise.
  var sqlNameIfNeeded: String { isPlainName && !isSQLKeyword ? self : sqlName }
}
