import ArgumentParser
import Foundation
import Ingestion
import Storage

/// `lode dead-letters list|replay|discard`
struct DeadLetters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "Rows that could not be taken in: list them, replay them, give them up.",
    subcommands: [List.self, Replay.self, Discard.self])

  /// `lode dead-letters list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List rows that could not be taken in.")

    @Option(help: "Only those that failed at this stage: parse, validate or conflict.")
    var stage: DeadLetter.Stage?

    @Option(help: "Only those of this status: open, replayed or discarded.")
    var status: DeadLetter.Status = .open

    @Option(help: ArgumentHelp("Only those after this number.", valueName: "number"))
    var after: Int64 = 0

    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit = 50

    @Flag(help: "Write the result as JSON.")
    var json = false

    @OptionGroup var place: StoreOptions

    func run() async throws {
      try await withStore(place) { store in
        let letters = try await store.deadLetters(status: status, stage: stage, after: after, limit: limit)
        if json {
          try printJSON(["items": letters])
          return
        }
        for letter in letters {
          let field = letter.field.map { "\($0): " } ?? ""
          print(
            "\(letter.deadLetterID)  \(letter.source)  \(letter.stage.rawValue)  \(field)\(letter.reason)")
          print("    \(letter.raw.prefix(200))")
        }
        let open = try await store.deadLetterCounts()[.open] ?? 0
        print("\(open) open, \(letters.count) shown")
      }
    }
  }

  /// `lode dead-letters replay`
  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try rows again, one with its fault put right or all open ones as they are.")

    @Argument(help: ArgumentHelp("The row's number; none for all open rows.", valueName: "number"))
    var number: Int64?

    @Option(help: ArgumentHelp("The row as it should have been.", valueName: "row"))
    var raw: String?

    @Option(help: ArgumentHelp("Use this mapping instead of the one of the import.", valueName: "map.yaml"))
    var mapping: String?

    @Flag(help: "Write the result as JSON.")
    var json = false

    @OptionGroup var place: StoreOptions

    func validate() throws {
      if raw != nil, number == nil {
        throw ValidationError("--raw needs the number of the row that it stands for.")
      }
    }

    func run() async throws {
      try await withStore(place) { store in
        let other = try mapping.map { try Mapping(contentsOf: $0) }
        let replay = DeadLetterReplay()
        if let number {
          let outcome = try await replay.run(number, raw: raw, mapping: other, in: store)
          try show(replayed: outcome == .replayed ? 1 : 0, rejected: outcome == .replayed ? 0 : 1)
          if case .rejected(let reason) = outcome {
            FileHandle.standardError.write(Data("lode: dead letter \(number): \(reason)\n".utf8))
            throw ExitCode(2)
          }
        } else {
          let counts = try await replay.runAll(mapping: other, in: store)
          try show(replayed: counts.replayed, rejected: counts.rejected)
        }
      }
    }

    private func show(replayed: Int, rejected: Int) throws {
      if json {
        try printJSON(["replayed": replayed, "rejected": rejected])
      } else {
        print("\(replayed) taken in, \(rejected) set aside again")
      }
    }
  }

  /// `lode dead-letters discard`
  struct Discard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give rows up. They stay listed as discarded.")

    @Argument(help: ArgumentHelp("The rows' numbers.", valueName: "number"))
    var numbers: [Int64]

    @OptionGroup var place: StoreOptions

    func run() async throws {
      try await withStore(place) { store in
        for number in numbers { try await store.setStatus(.discarded, ofDeadLetter: number) }
        print("\(numbers.count) discarded")
      }
    }
  }
}

extension DeadLetter.Stage: ExpressibleByArgument {}
extension DeadLetter.Status: ExpressibleByArgument {}

/// Opens the store of a shop that exists and runs the body.
private func withStore(_ place: StoreOptions, _ body: (any ShopStore) async throws -> Void) async throws {
  try await body(place.openStore(create: false))
}
