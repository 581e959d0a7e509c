/// Texts for a POSIX shell, so that what Cairn prints can be pasted.
enum ShellText {
  /// `word`, in quotes where the shell would make something else of it.
  static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:,=@%+".utf8.contains(byte)
      }
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  static func line(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }
}
