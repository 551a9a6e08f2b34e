// swift-tools-version: 6.2
import PackageDescription

// Targets are declared in the order in which data flows through them; a layer imports only what stands above it.

/// A target of one layer, in `Sources/<layer>/<name>`.
func module(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)", swiftSettings: settings)
}

/// A program, in `Sources/Apps/<name>`.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: "Sources/Apps/\(name)", swiftSettings: settings)
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
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    native("COpenBLAS"), native("CXGBoost"), native("CZlib"),

    module("Base", "MathKernels", ["COpenBLAS"]),
    module("Base", "Commerce"),
    module("Base", "Learning", ["MathKernels", "Commerce"]),
    module("Base", "Storage", ["Commerce", "Learning"]),

    module("Apps", "Application", ["Commerce", "Learning", "Storage", .product(name: "Crypto", package: "swift-crypto")]),
    module(
      "Apps", "Server",
      [
        "Application", "Commerce", "Learning", "Storage",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOCore", package: "swift-nio"),
      ]),
    program("lode", ["Server", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
  ]
)
