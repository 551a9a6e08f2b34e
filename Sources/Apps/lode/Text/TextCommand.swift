import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// Commands that read plain texts: one line in, one line out.
struct TextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Read texts in Chinese and English: one line in, one line out.",
    discussion: """
      Texts come from standard input or a file, a line each; answers go to standard output in the same order. \
      What needs fetched files or trained models says how to get them: scripts/fetch-data, lode text train.
      """,
    subcommands: [
      TextSegment.self, TextTag.self, TextEntities.self, TextSentiment.self, TextNewWords.self,
      TextKeyphrases.self, TextTopics.self,
      TextStatements.self, TextAspects.self, TextEmotions.self, TextIntents.self,
      TextClassify.self, TextEmbed.self,
      TextTrain.self,
    ])
}

/// Where texts come from and how they are understood.
struct TextOptions: ParsableArguments {
  @Argument(help: "The file of texts, a line each; standard input unless given.")
  var file: String?

  @Option(help: ArgumentHelp("The folder of trained models.", valueName: "folder"))
  var models: String?

  @Flag(help: "Write one JSON value a line.")
  var json = false

  /// The texts.
  ///
  /// - Throws: `TextError.missingFile`.
  func lines() throws -> LineStream {
    guard let file else { return LineStream(input: .standardInput) }
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
    guard !isFolder.boolValue, let handle = FileHandle(forReadingAtPath: file) else {
      throw TextError.missingFile(path: file, hint: "expected a file of texts, a line each")
    }
    return LineStream(input: handle)
  }

  /// The models that `--models` or the installation has.
  func textModels() throws -> TextModels { try TextModels.installed(models) }

  /// Answers every line by some JSON or by text for people.
  func answer(
    json value: @escaping @Sendable (String) throws -> JSONValue,
    text: @escaping @Sendable (String) throws -> String
  ) throws {
    let json = json
    try lines().answer { lines in try lines.map { json ? try value($0).json : try text($0) } }
  }
}

extension TextModels {
  /// The models below the installation's cache, or trained ones in another folder.
  ///
  /// - Throws: `ApplicationError.notFound` when there is no cache.
  static func installed(_ folder: String? = nil) throws -> TextModels {
    guard let cache = Installation.cache else {
      throw ApplicationError.notFound(what: "folder", id: "the cache of fetched files (set LODE_CACHE)")
    }
    return TextModels(cache: cache, folder: folder.map { URL(fileURLWithPath: $0, isDirectory: true) })
  }
}

extension String {
  /// The text without what would end its line or its field of a table.
  var onOneLine: String {
    String(unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
  }
}
