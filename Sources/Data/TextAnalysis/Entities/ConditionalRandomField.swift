import Foundation

/// A linear-chain conditional random field over label scores: how likely the right labels are among all ways, and how that
/// changes with the scores.
///
/// Source: Lafferty, McCallum and Pereira (2001), https://repository.upenn.edu/handle/20.500.14332/6188
struct ConditionalRandomField {
  /// How many labels there are.
  let labels: Int
  /// The score of each label after each other, a row for each label before.
  let transitions: [Float]

  /// What came of one sentence.
  struct Gradient {
    /// −ln P(right labels).
    var loss: Double
    /// The loss by the scores, as they lie.
    var scores: [Float]
    /// The loss by the transitions.
    var transitions: [Float]
  }

  /// The loss of a sentence and its gradient, by the forward-backward algorithm.
  ///
  /// - Complexity: O(length · labels²).
  func gradient(scores: ArraySlice<Float>, gold: [UInt8]) -> Gradient {
    let count = gold.count
    let step = transitions.map { exp($0) }
    // Each row relative to its largest score, so that nothing overflows.
    var weights = [Float](repeating: 0, count: count * labels)
    var logarithm = 0.0
    for place in 0..<count {
      let row = scores[(scores.startIndex + place * labels)...].prefix(labels)
      let top = row.max() ?? 0
      logarithm += Double(top)
      for (label, score) in row.enumerated() { weights[place * labels + label] = exp(score - top) }
    }
    var forward = weights
    for place in 0..<count {
      if place > 0 {
        for label in 0..<labels {
          var sum: Float = 0
          for before in 0..<labels {
            sum += forward[(place - 1) * labels + before] * step[before * labels + label]
          }
          forward[place * labels + label] = sum * weights[place * labels + label]
        }
      }
      logarithm += Double(Self.normalize(&forward, place * labels, labels))
    }
    var result = Gradient(
      loss: logarithm, scores: [Float](repeating: 0, count: count * labels),
      transitions: [Float](repeating: 0, count: labels * labels))
    backward(forward, weights, step, &result)
    for (place, label) in gold.enumerated() {
      let here = Int(label)
      result.loss -= Double(scores[scores.startIndex + place * labels + here])
      result.scores[place * labels + here] -= 1
      guard place > 0 else { continue }
      let way = Int(gold[place - 1]) * labels + here
      result.loss -= Double(transitions[way])
      result.transitions[way] -= 1
    }
    return result
  }

  /// Writes the expected labels and steps.
  private func backward(_ forward: [Float], _ weights: [Float], _ step: [Float], _ result: inout Gradient) {
    var after = [Float](repeating: 1, count: labels)
    for place in stride(from: forward.count / labels - 1, through: 0, by: -1) {
      let row = place * labels
      for label in 0..<labels { result.scores[row + label] = forward[row + label] * after[label] }
      _ = Self.normalize(&result.scores, row, labels)
      guard place > 0 else { break }
      var ways = [Float](repeating: 0, count: labels * labels)
      var before = [Float](repeating: 0, count: labels)
      for from in 0..<labels {
        for label in 0..<labels {
          let gain = step[from * labels + label] * weights[row + label] * after[label]
          before[from] += gain
          ways[from * labels + label] = forward[row - labels + from] * gain
        }
      }
      let total = max(ways.reduce(0, +), .leastNormalMagnitude)
      for way in ways.indices { result.transitions[way] += ways[way] / total }
      _ = Self.normalize(&before, 0, labels)
      after = before
    }
  }

  /// Makes some numbers add up to one; gives the logarithm of what they added up to.
  private static func normalize(_ values: inout [Float], _ start: Int, _ count: Int) -> Float {
    var sum: Float = 0
    for place in start..<start + count { sum += values[place] }
    sum = max(sum, .leastNormalMagnitude)
    for place in start..<start + count { values[place] /= sum }
    return log(sum)
  }
}
