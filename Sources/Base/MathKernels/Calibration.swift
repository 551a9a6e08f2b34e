/// How well stated probabilities agree with what happens.
public enum Calibration {
  /// One bin of a reliability diagram.
  public struct Bin: Sendable, Codable, Equatable {
    /// How many cases fall in the bin.
    public var count: Int
    /// The mean of the probabilities stated for them.
    public var meanPrediction: Double
    /// The share of them that came true.
    public var observedRate: Double
  }

  /// How cases are put into bins.
  public enum Binning: Sendable {
    /// Bins of equal width over 0…1; empty ones are left out.
    case equalWidth
    /// Bins of as many cases each as possible, by ascending probability.
    case equalCount
  }

  /// The reliability diagram: stated against observed, per bin.
  ///
  /// Probabilities outside 0…1 count towards the first or last bin.
  ///
  /// - Complexity: O(n) for bins of equal width, O(n log n) for bins of equal count.
  public static func reliability(
    predictions: [Double], labels: [Bool], bins: Int = 15, binning: Binning = .equalWidth
  ) -> [Bin] {
    precondition(predictions.count == labels.count, "as many labels as predictions are needed")
    precondition(bins > 0, "at least one bin is needed")
    var counts = [Int](repeating: 0, count: bins)
    var sums = [Double](repeating: 0, count: bins)
    var hits = [Int](repeating: 0, count: bins)
    func add(_ index: Int, to bin: Int) {
      counts[bin] += 1
      sums[bin] += predictions[index]
      if labels[index] { hits[bin] += 1 }
    }
    switch binning {
    case .equalWidth:
      for index in predictions.indices {
        let position = predictions[index] * Double(bins)
        add(index, to: position >= 0 ? Int(min(position, Double(bins - 1))) : 0)
      }
    case .equalCount:
      let order = predictions.indices.sorted { predictions[$0] < predictions[$1] }
      for (position, index) in order.enumerated() { add(index, to: position * bins / order.count) }
    }
    return (0..<bins).filter { counts[$0] > 0 }.map { bin in
      let count = Double(counts[bin])
      return Bin(
        count: counts[bin], meanPrediction: sums[bin] / count, observedRate: Double(hits[bin]) / count)
    }
  }

  /// The expected calibration error: the mean over cases of |stated − observed| of their bin. NaN without cases.
  ///
  /// Source: Naeini, Cooper and Hauskrecht (2015), https://doi.org/10.1609/aaai.v29i1.9602
  public static func expectedError(
    predictions: [Double], labels: [Bool], bins: Int = 15, binning: Binning = .equalWidth
  ) -> Double {
    let diagram = reliability(predictions: predictions, labels: labels, bins: bins, binning: binning)
    let total = diagram.reduce(0.0) { $0 + Double($1.count) * abs($1.meanPrediction - $1.observedRate) }
    return total / Double(predictions.count)
  }

  /// The Brier score: the mean squared difference between probability and outcome. NaN without cases.
  public static func brierScore(predictions: [Double], labels: [Bool]) -> Double {
    precondition(predictions.count == labels.count, "as many labels as predictions are needed")
    var sum = 0.0
    for index in predictions.indices {
      let error = predictions[index] - (labels[index] ? 1 : 0)
      sum += error * error
    }
    return sum / Double(predictions.count)
  }
}
