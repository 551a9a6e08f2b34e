import Foundation
import MathKernels

/// Margins of several classes as probabilities.
enum Softmax {
  /// Each class's share of the sum of exp(margin / temperature).
  static func shares(_ margins: [Double], _ temperature: Double) -> [Double] {
    let greatest = margins.max() ?? 0
    let powers = margins.map { exp(($0 - greatest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The temperature at which held-out texts' true classes are likeliest.
  static func temperature(_ margins: Matrix<Float>, _ classes: [Int]) -> Double {
    func loss(_ logTemperature: Double) -> Double {
      (0..<margins.rows).reduce(0) { sum, row in
        let probabilities = shares(margins.row(row).map(Double.init), exp(logTemperature))
        return sum - log(max(probabilities[classes[row]], 1e-15))
      }
    }
    // The loss has one valley in the temperature's logarithm; golden sections close in on it.
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(0.01), log(10.0))
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (lossA, lossB) = (loss(a), loss(b))
    while high - low > 0.01 {
      if lossA < lossB {
        (high, b, lossB) = (b, a, lossA)
        a = high - ratio * (high - low)
        lossA = loss(a)
      } else {
        (low, a, lossA) = (a, b, lossB)
        b = low + ratio * (high - low)
        lossB = loss(b)
      }
    }
    return exp((low + high) / 2)
  }
}
