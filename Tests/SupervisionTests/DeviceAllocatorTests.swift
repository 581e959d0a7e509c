import PlainText
import Testing

@testable import Supervision

@Suite struct DeviceAllocatorTests {
  private let four = DeviceInventory(devices: ["0", "1", "2", "3"], origin: "nvidia-smi")

  @Test func `no device is in two hands`() throws {
    let allocator = try DeviceAllocator(perTrial: 2, jobs: 2, inventory: four)
    let first = try #require(allocator.take())
    let second = try #require(allocator.take())
    #expect(Set(first + second) == ["0", "1", "2", "3"])
    #expect(allocator.take() == nil)
    allocator.giveBack(first)
    #expect(allocator.take() == first)
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

  @Test func `a listing gives indices`() {
    let listing = "GPU 0: NVIDIA A100 (UUID: GPU-1)\n  MIG 1g.5gb Device 0: (UUID: M)\nGPU 1: X\n"
    #expect(DeviceInventory.indices(listing: listing) == ["0", "1"])
  }

  @Test func `a trial is told its share, and what was set stays`() {
    var environment = ["OMP_NUM_THREADS": "1"]
    TrialResources.assign(cpus: 4, devices: ["2", "3"], to: &environment)
    #expect(environment["OMP_NUM_THREADS"] == "1")
    #expect(environment["MKL_NUM_THREADS"] == "4")
    #expect(environment["CUDA_VISIBLE_DEVICES"] == "2,3")
  }
}
