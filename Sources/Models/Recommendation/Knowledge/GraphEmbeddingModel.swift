import Commerce
import Learning
import MathKernels

/// What `TransE` and `RotatE` learned: a vector for each entity and one for each relation.
public struct GraphEmbeddingModel: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// How the distance of a fact is measured.
  public let distance: TripleDistance
  /// How many numbers a relation has; an entity has as many, or twice as many where relations turn.
  public let size: Int
  /// The entities known to the model.
  public let entities: Vocabulary
  /// The relations known to the model.
  public let relations: Vocabulary
  /// The vectors of the entities, row by row.
  @Packed public private(set) var entityVectors: [Float]
  /// The vectors or angles of the relations, row by row.
  @Packed public private(set) var relationVectors: [Float]

  /// How many numbers an entity has.
  public var entityWidth: Int { distance.entityWidth(size) }

  init(
    distance: TripleDistance, size: Int, entities: Vocabulary, relations: Vocabulary, entityVectors: [Float],
    relationVectors: [Float]
  ) {
    self.distance = distance
    self.size = size
    self.entities = entities
    self.relations = relations
    self.entityVectors = entityVectors
    self.relationVectors = relationVectors
  }

  /// The vector of an entity; nil when it is unknown.
  public func vector(of entity: String) -> [Float]? {
    entities.index(of: entity).map {
      Array(entityVectors[Int($0) * entityWidth..<(Int($0) + 1) * entityWidth])
    }
  }

  /// How far a fact is from true; nil when one of its parts is unknown.
  public func distance(of triple: Triple) -> Double? {
    guard let head = entities.index(of: triple.head), let relation = relations.index(of: triple.relation),
      let tail = entities.index(of: triple.tail)
    else { return nil }
    let found = distances(
      relation: relation, of: Int(tail), replacingHead: true, for: Int(head)..<Int(head) + 1)
    return Double(found[0])
  }

  /// An entity that may complete a fact.
  public struct Completion: Sendable, Codable, Equatable {
    /// The entity's id.
    public var entity: String
    /// How far the fact with it is from true.
    public var distance: Double
  }

  /// The entities that most likely are what `head` relates to, nearest first; none when a part is unknown.
  public func tails(of head: String, relation: String, count: Int) -> [Completion] {
    completions(relation, of: head, replacingHead: false, count)
  }

  /// The entities that most likely relate to `tail`, nearest first; none when a part is unknown.
  public func heads(of relation: String, tail: String, count: Int) -> [Completion] {
    completions(relation, of: tail, replacingHead: true, count)
  }

  private func completions(
    _ relation: String, of entity: String, replacingHead: Bool, _ count: Int
  ) -> [Completion] {
    guard let entity = entities.index(of: entity), let relation = relations.index(of: relation) else {
      return []
    }
    let found = distances(relation: relation, known: Int(entity), replacingHead: replacingHead)
    return found.map { -$0 }.withUnsafeBufferPointer { scores in
      TopK.select(count, of: scores).map {
        Completion(entity: entities[$0.index], distance: Double(-$0.score))
      }
    }
  }

  /// The distances of the facts of all entities with a known other one.
  func distances(relation: Int32, known: Int, replacingHead: Bool) -> [Float] {
    distances(relation: relation, of: known, replacingHead: replacingHead, for: 0..<entities.count)
  }

  private func distances(
    relation: Int32, of known: Int, replacingHead: Bool, for range: Range<Int>
  ) -> [Float] {
    var step = TripleStep(distance, size: size, corruptions: 0)
    step.set(relation: Array(relationVectors[Int(relation) * size..<(Int(relation) + 1) * size]))
    let width = entityWidth
    return entityVectors.withUnsafeBufferPointer { vectors in
      guard let base = vectors.baseAddress else { return [] }
      let own = base + known * width
      return range.map { index in
        let other = base + index * width
        return replacingHead ? step.distance(other, own) : step.distance(own, other)
      }
    }
  }
}

extension GraphEmbeddingModel {
  private enum CodingKeys: String, CodingKey {
    case distance, size, entities, relations, entityVectors, relationVectors
  }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    distance = try values.decode(TripleDistance.self, forKey: .distance)
    size = try values.decode(Int.self, forKey: .size)
    entities = try values.decode(Vocabulary.self, forKey: .entities)
    relations = try values.decode(Vocabulary.self, forKey: .relations)
    _entityVectors = try values.decode(Packed<Float>.self, forKey: .entityVectors)
    _relationVectors = try values.decode(Packed<Float>.self, forKey: .relationVectors)
    guard (1...4096).contains(size), entityVectors.count == entities.count * entityWidth,
      relationVectors.count == relations.count * size
    else {
      throw LearningError.corruptModel(reason: "it has not one vector for each entity and relation")
    }
  }
}
