import Commerce
import Foundation
import Learning
import MathKernels

/// What the embeddings of graphs share: one step of Adagrad for each fact with its corruptions.
struct GraphTraining {
  let objective: TripleObjective
  let size: Int
  let negatives: Int
  let epochs: Int
  let learningRate: Double
  /// Whether entities are brought back to length one after each step.
  let keepsUnitLength: Bool
  /// Numbers of entities start evenly from −limit to limit.
  let startLimit: Double

  func run(_ graph: KnowledgeGraph, _ context: FitContext) throws -> GraphEmbeddingModel {
    try SettingCheck.require("embeddingSize", size, 1...4096)
    try SettingCheck.require("negatives", negatives, 1...4096)
    try SettingCheck.require("epochs", epochs, 1...100_000)
    try SettingCheck.require("learningRate", learningRate, 1e-8...10)
    try graph.requireSomething()
    try context.checkpoint(step: 0, of: epochs)
    var random = RandomSource(seed: context.seed)
    let width = objective.distance.entityWidth(size)
    var entities = AdagradTable(rows: graph.entities.count, width: width, limit: startLimit, &random)
    // Angles anywhere on the circle, vectors as entities.
    let turns = objective.distance == .rotation
    var relations = AdagradTable(
      rows: graph.relations.count, width: size, limit: turns ? Double.pi : startLimit, &random)
    if keepsUnitLength {
      for row in 0..<graph.entities.count { entities.normalize(row) }
      for row in 0..<graph.relations.count { relations.normalize(row) }
    }
    for epoch in 1...epochs {
      let loss = try self.epoch(graph, &entities, &relations, &random)
      try context.checkpoint(step: epoch, of: epochs, metrics: ["loss": loss])
    }
    return GraphEmbeddingModel(
      distance: objective.distance, size: size, entities: graph.entities, relations: graph.relations,
      entityVectors: entities.values, relationVectors: relations.values)
  }

  private func epoch(
    _ graph: KnowledgeGraph, _ entities: inout AdagradTable, _ relations: inout AdagradTable,
    _ random: inout RandomSource
  ) throws -> Double {
    var step = TripleStep(objective.distance, size: size, corruptions: negatives)
    var drawn = [Int](repeating: 0, count: negatives)
    var total = 0.0
    for (number, row) in (0..<graph.count).shuffled(using: &random).enumerated() {
      if number % 4096 == 0 { try Task.checkCancellation() }
      let (head, relation, tail) = (Int(graph.heads[row]), Int(graph.relationOf[row]), Int(graph.tails[row]))
      let corruptsHead = random.next() & 1 == 0
      for index in drawn.indices { drawn[index] = random.index(below: graph.entities.count) }
      relations.withRow(relation) { step.set(relation: $0) }
      let loss = entities.withRows { base in
        step.run(
          base + head * entities.width, base + tail * entities.width,
          drawn.map { base + $0 * entities.width },
          corruptsHead: corruptsHead, objective.loss)
      }
      total += Double(loss)
      guard loss > 0 else { continue }
      update(&entities, &relations, step, (head, relation, tail), drawn)
    }
    let mean = total / Double(graph.count)
    guard mean.isFinite else { throw LearningError.didNotConverge(steps: epochs) }
    return mean
  }

  private func update(
    _ entities: inout AdagradTable, _ relations: inout AdagradTable, _ step: TripleStep,
    _ triple: (head: Int, relation: Int, tail: Int), _ drawn: [Int]
  ) {
    let rate = Float(learningRate)
    let width = entities.width
    step.head.withUnsafeBufferPointer { entities.step(triple.head, $0, rate) }
    step.tail.withUnsafeBufferPointer { entities.step(triple.tail, $0, rate) }
    step.relationGradient().withUnsafeBufferPointer { relations.step(triple.relation, $0, rate) }
    step.corrupted.withUnsafeBufferPointer { gradients in
      for (index, row) in drawn.enumerated() where step.counts(index) {
        entities.step(
          row, UnsafeBufferPointer(rebasing: gradients[index * width..<(index + 1) * width]), rate)
      }
    }
    guard keepsUnitLength else { return }
    entities.normalize(triple.head)
    entities.normalize(triple.tail)
    for (index, row) in drawn.enumerated() where step.counts(index) { entities.normalize(row) }
  }
}

/// Rows of numbers, each with the sum of its squared gradients.
struct AdagradTable {
  let width: Int
  private(set) var values: [Float]
  private var squares: [Float]

  init(rows: Int, width: Int, limit: Double, _ random: inout RandomSource) {
    self.width = width
    values = (0..<rows * width).map { _ in Float((2 * random.uniform() - 1) * limit) }
    squares = [Float](repeating: 0, count: rows * width)
  }

  func withRows<Output>(_ body: (UnsafePointer<Float>) -> Output) -> Output {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { preconditionFailure("a graph with facts has entities") }
      return body(base)
    }
  }

  func withRow(_ row: Int, _ body: (UnsafePointer<Float>) -> Void) { withRows { body($0 + row * width) } }

  mutating func step(_ row: Int, _ gradient: UnsafeBufferPointer<Float>, _ rate: Float) {
    let (width, start) = (width, row * width)
    values.withUnsafeMutableBufferPointer { values in
      squares.withUnsafeMutableBufferPointer { squares in
        guard let value = values.baseAddress, let square = squares.baseAddress,
          let slope = gradient.baseAddress
        else { return }
        var index = 0
        while index + 8 <= width {
          let g = Lanes.load(slope, index)
          let sum = Lanes.load(square, start + index) + g * g
          Lanes.store(sum, square, start + index)
          Lanes.add(-rate * g / (sum + 1e-10).squareRoot(), to: value, start + index)
          index += 8
        }
        while index < width {
          let g = slope[index]
          square[start + index] += g * g
          value[start + index] -= rate * g / (square[start + index] + 1e-10).squareRoot()
          index += 1
        }
      }
    }
  }

  /// Brings a row to length one.
  mutating func normalize(_ row: Int) {
    let (width, start) = (width, row * width)
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let own = base + start
      let length = Vectors.dot(own, own, width).squareRoot()
      guard length > 0 else { return }
      for index in 0..<width { own[index] /= length }
    }
  }
}
