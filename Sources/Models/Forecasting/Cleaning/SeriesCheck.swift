import Foundation
import Learning
import MathKernels

/// What is odd about a series, before it is forecast.
///
/// ```swift
/// for finding in SeriesCheck(series).findings { print(finding.sentence) }
/// ```
/// Outliers lie beyond three times the distance of the quartiles from them, in what is left after trend and seasons (robust STL;
/// a running median without seasons), of logarithms where the spread grows with the level. A level shift is where the medians of the values before and after, seasons taken off and
/// the usual growth allowed for, lie further apart than five times what chance, and the series' usual wandering, would bring. Source of the rule for outliers:
/// Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 13.9,
/// https://otexts.com/fpp3/missing-outliers.html
///
/// - Complexity: O(n log n), and that of robust STL for a seasonal series.
public struct SeriesCheck: Sendable, Codable, Equatable {
  /// One thing found.
  public struct Finding: Sendable, Codable, Equatable {
    /// What kinds there are.
    public enum Kind: String, Sendable, Codable, CaseIterable {
      /// There is no value at all.
      case empty
      /// Values are missing.
      case missing
      /// A value is infinite.
      case infinite
      /// Every value is the same.
      case constant
      /// Half of the values or more are 0.
      case mostlyZero
      /// The last values are 0, for longer than ever before.
      case ended
      /// Values are below 0.
      case negative
      /// There are fewer than two seasons.
      case short
      /// Values lie far from the rest.
      case outlier
      /// The level changed for good.
      case levelShift
    }

    /// What was found.
    public var kind: Kind
    /// Where, counted from 0; for a level shift its first step.
    public var steps: [Int]
    /// The same for a reader.
    public var sentence: String
  }

  /// What was found, the gravest kind first.
  public let findings: [Finding]

  /// Checks a series.
  public init(_ series: TimeSeries) {
    var findings: [Finding] = []
    func add(_ kind: Finding.Kind, _ steps: [Int], _ sentence: String) {
      findings.append(Finding(kind: kind, steps: steps, sentence: sentence))
    }
    func places(_ holds: (Double) -> Bool) -> [Int] {
      series.values.indices.filter { holds(series.values[$0]) }
    }
    func list(_ steps: [Int]) -> String {
      steps.prefix(5).map { "\($0 + 1)" }.joined(separator: ", ") + (steps.count > 5 ? ", …" : "")
    }
    let known = series.values.filter { !$0.isNaN }
    guard !known.isEmpty else {
      self.findings = [Finding(kind: .empty, steps: [], sentence: "The series has no value.")]
      return
    }
    let infinite = places(\.isInfinite)
    if !infinite.isEmpty { add(.infinite, infinite, "Infinite values at steps \(list(infinite)).") }
    let missing = places(\.isNaN)
    if !missing.isEmpty { add(.missing, missing, "\(missing.count) of \(series.count) values are missing.") }
    if infinite.isEmpty, known.allSatisfy({ $0 == known[0] }) {
      add(.constant, [], "Every value is \(known[0]).")
    }
    if series.seasonLength > 1, series.count < 2 * series.seasonLength {
      add(.short, [], "\(series.count) values are fewer than two seasons of \(series.seasonLength) steps.")
    }
    let zeros = places { $0 == 0 }
    if zeros.count * 2 >= known.count, zeros.count < known.count {
      add(.mostlyZero, zeros, "\(zeros.count) of \(known.count) values are 0: demand comes now and then.")
    }
    if let end = Self.end(series.values) {
      let rest = Array(end..<series.count)
      add(.ended, rest, "No demand in the last \(rest.count) steps, longer than ever before.")
    }
    let negative = places { $0 < 0 }
    if !negative.isEmpty { add(.negative, negative, "Values below 0 at steps \(list(negative)).") }
    if infinite.isEmpty, known.count >= 8, Set(known).count > 2 {
      let residuals = SeriesResiduals(series)
      let outliers = residuals.outliers
      if !outliers.isEmpty { add(.outlier, outliers, "Values far from the rest at steps \(list(outliers)).") }
      for shift in residuals.levelShifts {
        add(.levelShift, [shift], "The level changed for good at step \(shift + 1).")
      }
    }
    self.findings = findings
  }

  /// Whether something of a kind was found.
  public func has(_ kind: Finding.Kind) -> Bool { findings.contains { $0.kind == kind } }

  /// Where a run of zeros up to the end begins, when it is longer than twice any before and than three steps.
  private static func end(_ values: [Double]) -> Int? {
    guard let last = values.lastIndex(where: { $0 != 0 && !$0.isNaN }) else { return nil }
    let trailing = values.count - 1 - last
    var (longest, run) = (0, 0)
    for value in values[..<last] {
      run = value == 0 ? run + 1 : 0
      longest = max(longest, run)
    }
    return trailing > 3 && trailing > 2 * longest ? last + 1 : nil
  }
}

/// What is left of a series without its trend and seasons.
struct SeriesResiduals {
  private let adjusted: [Double]
  private let residuals: [Double]
  private let observed: [Bool]
  private let seasonLength: Int

  init(_ series: TimeSeries) {
    // A spread that grows with the level would make its peaks outliers.
    let power = BoxCox.guerrero(series.values, seasonLength: series.seasonLength).lambda
    let growing = series.values.allSatisfy { !($0 <= 0) } && power < 0.5
    let filled =
      growing ? series.filled().values.map { log(max($0, .leastNormalMagnitude)) } : series.filled().values
    observed = series.values.map { !$0.isNaN }
    let seasonal = series.seasonLength > 1 && series.count > 2 * series.seasonLength
    seasonLength = seasonal ? series.seasonLength : 1
    let parts = seasonal ? try? STL(seasonLength: series.seasonLength, robust: true).decompose(filled) : nil
    if let parts {
      adjusted = zip(filled, parts.seasonal[0]).map { $0 - $1 }
      residuals = parts.remainder
    } else {
      adjusted = filled
      residuals = filled.indices.map { index in
        filled[index] - Statistics.median(filled[max(0, index - 3)..<min(filled.count, index + 4)])
      }
    }
  }

  /// Steps beyond three times the distance of the quartiles from them.
  var outliers: [Int] {
    let known = residuals.indices.filter { observed[$0] }
    let quartiles = Statistics.quantiles(known.map { residuals[$0] }, at: [0.25, 0.75])
    // Rounding leaves residuals of a perfect fit just off 0.
    let size = adjusted.reduce(0) { max($0, abs($1)) } * 1e-9
    let reach = 3 * max(quartiles[1] - quartiles[0], size)
    return known.filter { residuals[$0] < quartiles[0] - reach || residuals[$0] > quartiles[1] + reach }
  }

  /// The first steps of new levels.
  var levelShifts: [Int] {
    let window = max(6, min(seasonLength, adjusted.count / 4))
    guard adjusted.count >= 2 * window else { return [] }
    let places = Array(window...adjusted.count - window)
    let jumps = places.map { place in
      Statistics.median(adjusted[place..<place + window])
        - Statistics.median(adjusted[place - window..<place])
    }
    let usual = Statistics.median(jumps)
    let changes = zip(adjusted.dropFirst(), adjusted).map { $0 - $1 }
    let middle = Statistics.median(changes)
    // The spread of one value, from that of the differences of neighbours.
    let spread = 1.4826 * Statistics.median(changes.map { abs($0 - middle) }) / 2.0.squareRoot()
    // A median's spread is about 1.25 times a mean's.
    let chance = 1.25 * spread * (2 / Double(window)).squareRoot()
    // A level that always wanders has no shifts.
    let wandering = 1.4826 * Statistics.median(jumps.map { abs($0 - usual) })
    let strengths = jumps.map { abs($0 - usual) }
    var found: [Int] = []
    for index in strengths.indices.sorted(by: { strengths[$0] > strengths[$1] }) {
      guard strengths[index] > 5 * max(chance, wandering, 1e-12) else { break }
      let place = sharpest(near: places[index], window: window)
      if found.allSatisfy({ abs($0 - place) > window }) { found.append(place) }
    }
    return found.sorted()
  }

  /// The split near a place that leaves the least squared error on either side.
  private func sharpest(near place: Int, window: Int) -> Int {
    let low = max(0, place - window)
    let high = min(adjusted.count, place + window)
    func error(_ values: ArraySlice<Double>) -> Double {
      let mean = Statistics.mean(values)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let splits = low + 2...max(low + 2, high - 2)
    return splits.min {
      error(adjusted[low..<$0]) + error(adjusted[$0..<high])
        < error(adjusted[low..<$1]) + error(adjusted[$1..<high])
    } ?? place
  }
}
