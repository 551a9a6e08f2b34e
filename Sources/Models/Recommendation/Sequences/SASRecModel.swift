import Commerce
import Learning
import MathKernels
import Neural

/// What `SASRec` learned: the items' vectors and a transformer over them. Predicts without libtorch.
public struct SASRecModel: Recommender, VectorRecommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public var configuration: SASRec.Configuration { learned.configuration }
  /// The items known to the model.
  public var items: Vocabulary { learned.items }
  private let learned: LearnedNetwork<SASRec.Configuration>
  private var network: Checkpoint { learned.network }

  /// How popular each item is.
  public var popularity: [Float] { learned.counts }

  var itemVectors: [Float] { network.values("items.weight") }
  var vectorSize: Int { configuration.embeddingSize }

  init(_ configuration: SASRec.Configuration, items: Vocabulary, popularity: [Float], network: Checkpoint) {
    learned = LearnedNetwork(configuration, items: items, popularity: popularity, network: network)
  }

  func read(_ history: CodedHistory) -> [Int32] { latest(history, configuration.historyLength) }

  /// The network's forward pass over all positions of all histories at once.
  func encode(_ histories: [[Int32]]) -> [Float] {
    let size = vectorSize
    let lengths = histories.map(\.count)
    let rows = lengths.reduce(0, +)
    var state = embedded(histories)
    func linear(_ x: [Float], _ name: String, _ outputs: Int) -> [Float] {
      Forward.linear(
        x, rows: rows, weight: network.values("\(name).weight"), bias: network.values("\(name).bias"),
        outputs: outputs)
    }
    func norm(_ x: [Float], _ name: String) -> [Float] {
      Forward.layerNorm(x, weight: network.values("\(name).weight"), bias: network.values("\(name).bias"))
    }
    for index in 0..<configuration.blocks {
      let name = "blocks.\(index)"
      let projected = linear(norm(state, "\(name).attentionNorm"), "\(name).attention.projection", 3 * size)
      let mixed = Forward.causalAttention(
        projected, lengths: lengths, size: size, heads: configuration.heads)
      add(linear(mixed, "\(name).attention.output", size), to: &state)
      var inner = linear(norm(state, "\(name).forwardNorm"), "\(name).first", size)
      Forward.relu(&inner)
      add(linear(inner, "\(name).second", size), to: &state)
    }
    return norm(lastRows(of: state, lengths), "norm")
  }

  private func embedded(_ histories: [[Int32]]) -> [Float] {
    let size = vectorSize
    let vectors = itemVectors
    let positions = network.values("positions.weight")
    let scale = Float(size).squareRoot()
    var state: [Float] = []
    for history in histories {
      for (step, item) in history.enumerated() {
        let place = configuration.historyLength - history.count + step
        for index in 0..<size {
          state.append(vectors[Int(item) * size + index] * scale + positions[place * size + index])
        }
      }
    }
    return state
  }

  private func lastRows(of state: [Float], _ lengths: [Int]) -> [Float] {
    let size = vectorSize
    var rows: [Float] = []
    var end = 0
    for length in lengths {
      end += length
      rows += length > 0 ? state[(end - 1) * size..<end * size] : ArraySlice(repeating: 0, count: size)
    }
    return rows
  }

  private func add(_ x: [Float], to y: inout [Float]) {
    for index in y.indices { y[index] += x[index] }
  }
}

extension SASRecModel {
  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    learned = try LearnedNetwork(from: decoder)
    try configuration.validate()
    try learned.require(SASRecNetwork.shapes(configuration, items: items.count))
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws { try learned.encode(to: encoder) }
}
