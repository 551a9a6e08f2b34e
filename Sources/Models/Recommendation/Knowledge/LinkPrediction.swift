import Commerce
import Learning
import MathKernels

/// Measures embeddings of graphs: for each held-out fact, where the true tail comes among all entities, and the true head.
///
/// ```swift
/// let split = graph.split(holdingOut: 0.1, seed: 42)
/// let model = try await TransE().fit(graph.selecting(split.training), context: FitContext())
/// LinkPrediction().evaluate(model, on: graph, test: split.test).metrics["mrr"]
/// ```
/// Ranks are filtered: other entities that make a fact of the graph, held out or not, are no rivals (Bordes et al. 2013). Ties
/// count against the model (Sun et al. 2020, https://doi.org/10.18653/v1/2020.acl-main.489).
public struct LinkPrediction: Sendable {
  /// How many resamples the confidence intervals take; 0 for none.
  public var resamples: Int
  /// Seeds the confidence intervals.
  public var seed: UInt64

  /// A measurement.
  public init(resamples: Int = 1000, seed: UInt64 = 42) {
    self.resamples = resamples
    self.seed = seed
  }

  /// The figures of one model.
  public struct Report: Sendable, Codable, Equatable {
    /// `mrr`, `hits@1`, `hits@3`, `hits@10`: means over the facts, each the mean of its two directions.
    public var metrics: [String: Double]
    /// Bootstrap intervals over the facts.
    public var intervals: [String: ConfidenceInterval]
    /// How many facts were measured, each in both directions.
    public var cases: Int
  }

  /// Ranks all entities for both sides of each held-out fact.
  ///
  /// - Parameters:
  ///   - graph: all facts; a model knows its entities by the same indices.
  ///   - test: the rows that were held out.
  /// - Complexity: O(test × entities × embeddingSize), on all cores.
  public func evaluate(_ model: GraphEmbeddingModel, on graph: KnowledgeGraph, test: [Int]) -> Report {
    precondition(model.entities == graph.entities, "a model of this graph's entities is measured")
    let known = KnownFacts(graph)
    let ranks = parallelBlocks(test.count, blockSize: 16) { block in
      block.map { place in
        let fact = graph.coded(test[place])
        return (
          rank(of: fact.tail, known.tails(of: fact), model, fact, replacingHead: false),
          rank(of: fact.head, known.heads(of: fact), model, fact, replacingHead: true)
        )
      }
    }.flatMap { $0 }
    func column(_ value: (Int) -> Double) -> [Double] { ranks.map { (value($0.0) + value($0.1)) / 2 } }
    let names = ["mrr", "hits@1", "hits@3", "hits@10"]
    let columns =
      [column { 1 / Double($0) }] + [1, 3, 10].map { limit in column { $0 <= limit ? 1 : 0 } }
    var report = Report(metrics: [:], intervals: [:], cases: test.count)
    for (name, values) in zip(names, columns) { report.metrics[name] = Statistics.mean(values) }
    if resamples > 0 {
      let found = Bootstrap.meanIntervals(of: columns, resamples: resamples, seed: seed)
      for (name, interval) in zip(names, found) { report.intervals[name] = interval }
    }
    return report
  }

  private func rank(
    of entity: Int32, _ others: [Int32], _ model: GraphEmbeddingModel, _ fact: CodedTriple,
    replacingHead: Bool
  ) -> Int {
    var found = model.distances(
      relation: fact.relation, known: Int(replacingHead ? fact.tail : fact.head), replacingHead: replacingHead
    )
    let own = found[Int(entity)]
    for other in others { found[Int(other)] = .infinity }
    // What is not farther is nearer; NaN, too, counts against the model.
    return 1 + found.reduce(0) { $0 + ($1 > own ? 0 : 1) }
  }
}

/// All facts of a graph by what they complete.
private struct KnownFacts: Sendable {
  private var tailsOf: [CodedTriple: [Int32]] = [:]
  private var headsOf: [CodedTriple: [Int32]] = [:]

  init(_ graph: KnowledgeGraph) {
    for row in 0..<graph.count {
      let fact = graph.coded(row)
      tailsOf[CodedTriple(head: fact.head, relation: fact.relation, tail: -1), default: []].append(fact.tail)
      headsOf[CodedTriple(head: -1, relation: fact.relation, tail: fact.tail), default: []].append(fact.head)
    }
  }

  func tails(of fact: CodedTriple) -> [Int32] {
    tailsOf[CodedTriple(head: fact.head, relation: fact.relation, tail: -1)] ?? []
  }

  func heads(of fact: CodedTriple) -> [Int32] {
    headsOf[CodedTriple(head: -1, relation: fact.relation, tail: fact.tail)] ?? []
  }
}
