// GPUs and CPUs for trials.

import Machine
package import PlainText
import Subprocess
import Synchronization

/// The GPUs there are to hand out, by the names that `CUDA_VISIBLE_DEVICES` takes.
package struct DeviceInventory: Hashable, Sendable {
  package let devices: [String]
  /// Where they were found, for messages: `CUDA_VISIBLE_DEVICES`, `nvidia-smi`, `/dev`.
  package let origin: String

  package init(devices: [String], origin: String) {
    self.devices = devices
    self.origin = origin
  }

  /// Those that `environment` leaves visible, else those that nvidia-smi lists, else those with
  /// a device file. None is a valid answer.
  package static func detect(environment: [String: String]) async -> DeviceInventory {
    if let visible = environment["CUDA_VISIBLE_DEVICES"] {
      return DeviceInventory(devices: devices(visible: visible), origin: "CUDA_VISIBLE_DEVICES")
    }
    if let listed = await listedByTool(), !listed.isEmpty {
      return DeviceInventory(devices: listed, origin: "nvidia-smi")
    }
    let files = (KernelFile.names(in: "/dev") ?? []).compactMap { name in
      name.hasPrefix("nvidia") ? Int(name.dropFirst("nvidia".count)) : nil
    }
    return DeviceInventory(devices: files.sorted().map(String.init), origin: "/dev")
  }

  /// As CUDA reads the variable: up to the first index that is none (`-1` hides what follows).
  static func devices(visible: String) -> [String] {
    visible.split(separator: ",", omittingEmptySubsequences: false)
      .map { String($0.filter { !$0.isWhitespace }) }
      .prefix { !$0.isEmpty && !$0.hasPrefix("-") && $0 != "NoDevFiles" && $0 != "none" }
      .map { $0 }
  }

  private static func listedByTool() async -> [String]? {
    // No nvidia-smi, or one without a driver, is a machine without GPUs: no error.
    guard
      let result = try? await Subprocess.run(
        .name("nvidia-smi"), arguments: ["-L"], output: .string(limit: 1 << 16)),
      result.terminationStatus.isSuccess
    else { return nil }
    return indices(listing: result.standardOutput)
  }

  /// The indices in `GPU 0: NVIDIA A100 (UUID: …)` lines.
  static func indices(listing: String) -> [String] {
    listing.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("GPU "), let colon = line.firstIndex(of: ":") else { return nil }
      return Int(line[line.index(line.startIndex, offsetBy: 4)..<colon]).map(String.init)
    }
  }
}

/// Hands GPUs to trials, so that no two that run at the same time share one.
package final class DeviceAllocator: Sendable {
  package let perTrial: Int
  private let free: Mutex<[String]>

  /// - Throws: ``DeviceError/tooFew(perTrial:jobs:inventory:)``.
  package init(perTrial: Int, jobs: Int, inventory: DeviceInventory) throws(DeviceError) {
    let (wanted, overflow) = perTrial.multipliedReportingOverflow(by: jobs)
    guard !overflow, wanted <= inventory.devices.count else {
      throw .tooFew(perTrial: perTrial, jobs: jobs, inventory: inventory)
    }
    self.perTrial = perTrial
    free = Mutex(inventory.devices)
  }

  /// The devices for one trial, those longest unused first; nil when too few are free.
  package func take() -> [String]? {
    free.withLock { free in
      guard free.count >= perTrial else { return nil }
      defer { free.removeFirst(perTrial) }
      return Array(free.prefix(perTrial))
    }
  }

  /// Gives back what ``take()`` gave.
  package func giveBack(_ devices: [String]) { free.withLock { $0 += devices } }
}

/// Why GPUs cannot be assigned.
package enum DeviceError: ExplainedError, Hashable {
  case tooFew(perTrial: Int, jobs: Int, inventory: DeviceInventory)

  package var explanation: Explanation {
    switch self {
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

/// What tells an objective's libraries how much of the machine is theirs.
package enum TrialResources {
  /// The variables by which numeric libraries learn how many threads to start.
  ///
  /// An objective is asked, not bound to certain CPUs: two tools on one machine would bind
  /// theirs to the same ones.
  static let threadVariables = [
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT",
    "POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "JULIA_NUM_THREADS",
    "GOMAXPROCS", "PYTHON_CPU_COUNT",
  ]

  /// Adds to `environment` what a trial with so many CPUs and these GPUs needs. A number of
  /// threads that is set already stays.
  package static func assign(
    cpus: Int?, devices: [String]?, to environment: inout [String: String]
  ) {
    if let cpus {
      for variable in threadVariables where environment[variable] == nil {
        environment[variable] = String(cpus)
      }
    }
    if let devices {
      environment["CUDA_DEVICE_ORDER"] = environment["CUDA_DEVICE_ORDER"] ?? "PCI_BUS_ID"
      environment["CUDA_VISIBLE_DEVICES"] = devices.joined(separator: ",")
    }
  }
}
