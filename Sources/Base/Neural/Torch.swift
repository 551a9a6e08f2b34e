import CTorch
import Foundation
import MathKernels

/// libtorch, loaded when it is first needed.
public enum Torch {
  /// libtorch's functions.
  ///
  /// Sendable although it holds a pointer: it points to a constant table of functions that stays for the process' life,
  /// and libtorch's functions may be called from any thread.
  struct Functions: @unchecked Sendable {
    let table: UnsafePointer<lode_torch_functions>
  }

  /// Whether networks can be trained in this process; loads libtorch.
  public static var isAvailable: Bool { (try? functions()) != nil }

  /// The version of libtorch, such as `1.13.1`.
  public static var version: String {
    get throws { try functions().pointee.library_version().map { String(cString: $0) } ?? "" }
  }

  /// The table, loading it the first time.
  ///
  /// - Throws: `NeuralError.libraryUnavailable`.
  @inline(__always)
  static func functions() throws -> UnsafePointer<lode_torch_functions> { try outcome.get().table }

  /// The table where a tensor exists, which cannot be without it.
  @inline(__always)
  static var loaded: UnsafePointer<lode_torch_functions> {
    guard case .success(let functions) = outcome else {
      preconditionFailure("a tensor exists without the library that made it")
    }
    return functions.table
  }

  private static let outcome: Result<Functions, NeuralError> = load()

  private static func load() -> Result<Functions, NeuralError> {
    let name = "liblode-torch.so"
    var paths: [String] = []
    if let named = ProcessInfo.processInfo.environment["LODE_TORCH"], !named.isEmpty { paths.append(named) }
    if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
      paths.append(folder.appendingPathComponent(name).path)
      paths.append(folder.deletingLastPathComponent().appendingPathComponent("lib/\(name)").path)
    }
    // The linker's own search, for a library that the system has installed.
    paths.append(name)
    var reasons: [String] = []
    for path in paths {
      var reason = [CChar](repeating: 0, count: 1024)
      if let table = lode_torch_open(path, &reason, Int32(reason.count)) {
        table.pointee.set_threads(Int32(ThreadPools.networkThreads))
        return .success(Functions(table: table))
      }
      let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      reasons.append(String(decoding: text, as: UTF8.self))
    }
    return .failure(.libraryUnavailable(tried: paths, reason: reasons.first ?? "no path to look at"))
  }
}

extension ThreadPools {
  /// How many threads libtorch gets when it is loaded: half of the cores, at least one, so that a training run leaves
  /// room for the requests of the same process.
  public static var networkThreads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount / 2) }

  /// Gives libtorch's own loops this many threads. Its matrix products run on OpenBLAS's (`setBLASThreads`).
  ///
  /// - Throws: `NeuralError.libraryUnavailable`.
  public static func setNetworkThreads(_ count: Int) throws {
    try Torch.functions().pointee.set_threads(Int32(max(1, count)))
  }
}
