/// Local regression over equally spaced values (loess), evaluated at every `jump`-th and interpolated between.
///
/// Weights fall off as the cube of the distance's cube; degree 0 takes the weighted mean, degree 1 the weighted line.
/// Source: Cleveland (1979), https://doi.org/10.1080/01621459.1979.10481038; as part of STL, Cleveland, Cleveland, McRae and
/// Terpenning (1990), Journal of Official Statistics 6, 3–73.
///
/// - Complexity: O(n · window / jump).
struct LocalRegression: Sendable {
  /// How many neighbours count; odd.
  let window: Int
  let degree: Int
  let jump: Int

  init(window: Int, degree: Int, jump: Int? = nil) {
    (self.window, self.degree) = (window, degree)
    self.jump = jump ?? (window + 9) / 10
  }

  /// The smoothed values.
  func smooth(_ values: [Double], weights: [Double]? = nil) -> [Double] {
    let count = values.count
    guard count > 1 else { return values }
    let step = min(jump, count - 1)
    var result = [Double](repeating: 0, count: count)
    var scratch = [Double](repeating: 0, count: count)
    var last = 0
    func fill(to index: Int) {
      let slope = (result[index] - result[last]) / Double(index - last)
      for between in last + 1..<max(index, last + 1) {
        result[between] = result[last] + slope * Double(between - last)
      }
      last = index
    }
    for index in stride(from: 0, to: count, by: step) {
      result[index] =
        value(at: index, values, range: range(around: index, count), weights, &scratch) ?? values[index]
      if index > 0 { fill(to: index) }
    }
    if last < count - 1 {
      let end = count - 1
      result[end] = value(at: end, values, range: range(around: end, count), weights, &scratch) ?? values[end]
      fill(to: end)
    }
    return result
  }

  /// The neighbours of a value: centred, moved inside at the ends.
  private func range(around index: Int, _ count: Int) -> Range<Int> {
    guard window < count else { return 0..<count }
    let first = min(max(0, index - (window + 1) / 2 + 1), count - window)
    return first..<first + window
  }

  /// The value of the local fit at a place, which may lie outside the values; nil where no neighbour has weight.
  func value(
    at place: Int, _ values: [Double], range: Range<Int>, _ weights: [Double]?, _ scratch: inout [Double]
  ) -> Double? {
    let count = values.count
    var reach = Double(max(place - range.lowerBound, range.upperBound - 1 - place))
    if window > count { reach += Double((window - count) / 2) }
    let (far, near) = (0.999 * reach, 0.001 * reach)
    var sum = 0.0
    for index in range {
      let distance = Double(abs(index - place))
      var weight = 0.0
      if distance <= far {
        weight = 1
        if distance > near {
          let share = distance / reach
          let rest = 1 - share * share * share
          weight = rest * rest * rest
        }
        if let weights { weight *= weights[index] }
      }
      scratch[index] = weight
      sum += weight
    }
    guard sum > 0 else { return nil }
    var (mean, center) = (0.0, 0.0)
    for index in range {
      scratch[index] /= sum
      center += scratch[index] * Double(index)
    }
    if degree > 0, reach > 0 {
      let offset = Double(place) - center
      var spread = 0.0
      for index in range { spread += scratch[index] * (Double(index) - center) * (Double(index) - center) }
      // With neighbours all in one place there is no line.
      if spread.squareRoot() > 0.001 * Double(count - 1) {
        for index in range { scratch[index] *= 1 + offset / spread * (Double(index) - center) }
      }
    }
    for index in range { mean += scratch[index] * values[index] }
    return mean
  }
}
