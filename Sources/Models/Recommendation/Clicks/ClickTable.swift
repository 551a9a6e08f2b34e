import Commerce
import Learning
import MathKernels

/// What is known of one field of a case.
public enum FieldValue: Sendable, Codable, Equatable {
  /// One of many names, such as an item's id.
  case category(String)
  /// Several names, such as genres.
  case categories([String])
  /// A number.
  case number(Double)
  /// Nothing.
  case missing
}

/// Cases with what is known before and whether the customer clicked (or bought, or liked).
///
/// ```swift
/// var table = ClickTable(fields: ["user", "item", "age"])
/// try table.append([.category("ann"), .category("tea"), .number(41)], clicked: true)
/// ```
public struct ClickTable: Sendable, Equatable {
  /// The names of the fields.
  public let fields: [String]
  /// One value a field for each case.
  public private(set) var rows: [[FieldValue]] = []
  /// Whether each case came true.
  public private(set) var labels: [Bool] = []

  /// A table without cases.
  public init(fields: [String]) { self.fields = fields }

  /// How many cases there are.
  public var count: Int { rows.count }

  /// Adds a case.
  ///
  /// - Throws: `LearningError.invalidParameter` when there is not one value a field, or a number is not finite.
  public mutating func append(_ row: [FieldValue], clicked: Bool) throws {
    guard row.count == fields.count else {
      throw LearningError.invalidParameter(
        name: "row", value: "\(row.count) values", expected: "\(fields.count), one a field")
    }
    for (field, value) in zip(fields, row) {
      if case .number(let number) = value, !number.isFinite {
        throw LearningError.invalidParameter(name: field, value: "\(number)", expected: "a finite number")
      }
    }
    rows.append(row)
    labels.append(clicked)
  }

  /// Some of the cases.
  public func selecting(_ indices: [Int]) -> ClickTable {
    var result = ClickTable(fields: fields)
    result.rows = indices.map { rows[$0] }
    result.labels = indices.map { labels[$0] }
    return result
  }
}

/// What models of clicks learn from: cases to learn from, and cases that decide when to stop and how to calibrate.
public struct ClickDataset: Sendable {
  /// The cases to learn from.
  public var training: ClickTable
  /// The cases that decide when to stop and on which probabilities are calibrated.
  public var validation: ClickTable?

  /// Training cases and, if there are any, validation cases.
  public init(training: ClickTable, validation: ClickTable? = nil) {
    self.training = training
    self.validation = validation
  }

  func validate() throws {
    guard training.count > 0 else {
      throw LearningError.notEnoughData(needed: "at least one case", found: "none")
    }
    guard !training.fields.isEmpty else {
      throw LearningError.notEnoughData(needed: "at least one field", found: "none")
    }
    guard validation.map({ $0.fields == training.fields }) ?? true else {
      throw LearningError.invalidParameter(
        name: "validation", value: validation?.fields.joined(separator: ",") ?? "",
        expected: "the fields of the training cases")
    }
  }
}

/// Turns the fields of a case into numbered features: one for each name of a field, one for each field of numbers.
public struct FieldEncoder: Sendable, Codable, Equatable {
  /// The names of the fields.
  public let fields: [String]
  /// How many features there are; feature 0 is padding, which is always absent.
  public let featureCount: Int
  /// The widest case of each field: how many of its features a case may have.
  let widths: [Int]
  private let names: [Vocabulary]
  private let offsets: [Int]
  private let means: [Double]
  private let deviations: [Double]

  /// The features of a case: for each field as many entries as its width, padded with feature 0 of value 0.
  struct Encoded {
    var features: [Int64] = []
    var values: [Float] = []
  }

  /// Numbers the names of these cases; names of fewer than `minimumCount` cases have no feature.
  public init(_ table: ClickTable, minimumCount: Int = 1) {
    fields = table.fields
    var (names, offsets, widths): ([Vocabulary], [Int], [Int]) = ([], [], [])
    var (means, deviations): ([Double], [Double]) = ([], [])
    var next = 1
    for field in table.fields.indices {
      var counts = Vocabulary()
      var uses: [Int] = []
      var width = 1
      var numbers: [Double] = []
      for row in table.rows {
        let own = Self.words(row[field])
        width = max(width, min(own.count, 64))
        for word in own {
          let index = Int(counts.insert(word))
          if index == uses.count { uses.append(0) }
          uses[index] += 1
        }
        if case .number(let number) = row[field] { numbers.append(number) }
      }
      var kept = Vocabulary()
      for (index, id) in counts.ids.enumerated() where uses[index] >= minimumCount { _ = kept.insert(id) }
      names.append(kept)
      offsets.append(next)
      widths.append(width)
      means.append(numbers.isEmpty ? 0 : Statistics.mean(numbers))
      let spread =
        numbers.isEmpty
        ? 0
        : (numbers.reduce(0) { $0 + ($1 - means[field]) * ($1 - means[field]) } / Double(numbers.count))
          .squareRoot()
      deviations.append(spread > 0 && spread.isFinite ? spread : 1)
      // The first feature of a field is the one of its numbers.
      next += 1 + kept.count
    }
    (self.names, self.offsets, self.widths) = (names, offsets, widths)
    (self.means, self.deviations, featureCount) = (means, deviations, next)
  }

  private static func words(_ value: FieldValue) -> [String] {
    switch value {
    case .category(let word): [word]
    case .categories(let words): words
    case .number, .missing: []
    }
  }

  /// The features of one case, appended to those before.
  func encode(_ row: [FieldValue], into result: inout Encoded) {
    for field in fields.indices {
      let start = result.features.count
      let value = field < row.count ? row[field] : .missing
      if case .number(let number) = value, number.isFinite {
        result.features.append(Int64(offsets[field]))
        // Far outliers would drown everything else.
        result.values.append(Float(min(max((number - means[field]) / deviations[field], -10), 10)))
      }
      let known = Self.words(value).compactMap { names[field].index(of: $0) }.prefix(widths[field])
      for index in known {
        result.features.append(Int64(offsets[field] + 1 + Int(index)))
        // A case's names of a field count together as one.
        result.values.append(1 / Float(known.count))
      }
      while result.features.count < start + widths[field] {
        result.features.append(0)
        result.values.append(0)
      }
    }
  }

  func encode(_ rows: some Sequence<[FieldValue]>) -> Encoded {
    var result = Encoded()
    for row in rows { encode(row, into: &result) }
    return result
  }

  /// How many entries a case has, padding included.
  var width: Int { widths.reduce(0, +) }

  /// What a feature is called: `field=name`, or the field alone for a number.
  func name(ofFeature feature: Int) -> String {
    guard let field = offsets.lastIndex(where: { $0 <= feature }) else { return "" }
    let index = feature - offsets[field] - 1
    return index < 0 ? fields[field] : "\(fields[field])=\(names[field].ids[index])"
  }
}
