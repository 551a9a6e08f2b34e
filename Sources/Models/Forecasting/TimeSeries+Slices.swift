extension TimeSeries {
  /// The series up to a step, its regressors too.
  ///
  /// ```swift
  /// TimeSeries(values: [1, 2, 3]).before(2).values   // [1, 2]
  /// ```
  public func before(_ step: Int) -> TimeSeries {
    TimeSeries(
      id: id, values: Array(values.prefix(step)), seasonLength: seasonLength,
      regressors: regressors.mapValues { Array($0.prefix(step)) }, attributes: attributes, calendar: calendar)
  }

  /// What the regressors are from a step on.
  public func regressors(from step: Int, count: Int) -> [String: [Double]] {
    regressors.mapValues { Array($0.dropFirst(step).prefix(count)) }
  }
}
