import Commerce
import Learning

/// A recommender of any kind that this target knows, which can be saved and loaded: what ensembles are made of.
///
/// ```swift
/// let model = try AnyRecommender(algorithm.fit(interactions, context: FitContext()))
/// ```
public struct AnyRecommender: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The recommenders that can be saved inside others and loaded by the kind their envelope names.
  public static let kinds: [any Recommender.Type] = [
    PopularityModel.self, PersonalFrequencyModel.self, ItemKNNModel.self, UserKNNModel.self,
    TransitionModel.self,
    SessionKNNModel.self, ItemWeightModel.self, EASEModel.self, PureSVDModel.self, FactorModel.self,
    PairwiseFactorModel.self, SASRecModel.self, GRU4RecModel.self, TwoTowerModel.self, NeuMFModel.self,
    BlendModel.self, RankedRecommender.self, ContentModel.self,
  ]

  /// The recommender itself.
  public let model: any Recommender

  /// A recommender of one of the `kinds`.
  ///
  /// - Throws: `LearningError.unknownModel` for one of another kind.
  public init(_ model: any Recommender) throws {
    _ = try Self.kind(String(describing: type(of: model)))
    self.model = model
  }

  private static func kind(_ name: String) throws -> any Recommender.Type {
    guard let found = kinds.first(where: { String(describing: $0) == name }) else {
      throw LearningError.unknownModel(name: name, version: nil)
    }
    return found
  }

  /// The recommender that an envelope holds.
  ///
  /// - Throws: `LearningError.unknownModel` for a kind that this build does not know, or what decoding throws.
  public static func saved(in envelope: ModelEnvelope) throws -> any Recommender {
    func open(_ type: (some Recommender).Type) throws -> any Recommender { try envelope.model(as: type) }
    return try open(kind(envelope.header.kind))
  }

  /// The items known to the model.
  public var items: Vocabulary { model.items }

  /// How popular each item is.
  public var popularity: [Float] { model.popularity }

  /// See `Recommender`.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    model.score(histories, into: scores)
  }

  /// See `Recommender`.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    model.contributions(of: history, to: items)
  }

  /// See `Recommender`.
  public func base(of history: CodedHistory, to items: [Int32]) -> [Float] {
    model.base(of: history, to: items)
  }

  /// See `Recommender`.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    model.scoreSimilar(to: item, into: scores)
  }
}

extension AnyRecommender: Codable {
  private enum CodingKeys: String, CodingKey { case kind, model }

  /// Reads the kind, then a model of that kind.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func open(_ type: (some Recommender).Type) throws -> any Recommender {
      try container.decode(type, forKey: .model)
    }
    model = try open(Self.kind(container.decode(String.self, forKey: .kind)))
  }

  /// Writes the kind and the model.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(String(describing: type(of: model)), forKey: .kind)
    try container.encode(model, forKey: .model)
  }
}
