// The run: trials asked for, run as processes, told, until the study has what it shall have.

internal import PlainText
package import StudyModel
internal import StudyStorage

/// Runs a study's objective in parallel until the study is accomplished or something stops it.
package struct StudyRunner: Sendable {
  package let database: StudyDatabase
  package let study: StudyID
  package let configuration: RunConfiguration
  /// Where attempts run.
  package var executor: any AttemptExecutor
  /// What objectives find in their environment beside Cairn's own variables.
  package var environment: [String: String]
  /// An absolute path.
  package var workingDirectory: String
  /// Seconds after which the run ends; trials that run by then are interrupted. Nil: none.
  package var timeoutSeconds: Double?
  /// The trial whose reruns are run, and nothing else; nil: the search is gone on with.
  package var rerunsOf: Int?
  package var observe: @Sendable (RunEvent) -> Void

  package init(
    _ database: StudyDatabase, _ study: StudyID, _ configuration: RunConfiguration,
    executor: any AttemptExecutor, environment: [String: String], workingDirectory: String,
    timeoutSeconds: Double? = nil, rerunsOf: Int? = nil,
    observe: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.database = database
    self.study = study
    self.configuration = configuration
    self.executor = executor
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.timeoutSeconds = timeoutSeconds
    self.rerunsOf = rerunsOf
    self.observe = observe
  }

  /// Runs until there is a reason not to; by then no process of it is left.
  ///
  /// - Throws: the store's errors, and what makes the study unusable. Running trials are then
  ///   stopped first.
  package func run(control: RunControl) async throws -> RunSummary {
    let watchers = [
      Task { await watchForOrders(control) }, Task { await stopAtTimeout(control) },
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
    let trialRunner = try TrialRunner(self, control)
    return try await withThrowingTaskGroup(of: Happening.self) { group in
      do {
        return try await loop(&group, trialRunner, control)
      } catch {
        control.stop(because: .broken, grace: configuration.graceSeconds)
        while let happening = await group.nextResult() {
          switch happening {
          case .failure(let other): observe(.warning(Explanation(describing: other)))
          case .success(.place(let slot)): slot?.release()
          case .success(.conclusion): break
          }
        }
        throw error
      }
    }
  }

  /// What the loop waits for.
  private enum Happening: Sendable {
    /// There is a place for a trial; nil: the run is being stopped.
    case place((any ExecutionSlot)?)
    case conclusion(TrialConclusion)
  }

  private func loop(
    _ group: inout ThrowingTaskGroup<Happening, any Error>, _ trialRunner: TrialRunner,
    _ control: RunControl
  ) async throws -> RunSummary {
    var summary = RunSummary(reason: .interrupted)
    var rule = FailureRule(maximum: configuration.maximumFailures)
    var direction = DirectionDoubt()
    var ending: RunSummary.Reason?
    var running = 0
    var isAcquiring = false
    // Whether asking may bring a trial: not after it brought none, until another has ended.
    var mayAsk = true
    while true {
      ending = ending ?? control.stopping
      if ending == nil, mayAsk, !isAcquiring, running < configuration.jobs {
        isAcquiring = true
        group.addTask { .place(try await acquireSlot(control)) }
      }
      guard let happening = try await group.next() else { break }
      switch happening {
      case .place(nil):
        isAcquiring = false
        ending = ending ?? control.stopping ?? .interrupted
      case .place(let slot?):
        isAcquiring = false
        guard ending == nil, control.stopping == nil else {
          slot.release()
          continue
        }
        switch try await ask(slot) {
        case .trial(let trial):
          observe(.started(trial))
          running += 1
          group.addTask {
            defer { slot.release() }
            return .conclusion(try await trialRunner.run(trial, in: slot))
          }
          continue
        case .exhausted(let tried): ending = .exhausted(tried: tried)
        case .noPlace(let elsewhere) where running == 0:
          ending = try accomplishment(runningElsewhere: elsewhere)
        case .noPlace: mayAsk = false
        }
        slot.release()
      case .conclusion(let conclusion):
        running -= 1
        mayAsk = true
        summary.count(conclusion)
        if rerunsOf == nil, let doubt = try direction.warning(about: database.state(of: study)) {
          observe(.warning(doubt))
        }
        if let verdict = rule.record(conclusion) {
          ending = ending ?? .hopeless(verdict)
          control.stop(because: .hopeless(verdict), grace: configuration.graceSeconds)
        }
      }
    }
    summary.reason = ending ?? .interrupted
    return summary
  }

  /// A place for a trial; nil once the run is being stopped.
  private func acquireSlot(_ control: RunControl) async throws -> (any ExecutionSlot)? {
    let acquisition = Task {
      try await executor.acquireSlot { observe(.warning($0)) }
    }
    control.whenStopping { acquisition.cancel() }
    do {
      return try await acquisition.value
    } catch is CancellationError {
      return nil
    }
  }

  private func ask(_ slot: any ExecutionSlot) async throws -> AskOutcome {
    do {
      return try await database.ask(
        study, for: worker(in: slot), code: configuration.code, rerunsOf: rerunsOf,
        releasing: release)
    } catch {
      slot.release()
      throw error
    }
  }

  /// This process, working at a place.
  func worker(in slot: any ExecutionSlot) -> Worker {
    Worker(host: slot.host, name: Worker.current.name)
  }

  private func accomplishment(runningElsewhere: Int) throws -> RunSummary.Reason {
    let state = try database.state(of: study)
    return state.hasReachedTarget && rerunsOf == nil
      ? .targetReached : .accomplished(runningElsewhere: runningElsewhere)
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

  /// Looks, four times a second, whether another terminal has asked to stop, or a trial anywhere
  /// has reached the study's target.
  private func watchForOrders(_ control: RunControl) async {
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
        if state.hasReachedTarget, rerunsOf == nil {
          control.stop(because: .targetReached, grace: configuration.graceSeconds)
        }
        for number in control.runningTrials {
          guard let trial = state.row(ofNumber: number).flatMap(state.openTrial),
            trial.stopRequested
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

  /// Thirty years.
  private static let longestTimeout = 1e9

  private func stopAtTimeout(_ control: RunControl) async {
    guard let timeoutSeconds else { return }
    // What no clock reaches is no limit; a longer time than a clock counts is an error in it.
    let seconds = min(timeoutSeconds, Self.longestTimeout)
    do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
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
