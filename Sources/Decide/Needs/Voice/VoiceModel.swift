import Learning
import MathKernels
import TextAnalysis

/// What one mining of customers' texts has learned: the groups of sentences that are needs, where each lies, which aspects are
/// spoken of and which topics there are. With it, texts that come later are read at once.
public struct VoiceModel: FittedModel {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// A group of sentences that is one need.
  public struct Group: Sendable, Codable, Equatable {
    /// The need's id.
    public let needID: String
    /// The words that tell it from others, best first.
    public let words: [String]
    /// The sentences that show it.
    public let quotes: [StatementKey]
    /// The sentences that state it.
    public let statements: [StatementKey]
    /// The sentences that speak well of it.
    public let praises: [StatementKey]
    /// Whether nobody had decided anything about it.
    public let isOpen: Bool

    init(_ group: VoiceGroup, _ sentences: [VoiceSentence]) {
      func keys(_ indices: [Int]) -> [StatementKey] { indices.map { sentences[$0].quote.key } }
      (needID, words, isOpen) = (group.needID, group.words, group.status == nil)
      (quotes, statements, praises) = (keys(group.quotes), keys(group.statements), keys(group.praises))
    }
  }

  /// The groups, those that people had decided about first.
  public let groups: [Group]
  /// How sentences are compared.
  public let comparedBy: VoiceBoard.Comparison
  /// Which aspects are spoken of and how; nil where parts of speech were not known.
  public let aspects: AspectLexicon?
  /// What the texts are about as a whole.
  public let topics: [VoiceTopic]
  /// The settings of the run.
  public let configuration: VoiceOfCustomer.Configuration
  /// How rare each word is, where sentences are compared by words.
  let statistics: TermStatisticsModel?
  @Packed private var centreElements: [Float]
  private let centreColumns: Int

  /// The centre of each group, of unit length.
  var centres: Matrix<Float> { Matrix(rows: groups.count, columns: centreColumns, centreElements) }

  init(
    groups: [Group], centres: Matrix<Float>, comparedBy: VoiceBoard.Comparison,
    statistics: TermStatisticsModel?, aspects: AspectLexicon?, topics: [VoiceTopic],
    configuration: VoiceOfCustomer.Configuration
  ) {
    (self.groups, self.comparedBy, self.statistics) = (groups, comparedBy, statistics)
    (self.aspects, self.topics, self.configuration) = (aspects, topics, configuration)
    (centreElements, centreColumns) = (centres.elements, centres.columns)
  }

  /// The group that each sentence of the run belongs to, by its place.
  var groupOfSentence: [StatementKey: Int] {
    var result: [StatementKey: Int] = [:]
    for (index, group) in groups.enumerated() {
      for key in group.statements { result[key] = index }
      for key in group.praises { result[key] = index }
    }
    return result
  }

  /// The groups that sentences are nearest to; −1 for those that are near none.
  ///
  /// - Throws: what the embedder throws; `NeedError.invalidParameter` when the model was made with an embedder and there is none.
  func nearest(_ sentences: [VoiceSentence], _ tools: VoiceTools) throws -> [Int32] {
    guard !sentences.isEmpty, !groups.isEmpty else {
      return [Int32](repeating: -1, count: sentences.count)
    }
    let rows: Matrix<Float>
    switch comparedBy {
    case .words: rows = VoiceSpace.hashed(sentences.map(\.terms), statistics)
    case .meaning:
      guard let embedder = tools.embedder else {
        throw NeedError.invalidParameter(
          name: "embedder", value: "none", expected: "the one that the needs were mined with")
      }
      rows = SphericalKMeans.normalized(try embedder.vectors(of: sentences.map(\.quote.text)))
    }
    let cosines = rows.multiplied(by: centres, transposingOther: true)
    return sentences.indices.map { row in
      let best = groups.indices.max { (cosines[row, $0], $1) < (cosines[row, $1], $0) } ?? 0
      return Double(cosines[row, best]) >= configuration.leastSimilarity ? Int32(best) : -1
    }
  }
}
