import PlainText
import Testing

@testable import cairn

struct StoreLocationTests {
  /// Directories by path; false: a file.
  private func resolve(
    option: String? = nil, environment: [String: String] = [:], from directory: String = "/a/b/c",
    for access: StoreLocation.Access = .reading, in tree: [String: Bool]
  ) throws(Diagnostic) -> StoreLocation {
    try StoreLocation.resolve(
      option: option, environment: environment, workingDirectory: directory, access: access,
      isDirectory: { tree[$0] })
  }

  @Test func `the option goes before the environment before the nearest`() throws {
    let tree = ["/a/.cairn": true, "/x": true, "/y": true, "/a/b/c/rel": true]
    let environment = ["CAIRN_STORE": "/y"]
    #expect(
      try resolve(option: "/x", environment: environment, in: tree)
        == StoreLocation(path: "/x", origin: .option))
    #expect(try resolve(option: "rel", in: tree).path == "rel")
    #expect(
      try resolve(environment: environment, in: tree)
        == StoreLocation(path: "/y", origin: .environment))
    #expect(
      try resolve(in: tree) == StoreLocation(path: "/a/.cairn", origin: .found(above: 2)))
    #expect(
      try resolve(environment: ["CAIRN_STORE": ""], in: tree).origin == .found(above: 2))
  }

  @Test func `the nearest is the nearest, up to the root`() throws {
    let tree = ["/.cairn": true, "/a/b/c/.cairn": true]
    #expect(try resolve(in: tree).origin == .found(above: 0))
    #expect(try resolve(from: "/a/b", in: tree).path == "/.cairn")
    #expect(try resolve(from: "/", in: tree).path == "/.cairn")
  }

  @Test func `a file of that name is passed over on the way up`() throws {
    let tree = ["/a/b/.cairn": false, "/a/.cairn": true]
    #expect(try resolve(in: tree).path == "/a/.cairn")
  }

  @Test func `only a command that writes creates a store`() throws {
    #expect(
      try resolve(for: .writing, in: [:])
        == StoreLocation(path: "/a/b/c/.cairn", origin: .new))
    let error = #expect(throws: Diagnostic.self) { try resolve(in: [:]) }
    #expect(error?.fact == "there is no store: no .cairn in /a/b/c or above it")
    #expect(error?.status == .failure)
    #expect(throws: Diagnostic.self) { try resolve(option: "/none", in: [:]) }
    #expect(try resolve(option: "/none", for: .writing, in: [:]).origin == .option)
  }

  @Test func `a file is no store`() {
    let error = #expect(throws: Diagnostic.self) {
      try resolve(option: "/x", for: .writing, in: ["/x": false])
    }
    #expect(error?.fact == "/x is a file; a store is a directory")
  }
}
