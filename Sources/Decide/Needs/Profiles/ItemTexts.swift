import Commerce
import Features
import MathKernels
import TextAnalysis

extension ItemVectors {
  /// The titles or descriptions of items by meaning; equal texts are embedded once, empty ones left out.
  ///
  /// ```swift
  /// let texts = try ItemVectors(texts: ["4711": "arabica coffee beans"], embedder: encoder)
  /// ```
  /// - Throws: what the embedder throws.
  public init(texts: [String: String], embedder: some SentenceEmbedder) throws {
    let items = texts.keys.filter { texts[$0]?.isEmpty == false }.sorted()
    let distinct = Vocabulary(items.map { texts[$0] ?? "" })
    self.init(
      items: items, rows: items.map { Int(distinct.index(of: texts[$0] ?? "") ?? 0) },
      vectors: try embedder.vectors(of: distinct.ids))
  }
}

extension WrittenVectors {
  /// What customers wrote or searched, by meaning; empty texts are left out.
  ///
  /// - Throws: what the embedder throws.
  public init(
    texts: [(customerID: String, milliseconds: Int64, text: String)], embedder: some SentenceEmbedder
  ) throws {
    let kept = texts.filter { !$0.text.isEmpty }
    self.init(
      customers: kept.map(\.customerID), milliseconds: kept.map(\.milliseconds),
      vectors: try embedder.vectors(of: kept.map(\.text)))
  }
}
