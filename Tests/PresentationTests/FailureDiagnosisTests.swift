import StudyModel
import Testing

@testable import Presentation

struct FailureDiagnosisTests {
  @Test(arguments: [
    ("val_acc=0.91", #"--metric accuracy='val_acc=(\S+)'"#),
    ("epoch 3: loss = 0.2, test accuracy: 91.2%", #"--metric accuracy='accuracy:\s*(\S+)'"#),
    ("loss=0.3 acc=.91", #"--metric accuracy='acc=(\S+)'"#),
    ("score=1\nscore=2", #"--metric accuracy='score=(\S+)'"#),
    ("f(x)[0]=3 val.acc =  -1e3", #"--metric accuracy='val.acc\s*=\s*(\S+)'"#),
  ])
  func `a metric by another name is found`(printed: String, suggestion: String) {
    let lines = printed.split(separator: "\n").map(String.init)
    #expect(FailureDiagnosis.pattern(for: "accuracy", in: lines) == suggestion)
  }

  @Test func `without a number behind a name there is nothing to suggest`() {
    #expect(FailureDiagnosis.pattern(for: "a", in: ["done", "12 34", "a=b"]) == nil)
  }

  @Test func `a bare number is offered as the objective that was named`() {
    let end = AttemptEnd(
      outcome: .failed, reason: #"exited 0 but never reported "size""#, lastLines: "57568",
      exitStatus: 0)
    let diagnosis = FailureDiagnosis(
      FailedTrial(trial: 0, end: end), objectives: [Objective(name: "size", direction: .minimize)],
      study: "s")
    #expect(
      diagnosis.suggestions.first
        == #"--metric size='^\s*(\S+)\s*$', a number on a line of its own"#)
  }

  @Test func `a crash is no question of metrics`() {
    let end = AttemptEnd(
      outcome: .failed, reason: "exit status 1", lastLines: "x=1\nError", exitStatus: 1)
    let diagnosis = FailureDiagnosis(
      FailedTrial(trial: 4, end: end), objectives: [.standard], study: "my study")
    #expect(diagnosis.evidence == ["it printed:", "  x=1", "  Error"])
    #expect(diagnosis.suggestions == ["cairn logs 'my study' 4 for all it printed"])
  }

  @Test(arguments: [
    (
      "t.py: error: unrecognized arguments: true",
      "{args:flags} or {--NAME}: a bool as a bare flag, or nothing"
    ),
    (
      "t.py: error: argument -s/--shift: expected one argument",
      "--shift={shift} in one word, for a value that begins with \"-\""
    ),
  ])
  func `a command line that argparse refused`(printed: String, suggestion: String) {
    let end = AttemptEnd(
      outcome: .failed, reason: "exit status 2", lastLines: "usage: t.py\n" + printed,
      exitStatus: 2)
    let diagnosis = FailureDiagnosis(
      FailedTrial(trial: 4, end: end), objectives: [.standard], study: "s")
    #expect(diagnosis.suggestions.first == suggestion)
  }

  @Test func `TensorBoard's files in a directory of their own are found`() {
    let end = AttemptEnd(
      outcome: .failed, reason: "exited 0 but never reported \"loss\"", exitStatus: 0)
    let diagnosis = FailureDiagnosis(
      FailedTrial(trial: 0, end: end), objectives: [Objective(name: "loss", direction: .minimize)],
      study: "s", reported: ["acc", "runs/a b/loss"], sources: ["tensorboard:{dir}"])
    #expect(diagnosis.evidence == [#"it reported "acc", "runs/a b/loss""#, "it printed nothing"])
    #expect(diagnosis.suggestions.first == "--metrics-from 'tensorboard:{dir}/runs/a b'")
  }

  @Test func `what was reported is offered as the objective as long as that can change`() {
    let end = AttemptEnd(
      outcome: .failed, reason: "exited 0 but never reported \"loss\"", exitStatus: 0)
    func suggestions(_ objectives: [Objective], hasResults: Bool = false) -> [String] {
      FailureDiagnosis(
        FailedTrial(trial: 0, end: end), objectives: objectives, study: "s",
        reported: ["acc", "val_loss", "train_loss", "lr"], hasResults: hasResults
      ).suggestions.filter { $0.contains("cairn edit") }
    }
    let loss = Objective(name: "loss", direction: .maximize)
    #expect(
      suggestions([loss]) == [
        "cairn edit s --maximize val_loss, for what it reported",
        "cairn edit s --maximize train_loss, for what it reported",
      ])
    #expect(suggestions([loss], hasResults: true).isEmpty)
    #expect(suggestions([loss, Objective(name: "acc", direction: .maximize)]).isEmpty)
    let unnamed = AttemptEnd(
      outcome: .failed, reason: "exited 0 but never reported \"value\"", exitStatus: 0)
    let diagnosis = FailureDiagnosis(
      FailedTrial(trial: 0, end: unnamed), objectives: [.standard], study: "s", reported: ["f1"])
    #expect(
      diagnosis.suggestions.first
        == "cairn edit s --minimize f1, or --maximize, for what it reported")
  }
}
