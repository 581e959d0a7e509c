// The run: trials asked for, run as processes, told, until the study has what it shall have.

internal import PlainText
package import StudyModel
internal import StudyStorage

/// Runs a study's objective in parallel until the study is accomplished or something stops it.
package struct StudyRunner: Sendable {
  package let database: StudyDatabase
  package let study: StudyID
  package let configuration: RunConfiguration
  /// The program and first arguments of the supervisor that each attempt runs under.
  package var supervisor: [String]
  /// What objectives find in their environment beside Cairn's own variables.
  package var environment: [String: String]
  /// An absolute path.
  package var workingDirectory: String
  /// Seconds after which the run ends; trials that run by then are interrupted. Nil: none.
  package var timeoutSeconds: Double?
  package var observe: @Sendable (RunEvent) -> Void

  package init(
    _ database: StudyDatabase, _ study: StudyID, _ configuration: RunConfiguration,
    supervisor: [String], environment: [String: String], workingDirectory: String,
    timeoutSeconds: Double? = nil, observe: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.database = database
    self.study = study
    self.configuration = configuration
    self.supervisor = supervisor
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.timeoutSeconds = timeoutSeconds
    self.observe = observe
  }

  /// Runs until there is a reason not to; by then no process of it is left.
  ///
  /// - Throws: the store's errors, and what makes the study unusable. Running trials are then
  ///   stopped first.
  package func run(control: RunControl) async throws -> RunSummary {
    let watchers = [
      Task { await watchForStopRequests(control) }, Task { await stopAtTimeout(control) },
    ]
    let outcome: Result<RunSummary, any Error>
    do {
      outcome = .success(try await runTrials(control))
    } catch {
      outcome = .failure(error)
    }
    // Whoever called may close the store now: nobody looks into it any more.
    for watcher in watchers {
      watcher.cancel()
      await watcher.value
    }
    return try outcome.get()
  }

  private func runTrials(_ control: RunControl) async throws -> RunSummary {
    let trialRunner = try await TrialRunner(self, control)
    return try await withThrowingTaskGroup(of: TrialConclusion.self) { group in
      do {
        return try await loop(&group, trialRunner, control)
      } catch {
        control.stop(because: .broken, grace: configuration.graceSeconds)
        while let conclusion = await group.nextResult() {
          if case .failure(let other) = conclusion {
            observe(.warning(Explanation(describing: other)))
          }
        }
        throw error
      }
    }
  }

  private func loop(
    _ group: inout ThrowingTaskGroup<TrialConclusion, any Error>, _ trialRunner: TrialRunner,
    _ control: RunControl
  ) async throws -> RunSummary {
    var summary = RunSummary(reason: .interrupted)
    var rule = FailureRule(maximum: configuration.maximumFailures)
    var ending: RunSummary.Reason?
    var running = 0
    while true {
      while running < configuration.jobs, ending == nil {
        ending = control.stopping
        if ending != nil { break }
        let outcome = try await database.ask(
          study, for: .current, code: configuration.code, releasing: release)
        switch outcome {
        case .trial(let trial):
          observe(.started(trial))
          running += 1
          group.addTask { try await trialRunner.run(trial) }
        case .exhausted(let tried): ending = .exhausted(tried: tried)
        case .noPlace(let elsewhere) where running == 0:
          ending = .accomplished(runningElsewhere: elsewhere)
        case .noPlace: break
        }
        if case .noPlace = outcome { break }
      }
      guard running > 0, let conclusion = try await group.next() else { break }
      running -= 1
      summary.count(conclusion)
      if let verdict = rule.record(conclusion) {
        ending = ending ?? .hopeless(verdict)
        control.stop(because: .hopeless(verdict), grace: configuration.graceSeconds)
      }
    }
    summary.reason = ending ?? .interrupted
    return summary
  }

  /// Ends what may still run of an attempt whose tool was killed.
  private func release(_ attempt: Attempt, of number: Int) async {
    observe(.released(trial: number, worker: "\(attempt.worker) on \(attempt.host)"))
    if let warning = await database.endOrphans(of: attempt, study: study, trial: number) {
      observe(.warning(Explanation(warning)))
    }
  }

  /// A text that only this attempt's processes carry, and that any worker can compute.
  func attemptMark(trial: Int, attempt: Int) -> String {
    database.attemptMark(study: study, trial: trial, attempt: attempt)
  }

  /// Looks, four times a second, whether another terminal has asked to stop.
  private func watchForStopRequests(_ control: RunControl) async {
    do {
      let before = try database.state(of: study).study.stopRequests
      var position = try database.store.position()
      while !Task.isCancelled {
        do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
        let now = try database.store.position()
        if now == position { continue }
        position = now
        let state = try database.state(of: study)
        if state.study.stopRequests > before {
          control.stop(because: .stopRequested, grace: configuration.graceSeconds)
        }
        for number in control.runningTrials {
          guard let row = state.trials.row(ofNumber: number),
            state.trials.stopRequested[row] == true
          else { continue }
          control.stop(trial: number, grace: configuration.graceSeconds)
        }
      }
    } catch {
      observe(
        .warning(
          Explanation(
            "`cairn stop` will not be heard any more",
            evidence: Explanation(describing: error).lines)))
    }
  }

  private func stopAtTimeout(_ control: RunControl) async {
    guard let timeoutSeconds else { return }
    do { try await Task.sleep(for: .seconds(timeoutSeconds)) } catch { return }
    control.stop(because: .timedOut, grace: configuration.graceSeconds)
  }
}

extension RunSummary {
  fileprivate mutating func count(_ conclusion: TrialConclusion) {
    switch conclusion {
    case .finished(.complete, _): complete += 1
    case .finished(.pruned, _): pruned += 1
    case .finished: failed += 1
    case .interrupted: interrupted += 1
    }
  }
}

extension FailureRule {
  fileprivate mutating func record(_ conclusion: TrialConclusion) -> Verdict? {
    guard case .finished(let state, let end) = conclusion else { return nil }
    return record(failed: state == .failed, reason: end.reason)
  }
}
