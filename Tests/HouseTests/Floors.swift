// The house, floor by floor. A room is a target; it may import rooms of lower floors only, and
// of those only the ones named here. Package.swift must say the same.

/// One target under `Sources`.
struct Room {
  let name: String
  /// Targets of this package that it may import.
  let rooms: Set<String>
  /// Modules from elsewhere that it may import, beyond those open to all.
  let outside: Set<String>

  init(_ name: String, _ rooms: Set<String> = [], outside: Set<String> = []) {
    self.name = name
    self.rooms = rooms
    self.outside = outside
  }
}

enum House {
  static let floors: [[Room]] = [
    // C: system libraries and calls that Glibc's module lacks, and loops that want the processor's
    // widest instructions. Each has one importer.
    [
      Room("CLZ4"), Room("CXXHash"), Room("CFileLocks"), Room("CProcessControl"),
      Room("CSQLiteLibrary"), Room("COpenBLAS"), Room("CKernelFunctions"),
      Room("CSQLite", ["CSQLiteLibrary"]),
    ],
    // Text, the machine, numbers, columns as bytes. No Foundation but for what is known of the machine.
    [
      Room("PlainText", outside: ["Glibc"]),
      Room("Machine", outside: ["Glibc"]),
      Room("Numerics", ["COpenBLAS"], outside: ["Glibc"]),
      Room("ColumnCodecs", ["CLZ4"], outside: ["Glibc"]),
    ],
    // The vocabulary. No Foundation, here or in Samplers: it would bring clocks, files and the
    // network. Glibc stands for the elementary functions.
    [
      Room("StudyModel", ["PlainText"], outside: ["Glibc"]),
      Room("GaussianProcess", ["Numerics", "CKernelFunctions"], outside: ["Glibc"]),
    ],
    // What storage does samplers must not see, nor the other way round.
    [
      Room(
        "StudyStorage",
        ["StudyModel", "PlainText", "Machine", "ColumnCodecs", "CXXHash", "CFileLocks"],
        outside: ["Dispatch", "Foundation", "FoundationEssentials", "Glibc"]),
      Room("ImportanceAnalysis", ["StudyModel", "PlainText", "Numerics"], outside: ["Glibc"]),
      Room(
        "Samplers", ["StudyModel", "PlainText", "Numerics", "GaussianProcess"],
        outside: ["Glibc"]),
      Room("SpaceNotation", ["StudyModel", "PlainText"], outside: ["Foundation", "Yams"]),
      Room("CommandTemplates", ["StudyModel", "PlainText"]),
      Room(
        "MetricReading", ["StudyModel", "PlainText", "Machine"],
        outside: ["Foundation", "Glibc", "_StringProcessing"]),
      Room("TableReading", ["StudyModel", "PlainText"], outside: ["Foundation"]),
      Room(
        "Supervision", ["StudyModel", "PlainText", "Machine", "CProcessControl"],
        outside: ["Dispatch", "Glibc"]),
    ],
    // What joins them.
    [
      Room(
        "StudySQL", ["StudyModel", "PlainText", "CSQLite"],
        outside: ["Dispatch", "Foundation", "Glibc"]),
      Room(
        "StudyEngine",
        [
          "StudyModel", "PlainText", "Machine", "StudyStorage", "Samplers", "CommandTemplates",
          "MetricReading", "Supervision",
        ],
        outside: ["Foundation"]),
    ],
    // What is shown of studies and trials, on a terminal, as JSON, or elsewhere. No files, no
    // terminal, no arguments.
    [
      Room(
        "Presentation",
        [
          "StudyModel", "PlainText", "Samplers", "ImportanceAnalysis", "SpaceNotation", "StudySQL",
          "StudyEngine",
        ],
        outside: ["_StringProcessing"])
    ],
    // The programs.
    [
      Room(
        "cairn",
        [
          "StudyModel", "PlainText", "Machine", "StudyStorage", "Samplers", "ImportanceAnalysis",
          "SpaceNotation", "CommandTemplates", "MetricReading", "TableReading", "Supervision",
          "StudySQL", "StudyEngine", "Presentation",
        ],
        outside: ["ArgumentParser", "Dispatch", "Foundation", "Glibc"]),
      Room(
        "cairn-bench",
        [
          "StudyModel", "ColumnCodecs", "StudyStorage", "Samplers", "MetricReading",
          "StudyEngine", "StudySQL", "ImportanceAnalysis",
        ],
        outside: ["ArgumentParser", "Foundation", "Glibc"]),
    ],
  ]

  /// Modules that every room may import.
  static let openToAll: Set<String> = ["Swift", "Synchronization"]

  static let rooms = floors.flatMap { $0 }
  static let names = Set(rooms.map(\.name))
  static let systemRooms = Set(floors[0].map(\.name))
  /// Targets that end up in the library product or behind it.
  static let libraries = names.subtracting(systemRooms).subtracting(["cairn", "cairn-bench"])

  static func room(_ name: String) -> Room? { rooms.first { $0.name == name } }

  static func floor(of name: String) -> Int? {
    floors.firstIndex { $0.contains { $0.name == name } }
  }
}

/// A place where a rule does not hold, and why.
struct Exemption {
  /// A file, or a folder that ends in `/`.
  let path: String
  let reason: String

  func covers(_ file: String) -> Bool {
    path.hasSuffix("/") ? file.hasPrefix(path) : file == path
  }
}

extension House {
  /// Where `unsafe` may stand: one owner a C library, the system calls, and the codecs.
  static let unsafeCode: [Exemption] = [
    Exemption(
      path: "Sources/StudyStorage/Disk/SystemDisk.swift",
      reason: "the only file that makes system calls on the store's files"),
    Exemption(
      path: "Sources/StudyStorage/Format/XXHash64.swift", reason: "the buffer that is hashed"),
    Exemption(
      path: "Sources/ColumnCodecs/",
      reason: "LZ4's buffers, and decoders that check lengths once and not for every value"),
    Exemption(
      path: "Sources/Numerics/LinearAlgebra/LinearAlgebra.swift",
      reason: "the only file that hands OpenBLAS pointers"),
    Exemption(
      path: "Sources/GaussianProcess/KernelFamily.swift",
      reason: "hands the loops over distances arrays"),
    Exemption(
      path: "Sources/Machine/KernelFile.swift",
      reason: "reads /proc without Foundation"),
    Exemption(
      path: "Sources/Supervision/Supervisor/ObjectiveSpawn.swift",
      reason: "fork, exec and wait4"),
    Exemption(
      path: "Sources/Supervision/Supervisor/Supervisor.swift",
      reason: "poll, pipes and signals"),
    Exemption(
      path: "Sources/Supervision/Supervisor/SupervisorServer.swift",
      reason: "descriptors in messages"),
    Exemption(
      path: "Sources/Supervision/SupervisorStarter.swift", reason: "sockets, and starting a program"
    ),
    Exemption(
      path: "Sources/Supervision/SupervisorChannel.swift", reason: "bytes of a socket"),
    Exemption(
      path: "Sources/Supervision/CommandOutput.swift", reason: "starting a program, and its pipe"),
    Exemption(
      path: "Sources/Supervision/DeviceAllocator.swift", reason: "names that are locks"),
    Exemption(path: "Sources/MetricReading/PathPattern.swift", reason: "fnmatch"),
    Exemption(
      path: "Sources/MetricReading/MetricPattern.swift", reason: "stops a search that goes on"),
    Exemption(
      path: "Sources/cairn/Input/LineInput.swift", reason: "poll and read of standard input"),
    Exemption(
      path: "Sources/StudySQL/SQLite/Connection.swift", reason: "owns SQLite's database handle"),
    Exemption(
      path: "Sources/StudySQL/SQLite/Statement.swift", reason: "owns a prepared statement"),
    Exemption(
      path: "Sources/StudySQL/Tables/ScanModule.swift", reason: "SQLite calls it back through C"),
    Exemption(
      path: "Sources/StudySQL/SQLite/TimeCollation.swift",
      reason: "SQLite hands it texts by pointer"),
    Exemption(path: "Sources/PlainText/ClockText.swift", reason: "localtime_r"),
    Exemption(
      path: "Sources/cairn-bench/MemoryCommand.swift", reason: "reads its own size from /proc"),
    Exemption(
      path: "Sources/cairn-bench/ReadingCommand.swift", reason: "memchr, the limit beside it"),
    Exemption(path: "Sources/cairn/Output/Terminal.swift", reason: "ioctl for the width"),
    Exemption(path: "Sources/cairn/Output/ReplacingFile.swift", reason: "rename"),
    Exemption(path: "Sources/cairn/Input/InheritedSignals.swift", reason: "pthread_sigmask"),
  ]

  /// Files of more than 600 lines.
  static let longFiles: [Exemption] = []

  static let vagueNames: Set<String> = [
    "Utils", "Utilities", "Util", "Helpers", "Helper", "Common",
  ]
}
