// What may stand in braces.

import PlainText

/// A thing in braces that is not the text it seems.
enum Placeholder: Hashable, Sendable {
  /// `{name}`, `{one|other}`, `{name:-text}`
  case value(ValueSource)
  /// `{--name}`, `{--name=one|other}`: the option with its value, the bare flag of a bool that is
  /// true, or nothing.
  case option(String, ValueSource)
  /// `{name:+text}`: the text, where one of the parameters exists.
  case insertion(ValueSource, TemplateText)
  case trial
  case directory
  case parameterFile
  case template
  /// All active parameters, in one of the styles.
  case arguments(ArgumentStyle)

  static let reserved: [String: Placeholder] = [
    "trial": .trial, "dir": .directory, "params.json": .parameterFile, "template": .template,
    "args": .arguments(.separate), "args:eq": .arguments(.joined),
    "args:flags": .arguments(.flags), "args:hydra": .arguments(.bare),
  ]

  /// The parameters it speaks of, all of them aside.
  var parameters: [String] {
    switch self {
    case .value(let source), .option(_, let source): source.names
    case .insertion(let source, let text): source.names + text.placeholders.flatMap(\.parameters)
    default: []
    }
  }

  /// Whether it hands on every parameter.
  var carriesAll: Bool {
    switch self {
    case .arguments, .parameterFile: true
    case .insertion(_, let text): text.placeholders.contains(where: \.carriesAll)
    default: false
    }
  }
}

/// Where a value comes from: the first of some parameters that exists.
struct ValueSource: Hashable, Sendable {
  let names: [String]
  /// What stands where none exists.
  let fallback: String?
}

/// How `{args}` writes a parameter.
package enum ArgumentStyle: Hashable, Sendable {
  /// `--name value`; `--name=value` where the value begins with `-`.
  case separate
  /// `--name=value`
  case joined
  /// Like `separate`, but bools are `--name` or nothing.
  case flags
  /// `name=value`, in Hydra's grammar.
  case bare
}

/// Reads what stands between braces.
struct PlaceholderParser {
  let names: [String]
  /// How deep insertions stand in each other.
  let depth: Int

  private static let depthLimit = 8

  /// - Returns: nil for what is none of ours.
  /// - Throws: ``TemplateError`` for what is nearly a name, or two things at once.
  func placeholder(_ content: String) throws(TemplateError) -> Placeholder? {
    if let reserved = Placeholder.reserved[content] {
      if names.contains(content) { throw .ambiguous(content) }
      return reserved
    }
    if names.contains(content) { return .value(ValueSource(names: [content], fallback: nil)) }
    if content.hasPrefix("--") { return try option(content) }
    if let (spec, text) = content.cut(at: ":+") {
      guard let sources = try sources(spec, of: content) else { return nil }
      guard depth < Self.depthLimit else { throw .tooDeep }
      return .insertion(
        ValueSource(names: sources, fallback: nil),
        try TemplateText(text, names: names, depth: depth + 1))
    }
    guard let source = try source(content, of: content) else { return nil }
    return .value(source)
  }

  /// `--name`, `--name=one|other`, `--name:-text`
  private func option(_ content: String) throws(TemplateError) -> Placeholder? {
    let body = String(content.dropFirst(2))
    if names.contains(body) {
      return .option(body, ValueSource(names: [body], fallback: nil))
    }
    if let (name, spec) = body.cut(at: "="), !name.isEmpty {
      guard let source = try source(spec, of: content) else {
        throw .unknownAlternative("{\(content)}", spec)
      }
      return .option(name, source)
    }
    guard let source = try source(body, of: content), let name = source.names.first else {
      return nil
    }
    return .option(name, source)
  }

  /// `name`, `one|other`, each with or without `:-text`
  private func source(
    _ spec: String, of content: String
  ) throws(TemplateError) -> ValueSource? {
    if names.contains(spec) { return ValueSource(names: [spec], fallback: nil) }
    let parts = spec.cut(at: ":-")
    guard let found = try sources(parts?.0 ?? spec, of: content) else { return nil }
    return ValueSource(names: found, fallback: parts?.1)
  }

  private func sources(
    _ list: String, of content: String
  ) throws(TemplateError) -> [String]? {
    let words = list.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    let isOption = content.hasPrefix("--")
    let known = words.filter(names.contains)
    if known.count == words.count { return words }
    for word in words where !names.contains(word) {
      // What is far from every name is none of ours: `awk '{print}'`.
      let candidates =
        words.count > 1 || isOption || list != content
        ? names : names + Placeholder.reserved.keys.sorted()
      let near = nearestNames(to: word, among: candidates).filter { isMisspelling(word, of: $0) }
      if let nearest = near.first {
        throw .misspelt("{\(content)}", nearest: "{\(content.replacing(word, with: nearest))}")
      }
      if !known.isEmpty { throw .unknownAlternative("{\(content)}", word) }
    }
    return nil
  }
}

extension String {
  /// What stands before and behind the first `mark`.
  fileprivate func cut(at mark: String) -> (String, String)? {
    guard let range = firstRange(of: mark) else { return nil }
    return (String(self[..<range.lowerBound]), String(self[range.upperBound...]))
  }
}
