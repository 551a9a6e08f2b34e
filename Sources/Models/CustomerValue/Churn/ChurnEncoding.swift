import Foundation
import Learning
import MathKernels

/// How columns become features: for a weighted sum with bends and one-hot categories, for trees as they are.
///
/// Numbers with many values give the sum, beside themselves, their logarithm (where none is negative) and a bend at each of five
/// quantiles, so that risk may rise and fall along them; missing ones are filled with the median and marked. Categories that are rare
/// or unseen count as no category. Trees read numbers with their gaps.
public struct ChurnEncoding: Sendable, Codable, Equatable {
  /// What becomes of one column.
  public struct Column: Sendable, Codable, Equatable {
    /// Its name.
    public var name: String
    /// The categories with a feature of their own; nil for a column of numbers.
    public var levels: [String]?
    /// The median, which fills gaps.
    public var median: Double = 0
    /// Whether gaps are marked.
    public var marksGaps = false
    /// Whether the logarithm is a feature too.
    public var takesLogarithm = false
    /// Where the sum may bend.
    public var bends: [Double] = []
  }

  /// The columns in the order of the table.
  public let columns: [Column]
  /// The names of the sum's features.
  public let linearNames: [String]
  /// The column that each of them comes from.
  public let linearSources: [Int]
  /// The names of the trees' features.
  public let treeNames: [String]
  /// The column that each of them comes from.
  public let treeSources: [Int]

  /// Learns medians, bends and categories from a table.
  ///
  /// - Parameters:
  ///   - rareBelow: a category of fewer rows has no feature of its own.
  ///   - maximumLevels: the most categories of a column that have one, the most frequent first.
  public init(_ table: ChurnTable, rareBelow: Int = 10, maximumLevels: Int = 50) {
    let columns = table.columns.map { Self.column($0, rareBelow: rareBelow, maximumLevels: maximumLevels) }
    var (linear, tree) = ([(String, Int)](), [(String, Int)]())
    for (place, column) in columns.enumerated() {
      if let levels = column.levels {
        let names = levels.map { ("\(column.name)=\($0)", place) }
        linear += names
        tree += names
      } else {
        tree.append((column.name, place))
        linear.append((column.name, place))
        if column.marksGaps { linear.append(("\(column.name) missing", place)) }
        if column.takesLogarithm { linear.append(("log \(column.name)", place)) }
        linear += column.bends.map { ("\(column.name) above \($0)", place) }
      }
    }
    self.columns = columns
    (linearNames, linearSources) = (linear.map(\.0), linear.map(\.1))
    (treeNames, treeSources) = (tree.map(\.0), tree.map(\.1))
  }

  private static func column(_ column: ChurnTable.Column, rareBelow: Int, maximumLevels: Int) -> Column {
    switch column.values {
    case .categories(let values):
      let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
      let frequent = counts.filter { $0.value >= rareBelow }.sorted {
        ($1.value, $0.key) < ($0.value, $1.key)
      }
      return Column(name: column.name, levels: frequent.prefix(maximumLevels).map(\.key).sorted())
    case .numbers(let values):
      let known = values.filter { !$0.isNaN }.sorted()
      guard let least = known.first else { return Column(name: column.name, levels: nil) }
      var result = Column(name: column.name, levels: nil)
      result.median = Statistics.quantile(ofSorted: known, at: 0.5)
      result.marksGaps = known.count < values.count
      guard Set(known).count > 10 else { return result }
      result.takesLogarithm = least >= 0
      let quantiles = [0.1, 0.25, 0.5, 0.75, 0.9].map { Statistics.quantile(ofSorted: known, at: $0) }
      result.bends = Array(Set(quantiles.filter { $0 > least })).sorted()
      return result
    }
  }

  /// The features of the sum, a row for each customer.
  ///
  /// - Throws: `CustomerValueError.table` when a column is missing or of another kind than it was.
  public func linear(_ table: ChurnTable) throws -> Matrix<Double> {
    let places = try places(in: table)
    var result = Matrix<Double>(rows: table.count, columns: linearNames.count)
    var feature = 0
    for (column, place) in zip(columns, places) {
      switch table.columns[place].values {
      case .categories(let values):
        let levels = column.levels ?? []
        let index = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
        for (row, value) in values.enumerated() {
          if let level = index[value] { result[row, feature + level] = 1 }
        }
        feature += levels.count
      case .numbers(let values):
        for (row, value) in values.enumerated() {
          for (offset, number) in numbers(column, value).enumerated() {
            result[row, feature + offset] = number
          }
        }
        feature += numbers(column, 0).count
      }
    }
    return result
  }

  private func numbers(_ column: Column, _ value: Double) -> [Double] {
    let filled = value.isNaN ? column.median : value
    return [filled] + (column.marksGaps ? [value.isNaN ? 1 : 0] : [])
      + (column.takesLogarithm ? [log1p(max(0, filled))] : []) + column.bends.map { max(0, filled - $0) }
  }

  /// The features of trees.
  ///
  /// - Throws: `CustomerValueError.table` when a column is missing or of another kind than it was.
  public func trees(_ table: ChurnTable) throws -> FeatureMatrix {
    let places = try places(in: table)
    let width = treeNames.count
    var flat = [Float](repeating: 0, count: table.count * width)
    var feature = 0
    for (column, place) in zip(columns, places) {
      switch table.columns[place].values {
      case .categories(let values):
        let levels = column.levels ?? []
        let index = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
        for (row, value) in values.enumerated() {
          if let level = index[value] { flat[row * width + feature + level] = 1 }
        }
        feature += levels.count
      case .numbers(let values):
        for (row, value) in values.enumerated() { flat[row * width + feature] = Float(value) }
        feature += 1
      }
    }
    return FeatureMatrix(names: treeNames, values: flat)
  }

  /// Where each column lies in a table.
  private func places(in table: ChurnTable) throws -> [Int] {
    try columns.map { column in
      guard let place = table.columns.firstIndex(where: { $0.name == column.name }) else {
        throw CustomerValueError.table(column: column.name, found: "no such column", expected: "it")
      }
      switch table.columns[place].values {
      case .numbers where column.levels != nil:
        throw CustomerValueError.table(column: column.name, found: "numbers", expected: "categories")
      case .categories where column.levels == nil:
        throw CustomerValueError.table(column: column.name, found: "categories", expected: "numbers")
      default: return place
      }
    }
  }
}
