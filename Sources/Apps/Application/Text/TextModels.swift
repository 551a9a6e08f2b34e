import Foundation
import Learning
import Synchronization
import TextAnalysis

/// The models and word lists that texts are understood with: fetched ones and those that `lode text train` made, each read when
/// it is first asked for.
public final class TextModels: Sendable {
  /// The folder of fetched files.
  public let cache: URL
  /// The folder of trained models.
  public let folder: URL
  private let kept = Mutex<[String: any Sendable]>([:])

  /// The models below a cache of fetched files.
  ///
  /// - Parameter folder: where trained models lie; `models/text` in the cache unless given.
  public init(cache: URL, folder: URL? = nil) {
    self.cache = cache
    self.folder = folder ?? cache.appendingPathComponent("models/text", isDirectory: true)
  }

  /// The folder of a fetched set of files.
  public func data(_ set: String) -> URL { cache.appendingPathComponent("data/\(set)", isDirectory: true) }

  /// Sentence vectors in Chinese and English.
  public func embedder() throws -> UniversalSentenceEncoder {
    try kept("embedder") { try UniversalSentenceEncoder(folder: data("use-multilingual").path) }
  }

  /// Words that say nothing of what a text is about: the fetched lists, or the essential ones where those are not there.
  public func stopWords() throws -> StopWords {
    try kept("stop words") {
      let lists = data("chinese-lexicons")
      guard FileManager.default.fileExists(atPath: lists.path) else { return .essential }
      return try StopWords(lexiconFolder: lists)
    }
  }

  // MARK: Trained models

  /// A trained model, read from its file once.
  ///
  /// - Throws: `TextError.missingFile`, `TextError.damagedFile`.
  public func trained<Model: FittedModel>(_ name: String, as type: Model.Type = Model.self) throws -> Model {
    try kept("model \(name)") { try Self.read(path(of: name)) }
  }

  /// Whether a model has been trained.
  public func isTrained(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path(of: name).path)
  }

  /// Where a trained model lies.
  public func path(of name: String) -> URL { folder.appendingPathComponent("\(name).lode-model") }

  /// Reads a model from a file.
  ///
  /// - Throws: `TextError.missingFile`, `TextError.damagedFile`.
  public static func read<Model: FittedModel>(_ file: URL, as type: Model.Type = Model.self) throws -> Model {
    guard let bytes = try? Data(contentsOf: file, options: .mappedIfSafe) else {
      throw TextError.missingFile(path: file.path, hint: "'lode text train' makes it")
    }
    do {
      let envelope = try ModelEnvelope(encoded: bytes)
      guard envelope.header.kind == String(describing: Model.self) else {
        throw TextError.damagedFile(
          path: file.path, reason: "it holds a \(envelope.header.kind) where a \(Model.self) is needed")
      }
      return try envelope.model()
    } catch let error as LearningError {
      throw TextError.damagedFile(path: file.path, reason: error.description.trimmingCharacters(in: ["."]))
    }
  }

  /// Writes a model to a file: the whole of it or nothing.
  public static func write(_ envelope: ModelEnvelope, to file: URL) throws {
    let folder = file.deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try envelope.encoded().write(to: file, options: .atomic)
  }

  func kept<Value: Sendable>(_ name: String, _ make: () throws -> Value) throws -> Value {
    // Made under the lock: whoever asks meanwhile would only make it a second time.
    try kept.withLock { kept in
      if let value = kept[name] as? Value { return value }
      let value = try make()
      kept[name] = value
      return value
    }
  }
}
