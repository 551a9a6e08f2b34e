import Commerce
import Foundation
import Learning
import TextAnalysis

/// Makes the models that texts are read with from the corpora that `scripts/fetch-data` brings.
///
/// ```swift
/// try await TextTraining(models).train(.segmentation, context: FitContext(seed: 42))
/// ```
public struct TextTraining: Sendable {
  /// One of the models.
  public enum Part: String, Sendable, CaseIterable {
    /// Chinese words.
    case segmentation
    /// Chinese parts of speech.
    case tagging
    /// People, places and organisations in Chinese.
    case entities
    /// English parts of speech.
    case englishTagging = "english-tagging"
    /// How positive Chinese texts are.
    case chineseSentiment = "sentiment-zh"
    /// How positive English texts are.
    case englishSentiment = "sentiment-en"

    /// The sets of files it is learned from.
    public var sets: [String] {
      switch self {
      case .segmentation: ["peoples-daily", "jieba", "chinese-lexicons"]
      case .tagging: ["peoples-daily"]
      case .entities: ["peoples-daily", "jieba"]
      case .englishTagging: ["tagged-english"]
      case .chineseSentiment: ["shopping-reviews", "chinese-lexicons"]
      case .englishSentiment: ["movie-polarity", "english-lexicons"]
      }
    }
  }

  private let models: TextModels

  /// Trains into the folder of these models.
  public init(_ models: TextModels) { self.models = models }

  /// Learns a model and saves it.
  ///
  /// - Throws: `TextError.missingFile` where a corpus has not been fetched.
  public func train(_ part: Part, context: FitContext) async throws {
    switch part {
    case .segmentation:
      let corpus = try segmentationCorpus()
      try save(try PerceptronSegmenter().fit(corpus, context: context), part)
    case .tagging:
      try save(try PerceptronTagger().fit(try newspaper(), context: context), part)
    case .entities:
      let sentences = try newspaper().map { LabelledSentence($0) }
      let corpus = EntityCorpus(sentences: sentences, names: try knownNames())
      try save(try PerceptronEntityTagger().fit(corpus, context: context), part)
    case .englishTagging:
      try save(try await EnglishTagger().fit(try englishCorpus(), context: context), part)
    case .chineseSentiment:
      let classifier = SentimentClassifier(
        lexicon: try .chinese(folder: models.data("chinese-lexicons").path))
      try save(try await classifier.fit(try shoppingReviews(), context: context), part)
    case .englishSentiment:
      let classifier = SentimentClassifier(
        lexicon: try .english(folder: models.data("english-lexicons").path))
      try save(try await classifier.fit(try filmReviews(), context: context), part)
    }
  }

  /// Chinese reviews of shops; those that stand among the good and the bad are left out.
  public func shoppingReviews() throws -> [LabelledText] {
    let folder = models.data("shopping-reviews")
    func lines(_ name: String) throws -> Set<String> {
      let file = folder.appendingPathComponent(name)
      guard let data = try? Data(contentsOf: file) else {
        throw TextError.missingFile(path: file.path, hint: "scripts/fetch-data shopping-reviews brings it")
      }
      let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      return Set(lines.map { $0.trimmingCharacters(in: .whitespaces) }).subtracting([""])
    }
    let (good, bad) = (try lines("pos.txt"), try lines("neg.txt"))
    return good.subtracting(bad).sorted().map { LabelledText(label: "positive", text: $0) }
      + bad.subtracting(good).sorted().map { LabelledText(label: "negative", text: $0) }
  }

  /// English reviews of films.
  public func filmReviews() throws -> [LabelledText] {
    let file = models.data("movie-polarity").appendingPathComponent("polarity-en.csv")
    guard let data = try? Data(contentsOf: file) else {
      throw TextError.missingFile(path: file.path, hint: "scripts/fetch-data movie-polarity brings it")
    }
    let bytes = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
    // The file has no header.
    return try LabelledTextFile.parse("label,text\n" + String(decoding: bytes, as: UTF8.self), file.path)
  }

  /// What Chinese words are learned from: the People's Daily of January 1998, with jieba's words as hints.
  ///
  /// - Parameter file: another file of split sentences.
  public func segmentationCorpus(
    _ file: URL? = nil, format: AnnotatedSentence.Format = .peoplesDaily
  ) throws -> SegmentationCorpus {
    let lists = models.data("chinese-lexicons").appendingPathComponent("jionlp", isDirectory: true)
    return SegmentationCorpus(
      sentences: try file.map { try AnnotatedSentence.read(contentsOf: $0, format: format) } ?? newspaper(),
      lexicon: try Lexicon(contentsOf: models.data("jieba").appendingPathComponent("dict.txt")),
      script: try ChineseScript(
        characters: lists.appendingPathComponent("tra2sim_char.txt"),
        words: lists.appendingPathComponent("tra2sim_word.txt")))
  }

  /// Names of jieba's list by what they are: `nr`, `ns`, `nt`, `nz` and the like; hints for finding entities.
  public func knownNames() throws -> [String: String] {
    let file = models.data("jieba").appendingPathComponent("dict.txt")
    guard let data = try? Data(contentsOf: file) else {
      throw TextError.missingFile(path: file.path, hint: "scripts/fetch-data jieba brings it")
    }
    var names: [String: String] = [:]
    for line in data.split(separator: 0x0A) {
      let fields = line.split(separator: 0x20)
      guard fields.count == 3, let tag = fields.last, tag.count > 1, tag.first == UInt8(ascii: "n") else {
        continue
      }
      let word = String(decoding: fields[0], as: UTF8.self)
      if word.unicodeScalars.count > 1 { names[word] = String(decoding: tag, as: UTF8.self) }
    }
    return names
  }

  /// The sentences of the People's Daily of January 1998, split and tagged.
  public func newspaper() throws -> [AnnotatedSentence] {
    try AnnotatedSentence.read(
      contentsOf: models.data("peoples-daily").appendingPathComponent("199801.txt"), format: .peoplesDaily)
  }

  /// What English parts of speech are learned from.
  public func englishCorpus() throws -> TaggedCorpus {
    try TaggedCorpus(contentsOf: models.data("tagged-english").appendingPathComponent("oanc.txt"))
  }

  private func save<Model: FittedModel>(_ model: Model, _ part: Part) throws {
    let envelope = try ModelEnvelope(
      model, trainedAt: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)),
      dataFingerprint: part.sets.joined(separator: "+"), metrics: [:])
    try TextModels.write(envelope, to: models.path(of: part.rawValue))
  }
}

extension TextModels {
  /// Splits Chinese into words.
  ///
  /// - Throws: `TextError.missingFile` until it has been trained.
  public func segmenter() throws -> ChineseSegmenter {
    ChineseSegmenter(try trained(TextTraining.Part.segmentation.rawValue))
  }

  /// Tells Chinese parts of speech.
  ///
  /// - Throws: `TextError.missingFile` until it has been trained.
  public func tagger() throws -> TaggingModel { try trained(TextTraining.Part.tagging.rawValue) }

  /// How positive texts of a language are.
  ///
  /// - Throws: `TextError.missingFile` until it has been trained.
  public func sentiment(_ language: TextLanguage) throws -> SentimentModel {
    let part = language == .chinese ? TextTraining.Part.chineseSentiment : .englishSentiment
    return try trained(part.rawValue)
  }

  /// Finds people, places and organisations in Chinese.
  ///
  /// - Throws: `TextError.missingFile` until it has been trained.
  public func entities() throws -> EntityModel { try trained(TextTraining.Part.entities.rawValue) }

  /// Splits and tags texts of either language.
  public func partsOfSpeech(userDictionary: UserDictionary = UserDictionary()) throws -> PartsOfSpeech {
    PartsOfSpeech(
      segmenter: try segmenter().with(userDictionary: userDictionary), chinese: try tagger(),
      english: try englishTagger())
  }

  /// Tells English parts of speech.
  ///
  /// - Throws: `TextError.missingFile` until it has been trained.
  public func englishTagger() throws -> EnglishTaggerModel {
    try trained(TextTraining.Part.englishTagging.rawValue)
  }

  /// What splits texts of both languages into words, and which of them carry content.
  public func termExtractor() throws -> TermExtractor {
    TermExtractor(
      tokenizer: ScriptTokenizer(chinese: try segmenter()), stopWords: try stopWords(),
      lemmatizer: try englishTagger().lemmatizer)
  }
}
