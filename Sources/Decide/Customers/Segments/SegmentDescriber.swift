import Commerce
import Features
import MathKernels
import Segmentation

/// Says what segments of a table are like, however they were made.
///
/// ```swift
/// let found = try SegmentDescriber(table: table, customers: frame.customers, currency: .usd).segments(labels, count: 3)
/// ```
/// - Complexity: O(customers × features).
public struct SegmentDescriber: Sendable {
  let table: SegmentTable
  let names: CustomerTable
  let currency: Currency

  init(table: SegmentTable, names: CustomerTable, currency: Currency) {
    (self.table, self.names, self.currency) = (table, names, currency)
  }

  /// A describer of the customers of a table.
  ///
  /// - Throws: `SegmentationError` for columns of unequal length, which a table does not have.
  public init(table: SegmentTable, customers: Vocabulary, currency: Currency) throws {
    self.init(table: table, names: try table.customerTable(customers), currency: currency)
  }

  /// The mean of each feature over all customers.
  public var means: [Double] { table.values.map(Self.mean) }

  static func mean(_ values: [Double]) -> Double {
    let known = values.filter(\.isFinite)
    return known.isEmpty ? 0 : Statistics.mean(known)
  }

  /// The segments of customers, each with its name, size, money, traits and means; ids are left empty.
  ///
  /// - Parameter labels: the segment of each customer of the table, from 0 and below `count`.
  /// - Throws: `SegmentationError` when there is not a segment for each customer.
  public func segments(_ labels: [Int], count: Int) throws -> [ShopSegments.Segment] {
    let profiles = try SegmentProfiles(mostTraits: 8).profiles(of: names, labels)
    let traits = profiles.map { profile in
      profile.traits.map {
        ShopSegments.Trait(
          feature: $0.column, inside: $0.inside, outside: $0.outside, effect: $0.effect, qValue: $0.qValue)
      }
    }
    let words = SegmentWords.names(traits)
    var spend = [Int64](repeating: 0, count: count)
    for (row, label) in labels.enumerated() { spend[label] &+= table.spend[row] }
    let all = max(1, spend.reduce(0) { $0 + max(0, $1) })
    var members = [[Int]](repeating: [], count: count)
    for (row, label) in labels.enumerated() { members[label].append(row) }
    return profiles.indices.map { index in
      ShopSegments.Segment(
        id: "", name: words[index],
        description: SegmentWords.description(traits[index], currency: currency.code),
        size: profiles[index].size, share: profiles[index].share, spend: spend[index],
        spendShare: Double(max(0, spend[index])) / Double(all), traits: traits[index],
        means: table.values.map { column in Self.mean(members[index].map { column[$0] }) })
    }
  }
}
