// swift-tools-version: 6.2
import PackageDescription

// Targets are declared in the order in which data flows through them; a layer imports only what stands above it.

/// A target of one layer, in `Sources/<layer>/<name>`.
func module(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)", swiftSettings: settings)
}

/// A program, in `Sources/Apps/<name>`.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Sources/Apps/\(name)", swiftSettings: settings)
}

/// A C library of the system, in `Sources/Native/<name>`.
func native(_ name: String) -> Target {
  .systemLibrary(name: name, path: "Sources/Native/\(name)")
}

/// The tests of one target, in `Tests/<name>Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/\(name)Tests",
    swiftSettings: settings)
}

#if arch(x86_64)
  /// AVX2 and FMA: without them the SIMD kernels run some forty times slower.
  let processor: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
#else
  let processor: [SwiftSetting] = []
#endif
let settings: [SwiftSetting] = processor + [.enableUpcomingFeature("ExistentialAny")]

let package = Package(
  name: "lode",
  products: [.executable(name: "lode", targets: ["lode"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    native("COpenBLAS"), native("CXGBoost"), native("CZlib"),

    module("Base", "MathKernels", ["COpenBLAS"]),
    module("Base", "Commerce"),
    module("Base", "Learning", ["MathKernels", "Commerce"]),
    module("Base", "Storage", ["Commerce", "Learning"]),

    module(
      "Data", "Ingestion",
      ["CZlib", "Commerce", "Learning", "Storage", .product(name: "Yams", package: "Yams")]),

    module(
      "Adapters", "StorageSQLite",
      [
        "Commerce", "Learning", "Storage", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),

    .target(
      name: "ConformanceTesting", dependencies: ["Commerce", "Learning", "Storage"],
      path: "Tests/Support/ConformanceTesting", swiftSettings: settings),
    tests("Ingestion", ["Commerce", "Storage", "StorageSQLite"]),
    tests("Storage", ["ConformanceTesting"]),
    tests(
      "StorageSQLite",
      ["ConformanceTesting", "Commerce", "Storage", .product(name: "GRDB", package: "GRDB.swift")]),

    program(
      "lode",
      [
        "Commerce", "Ingestion", "Storage", "StorageSQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
