import Foundation
import Learning
import MathKernels
import Neural

/// What the network for entities has learned; it predicts without libtorch.
public struct BiLSTMCRFModel: FittedModel, EntityRecognizer {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// What pieces can be, such as `brand`.
  public let names: [String]
  private let configuration: BiLSTMCRF.Configuration
  private let characters: [UInt64: Int64]
  private let pairs: [UInt64: Int64]
  private let marks: [UInt64: Int64]
  private let known: [[UInt32]]
  private let kinds: [UInt16]
  private let parameters: Checkpoint
  private let trie: NameTrie
  private let lattice: LabelLattice

  init(
    names: [String], configuration: BiLSTMCRF.Configuration, characters: [UInt64: Int64],
    pairs: [UInt64: Int64], marks: [UInt64: Int64], known: [[UInt32]], kinds: [UInt16], parameters: Checkpoint
  ) throws {
    (self.names, self.configuration, self.parameters) = (names, configuration, parameters)
    (self.characters, self.pairs, self.marks) = (characters, pairs, marks)
    (self.known, self.kinds) = (known, kinds)
    trie = NameTrie(known)
    lattice = LabelLattice(names: names)
    let (half, size, labels) = (configuration.embeddingSize / 2, configuration.size, lattice.labels)
    let inputs = configuration.embeddingSize + 2 * half
    let direction = { (name: String) -> [(name: String, shape: [Int])] in
      [
        ("\(name).input", [4 * size, inputs]), ("\(name).hidden", [4 * size, size]),
        ("\(name).inputBias", [4 * size]), ("\(name).hiddenBias", [4 * size]),
      ]
    }
    try parameters.requireShapes(
      [
        ("character.weight", [characters.count + 1, configuration.embeddingSize]),
        ("pair.weight", [pairs.count + 1, half]), ("mark.weight", [marks.count + 1, half]),
      ] + direction("ahead") + direction("back") + [
        ("output.weight", [labels, 2 * size]), ("output.bias", [labels]), ("transitions", [labels, labels]),
      ])
  }

  /// The named pieces of a text in its order.
  ///
  /// - Complexity: O(length · size²).
  public func entities(in text: String) -> [LabelledRange] {
    EntityModel.entities(in: text, names) { labels($0) }
  }

  private func labels(_ codes: [UInt32]) -> [UInt8] {
    let places = NameLexicon.marks(codes, trie) { kinds[$0] }
    let rows = EntityInputs.rows(codes, places, characters, pairs, marks)
    let widths = [
      configuration.embeddingSize, configuration.embeddingSize / 2, configuration.embeddingSize / 2,
    ]
    let tables = ["character.weight", "pair.weight", "mark.weight"].map(parameters.values)
    var x: [Float] = []
    x.reserveCapacity(rows.count * widths.reduce(0, +))
    for row in rows {
      for kind in 0..<3 { x += tables[kind][(Int(row[kind]) * widths[kind])...].prefix(widths[kind]) }
    }
    let count = rows.count
    let forth = states(x, count, "ahead", reversed: false)
    let back = states(x, count, "back", reversed: true)
    var both: [Float] = []
    both.reserveCapacity(2 * forth.count)
    for place in 0..<count {
      both += forth[(place * configuration.size)...].prefix(configuration.size)
      both += back[(place * configuration.size)...].prefix(configuration.size)
    }
    let scores = Forward.linear(
      both, rows: count, weight: parameters.values("output.weight"), bias: parameters.values("output.bias"),
      outputs: lattice.labels)
    return lattice.decode(scores, parameters.values("transitions"))
  }

  /// The outputs of long short-term memory after each place; `reversed` reads from the end.
  private func states(_ x: [Float], _ count: Int, _ name: String, reversed: Bool) -> [Float] {
    let size = configuration.size
    let gatesOfInput = Forward.linear(
      x, rows: count, weight: parameters.values("\(name).input"),
      bias: parameters.values("\(name).inputBias"), outputs: 4 * size)
    let (weight, bias) = (parameters.values("\(name).hidden"), parameters.values("\(name).hiddenBias"))
    var output = [Float](repeating: 0, count: count * size)
    var (state, cell) = ([Float](repeating: 0, count: size), [Float](repeating: 0, count: size))
    for step in 0..<count {
      let place = reversed ? count - 1 - step : step
      let gates = Forward.linear(state, rows: 1, weight: weight, bias: bias, outputs: 4 * size)
      let base = place * 4 * size
      for index in 0..<size {
        let input = Forward.sigmoid(gatesOfInput[base + index] + gates[index])
        let forget = Forward.sigmoid(gatesOfInput[base + size + index] + gates[size + index])
        let new = tanh(gatesOfInput[base + 2 * size + index] + gates[2 * size + index])
        let out = Forward.sigmoid(gatesOfInput[base + 3 * size + index] + gates[3 * size + index])
        cell[index] = forget * cell[index] + input * new
        state[index] = out * tanh(cell[index])
        output[place * size + index] = state[index]
      }
    }
    return output
  }
}

extension BiLSTMCRFModel: Codable {
  private struct Saved: Codable {
    var names: [String]
    var configuration: BiLSTMCRF.Configuration
    @Packed var characters: [Int64]
    @Packed var pairs: [Int64]
    @Packed var marks: [Int64]
    @Packed var known: [Int32]
    var parameters: Checkpoint
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws {
    func keys(_ numbers: [UInt64: Int64]) -> [Int64] {
      numbers.sorted { $0.value < $1.value }.map { Int64(bitPattern: $0.key) }
    }
    try Saved(
      names: names, configuration: configuration, characters: keys(characters), pairs: keys(pairs),
      marks: keys(marks), known: EntityModel.packed(known, kinds), parameters: parameters
    ).encode(to: encoder)
  }

  /// Reads a saved model.
  ///
  /// - Throws: `LearningError.corruptModel` when its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let saved = try Saved(from: decoder)
    func numbers(_ keys: [Int64]) -> [UInt64: Int64] {
      Dictionary(
        keys.enumerated().map { (UInt64(bitPattern: $1), Int64($0 + 1)) },
        uniquingKeysWith: { first, _ in first })
    }
    guard !saved.names.isEmpty, saved.names.count <= 100, (1...4096).contains(saved.configuration.size),
      (2...4096).contains(saved.configuration.embeddingSize),
      let (known, kinds) = EntityModel.unpacked(saved.known)
    else { throw LearningError.corruptModel(reason: "its settings or names are none") }
    try self.init(
      names: saved.names, configuration: saved.configuration, characters: numbers(saved.characters),
      pairs: numbers(saved.pairs), marks: numbers(saved.marks), known: known, kinds: kinds,
      parameters: saved.parameters)
  }
}
