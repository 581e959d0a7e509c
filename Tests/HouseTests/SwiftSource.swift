// A Swift file as the house rules read it: lines, each split into code and comment.

import Foundation

/// One source file. Line numbers count from 1.
struct SwiftSource {
  struct Line {
    let number: Int
    let text: String
    /// The line without comments, and with the contents of string literals left out.
    let code: String
    /// What stands in comments on this line, their markers included.
    let comment: String

    var isDocumentation: Bool { comment.hasPrefix("///") && code.isBlank }

    /// Whether `phrase` stands in the code, and not as a part of longer words.
    func says(_ phrase: String) -> Bool {
      occurrences(of: phrase).contains { before, after in
        !(before?.isPartOfWord ?? false) && !(after?.isPartOfWord ?? false)
      }
    }

    /// Whether the code calls the free function `name`.
    func calls(_ name: String) -> Bool {
      guard !code.contains("func \(name)(") else { return false }
      return occurrences(of: name).contains { before, after in
        before?.isPartOfWord != true && before != "." && after == "("
      }
    }

    /// The characters around each place where `phrase` stands in the code.
    private func occurrences(of phrase: String) -> [(before: Character?, after: Character?)] {
      guard code.contains(phrase) else { return [] }
      return code.ranges(of: phrase).map { range in
        (
          code[..<range.lowerBound].last,
          range.upperBound < code.endIndex ? code[range.upperBound] : nil
        )
      }
    }
  }

  /// From the repository's root, `Sources/StudyModel/Trial.swift`.
  let path: String
  let lines: [Line]

  /// The file's target or folder: the second component of its path.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

  init(path: String, text: String) {
    self.path = path
    var scanner = SourceScanner()
    let texts = text.split(separator: "\n", omittingEmptySubsequences: false)
    let body = texts.last?.isEmpty == true ? texts.dropLast() : texts[...]
    lines = body.enumerated().map { index, text in
      scanner.split(String(text), number: index + 1)
    }
  }

  /// The modules this file imports, with the line of each.
  var imports: [(module: String, line: Line)] {
    lines.compactMap { line in
      guard line.code.contains("import "),
        let match = line.code.wholeMatch(of: Self.importDeclaration)
      else { return nil }
      return (String(match.module), line)
    }
  }

  private static var importDeclaration: Regex<(Substring, module: Substring)> {
    #/
      \s* (?: (?: @\w+ (?: \(\w+\) )? | \w+ ) \s+ )*
      import \s+ (?: (?: struct|class|enum|protocol|func|var|let|typealias ) \s+ )?
      (?<module> \w+ ) .*
    /#
  }
}

extension String {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

extension Character {
  fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}
