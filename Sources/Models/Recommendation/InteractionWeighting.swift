import Foundation
import MathKernels

/// How much it says that a user dealt with an item several times, or with more weight than another.
public enum InteractionWeighting: String, Sendable, Codable, CaseIterable {
  /// Any dealing of positive weight counts 1.
  case binary
  /// Weights of one item added up to w count log₂(1 + w).
  case logarithmic
  /// Weights count as they are.
  case linear

  func value(_ total: Float) -> Float {
    switch self {
    case .binary: total > 0 ? 1 : 0
    case .logarithmic: total > 0 ? log2(1 + total) : 0
    case .linear: max(0, total)
    }
  }

  /// Users × items with each cell's weight as this says.
  func matrix(_ data: Interactions) -> SparseMatrix {
    var matrix = data.matrix
    if self != .linear { matrix.values = matrix.values.map(value) }
    return matrix
  }

  /// What each entry of a history counts: those of one item share what the item counts, by weight.
  func shares(_ history: CodedHistory) -> [Float] {
    guard self != .linear else { return history.weights.map { max(0, $0) } }
    var totals: [Int32: Float] = [:]
    totals.reserveCapacity(history.items.count)
    for (item, weight) in zip(history.items, history.weights) where weight > 0 {
      totals[item, default: 0] += weight
    }
    return zip(history.items, history.weights).map { item, weight in
      guard weight > 0, let total = totals[item] else { return 0 }
      return value(total) * (weight / total)
    }
  }
}
