// Files beside the store that cannot be written: what a trial prints, its parameters.

internal import Foundation
public import PlainText

/// A trial's file that the disk did not take. What the store holds is not touched by it.
public struct TrialFileError: ExplainedError {
  public let path: String
  /// How many bytes were to be written; nil for a directory.
  public let bytesNeeded: Int?
  /// Whether room is all that lacks.
  public let isFull: Bool
  /// In the system's words.
  public let reason: String

  init(_ error: any Error, path: String, bytesNeeded: Int? = nil) {
    let error = error as NSError
    let cause = (error.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError } ?? error
    self.path = path
    self.bytesNeeded = bytesNeeded
    isFull =
      cause.domain == NSPOSIXErrorDomain
      && [POSIXErrorCode.ENOSPC, .EDQUOT, .EFBIG].contains { Int($0.rawValue) == cause.code }
    reason = cause.localizedDescription
      .replacing("The operation could not be completed. ", with: "")
  }

  public var explanation: Explanation {
    let what = bytesNeeded.map { "\($0) more bytes in \(path)" } ?? path
    return isFull
      ? Explanation(
        "there is no room for \(what)", evidence: [reason, "what was recorded is safe"],
        try: ["free some space, then run the same line again"])
      : Explanation(
        "\(path) cannot be written", evidence: [reason],
        try: ["the permissions of that place, then the same line again"])
  }
}
