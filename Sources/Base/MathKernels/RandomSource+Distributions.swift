import Foundation

extension RandomSource {
  /// An exponential deviate of this rate, above 0.
  public mutating func exponential(rate: Double) -> Double { -log(1 - uniform()) / rate }

  /// A gamma deviate of this shape, above 0, and rate 1; its mean is the shape.
  ///
  /// The method of Marsaglia and Tsang (2000), https://doi.org/10.1145/358407.358414; below shape 1 a deviate of the next
  /// shape times a power of a uniform one.
  public mutating func gamma(shape: Double) -> Double {
    // Beyond this the acceptance below is lost in rounding, and the normal distribution is as close as numbers are.
    guard shape < 1e9 else { return max(0, shape + shape.squareRoot() * normal()) }
    if shape < 1 {
      let next = gamma(shape: shape + 1)
      return next * pow(1 - uniform(), 1 / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      let u = 1 - uniform()
      if log(u) < x * x / 2 + d - d * cube + d * log(cube) { return d * cube }
    }
  }

  /// A beta deviate with the two shapes, both above 0.
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    // Below shape 1 both gamma deviates can vanish; then the larger share goes by their expectation.
    let (x, y) = (gamma(shape: a), gamma(shape: b))
    guard x + y > 0 else { return uniform() < a / (a + b) ? 1 : 0 }
    return x / (x + y)
  }

  /// A Poisson count of this mean, at least 0.
  ///
  /// Large means are halved by the order statistics of a Poisson process (Ahrens and Dieter 1974,
  /// https://doi.org/10.1007/BF02293108), small ones counted by exponential gaps.
  ///
  /// - Complexity: O(mean) at worst.
  public mutating func poisson(mean: Double) -> Int {
    var (mean, count) = (mean, 0)
    while mean > 24 {
      let half = Int(mean * 7 / 8)
      let arrival = gamma(shape: Double(half))
      if arrival > mean {
        // Of half − 1 arrivals before the last one, those before the end are uniform in time.
        let share = mean / arrival
        for _ in 1..<half where uniform() < share { count += 1 }
        return count
      }
      count += half
      mean -= arrival
    }
    var left = mean - exponential(rate: 1)
    while left > 0 {
      count += 1
      left -= exponential(rate: 1)
    }
    return count
  }
}
