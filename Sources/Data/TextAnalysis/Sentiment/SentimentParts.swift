import Foundation
import MathKernels

/// The figures of a text that are weighed against each other.
struct SentimentParts: Sendable {
  /// The margin of the whole text.
  var whole = 0.0
  /// How much more positive it is after words of contrast than before; 0 unless most of the text is contrasted.
  var contrast = 0.0
  /// What opinion words add to the margin as if no negation turned them round, with the sign changed.
  var turned = 0.0
  /// The lexicon's score.
  var lexicon = 0.0

  /// The figures and a constant.
  var row: [Double] { [whole, contrast, turned, lexicon, 1] }
}

/// Takes texts apart into the figures that are weighed.
struct SentimentReader: Sendable {
  let linear: LinearTextModel
  let lexicon: SentimentLexicon

  /// The figures of a text.
  func parts(of text: String) -> SentimentParts {
    let opinions = lexicon.opinions(in: text)
    let sum = opinions.reduce(0) { $0 + $1.polarity }
    var parts = SentimentParts(whole: margin(text), lexicon: sum / (sum * sum + 1).squareRoot())
    // In a long review a contrast is one remark among many, and its sentence says what it says by itself.
    if let contrast = Clauses.contrast(in: text, lexicon.language), contrast.share >= 0.8 {
      parts.contrast = (margin(contrast.after) - margin(contrast.before))
    }
    if opinions.contains(where: \.isNegated) {
      let shares = linear.contributions(ofBytesIn: text)
      for opinion in opinions where opinion.isNegated {
        let share = Double(shares[opinion.range].reduce(0, +))
        // The n-grams may know the negation already; then the word pulls the way it should.
        if share * opinion.polarity < 0 { parts.turned -= share }
      }
    }
    return parts
  }

  private func margin(_ text: String) -> Double {
    let row = linear.features.row(of: text)
    return Double(linear.margins((row.columns[...], row.values[...]), linear.weights)[0])
  }
}

/// A logistic regression on the figures of a text.
struct SentimentStack: Sendable, Codable, Equatable {
  /// What a unit of each figure adds to the log-odds; the last is the intercept.
  private(set) var weights = [1.0, 0, 0, 0, 0]

  // What is known before any data: a contrast weighs what comes after it three times as much as what comes before, as in
  // VADER, which is half the weight of the whole on their difference. Long reviews seldom show it, so it holds its place
  // as a hundred observations would.
  private static let expected = [0.0, 2, 6, 0, 0]
  private static let strength = [1.0, 100, 30, 1, 1]

  /// Fits the weights by Newton's method, with a ridge around what is expected of them.
  init(_ parts: [SentimentParts], _ labels: [Bool]) {
    let rows = parts.map(\.row)
    let order = weights.count
    for _ in 0..<50 {
      var hessian = Matrix<Double>(rows: order, columns: order)
      var gradient = [Double](repeating: 0, count: order)
      for i in 0..<order {
        hessian[i, i] = Self.strength[i]
        gradient[i] = Self.strength[i] * (Self.expected[i] - weights[i])
      }
      for (row, label) in zip(rows, labels) {
        let p = Self.probability(row, weights)
        for i in 0..<order {
          gradient[i] += ((label ? 1 : 0) - p) * row[i]
          for j in 0..<order { hessian[i, j] += p * (1 - p) * row[i] * row[j] }
        }
      }
      guard let step = try? hessian.solvingSymmetricPositiveDefinite(gradient) else { break }
      for i in 0..<order { weights[i] += step[i] }
      if step.allSatisfy({ abs($0) < 1e-9 }) { break }
    }
  }

  /// The log-odds that the text is positive.
  func logOdds(_ parts: SentimentParts) -> Double {
    zip(parts.row, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func probability(_ row: [Double], _ weights: [Double]) -> Double {
    1 / (1 + exp(-zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }))
  }
}
