// swift-tools-version: 6.2
import PackageDescription

// The house: floor by floor, a target imports only from floors below its own. A test
// (Tests/HouseTests) reads the sources and holds them to this list.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
  of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
    swiftSettings: settings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "cairn",
  products: [
    .executable(name: "cairn", targets: ["cairn"]),
    .library(
      name: "Cairn", targets: ["PlainText", "StudyModel", "Samplers", "StudyEngine", "StudySQL"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // Floor 0: C shims and system libraries. Each has one importer.
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .target(name: "CFileLocks"),
    .target(name: "CXXHash"),
    .target(name: "COpenBLAS"),
    .target(name: "CKernelFunctions"),
    .target(name: "CProcessControl"),
    .systemLibrary(
      name: "CSQLiteLibrary", path: "Sources/CSQLite/Library", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "CSQLite", dependencies: ["CSQLiteLibrary"], exclude: ["Library"]),

    // Floor 1: text, the machine, numbers.
    library("PlainText"),
    library("Machine"),
    library("Numerics", ["COpenBLAS"]),
    library("ColumnCodecs", ["CLZ4"]),

    // Floor 2: the vocabulary; models of functions.
    library("StudyModel", ["PlainText"]),
    library("GaussianProcess", ["Numerics", "CKernelFunctions"]),

    // Floor 3: rooms that never see each other.
    library(
      "StudyStorage",
      ["StudyModel", "PlainText", "Machine", "ColumnCodecs", "CFileLocks", "CXXHash"]),
    library("ImportanceAnalysis", ["StudyModel", "PlainText", "Numerics"]),
    library("Samplers", ["StudyModel", "PlainText", "Numerics", "GaussianProcess"]),
    library("SpaceNotation", ["StudyModel", "PlainText", yams]),
    library("CommandTemplates", ["StudyModel", "PlainText"]),
    library("MetricReading", ["StudyModel", "PlainText", "Machine"]),
    library("TableReading", ["StudyModel", "PlainText"]),
    library(
      "Supervision", ["StudyModel", "PlainText", "Machine", "CProcessControl"]),

    // Floor 4: what joins them.
    library("StudySQL", ["StudyModel", "PlainText", "CSQLite"]),
    library(
      "StudyEngine",
      [
        "StudyModel", "PlainText", "Machine", "StudyStorage", "Samplers", "CommandTemplates",
        "MetricReading", "Supervision",
      ]),

    // Floor 5: what is shown.
    library(
      "Presentation",
      [
        "StudyModel", "PlainText", "Samplers", "ImportanceAnalysis", "SpaceNotation", "StudySQL",
        "StudyEngine",
      ]),

    // Floor 6: the command line.
    .executableTarget(
      name: "cairn",
      dependencies: [
        "StudyModel", "PlainText", "Machine", "StudyStorage", "Samplers", "ImportanceAnalysis",
        "SpaceNotation", "CommandTemplates", "MetricReading", "TableReading", "Supervision",
        "StudySQL", "StudyEngine", "Presentation", arguments,
      ],
      swiftSettings: settings),

    // What is measured by tools/bench.
    .executableTarget(
      name: "cairn-bench",
      dependencies: [
        "StudyModel", "ColumnCodecs", "StudyStorage", "Samplers", "MetricReading", "StudyEngine",
        "StudySQL", "ImportanceAnalysis", arguments,
      ],
      swiftSettings: settings),

    // What tests of several rooms use.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),

    tests(of: "PlainText"),
    tests(of: "StudyModel"),
    tests(of: "Numerics"),
    tests(of: "ColumnCodecs"),
    tests(of: "GaussianProcess", ["Numerics"]),
    tests(of: "StudyStorage", ["StudyModel", "PlainText", "ColumnCodecs", "TestSupport"]),
    tests(of: "ImportanceAnalysis", ["StudyModel", "PlainText", "Numerics"]),
    tests(of: "Samplers", ["StudyModel", "PlainText", "Numerics", "GaussianProcess"]),
    tests(of: "SpaceNotation", ["StudyModel", "PlainText"]),
    tests(of: "CommandTemplates", ["StudyModel", "PlainText"]),
    tests(of: "MetricReading", ["StudyModel", "Machine"], exclude: ["Fixtures"]),
    tests(
      of: "TableReading", ["StudyModel", "PlainText", "StudyEngine", "StudyStorage", "StudySQL"]),
    tests(of: "Supervision", ["StudyModel", "PlainText", "Machine", "cairn", "TestSupport"]),
    tests(of: "StudySQL", ["StudyModel", "PlainText", "StudyStorage", "CSQLite"]),
    tests(of: "StudyEngine", ["StudyModel", "PlainText", "StudyStorage", "StudySQL"]),
    tests(
      of: "Presentation",
      ["StudyModel", "PlainText", "SpaceNotation", "StudySQL", "StudyEngine"]),
    .testTarget(
      name: "CairnTests",
      dependencies: [
        "cairn", "StudyEngine", "StudyModel", "StudyStorage", "SpaceNotation", "StudySQL",
        "PlainText", "Machine", "CommandTemplates", "MetricReading", "Supervision", "TestSupport",
        arguments,
      ],
      swiftSettings: settings),
    .testTarget(name: "HouseTests", swiftSettings: settings),
  ]
)
