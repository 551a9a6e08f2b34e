import MathKernels

/// Turns sentences into vectors whose cosines say how alike in meaning they are.
public protocol SentenceEmbedder: Sendable {
  /// The length of a vector.
  var dimensions: Int { get }
  /// One row of unit length for each sentence; an empty sentence has a row too.
  func vectors(of sentences: [String]) throws -> Matrix<Float>
}
