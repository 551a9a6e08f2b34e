import Foundation

/// How far a fact is from being true, by the vectors of its entities and of its relation.
///
/// A vector of `embeddingSize` numbers a part; those of `rotation` hold real parts first and imaginary parts after, and their
/// relations one angle for each pair.
public enum TripleDistance: String, Sendable, Codable, CaseIterable {
  /// `Σ |h + r − t|`.
  case translationL1
  /// `√Σ (h + r − t)²`.
  case translationL2
  /// `Σ |h · e^{iθ} − t|` over complex numbers.
  case rotation

  /// How many numbers an entity has.
  func entityWidth(_ size: Int) -> Int { self == .rotation ? 2 * size : size }
}

/// What a model of a graph makes small for a fact and its corruptions.
///
/// ```swift
/// let objective = TripleObjective(distance: .translationL2, loss: .margin(1))
/// objective.value(head: [0, 0], relation: [1, 0], tail: [1, 0], corrupted: [[0, 0]], corruptsHead: false)   // 0
/// ```
public struct TripleObjective: Sendable, Equatable {
  /// How distances become a loss.
  public enum Loss: Sendable, Equatable {
    /// The mean over corruptions of `max(0, margin + d − d')`, as TransE has it.
    case margin(Float)
    /// `−log σ(margin − d) − Σ p · log σ(d' − margin)`, p the softmax of `−temperature · d'`, as RotatE has it.
    ///
    /// The shares p count as constants: no gradient flows through them.
    case selfAdversarial(margin: Float, temperature: Float)
  }

  /// What a fact's distance is.
  public var distance: TripleDistance
  /// What it costs.
  public var loss: Loss

  /// An objective.
  public init(distance: TripleDistance, loss: Loss) {
    self.distance = distance
    self.loss = loss
  }

  /// The gradients of the loss of one fact.
  public struct Gradients: Sendable, Equatable {
    /// By the head's vector.
    public var head: [Float]
    /// By the relation's vector or angles.
    public var relation: [Float]
    /// By the tail's vector.
    public var tail: [Float]
    /// By the vector of each corruption.
    public var corrupted: [[Float]]
  }

  /// The distance of one fact.
  public func distance(head: [Float], relation: [Float], tail: [Float]) -> Float {
    var step = step(relation, corruptions: 0)
    step.set(relation: relation)
    return head.withUnsafeBufferPointer { head in
      tail.withUnsafeBufferPointer { tail in
        guard let head = head.baseAddress, let tail = tail.baseAddress else { return 0 }
        return step.distance(head, tail)
      }
    }
  }

  /// The loss of a fact beside corruptions of its head or of its tail.
  public func value(
    head: [Float], relation: [Float], tail: [Float], corrupted: [[Float]], corruptsHead: Bool
  ) -> Float {
    let own = distance(head: head, relation: relation, tail: tail)
    let others = corrupted.map {
      distance(head: corruptsHead ? $0 : head, relation: relation, tail: corruptsHead ? tail : $0)
    }
    var slopes = [Float](repeating: 0, count: others.count)
    return loss.value(own, others, &slopes).value
  }

  /// The gradients of that loss.
  public func gradients(
    head: [Float], relation: [Float], tail: [Float], corrupted: [[Float]], corruptsHead: Bool
  ) -> Gradients {
    var step = step(relation, corruptions: corrupted.count)
    // The same code that training runs, on a table of these vectors alone.
    let table = head + tail + corrupted.flatMap { $0 }
    step.set(relation: relation)
    table.withUnsafeBufferPointer { table in
      guard let base = table.baseAddress else { return }
      let rows = (0..<corrupted.count).map { base + (2 + $0) * head.count }
      _ = step.run(base, base + head.count, rows, corruptsHead: corruptsHead, loss)
    }
    return Gradients(
      head: step.head, relation: step.relationGradient(), tail: step.tail,
      corrupted: corrupted.indices.map {
        Array(step.corrupted[$0 * head.count..<($0 + 1) * head.count])
      })
  }

  private func step(_ relation: [Float], corruptions: Int) -> TripleStep {
    TripleStep(distance, size: relation.count, corruptions: corruptions)
  }
}

extension TripleObjective.Loss {
  /// The loss, its slope by the fact's own distance, and those by the corruptions' distances.
  func value(_ own: Float, _ others: [Float], _ slopes: inout [Float]) -> (value: Float, slope: Float) {
    switch self {
    case .margin(let margin):
      var (value, slope): (Float, Float) = (0, 0)
      let share = 1 / Float(max(1, others.count))
      for (index, other) in others.enumerated() {
        let excess = margin + own - other
        slopes[index] = excess > 0 ? -share : 0
        value += max(0, excess) * share
        slope += excess > 0 ? share : 0
      }
      return (value, slope)
    case .selfAdversarial(let margin, let temperature):
      let nearest = others.min() ?? 0
      var total: Float = 0
      for (index, other) in others.enumerated() {
        slopes[index] = exp(temperature * (nearest - other))
        total += slopes[index]
      }
      var value = Self.softplus(own - margin)
      for (index, other) in others.enumerated() {
        let share = slopes[index] / total
        value += share * Self.softplus(margin - other)
        slopes[index] = -share * Self.sigmoid(margin - other)
      }
      return (value, Self.sigmoid(own - margin))
    }
  }

  private static func sigmoid(_ x: Float) -> Float { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

  /// log(1 + eˣ) = −log σ(−x).
  private static func softplus(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }
}
