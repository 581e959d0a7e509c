// Trials as processes of this machine.

internal import Machine
package import PlainText
package import Supervision

/// Runs attempts here: as many as are asked for, of GPUs no more than there are.
package struct LocalExecutor: AttemptExecutor {
  /// Between two looks for a free GPU.
  private static let patience = Duration.milliseconds(200)

  private let processes: ObjectiveRunner
  private let devices: DeviceAllocator?

  /// - Parameters:
  ///   - program: the path of the program that supervisors are made from.
  ///   - devices: nil where trials get no GPUs.
  package init(program: String, devices: DeviceAllocator? = nil) {
    processes = ObjectiveRunner(program: program)
    self.devices = devices
  }

  package func acquireSlot(waiting: @Sendable (Explanation) -> Void) async throws
    -> any ExecutionSlot
  {
    guard let devices else { return LocalSlot(processes: processes, allocator: nil, lease: nil) }
    var isTold = false
    while true {
      if let lease = try devices.take() {
        return LocalSlot(processes: processes, allocator: devices, lease: lease)
      }
      if !isTold {
        isTold = true
        waiting(devices.occupation)
      }
      try await Task.sleep(for: Self.patience)
    }
  }
}

private struct LocalSlot: ExecutionSlot {
  let processes: ObjectiveRunner
  let allocator: DeviceAllocator?
  let lease: DeviceLease?

  var host: String { ProcessTable.hostName }
  var devices: [String]? { lease?.devices }

  func run(
    _ launch: ObjectiveLaunch, control: ObjectiveControl,
    handle: @escaping @Sendable (ObjectiveEvent) async throws -> Void
  ) async throws -> ObjectiveEnd {
    try await processes.run(
      launch, control: control, holding: lease?.locks ?? [], handle: handle)
  }

  func release() {
    if let lease { allocator?.giveBack(lease) }
  }
}
