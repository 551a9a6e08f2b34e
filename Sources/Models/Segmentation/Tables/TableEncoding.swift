import Foundation
import Learning
import MathKernels

/// Makes points of a table: gaps filled, outliers pulled in, skewed columns as logarithms, all on one scale.
///
/// ```swift
/// let model = try TableEncoding().fit(table)
/// let points = try model.encode(table)
/// ```
/// In this order, for each column of numbers: log(1 + x) when nothing is negative and the skewness is above `logAboveSkewness`;
/// values beyond the quantiles of `winsorizedShare` become those; gaps become the median; then the scale. A column of
/// categories becomes a column of 0 and 1 for each of its commonest, weighted so that all of them together vary as much as one
/// column of numbers. Constant columns are left out, and named.
///
/// - Complexity: O(rows × columns × log rows).
/// - Throws: `SegmentationError` when nothing varies.
public struct TableEncoding: Sendable {
  /// What numbers are divided by, after what is taken off them.
  public enum Scale: String, Sendable, Codable, CaseIterable {
    /// The mean off, by the standard deviation.
    case standard
    /// The median off, by the spread of the middle half, as much as a standard deviation for normal numbers.
    case robust
    /// The least off, by the span.
    case minMax = "min-max"
    /// Numbers stay as they are.
    case none
  }

  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The scale.
    public var scale: Scale
    /// A column more skewed than this is taken as logarithms; infinite for never.
    public var logAboveSkewness: Double
    /// The share of values at each end that counts as outliers.
    public var winsorizedShare: Double
    /// How many categories of a column get a column of their own.
    public var mostCategories: Int

    /// Settings.
    public init(
      scale: Scale = .standard, logAboveSkewness: Double = 2, winsorizedShare: Double = 0.005,
      mostCategories: Int = 12
    ) {
      (self.scale, self.logAboveSkewness) = (scale, logAboveSkewness)
      (self.winsorizedShare, self.mostCategories) = (winsorizedShare, mostCategories)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The encoding with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns medians, bounds, scales and categories.
  public func fit(_ table: CustomerTable) throws -> TableEncodingModel {
    guard (0..<0.5).contains(configuration.winsorizedShare) else {
      throw SegmentationError.invalidParameter(
        name: "winsorizedShare", value: "\(configuration.winsorizedShare)",
        expected: "a share of at least 0 and below 0.5")
    }
    var (columns, constant) = ([TableEncodingModel.Column](), [String]())
    for column in table.columns {
      let found =
        switch column.values {
        case .numbers(let values): try number(column.name, values).map { [$0] } ?? []
        case .categories(let values): categories(column.name, values)
        }
      if found.isEmpty { constant.append(column.name) }
      columns += found
    }
    guard !columns.isEmpty else {
      throw SegmentationError.shapeMismatch(
        expected: "a column that varies", found: "\(table.columns.count) constant columns")
    }
    return TableEncodingModel(columns: columns, constantColumns: constant)
  }

  private func number(_ name: String, _ values: [Double]) throws -> TableEncodingModel.Column? {
    if let row = values.firstIndex(where: \.isInfinite) {
      throw SegmentationError.invalidParameter(
        name: name, value: "infinite in row \(row)", expected: "numbers or gaps")
    }
    var known = values.filter { !$0.isNaN }
    guard let first = known.first, known.contains(where: { $0 != first }) else { return nil }
    let isLogarithm = known.min() ?? 0 >= 0 && skewness(known) > configuration.logAboveSkewness
    if isLogarithm { known = known.map { log1p($0) } }
    known.sort()
    let bounds = [configuration.winsorizedShare, 1 - configuration.winsorizedShare].map {
      Statistics.quantile(ofSorted: known, at: $0)
    }
    // Where nearly all values are one, pulling in the others would leave a constant.
    let (low, high) = bounds[0] < bounds[1] ? (bounds[0], bounds[1]) : (known[0], known[known.count - 1])
    known = known.map { min(max($0, low), high) }
    let quartiles = [0.25, 0.5, 0.75].map { Statistics.quantile(ofSorted: known, at: $0) }
    let deviation = Statistics.standardDeviation(known, degreesOfFreedomLost: 0)
    let (offset, scale): (Double, Double) =
      switch configuration.scale {
      case .standard: (Statistics.mean(known), deviation)
      case .robust:
        // The middle half of normal numbers is 1.349 standard deviations wide.
        (quartiles[1], quartiles[2] > quartiles[0] ? (quartiles[2] - quartiles[0]) / 1.349 : deviation)
      case .minMax: (low, high - low)
      case .none: (0, 1)
      }
    return TableEncodingModel.Column(
      name: name, category: nil, isLogarithm: isLogarithm, low: low, high: high, gap: quartiles[1],
      offset: offset, scale: scale)
  }

  private func skewness(_ values: [Double]) -> Double {
    let mean = Statistics.mean(values)
    let (second, third) = values.reduce((0.0, 0.0)) { sums, value in
      let difference = value - mean
      return (sums.0 + difference * difference, sums.1 + difference * difference * difference)
    }
    let variance = second / Double(values.count)
    return variance > 0 ? third / Double(values.count) / (variance * variance.squareRoot()) : 0
  }

  private func categories(_ name: String, _ values: [String]) -> [TableEncodingModel.Column] {
    let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
    let common = counts.filter { !$0.key.isEmpty && $0.value < values.count }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(configuration.mostCategories)
    let variance = common.reduce(0) { sum, entry in
      let share = Double(entry.value) / Double(values.count)
      return sum + share * (1 - share)
    }
    let scale = configuration.scale == .none ? 1 : variance.squareRoot()
    return common.map { entry in
      let share = Double(entry.value) / Double(values.count)
      return TableEncodingModel.Column(
        name: name, category: entry.key, isLogarithm: false, low: 0, high: 1, gap: 0,
        offset: configuration.scale == .none ? 0 : share, scale: scale)
    }
  }
}

/// How the columns of a table become numbers on one scale.
public struct TableEncodingModel: FittedModel, Equatable {
  /// 1.
  public static var formatVersion: Int { 1 }

  /// One column of the points.
  public struct Column: Sendable, Codable, Equatable {
    /// The table's column.
    public var name: String
    /// The category that is 1 in it; nil for a column of numbers.
    public var category: String?
    /// Whether log(1 + x) stands for x.
    public var isLogarithm: Bool
    /// Smaller values become this.
    public var low: Double
    /// Larger values become this.
    public var high: Double
    /// What stands for a gap.
    public var gap: Double
    /// What is taken off.
    public var offset: Double
    /// What is divided by.
    public var scale: Double

    /// The name, with the category where there is one.
    public var title: String { category.map { "\(name)=\($0)" } ?? name }
  }

  /// The points' columns.
  public let columns: [Column]
  /// The table's columns in which nothing varies.
  public let constantColumns: [String]

  /// The points of a table.
  ///
  /// - Throws: `SegmentationError` when a column is missing or of the other kind.
  public func encode(_ table: CustomerTable) throws -> Matrix<Double> {
    var points = Matrix<Double>(rows: table.ids.count, columns: columns.count)
    for (place, column) in columns.enumerated() {
      guard let found = table.columns.first(where: { $0.name == column.name }) else {
        throw SegmentationError.shapeMismatch(expected: "a column '\(column.name)'", found: "none")
      }
      switch (found.values, column.category) {
      case (.numbers(let values), nil):
        for (row, value) in values.enumerated() { points[row, place] = column.encoded(value) }
      case (.categories(let values), let category?):
        for (row, value) in values.enumerated() {
          points[row, place] = column.encoded(value == category ? 1 : 0)
        }
      default:
        throw SegmentationError.shapeMismatch(
          expected: "\(column.category == nil ? "numbers" : "categories") in the column '\(column.name)'",
          found: "the other kind")
      }
    }
    return points
  }
}

extension TableEncodingModel.Column {
  fileprivate func encoded(_ value: Double) -> Double {
    let known = value.isNaN ? gap : isLogarithm ? log1p(max(0, value)) : value
    return (min(max(known, low), high) - offset) / scale
  }
}
