import Commerce
import Learning

/// A fact: two entities and how the first relates to the second.
public struct Triple: Sendable, Hashable, Codable {
  /// The entity that the fact is about.
  public var head: String
  /// How they relate, such as `film.directed_by`.
  public var relation: String
  /// The other entity.
  public var tail: String

  /// A fact.
  public init(_ head: String, _ relation: String, _ tail: String) {
    self.head = head
    self.relation = relation
    self.tail = tail
  }
}

/// Facts about entities: what embeddings of graphs learn from. A fact that is given twice counts once.
///
/// ```swift
/// let graph = KnowledgeGraph([Triple("alien", "directed by", "scott"), Triple("scott", "born in", "england")])
/// graph.count   // 2
/// ```
public struct KnowledgeGraph: Sendable, Equatable {
  /// Entities by index.
  public let entities: Vocabulary
  /// Relations by index.
  public let relations: Vocabulary
  /// The first entity's index of each fact.
  public let heads: [Int32]
  /// The relation's index of each fact.
  public let relationOf: [Int32]
  /// The other entity's index of each fact.
  public let tails: [Int32]

  /// How many facts there are.
  public var count: Int { heads.count }

  /// Facts in any order.
  public init(_ triples: some Sequence<Triple>) {
    var (entities, relations) = (Vocabulary(), Vocabulary())
    var columns: ([Int32], [Int32], [Int32]) = ([], [], [])
    var known: Set<CodedTriple> = []
    for triple in triples {
      let coded = CodedTriple(
        head: entities.insert(triple.head), relation: relations.insert(triple.relation),
        tail: entities.insert(triple.tail))
      guard known.insert(coded).inserted else { continue }
      columns.0.append(coded.head)
      columns.1.append(coded.relation)
      columns.2.append(coded.tail)
    }
    (heads, relationOf, tails) = columns
    (self.entities, self.relations) = (entities, relations)
  }

  private init(_ source: KnowledgeGraph, rows: [Int]) {
    (entities, relations) = (source.entities, source.relations)
    heads = rows.map { source.heads[$0] }
    relationOf = rows.map { source.relationOf[$0] }
    tails = rows.map { source.tails[$0] }
  }

  /// Some of the facts; entities and relations keep their indices.
  public func selecting(_ rows: [Int]) -> KnowledgeGraph { KnowledgeGraph(self, rows: rows) }

  /// A fact in external ids.
  public subscript(row: Int) -> Triple {
    Triple(entities[heads[row]], relations[relationOf[row]], entities[tails[row]])
  }

  func coded(_ row: Int) -> CodedTriple {
    CodedTriple(head: heads[row], relation: relationOf[row], tail: tails[row])
  }

  /// Refuses a graph without a fact.
  func requireSomething() throws {
    guard count > 0 else { throw LearningError.notEnoughData(needed: "at least one fact", found: "none") }
  }
}

/// A fact in a graph's indices.
struct CodedTriple: Sendable, Hashable {
  var head: Int32
  var relation: Int32
  var tail: Int32
}

extension KnowledgeGraph {
  /// Holds facts out: all facts between two entities go to the same side, and no entity is left without any.
  ///
  /// Graphs hold many facts in both directions (`film.genre` and `genre.films`), or several times over under related names;
  /// where such twins are dealt apart, a held-out fact can be read off the training part. See Toutanova and Chen (2015),
  /// https://doi.org/10.18653/v1/W15-4007.
  ///
  /// Which pairs go first depends on their ids and the seed alone, not on the order of the facts, so that another program can
  /// make the same division.
  /// - Parameters:
  ///   - share: the share of the facts that is held out at most.
  ///   - seed: the same seed holds the same out.
  /// - Complexity: O(n log n).
  public func split(holdingOut share: Double, seed: UInt64) -> Split {
    var pairs: [EntityPair: [Int]] = [:]
    for row in 0..<count { pairs[EntityPair(heads[row], tails[row]), default: []].append(row) }
    var degrees = [Int](repeating: 0, count: entities.count)
    for pair in pairs.keys {
      degrees[Int(pair.first)] += 1
      if pair.second != pair.first { degrees[Int(pair.second)] += 1 }
    }
    let wanted = Int((Double(count) * min(max(share, 0), 1)).rounded())
    let order = pairs.map { (key: key(of: $0.key, seed: seed), pair: $0.key, rows: $0.value) }.sorted {
      ($0.key, $0.rows[0]) < ($1.key, $1.rows[0])
    }
    var test: [Int] = []
    for (_, pair, rows) in order where test.count + rows.count <= wanted {
      guard degrees[Int(pair.first)] > 1, degrees[Int(pair.second)] > 1 else { continue }
      degrees[Int(pair.first)] -= 1
      if pair.second != pair.first { degrees[Int(pair.second)] -= 1 }
      test += rows
    }
    let held = Set(test)
    return Split(training: (0..<count).filter { !held.contains($0) }, test: test.sorted())
  }

  /// FNV-1a of the seed and both ids, the smaller one by its bytes first, then the finish of SplitMix64.
  private func key(of pair: EntityPair, seed: UInt64) -> UInt64 {
    let (a, b) = (Array(entities[pair.first].utf8), Array(entities[pair.second].utf8))
    let (first, second) = b.lexicographicallyPrecedes(a) ? (b, a) : (a, b)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in Array("\(seed)\t".utf8) + first + [9] + second {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
  }
}

/// Two entities, whichever is the head.
private struct EntityPair: Hashable {
  let first: Int32
  let second: Int32

  init(_ a: Int32, _ b: Int32) { (first, second) = a < b ? (a, b) : (b, a) }
}
