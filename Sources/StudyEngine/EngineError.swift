// What can go wrong between a caller and a study.

public import PlainText
public import StudyModel

/// Why a study, or a trial of it, could not be had or changed.
public enum EngineError: ExplainedError {
  case unknownStudy(String, nearest: [String])
  case studyExists(String)
  case unknownTrial(study: String, number: Int, highest: Int?)
  /// A finished trial never changes.
  case finishedTrial(study: String, number: Int, state: TrialState)
  /// Nobody has asked for it yet, so it cannot be told.
  case waitingTrial(study: String, number: Int)
  /// Only what has ended is dropped.
  case openTrial(study: String, number: Int, state: TrialState)
  case cannotRerun(study: String, number: Int, because: String, suggestions: [String])
  /// Another worker holds it.
  case heldElsewhere(study: String, number: Int, worker: String)
  /// The claim was lost: the worker was believed dead and the trial given to another.
  case claimEnded(study: String, number: Int)
  case deletedStudy
  /// Numbers have been used up, which only a damaged or made-up store can bring about.
  case noNumbersLeft(study: String)
  /// Its definition was changed between looking at it and changing it.
  case editedMeanwhile(study: String)
  /// The study's definition cannot be used.
  case unusable(study: String, because: Explanation)

  public var explanation: Explanation {
    switch self {
    case .unknownStudy(let name, let nearest):
      Explanation(
        "there is no study \(name.jsonQuoted) in this store", try: nearest + ["cairn studies"])
    case .studyExists(let name):
      Explanation(
        "there is already a study \(name.jsonQuoted)",
        try: ["another name", ShellText.line(["cairn", "delete", name]) + " first"])
    case .unknownTrial(let study, let number, let highest):
      Explanation(
        "\(study) has no trial \(number); "
          + (highest.map { "its trials are 0 to \($0)" } ?? "it has none yet"))
    case .finishedTrial(let study, let number, let state):
      Explanation("trial \(number) of \(study) is \(state.name); finished trials never change")
    case .waitingTrial(let study, let number):
      Explanation(
        "trial \(number) of \(study) is waiting; nobody has asked for it",
        try: [ShellText.line(["cairn", "ask", study])])
    case .openTrial(let study, let number, let state):
      Explanation(
        "trial \(number) of \(study) is \(state.name); only trials that have ended are dropped",
        try: [ShellText.line(["cairn", "stop", study, String(number)])])
    case .cannotRerun(let study, let number, let reason, let suggestions):
      Explanation(
        "trial \(number) of \(study) cannot be run again: \(reason)", try: suggestions)
    case .heldElsewhere(let study, let number, let worker):
      Explanation(
        "trial \(number) of \(study) is being run by \(worker)",
        try: [ShellText.line(["cairn", "stop", study, String(number)])])
    case .claimEnded(let study, let number):
      Explanation(
        "trial \(number) of \(study) is no longer this worker's: it was taken for dead, "
          + "and the trial was given back")
    case .deletedStudy: Explanation("the study has been deleted")
    case .noNumbersLeft(let study):
      Explanation(
        "no numbers are left for new trials of \(study): those in use reach to the very end",
        try: ["another store"])
    case .editedMeanwhile(let study):
      Explanation(
        "the definition of \(study) was changed by somebody else meanwhile",
        evidence: ["nothing was recorded"], try: ["the same again"])
    case .unusable(let study, let reason):
      Explanation(
        "\(study) cannot go on: \(reason.fact)", evidence: reason.evidence,
        try: reason.suggestions, kind: reason.kind)
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
