import Foundation

/// Turns the margins of an ensemble into probabilities: a slope learned on a later window, at the ensemble's own level.
///
/// How many categories people buy moves up and down by a few per cent from window to window, and the window at hand says
/// little of the next one. So only the slope is taken from it; the level stays that of all windows trained on.
public struct LevelCalibration: Sendable, Codable, Equatable {
  /// What a unit of margin adds to the log-odds.
  public let slope: Double
  /// The log-odds at a margin of zero.
  public let offset: Double

  /// A given line.
  public init(slope: Double, offset: Double) {
    self.slope = slope
    self.offset = offset
  }

  /// Learns the slope from margins and what came true, by logistic regression.
  public init(margins: [Float], labels: [Float]) {
    var (slope, offset) = (1.0, 0.0)
    for _ in 0..<25 {
      var (g0, g1, h00, h01, h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9)
      for index in margins.indices {
        let x = Double(margins[index])
        let p = logistic(offset + slope * x)
        let (error, weight) = (p - Double(labels[index]), p * (1 - p))
        g0 += error
        g1 += error * x
        h00 += weight
        h01 += weight * x
        h11 += weight * x * x
      }
      let determinant = h00 * h11 - h01 * h01
      guard determinant > 1e-12 else { break }
      let (step0, step1) = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant)
      offset -= step0
      slope -= step1
      if abs(step0) + abs(step1) < 1e-9 { break }
    }
    // A slope far from one says that there was too little to learn it from.
    guard (0.5...2).contains(slope) else {
      self.init(slope: 1, offset: 0)
      return
    }
    self.init(slope: slope, offset: Self.offset(slope: slope, margins: margins))
  }

  /// The offset at which the mean probability is that of the uncalibrated margins.
  private static func offset(slope: Double, margins: [Float]) -> Double {
    let target = margins.reduce(0.0) { $0 + logistic(Double($1)) }
    var (low, high) = (-5.0, 5.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      let sum = margins.reduce(0.0) { $0 + logistic(middle + slope * Double($1)) }
      if sum < target { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The probability of a margin.
  public func callAsFunction(_ margin: Double) -> Double { logistic(offset + slope * margin) }
}

/// The logistic function.
@inline(__always)
func logistic(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}

/// Its inverse.
@inline(__always)
func logit(_ p: Double) -> Double { log(p) - log1p(-p) }
