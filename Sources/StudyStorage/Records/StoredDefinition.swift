// A study's definition as a record keeps it: JSON, its keys in order so that equal definitions
// are equal bytes. It is small, seldom written, and grows with the versions.

import FoundationEssentials
import StudyModel

extension StudyDefinition {
  func storedJSON() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return [UInt8](try encoder.encode(self))
  }

  init(storedJSON json: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    self = try decoder.decode(StudyDefinition.self, from: Data(json))
  }
}
