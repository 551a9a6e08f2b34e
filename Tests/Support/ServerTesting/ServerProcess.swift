import Foundation
import Synchronization

/// The built program, serving as a process of its own that a test can kill.
public final class ServerProcess: Sendable {
  /// The program: `LODE_BINARY`, else the release build below the package; nil when it is not there.
  public static let binary: String? = {
    let environment = ProcessInfo.processInfo.environment
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../..")
    let scratch = environment["LODE_SCRATCH"] ?? package.appendingPathComponent(".build").standardized.path
    let path = environment["LODE_BINARY"] ?? "\(scratch)/release/lode"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// Why tests that need the program are left out when it is absent.
  public static let absence =
    "needs the built program: 'swift build -c release --product lode', or set LODE_BINARY"

  /// The port it listens on.
  public let port: Int
  private let process: Process
  private let exit: Exit

  /// How a process ended, for whoever waits.
  private final class Exit: Sendable {
    private let state = Mutex<(status: Int32?, waiting: [CheckedContinuation<Int32, Never>])>((nil, []))

    func note(_ status: Int32) {
      let waiting = state.withLock { state in
        defer { state = (status, []) }
        return state.waiting
      }
      for continuation in waiting { continuation.resume(returning: status) }
    }

    func wait() async -> Int32 {
      await withCheckedContinuation { continuation in
        let status = state.withLock { state in
          if state.status == nil { state.waiting.append(continuation) }
          return state.status
        }
        if let status { continuation.resume(returning: status) }
      }
    }
  }

  /// Starts the program on a free port and returns once it accepts connections.
  ///
  /// - Throws: `LoopbackError.didNotStart`.
  public init(dataDirectory: String, arguments: [String] = []) async throws {
    let (process, exit, output) = (Process(), Exit(), Pipe())
    process.executableURL = URL(fileURLWithPath: Self.binary ?? "")
    process.arguments = ["serve", "--port", "0", "--data-dir", dataDirectory] + arguments
    process.standardError = output
    process.standardOutput = FileHandle.nullDevice
    process.terminationHandler = { exit.note($0.terminationStatus) }
    try process.run()
    port = try await Self.port(saidOn: output.fileHandleForReading)
    self.process = process
    self.exit = exit
  }

  /// Reads what the program says until it names its port, and lets the rest of it go.
  private static func port(saidOn output: FileHandle) async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        var said = Data()
        while true {
          let more = output.availableData
          said += more
          let text = String(decoding: said, as: UTF8.self)
          if more.isEmpty {
            return continuation.resume(throwing: LoopbackError.didNotStart(output: text))
          }
          if let match = text.firstMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)\n/), let port = Int(match.1) {
            output.readabilityHandler = { if $0.availableData.isEmpty { $0.readabilityHandler = nil } }
            return continuation.resume(returning: port)
          }
        }
      }
    }
  }

  /// Returns once the server has read its shops.
  ///
  /// - Throws: `LoopbackError.notListening` when that takes too long.
  public func waitUntilReady() async throws {
    let connection = try LoopbackConnection(port: port)
    for _ in 0..<3000 {
      if try connection.request("GET", "/ready").status == 200 { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw LoopbackError.notListening(port: port)
  }

  /// Ends the process at once, as a crash does: it can do nothing about it.
  public func kill() async {
    Foundation.kill(process.processIdentifier, SIGKILL)
    _ = await exit.wait()
  }

  /// Asks the process to end and waits until it has.
  ///
  /// - Returns: its exit status.
  public func terminate() async -> Int32 {
    Foundation.kill(process.processIdentifier, SIGTERM)
    return await exit.wait()
  }
}
