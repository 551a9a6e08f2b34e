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

/// The table of libtorch's functions and what opens the library behind it, in `Sources/Native/CTorch`.
let torchTable = Target.target(name: "CTorch", path: "Sources/Native/CTorch")

/// The library behind the table, liblode-torch.so: the only code that is linked with libtorch, and opened when first needed.
///
/// libtorch is Debian's unless LODE_LIBTORCH names the folder of another one, with `include` and `lib` in it, such as the
/// folder `torch` of the package for Python.
let otherTorch = Context.environment["LODE_LIBTORCH"]
let torchRuntime = Target.target(
  name: "CTorchRuntime", path: "Sources/Native/CTorchRuntime",
  cxxSettings: [
    .headerSearchPath("../CTorch/include"),
    .unsafeFlags(
      ["-Wno-everything"]
        + (otherTorch.map {
          ["-isystem", "\($0)/include", "-isystem", "\($0)/include/torch/csrc/api/include"]
        }
          ?? ["-isystem", "/usr/include/torch/csrc/api/include"])),
  ],
  linkerSettings: [.linkedLibrary("torch_cpu"), .linkedLibrary("c10")]
    + (otherTorch.map {
      [
        .unsafeFlags([
          "-L\($0)/lib", "-Xlinker", "-rpath", "-Xlinker", "\($0)/lib", "-Xlinker", "--allow-shlib-undefined",
        ])
      ]
    } ?? []))

/// The tests of one target, in `Tests/<name>Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], data: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/\(name)Tests",
    exclude: data, swiftSettings: settings)
}

/// What several targets' tests share, in `Tests/Support/<name>`.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: settings)
}

#if arch(x86_64)
  /// AVX2 and FMA: without them the SIMD kernels run some forty times slower.
  let processor: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
#else
  let processor: [SwiftSetting] = []
#endif
let settings: [SwiftSetting] = processor + [.enableUpcomingFeature("ExistentialAny")]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioLocks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let serviceLifecycleTestKit = Target.Dependency.product(
  name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "lode",
  products: [
    .executable(name: "lode", targets: ["lode"]),
    .library(name: "lode-torch", type: .dynamic, targets: ["CTorchRuntime"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    native("COpenBLAS"), native("CXGBoost"), native("CZlib"), torchTable, torchRuntime,

    module("Base", "MathKernels", ["COpenBLAS"]),
    module("Base", "Commerce"),
    module("Base", "Learning", ["Commerce", "CXGBoost", "MathKernels"]),
    module("Base", "Neural", ["CTorch", "Learning", "MathKernels"]),
    module("Base", "Storage", ["Commerce", "Learning"]),

    module("Data", "Ingestion", ["CZlib", "Commerce", "Learning", "Storage", yams]),
    module("Data", "Features", ["Commerce", "Learning", "MathKernels"]),
    module("Data", "TextAnalysis", ["CZlib", "Learning", "MathKernels", "Neural"]),

    module("Models", "CustomerValue", ["Commerce", "Learning", "MathKernels"]),
    module("Models", "Forecasting", ["Learning", "MathKernels", "Neural"]),
    module("Models", "Inventory", ["MathKernels"]),
    module("Models", "Patterns", ["Commerce", "Learning", "MathKernels"]),
    module("Models", "Recommendation", ["CZlib", "Commerce", "Learning", "MathKernels", "Neural"]),
    module("Models", "Segmentation", ["Learning", "MathKernels", "TextAnalysis"]),

    module("Decide", "Needs", ["Commerce", "Features", "Learning", "MathKernels", "Neural", "TextAnalysis"]),
    module("Decide", "Decisions", ["Commerce", "MathKernels", "Recommendation"]),
    module(
      "Decide", "Demand",
      ["Commerce", "Features", "Forecasting", "Inventory", "Learning", "MathKernels", "Needs"]),
    module(
      "Decide", "Customers",
      ["Commerce", "Decisions", "Features", "Learning", "MathKernels", "Needs", "Segmentation"]),

    module("Adapters", "StorageSQLite", ["Commerce", "Learning", "Storage", grdb, sqlite]),

    module(
      "Apps", "Application",
      [
        "Commerce", "Customers", "Decisions", "Demand", "Features", "Forecasting", "Ingestion", "Inventory",
        "Learning", "MathKernels", "Needs", "Recommendation", "Segmentation", "Storage", "TextAnalysis",
        crypto,
      ]),
    module(
      "Apps", "Server",
      [
        "Application", "Commerce", "Customers", "Decisions", "Demand", "Features", "Forecasting", "Ingestion",
        "Learning", "Needs", "Recommendation", "Storage", "TextAnalysis", httpTypes,
        hummingbird, hummingbirdCore,
        logging, metrics, nioCore,
        nioHTTP1, nioHTTPTypes,
        nioLocks,
        serviceLifecycle,
        yams,
      ]),
    program(
      "lode",
      [
        "Application", "Commerce", "CustomerValue", "Customers", "Decisions", "Demand", "Features",
        "Forecasting", "Ingestion", "Inventory", "Learning", "MathKernels", "Needs", "Patterns",
        "Recommendation",
        "Segmentation", "Server", "Storage", "StorageSQLite", "TextAnalysis", argumentParser, logging,
      ]),

    support("ConformanceTesting", ["Commerce", "Learning", "MathKernels", "Recommendation", "Storage"]),
    support("ServerTesting", ["Commerce"]),
    support("TextTesting", ["Application", "Commerce", "Learning", "TextAnalysis"]),
    tests("MathKernels"),
    tests("Learning", ["Commerce", "MathKernels"]),
    tests("Neural", ["Learning", "MathKernels"]),
    tests("Features", ["Commerce"]),
    tests("TextAnalysis", ["Learning", "MathKernels", "Neural"]),
    tests("CustomerValue", ["Commerce", "Learning", "MathKernels"]),
    tests("Forecasting", ["Learning", "MathKernels"]),
    tests("Inventory", ["MathKernels"]),
    tests("Patterns", ["Learning", "MathKernels"]),
    tests("Recommendation", ["Commerce", "ConformanceTesting", "Learning", "MathKernels", "Neural"]),
    tests("Segmentation", ["Learning", "MathKernels"]),
    tests("Decisions", ["Commerce", "Learning", "Recommendation"]),
    tests(
      "Demand", ["Commerce", "Features", "Forecasting", "Learning", "MathKernels"]),
    tests("Customers", ["Commerce", "Decisions", "Features", "Learning"]),
    tests(
      "Needs",
      ["Commerce", "Features", "Ingestion", "Learning", "MathKernels", "Neural", "Storage", "TextAnalysis"]),
    tests("Ingestion", ["Commerce", "Storage", "StorageSQLite"]),
    tests("Storage", ["Commerce", "ConformanceTesting"]),
    tests("StorageSQLite", ["Commerce", "ConformanceTesting", "Storage", grdb]),
    tests(
      "Application",
      [
        "Commerce", "Decisions", "Ingestion", "Learning", "MathKernels", "Needs", "Recommendation", "Storage",
        "TextAnalysis", "TextTesting",
      ]),
    tests(
      "Server",
      [
        "Application", "Commerce", "Features", "Ingestion", "Learning", "Needs", "Recommendation",
        "ServerTesting", "TextTesting", "Storage", "StorageSQLite", hummingbird, httpTypes, logging, nioCore,
        nioEmbedded,
        serviceLifecycleTestKit,
      ], data: ["Golden"]),
    .testTarget(
      name: "DurabilityTests", dependencies: ["Commerce", "ServerTesting"], path: "Tests/DurabilityTests",
      swiftSettings: settings),
  ],
  // What the headers of libtorch need: Debian's 1.13, or a later one.
  cxxLanguageStandard: otherTorch == nil ? .cxx17 : .cxx20
)
