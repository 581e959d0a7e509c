// GPUs for trials, each for one at a time, whoever on this machine runs it.
//
// A device is taken by binding a socket to its name in the abstract namespace, which has no files:
// whoever binds it first has it, of one run or of several, of one user or of several, and the
// kernel lets go of it with the last process that holds the socket. Those are the tool and the
// supervisor of the trial: a tool that is killed leaves the device to its trial until that has
// been ended. (Containers with a network of their own have names of their own.)

import CProcessControl
import Glibc
package import PlainText
import Synchronization

/// Hands GPUs to trials, so that no two that run at the same time share one.
package final class DeviceAllocator: Sendable {
  package let perTrial: Int
  private let inventory: DeviceInventory
  private let free: Mutex<[String]>

  /// - Throws: ``DeviceError/tooFew(perTrial:jobs:inventory:)``.
  package init(perTrial: Int, jobs: Int, inventory: DeviceInventory) throws(DeviceError) {
    let (wanted, overflow) = perTrial.multipliedReportingOverflow(by: jobs)
    guard !overflow, wanted <= inventory.devices.count else {
      throw .tooFew(perTrial: perTrial, jobs: jobs, inventory: inventory)
    }
    self.perTrial = perTrial
    self.inventory = inventory
    free = Mutex(inventory.devices)
  }

  /// The devices for one trial, those longest unused first; nil when too few are free by now.
  ///
  /// - Throws: ``DeviceError/notLockable(device:errorNumber:)``.
  package func take() throws(DeviceError) -> DeviceLease? {
    try free.withLock { free throws(DeviceError) in
      var lease = DeviceLease()
      for device in free where lease.devices.count < perTrial {
        let lock = unsafe cpc_hold_name(Self.lockName(inventory.identity(of: device)))
        if lock == -EADDRINUSE { continue }
        guard lock >= 0 else {
          lease.unlock()
          throw .notLockable(device: device, errorNumber: -lock)
        }
        lease.devices.append(device)
        lease.locks.append(lock)
      }
      guard lease.devices.count == perTrial else {
        lease.unlock()
        return nil
      }
      free.removeAll { lease.devices.contains($0) }
      return lease
    }
  }

  /// Gives back what ``take()`` gave.
  package func giveBack(_ lease: DeviceLease) {
    lease.unlock()
    free.withLock { $0 += lease.devices }
  }

  /// Why ``take()`` finds nothing, for a person who waits: who uses what.
  package var occupation: Explanation {
    let users = inventory.devices.compactMap { device -> String? in
      let holder = unsafe cpc_name_holder(Self.lockName(inventory.identity(of: device)))
      return holder > 0 && holder != getpid() ? "\(device) by process \(holder)" : nil
    }
    let wanted = perTrial == 1 ? "a GPU" : "\(perTrial) GPUs"
    return Explanation(
      "waiting for \(wanted) of \(inventory.devices.joined(separator: ", "))",
      evidence: users.isEmpty ? [] : ["used by other runs: \(users.joined(separator: ", "))"])
  }

  private static func lockName(_ identity: String) -> String { "cairn/device/\(identity)" }
}

/// Devices in a trial's hands.
package struct DeviceLease: Sendable {
  package fileprivate(set) var devices: [String] = []
  /// Descriptors: while copies of them are open anywhere, the devices are taken.
  package fileprivate(set) var locks: [Int32] = []

  fileprivate func unlock() { for lock in locks { close(lock) } }
}

/// Why GPUs cannot be assigned.
package enum DeviceError: ExplainedError, Hashable {
  case tooFew(perTrial: Int, jobs: Int, inventory: DeviceInventory)
  case notLockable(device: String, errorNumber: Int32)

  package var explanation: Explanation {
    switch self {
    case .notLockable(let device, let errorNumber):
      return Explanation(
        "the GPU \(device) cannot be kept for one trial: \(SystemError.describe(errorNumber))")
    case .tooFew(let perTrial, let jobs, let inventory):
      let there = inventory.devices.count
      let fitting = perTrial > 0 ? there / perTrial : jobs
      let wanted =
        "\(jobs) \(jobs == 1 ? "job" : "jobs") with \(perTrial) GPUs each want "
        + "\(perTrial.multipliedReportingOverflow(by: jobs).partialValue)"
      return there == 0
        ? Explanation(
          "\(wanted), and this machine has none (by \(inventory.origin))",
          try: ["without --gpus"], kind: .wrongUsage)
        : Explanation(
          "\(wanted), and there are \(there) (by \(inventory.origin): "
            + "\(inventory.devices.joined(separator: ", ")))",
          try: fitting > 0 ? ["--jobs \(fitting)"] : ["fewer --gpus", "none"], kind: .wrongUsage)
    }
  }
}
