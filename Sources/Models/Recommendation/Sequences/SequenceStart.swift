import Learning
import MathKernels

/// Where the items' vectors start from when a network over sequences is trained.
public enum ItemStart: String, Sendable, Codable, CaseIterable {
  /// Random numbers.
  case random
  /// Coordinates in which items that come close together in users' sequences lie close together. Where most items are rare
  /// it saves many epochs.
  case neighbours
}

extension ItemStart {
  /// Vectors of which a number has the given standard deviation on average; nil for a random start.
  func vectors(
    _ sequences: PositiveSequences, items: Int, size: Int, deviation: Float, seed: UInt64
  ) throws -> [Float]? {
    guard self == .neighbours, sequences.items.count > 1 else { return nil }
    var settings = DecayedTransitions.Configuration()
    settings.backwardWeight = 1
    var counts = TransitionCounter(settings, sequences, items: items).counted()
    let sums = (0..<items).map { counts.row($0).values.reduce(0, +) }
    let mean = sums.reduce(0, +) / Float(max(1, items))
    guard mean > 0 else { return nil }
    // The mean added to each sum keeps small islands of items from taking the leading directions.
    let scales = sums.map { 1 / ($0 + mean).squareRoot() }
    counts.values = (0..<items).flatMap { row in
      let (columns, values) = counts.row(row)
      return zip(columns, values).map { $1 * scales[row] * scales[Int($0)] }
    }
    var vectors = try counts.spectralCoordinates(size, seed: seed).elements
    // Each item's vector gets the same length: how popular an item is, is learned.
    for start in stride(from: 0, to: vectors.count, by: size) {
      let length = vectors[start..<start + size].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
      guard length > 0, length.isFinite else { continue }
      let scale = deviation * Float(size).squareRoot() / length
      for index in start..<start + size { vectors[index] *= scale }
    }
    return vectors
  }
}
