import Foundation
import Learning
import MathKernels

/// What would have to be otherwise for a customer to stay: the smallest change of a few columns that brings the risk down.
///
/// ```swift
/// let search = try Counterfactuals(model: model, examples: table, .init(fixed: ["age"], increasing: ["tenure"]))
/// let found = try search.find(for: table.row(0), below: 0.3)
/// found.first?.changes      // contract: monthly → yearly
/// ```
/// Every candidate is scored anew by the model. Values come from customers that were seen, and no changed value stands beside another
/// that it was never seen with (numbers in fifths). Columns in `fixed` never change, those in `increasing` only grow. The size of a change
/// is 1 for a category and for a number the share of customers that lie between old and new. The search is a beam over up to
/// `maximumChanges` columns: small and good, not proven to be the smallest.
///
/// A change that lowers the risk stated is no proof that making it lowers the risk: the model has seen who left, not why.
/// Source: Wachter, Mittelstadt and Russell (2018), https://doi.org/10.2139/ssrn.3063289; Ustun, Spangher and Liu (2019),
/// https://doi.org/10.1145/3287560.3287566. Unlike these it searches values seen in the data and needs no gradient.
public struct Counterfactuals: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Columns that cannot change.
    public var fixed: Set<String>
    /// Columns of numbers that can only grow.
    public var increasing: Set<String>
    /// The most columns that change together.
    public var maximumChanges: Int
    /// How many candidates are carried on from one change to the next.
    public var beamWidth: Int
    /// How many values of a column of numbers are tried.
    public var valuesPerColumn: Int

    /// Settings.
    public init(
      fixed: Set<String> = [], increasing: Set<String> = [], maximumChanges: Int = 3, beamWidth: Int = 12,
      valuesPerColumn: Int = 9
    ) {
      self.fixed = fixed
      self.increasing = increasing
      self.maximumChanges = maximumChanges
      self.beamWidth = beamWidth
      self.valuesPerColumn = valuesPerColumn
    }
  }

  /// One column that changes.
  public struct Change: Sendable, Equatable {
    /// The column.
    public var column: String
    /// What it is.
    public var from: ChurnTable.Value
    /// What it would have to be.
    public var to: ChurnTable.Value
  }

  /// Changes that bring the risk down.
  public struct Finding: Sendable, Equatable {
    /// What changes, in the order of columns.
    public var changes: [Change]
    /// The risk then.
    public var risk: Double
    /// The size of the change.
    public var cost: Double
  }

  private struct Candidate {
    var row: [ChurnTable.Value]
    var changed: Set<Int>
    var cost: Double
    var risk: Double
  }

  private let model: ChurnModel
  private let examples: ChurnTable
  private let settings: Configuration
  /// For each column the values that are tried.
  private let values: [[ChurnTable.Value]]
  /// For each column of numbers its known values, ascending.
  private let sorted: [[Double]]
  private let companions: SeenTogether

  /// A search among values seen in `examples`.
  ///
  /// - Throws: `CustomerValueError.table` when a fixed or growing column does not exist or holds no numbers, `invalidParameter`.
  public init(model: ChurnModel, examples: ChurnTable, _ configuration: Configuration = .init()) throws {
    for name in configuration.fixed.union(configuration.increasing).sorted() {
      guard let column = examples.columns.first(where: { $0.name == name }) else {
        throw CustomerValueError.table(
          column: name, found: "no such column",
          expected: "one of \(examples.columns.map(\.name).joined(separator: ", "))")
      }
      if case .categories = column.values, configuration.increasing.contains(name) {
        throw CustomerValueError.table(
          column: name, found: "categories", expected: "numbers, which alone can grow")
      }
    }
    guard (1...6).contains(configuration.maximumChanges), configuration.beamWidth > 0,
      configuration.valuesPerColumn > 1
    else {
      throw CustomerValueError.invalidParameter(
        name: "maximumChanges", value: "\(configuration.maximumChanges)",
        expected: "1 to 6, with a beam of at least 1 and at least 2 values a column")
    }
    self.model = model
    self.examples = examples
    settings = configuration
    sorted = examples.columns.map { column in
      if case .numbers(let values) = column.values { values.filter { !$0.isNaN }.sorted() } else { [] }
    }
    values = zip(examples.columns, sorted).map { Self.values($0, $1, configuration) }
    companions = SeenTogether(examples, sorted)
  }

  private static func values(
    _ column: ChurnTable.Column, _ sorted: [Double], _ settings: Configuration
  ) -> [ChurnTable.Value] {
    guard !settings.fixed.contains(column.name) else { return [] }
    if case .categories(let values) = column.values {
      return Set(values).subtracting([""]).sorted().map { .category($0) }
    }
    guard !sorted.isEmpty else { return [] }
    let distinct = Array(Set(sorted)).sorted()
    guard distinct.count > settings.valuesPerColumn else { return distinct.map { .number($0) } }
    let places = (0..<settings.valuesPerColumn).map {
      $0 * (sorted.count - 1) / (settings.valuesPerColumn - 1)
    }
    return Array(Set(places.map { sorted[$0] })).sorted().map { .number($0) }
  }

  /// The smallest changes found that bring the risk of `row` below `threshold`; none when the risk is below it already, or no change
  /// of the columns that may change suffices.
  ///
  /// - Complexity: O(maximumChanges · beamWidth · values of all columns) rows scored by the model.
  /// - Throws: as `ChurnModel.risks`.
  public func find(
    for row: [ChurnTable.Value], below threshold: Double, limit: Int = 3
  ) throws -> [Finding] {
    precondition(row.count == examples.columns.count, "a row has a value for each column")
    let start = try score([Candidate(row: row, changed: [], cost: 0, risk: 0)])[0]
    guard start.risk >= threshold else { return [] }
    var (beam, found) = ([start], [Candidate]())
    for _ in 0..<settings.maximumChanges {
      let next = try score(beam.flatMap { steps(from: $0, original: row) })
      found += next.filter { $0.risk < threshold }
      let open = next.filter { $0.risk >= threshold }
      // What lowers the risk most for its size goes on.
      beam = Array(
        Self.distinct(open.filter { $0.risk < start.risk }).sorted {
          (gain($0, start), $1.cost) > (gain($1, start), $0.cost)
        }.prefix(settings.beamWidth))
      if beam.isEmpty || found.count >= limit * 4 { break }
    }
    return Self.minimal(found).prefix(limit).map { finding($0, row) }
  }

  private func gain(_ candidate: Candidate, _ start: Candidate) -> Double {
    (start.risk - candidate.risk) / (0.25 + candidate.cost)
  }

  /// The cheapest of the candidates that change the same columns, without those that change more than another needs.
  private static func minimal(_ found: [Candidate]) -> [Candidate] {
    var kept: [Candidate] = []
    for candidate in found.sorted(by: {
      ($0.changed.count, $0.cost, $0.risk) < ($1.changed.count, $1.cost, $1.risk)
    })
    where !kept.contains(where: { $0.changed.isSubset(of: candidate.changed) }) {
      kept.append(candidate)
    }
    return kept.sorted { ($0.cost, $0.risk) < ($1.cost, $1.risk) }
  }

  private static func distinct(_ candidates: [Candidate]) -> [Candidate] {
    var seen: Set<[ChurnTable.Value]> = []
    return candidates.filter { seen.insert($0.row).inserted }
  }

  private func finding(_ candidate: Candidate, _ original: [ChurnTable.Value]) -> Finding {
    Finding(
      changes: candidate.changed.sorted().map {
        Change(column: examples.columns[$0].name, from: original[$0], to: candidate.row[$0])
      }, risk: candidate.risk, cost: candidate.cost)
  }

  private func steps(from candidate: Candidate, original: [ChurnTable.Value]) -> [Candidate] {
    values.indices.filter { !candidate.changed.contains($0) }.flatMap { column in
      values[column].compactMap { value -> Candidate? in
        guard let cost = cost(column, from: original[column], to: value) else { return nil }
        var row = candidate.row
        row[column] = value
        guard companions.allows(row, changed: column) else { return nil }
        return Candidate(
          row: row, changed: candidate.changed.union([column]), cost: candidate.cost + cost, risk: 0)
      }
    }
  }

  /// The size of a change; nil when it is none or may not be.
  private func cost(_ column: Int, from: ChurnTable.Value, to: ChurnTable.Value) -> Double? {
    guard case .number(let new) = to else { return from == to ? nil : 1 }
    guard case .number(let old) = from, !old.isNaN, old != new else { return nil }
    if settings.increasing.contains(examples.columns[column].name), new < old { return nil }
    let known = sorted[column]
    let between = abs(Self.rank(known, new) - Self.rank(known, old))
    return max(0.01, Double(between) / Double(max(1, known.count)))
  }

  static func rank(_ sorted: [Double], _ value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func score(_ candidates: [Candidate]) throws -> [Candidate] {
    guard !candidates.isEmpty else { return [] }
    let risks = try model.risks(examples.replacingRows(candidates.map(\.row)))
    return zip(candidates, risks).map { candidate, risk in
      var scored = candidate
      scored.risk = risk
      return scored
    }
  }
}

/// Which values of two columns were seen together.
private struct SeenTogether: Sendable {
  private struct Pair: Hashable {
    var first: Int
    var second: Int
    var values: [ChurnTable.Value]
  }

  private let pairs: Set<Pair>
  private let bounds: [[Double]]

  init(_ table: ChurnTable, _ sorted: [[Double]]) {
    let bounds = sorted.map { values in
      values.isEmpty ? [] : [0.2, 0.4, 0.6, 0.8].map { Statistics.quantile(ofSorted: values, at: $0) }
    }
    var pairs: Set<Pair> = []
    for index in 0..<table.count {
      let row = Self.coarse(table.row(index), bounds)
      for first in row.indices {
        for second in row.indices.dropFirst(first + 1) {
          pairs.insert(Pair(first: first, second: second, values: [row[first], row[second]]))
        }
      }
    }
    self.pairs = pairs
    self.bounds = bounds
  }

  private static func coarse(_ row: [ChurnTable.Value], _ bounds: [[Double]]) -> [ChurnTable.Value] {
    row.enumerated().map { column, value in
      guard case .number(let number) = value, !number.isNaN else { return value }
      return .number(Double(bounds[column].count { $0 < number }))
    }
  }

  /// Whether the changed value was seen with each of the others.
  func allows(_ row: [ChurnTable.Value], changed: Int) -> Bool {
    let coarse = Self.coarse(row, bounds)
    return coarse.indices.allSatisfy { other in
      guard other != changed else { return true }
      let (first, second) = (min(other, changed), max(other, changed))
      return pairs.contains(Pair(first: first, second: second, values: [coarse[first], coarse[second]]))
    }
  }
}
