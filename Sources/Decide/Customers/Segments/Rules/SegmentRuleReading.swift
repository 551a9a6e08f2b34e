import Commerce
import Decisions
import Foundation
import MathKernels

/// Finds the customers who meet a condition.
///
/// ```swift
/// let reading = SegmentRuleReading(ledger: ledger, asOf: now)
/// let found = try reading.customers(meeting: rule)       // their places in the log's list of customers
/// ```
/// - Complexity: O(purchase lines × spans asked for), on all cores.
public struct SegmentRuleReading: Sendable {
  /// The purchases.
  public var ledger: SegmentLedger
  /// The last day that counts.
  public var day: Int32
  /// What is known of customers beside their purchases, by their ids: segments, needs, attributes.
  public var known: @Sendable (_ customer: String, _ field: SegmentField) -> SegmentFacts.Value?

  /// A reading as of a moment.
  public init(
    ledger: SegmentLedger, asOf moment: Timestamp,
    known: @escaping @Sendable (_ customer: String, _ field: SegmentField) -> SegmentFacts.Value? = { _, _ in
      nil
    }
  ) {
    self.ledger = ledger
    day = ledger.day(of: moment)
    self.known = known
  }

  /// Who meets the condition, in the order of the log's customers.
  ///
  /// - Throws: `RuleError.syntax` for a category or department that the shop does not have.
  public func customers(meeting rule: SegmentRule) throws -> [Int32] {
    let query = try Query(rule, ledger)
    return parallelBlocks(ledger.count, blockSize: 256) { block in
      block.filter { rule.matches(facts($0, query)) }.map(Int32.init)
    }.flatMap { $0 }
  }

  /// What a condition asks for, with names as numbers.
  private struct Query: Sendable {
    var spans: [Int: [SegmentField]] = [:]
    var isWhole = false
    var isYear = false
    var features: [(SegmentField, Int)] = []
    var categories: [(SegmentField, Int32)] = []
    var departments: [(SegmentField, Int32)] = []
    var others: [SegmentField] = []
    var wholes: [SegmentField] = []

    init(_ rule: SegmentRule, _ ledger: SegmentLedger) throws {
      for field in rule.fields {
        switch field {
        case .recencyDays, .tenureDays, .orders(days: nil), .spend(days: nil): wholes.append(field)
        case .orders(let days?), .spend(let days?): spans[days, default: []].append(field)
        case .feature(let feature):
          features.append((field, SegmentFeature.common.firstIndex(of: feature) ?? 0))
        case .category(let name):
          categories.append((field, try Self.place(name, "category", ledger.categories, rule)))
        case .department(let name):
          departments.append((field, try Self.place(name, "department", ledger.departments, rule)))
        case .need, .segment, .group, .attribute: others.append(field)
        }
      }
      isYear = !features.isEmpty || !categories.isEmpty || !departments.isEmpty
    }

    private static func place(
      _ name: String, _ kind: String, _ known: Vocabulary, _ rule: SegmentRule
    ) throws -> Int32 {
      if let index = known.index(of: name) { return index }
      let folded = name.lowercased()
      if let index = known.ids.firstIndex(where: { $0.lowercased() == folded }) { return Int32(index) }
      let characters = Array(rule.text)
      let column =
        characters.indices.first { characters[$0...].starts(with: Array(name)) }.map { $0 + 1 } ?? 1
      throw RuleError.syntax([
        RuleIssue(
          line: 1, column: column,
          message: "the shop has no \(kind) '\(name)'\(RuleVocabulary.hint(for: name, among: known.ids))")
      ])
    }
  }

  private func facts(_ customer: Int, _ query: Query) -> SegmentFacts {
    var facts = SegmentFacts()
    let minor = ledger.frame.currency.minorUnitsPerMajor
    for (days, fields) in query.spans {
      let tally = ledger.tally(customer, from: day - Int32(days) + 1, through: day)
      fill(&facts, fields, tally, minor)
    }
    if !query.wholes.isEmpty {
      fill(&facts, query.wholes, ledger.tally(customer, from: .min / 2, through: day), minor)
    }
    if query.isYear {
      let tally = ledger.tally(customer, from: day - Int32(SegmentField.days) + 1, through: day)
      if !query.features.isEmpty, tally.lines > 0 {
        let values = tally.values(minorUnits: minor)
        for (field, place) in query.features { facts.numbers[field] = values[place] }
      }
      for (field, category) in query.categories {
        facts.numbers[field] = Double(tally.categoryOrders[category]?.count ?? 0)
      }
      for (field, department) in query.departments {
        facts.numbers[field] = Double(
          tally.categoryOrders.filter { ledger.departmentOfCategory[Int($0.key)] == department }
            .reduce(into: Set<Int32>()) { $0.formUnion($1.value) }.count)
      }
    }
    if !query.others.isEmpty {
      let id = ledger.frame.customers[Int32(customer)]
      for field in query.others {
        switch known(id, field) {
        case .number(let value)?:
          facts.numbers[field] = value
          facts.texts[field] = Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .text(let text)?:
          facts.texts[field] = text
          facts.numbers[field] = Double(text)
        case nil: break
        }
      }
    }
    return facts
  }

  private func fill(
    _ facts: inout SegmentFacts, _ fields: [SegmentField], _ tally: PurchaseTally, _ minor: Double
  ) {
    for field in fields {
      switch field {
      case .orders: facts.numbers[field] = Double(tally.orders)
      case .spend: facts.numbers[field] = Double(tally.spend) / minor
      case .recencyDays: facts.numbers[field] = tally.lastVisit.map { Double(day - $0) }
      case .tenureDays: facts.numbers[field] = tally.firstEverDay.map { Double(day - $0) }
      default: break
      }
    }
  }
}

extension SegmentFacts {
  /// A number or a text.
  public enum Value: Sendable, Equatable {
    /// A number.
    case number(Double)
    /// A text.
    case text(String)
  }
}
