/// Texts for a POSIX shell, so that what Cairn prints and renders can be pasted.
package enum ShellText {
  /// `word`, in single quotes where the shell would make something else of it.
  package static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
          || "-_./=:,@%+".utf8.contains(byte)
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  package static func line(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }
}
