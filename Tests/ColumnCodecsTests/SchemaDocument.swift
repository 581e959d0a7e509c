// The document that the code must agree with.

import Foundation

enum SchemaDocument {
  static func text() throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../schema/column-codecs.md")
    return try String(contentsOf: file, encoding: .utf8)
  }
}
