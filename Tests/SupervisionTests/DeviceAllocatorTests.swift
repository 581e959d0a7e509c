@testable import Supervision
import Foundation
import PlainText
import Testing

@Suite struct DeviceAllocatorTests {
  /// Names that no other test, and no other run of the tests, uses.
  private static func inventory(_ count: Int) -> DeviceInventory {
    let run = UUID().uuidString
    return DeviceInventory(devices: (0..<count).map { "\($0)-\(run)" }, origin: "nvidia-smi")
  }
  private let four = inventory(4)

  @Test func `no device is in two hands`() throws {
    let allocator = try DeviceAllocator(perTrial: 2, jobs: 2, inventory: four)
    let first = try #require(try allocator.take())
    let second = try #require(try allocator.take())
    #expect(first.devices + second.devices == four.devices)
    #expect(try allocator.take() == nil)
    allocator.giveBack(first)
    let third = try #require(try allocator.take())
    #expect(third.devices == first.devices)
    for lease in [second, third] { allocator.giveBack(lease) }
  }

  @Test func `two runs share the devices, whatever they call them`() throws {
    let mine = try DeviceAllocator(perTrial: 1, jobs: 2, inventory: Self.inventory(0, of: four))
    let theirs = try DeviceAllocator(
      perTrial: 2, jobs: 1,
      inventory: DeviceInventory(
        devices: ["0", "1"], origin: "nvidia-smi",
        identities: ["0": four.devices[0], "1": four.devices[1]]))
    let one = try #require(try mine.take())
    // Two are wanted and one is free: none is kept meanwhile.
    #expect(try theirs.take() == nil)
    let other = try #require(try mine.take())
    #expect(Set(one.devices + other.devices) == Set(four.devices.prefix(2)))
    #expect(theirs.occupation.fact == "waiting for 2 GPUs of 0, 1")
    mine.giveBack(one)
    mine.giveBack(other)
    let both = try #require(try theirs.take())
    #expect(both.devices == ["0", "1"])
    #expect(try mine.take() == nil)
    theirs.giveBack(both)
  }

  private static func inventory(_ start: Int, of all: DeviceInventory) -> DeviceInventory {
    DeviceInventory(devices: Array(all.devices[start..<start + 2]), origin: all.origin)
  }

  @Test func `a killed tool leaves a device to its trial until that has ended`() async throws {
    let device = try DeviceAllocator(perTrial: 1, jobs: 1, inventory: Self.inventory(1))
    let lease = try #require(try device.take())
    let control = ObjectiveControl()
    let end = try await Harness.runner.run(
      Harness.shell("printf x; exec sleep 600"), control: control, holding: lease.locks
    ) { event in
      guard case .output = event else { return }
      // What the kernel does with the copies of a tool that is killed.
      device.giveBack(lease)
      let other = try device.take()
      #expect(other == nil)
      control.stop(grace: 0)
    }
    #expect(end.cause == .stopped)
    #expect(
      await Harness.eventually {
        guard let again = try? device.take() else { return false }
        device.giveBack(again)
        return true
      })
  }

  @Test func `more than there are is refused with what would do`() throws {
    let error = try #require(throws: DeviceError.self) {
      try DeviceAllocator(perTrial: 2, jobs: 3, inventory: four)
    }
    #expect(error.description.contains("--jobs 2"))
    #expect(throws: DeviceError.self) {
      try DeviceAllocator(perTrial: 1, jobs: 1, inventory: .init(devices: [], origin: "/dev"))
    }
    _ = try DeviceAllocator(perTrial: 0, jobs: 64, inventory: .init(devices: [], origin: "/dev"))
  }

  @Test func `visible devices are read as CUDA does`() async {
    #expect(DeviceInventory.devices(visible: "2, GPU-8a,MIG-1") == ["2", "GPU-8a", "MIG-1"])
    #expect(DeviceInventory.devices(visible: "1,-1,2") == ["1"])
    #expect(DeviceInventory.devices(visible: "").isEmpty)
    let found = await DeviceInventory.detect(environment: ["CUDA_VISIBLE_DEVICES": "5,7"])
    #expect(found == DeviceInventory(devices: ["5", "7"], origin: "CUDA_VISIBLE_DEVICES"))
  }

  @Test func `a listing gives indices and identifiers`() {
    let listing = "GPU 0: NVIDIA A100 (UUID: GPU-1)\n  MIG 1g.5gb Device 0: (UUID: M)\nGPU 1: X\n"
    let entries = DeviceInventory.entries(listing: listing)
    #expect(entries.map(\.0) == ["0", "1"])
    #expect(entries.map(\.1) == ["GPU-1", "1"])
    let inventory = DeviceInventory(
      devices: ["0", "GPU-8"], origin: "x", identities: ["0": "GPU-8a", "1": "GPU-9b"])
    #expect(
      ["0", "1", "GPU-8", "GPU-", "7"].map(inventory.identity) == [
        "GPU-8a", "GPU-9b", "GPU-8a", "GPU-", "7",
      ])
  }

  @Test func `a trial is told its share, and what was set stays`() {
    var environment = ["OMP_NUM_THREADS": "1"]
    TrialResources.assign(cpus: 4, devices: ["2", "3"], to: &environment)
    #expect(environment["OMP_NUM_THREADS"] == "1")
    #expect(environment["MKL_NUM_THREADS"] == "4")
    #expect(environment["CUDA_VISIBLE_DEVICES"] == "2,3")
  }
}
