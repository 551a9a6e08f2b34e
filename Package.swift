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

/// What several targets' tests share, in `Tests/Support/<name>`.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: settings)
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
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    native("COpenBLAS"), native("CXGBoost"), native("CZlib"),

    module("Base", "MathKernels", ["COpenBLAS"]),
    module("Base", "Commerce"),
    module("Base", "Learning", ["MathKernels", "Commerce"]),
    module("Base", "Storage", ["Commerce", "Learning"]),

    module("Models", "Recommendation", ["MathKernels", "Commerce", "Learning", "CZlib"]),

    support("ConformanceTesting", ["MathKernels", "Commerce", "Learning", "Recommendation"]),
    tests("MathKernels"),
    tests("Learning", ["MathKernels", "Commerce"]),
    tests("Recommendation", ["ConformanceTesting", "MathKernels", "Commerce", "Learning"]),

    program(
      "lode",
      [
        "Commerce", "Learning", "Recommendation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
