// What can go wrong between a caller and a study.

internal import PlainText
public import StudyModel

public enum EngineError: Error, Sendable, CustomStringConvertible {
  case unknownStudy(String, nearest: [String])
  case studyExists(String)
  case unknownTrial(study: String, number: Int, highest: Int?)
  /// A finished trial never changes.
  case finishedTrial(study: String, number: Int, state: TrialState)
  /// Nobody has asked for it yet, so it cannot be told.
  case waitingTrial(study: String, number: Int)
  /// Another worker holds it.
  case heldElsewhere(study: String, number: Int, worker: String)
  /// The claim was lost: the worker was believed dead and the trial given to another.
  case claimEnded(study: String, number: Int)
  case wrongValueCount(study: String, expected: [String], given: Int)
  case notANumber(study: String, number: Int)
  /// A complete trial was told without values, and these objectives were never reported.
  case neverReported(study: String, number: Int, objectives: [String])
  case deletedStudy
  /// Its definition was changed between looking at it and changing it.
  case editedMeanwhile(study: String)
  /// The study's definition cannot be used.
  case unusable(study: String, reason: String)

  public var description: String {
    switch self {
    case .unknownStudy(let name, let nearest):
      nearest.isEmpty
        ? "there is no study \"\(name)\" in this store\n  try: cairn studies"
        : "there is no study \"\(name)\" in this store\n  did you mean: "
          + nearest.joined(separator: ", ") + "\n  try: cairn studies"
    case .studyExists(let name):
      "there is already a study \"\(name)\"\n  try: another name, or `cairn delete \(name)` first"
    case .unknownTrial(let study, let number, let highest):
      if let highest {
        "\(study) has no trial \(number); its trials are 0 to \(highest)"
      } else {
        "\(study) has no trial \(number); it has none yet"
      }
    case .finishedTrial(let study, let number, let state):
      "trial \(number) of \(study) is \(state.name); finished trials never change"
    case .waitingTrial(let study, let number):
      "trial \(number) of \(study) is waiting; nobody has asked for it\n  try: cairn ask \(study)"
    case .heldElsewhere(let study, let number, let worker):
      "trial \(number) of \(study) is being run by \(worker)\n"
        + "  try: cairn stop \(study) \(number)"
    case .claimEnded(let study, let number):
      "trial \(number) of \(study) is no longer this worker's: it was taken for dead, "
        + "and the trial was given back"
    case .wrongValueCount(let study, let expected, let given):
      "\(study) has \(expected.count) objective\(expected.count == 1 ? "" : "s") "
        + "(\(expected.joined(separator: ", "))), and \(given) value\(given == 1 ? "" : "s") came"
    case .notANumber(let study, let number):
      "trial \(number) of \(study) cannot be complete with NaN as a value\n"
        + "  try: state failed"
    case .neverReported(let study, let number, let objectives):
      "trial \(number) of \(study) has no value: it never reported "
        + objectives.map(\.jsonQuoted).joined(separator: ", ")
    case .deletedStudy: "the study has been deleted"
    case .editedMeanwhile(let study):
      "the definition of \(study) was changed by somebody else meanwhile; nothing was recorded\n"
        + "  try: the same again"
    case .unusable(let study, let reason): "\(study) cannot go on: \(reason)"
    }
  }
}

extension EngineError {
  /// Whether a claim on a trial is gone for good.
  var isLostClaim: Bool {
    switch self {
    case .claimEnded, .finishedTrial, .unknownTrial, .deletedStudy: true
    default: false
    }
  }
}
