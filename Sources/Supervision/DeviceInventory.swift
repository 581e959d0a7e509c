// Which GPUs this machine has.

import Machine

/// The GPUs there are to hand out, by the names that `CUDA_VISIBLE_DEVICES` takes.
package struct DeviceInventory: Hashable, Sendable {
  package let devices: [String]
  /// Where they were found, for messages: `CUDA_VISIBLE_DEVICES`, `nvidia-smi`, `/dev`.
  package let origin: String
  /// The name of a device that is the same for everybody, where it is known: an index says which
  /// only beside the list that it counts in.
  private let identities: [String: String]

  package init(devices: [String], origin: String, identities: [String: String] = [:]) {
    self.devices = devices
    self.origin = origin
    self.identities = identities
  }

  /// Those that `environment` leaves visible, else those that nvidia-smi lists, else those with
  /// a device file. None is a valid answer.
  package static func detect(environment: [String: String]) async -> DeviceInventory {
    let listing = await listedByTool()
    let identities = Dictionary(listing) { first, _ in first }
    if let visible = environment["CUDA_VISIBLE_DEVICES"] {
      return DeviceInventory(
        devices: devices(visible: visible), origin: "CUDA_VISIBLE_DEVICES", identities: identities)
    }
    if !listing.isEmpty {
      return DeviceInventory(
        devices: listing.map(\.0), origin: "nvidia-smi", identities: identities)
    }
    let files = (KernelFile.names(in: "/dev") ?? []).compactMap { name in
      name.hasPrefix("nvidia") ? Int(name.dropFirst("nvidia".count)) : nil
    }
    return DeviceInventory(devices: files.sorted().map(String.init), origin: "/dev")
  }

  /// What `device` is called by whoever may use it: its identifier, of which a user may have
  /// written the beginning only, or else its name.
  func identity(of device: String) -> String {
    if let known = identities[device] { return known }
    let meant = Set(identities.values.filter { $0.hasPrefix(device) })
    return device.contains("-") && meant.count == 1 ? meant.first ?? device : device
  }

  /// As CUDA reads the variable: up to the first index that is none (`-1` hides what follows).
  static func devices(visible: String) -> [String] {
    visible.split(separator: ",", omittingEmptySubsequences: false)
      .map { String($0.filter { !$0.isWhitespace }) }
      .prefix { !$0.isEmpty && !$0.hasPrefix("-") && $0 != "NoDevFiles" && $0 != "none" }
      .map { $0 }
  }

  /// No nvidia-smi, or one without a driver, is a machine without GPUs: no error.
  private static func listedByTool() async -> [(String, String)] {
    guard let printed = await CommandOutput.read(["nvidia-smi", "-L"]) else { return [] }
    return entries(listing: String(decoding: printed, as: UTF8.self))
  }

  /// Index and identifier of each `GPU 0: NVIDIA A100 (UUID: GPU-8a…)` line; the index stands for
  /// an identifier that is not there.
  static func entries(listing: String) -> [(String, String)] {
    listing.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("GPU "), let colon = line.firstIndex(of: ":"),
        let index = Int(line[line.index(line.startIndex, offsetBy: 4)..<colon])
      else { return nil }
      let words = line.split { $0 == " " || $0 == "(" || $0 == ")" }
      let label = words.firstIndex(of: "UUID:")
      let identifier = label.flatMap { $0 + 1 < words.count ? String(words[$0 + 1]) : nil }
      return (String(index), identifier ?? String(index))
    }
  }
}
