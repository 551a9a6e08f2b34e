import Commerce
import Learning
import Neural

/// What the models that are networks save: their settings, the items with their popularity, and the weights.
struct LearnedNetwork<Configuration: Codable & Sendable>: Sendable, Codable {
  let configuration: Configuration
  let items: Vocabulary
  @Packed var counts: [Float]
  let network: Checkpoint

  init(_ configuration: Configuration, items: Vocabulary, popularity: [Float], network: Checkpoint) {
    self.configuration = configuration
    self.items = items
    counts = popularity
    self.network = network
  }

  /// Checks what was read from a file.
  ///
  /// - Throws: `NeuralError.checkpointMismatch` or `LearningError.corruptModel`.
  func require(_ shapes: [(name: String, shape: [Int])]) throws {
    try network.requireShapes(shapes)
    guard counts.count == items.count else {
      throw LearningError.corruptModel(reason: "it does not say how popular each of its items is")
    }
  }
}
