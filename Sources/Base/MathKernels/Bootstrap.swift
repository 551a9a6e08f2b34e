/// Confidence intervals by resampling.
public enum Bootstrap {
  /// Percentile intervals for the means of several figures measured on the same cases, such as users.
  ///
  /// ```swift
  /// let intervals = Bootstrap.meanIntervals(of: [hits, gains], seed: 42)
  /// ```
  /// All figures share each resample. Source: Efron (1979), https://doi.org/10.1214/aos/1176344552
  ///
  /// - Parameters:
  ///   - columns: one array per figure, all of one length.
  ///   - resamples: how many resamples are drawn.
  ///   - level: the confidence.
  ///   - seed: the same seed gives the same intervals on any number of cores.
  /// - Complexity: O(resamples × cases × figures), on all cores.
  public static func meanIntervals(
    of columns: [[Double]], resamples: Int = 1000, level: Double = 0.95, seed: UInt64 = 42
  ) -> [ConfidenceInterval] {
    let cases = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == cases }, "all figures need the same cases")
    guard cases > 0, resamples > 0 else {
      return columns.map { _ in ConfidenceInterval(lower: .nan, upper: .nan, level: level) }
    }
    let width = columns.count
    // Row by row, so that one random access brings all figures of a case.
    var rows = [Double](repeating: 0, count: cases * width)
    for (column, values) in columns.enumerated() {
      for (index, value) in values.enumerated() { rows[index * width + column] = value }
    }
    let table = rows
    let blocks = parallelBlocks(resamples, blockSize: 16) { block in
      block.map { resampledMeans(table, width: width, cases: cases, seed: seed, resample: $0) }
    }
    let means = blocks.flatMap { $0 }
    return (0..<width).map { column in
      let sorted = means.map { $0[column] }.sorted()
      return ConfidenceInterval(
        lower: Statistics.quantile(ofSorted: sorted, at: (1 - level) / 2),
        upper: Statistics.quantile(ofSorted: sorted, at: (1 + level) / 2), level: level)
    }
  }

  /// A percentile interval for the mean of one figure.
  public static func meanInterval(
    of values: [Double], resamples: Int = 1000, level: Double = 0.95, seed: UInt64 = 42
  ) -> ConfidenceInterval {
    meanIntervals(of: [values], resamples: resamples, level: level, seed: seed)[0]
  }

  private static func resampledMeans(
    _ rows: [Double], width: Int, cases: Int, seed: UInt64, resample: Int
  ) -> [Double] {
    var random = RandomSource(seed: seed, stream: UInt64(resample) + 1)
    var sums = [Double](repeating: 0, count: width)
    rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        for _ in 0..<cases {
          let start = random.index(below: cases) * width
          for column in 0..<width { sums[column] += rows[start + column] }
        }
      }
    }
    return sums.map { $0 / Double(cases) }
  }
}
