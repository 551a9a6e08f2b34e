import Foundation
import ServerTesting
import Testing

/// What the built program says of itself: options are part of what people and scripts rely on.
@Suite(.enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct CommandLineHelpTests {
  private func help(_ command: [String]) throws -> String {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: ServerProcess.binary ?? "")
    process.arguments = command.isEmpty ? ["--help"] : ["help"] + command
    process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "80"]) { $1 }
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: text, as: UTF8.self)
  }

  /// The subcommands that a help text lists: two spaces and a word, below their heading.
  private func subcommands(in text: String) -> [String] {
    guard let heading = text.range(of: "SUBCOMMANDS:\n") else { return [] }
    return text[heading.upperBound...].components(separatedBy: "\n\n")[0].matches(of: /(?m)^  ([a-z][a-z-]*)/)
      .map {
        String($0.1)
      }
  }

  @Test func theHelpOfEveryCommandIsAsItWas() throws {
    var waiting: [[String]] = [[]]
    var seen: Set<String> = []
    while let command = waiting.popLast() {
      let text = try help(command)
      let name = (["lode"] + command).joined(separator: "-") + ".txt"
      seen.insert(name)
      waiting += subcommands(in: text).map { command + [$0] }
      try Golden.expect(text, equalsText: "help/\(name)")
    }
    #expect(seen.count > 10)
    let known = try FileManager.default.contentsOfDirectory(
      atPath: Golden.folder.appendingPathComponent("help").path)
    #expect(Set(known) == seen)
  }
}
