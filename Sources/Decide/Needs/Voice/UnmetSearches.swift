import Commerce
import MathKernels
import TextAnalysis

/// A search, or the view of an item that could not be bought.
public struct SearchRecord: Sendable, Codable, Equatable {
  /// The event's id.
  public var eventID: String
  /// What was searched for; for an item out of stock, its name.
  public var query: String
  /// Who searched.
  public var customerID: String?
  /// When.
  public var timestamp: Timestamp
  /// How many results there were; nil when that is not known.
  public var results: Int?
  /// Whether a result was opened; nil when that is not known.
  public var clicked: Bool?
  /// The item that was viewed while out of stock; nil for a search.
  public var outOfStockItemID: String?

  /// A search with its outcome.
  public init(
    eventID: String, query: String, customerID: String? = nil, timestamp: Timestamp, results: Int? = nil,
    clicked: Bool? = nil, outOfStockItemID: String? = nil
  ) {
    (self.eventID, self.query, self.customerID, self.timestamp) = (eventID, query, customerID, timestamp)
    (self.results, self.clicked, self.outOfStockItemID) = (results, clicked, outOfStockItemID)
  }
}

/// Something customers look for and do not find.
public struct UnmetSearch: Sendable, Codable, Equatable {
  /// Why it is unmet.
  public enum Reason: String, Sendable, Codable, CaseIterable {
    /// Searches for it mostly find nothing.
    case noResults = "no-results"
    /// Its results are opened less often than others, beyond chance.
    case poorResults = "poor-results"
    /// It is there, and sold out.
    case outOfStock = "out-of-stock"
  }

  /// The most frequent way to write it.
  public var query: String
  /// Why it is unmet.
  public var reason: Reason
  /// How many searches or views.
  public var count: Int
  /// How many of them failed.
  public var failures: Int
  /// How many customers.
  public var customers: Int
  /// Whether more or fewer of all searches are for it than before.
  public var trend: NeedTrend?
  /// Ways to write it, most frequent first.
  public var examples: [String]
  /// The newest events that show it, newest first.
  public var evidence: [String]

  private enum CodingKeys: String, CodingKey {
    case query, reason, count, failures, customers, trend, examples, evidence
  }
}

/// Finds what customers search for and do not find: queries without results or with results nobody opens, and items out of stock.
///
/// ```swift
/// let unmet = try UnmetSearches().mine(records)
/// unmet[0].query       // 折叠水壶
/// ```
/// Queries are compared in small letters and usual width, without marks and with their words in order; a query joins a more frequent
/// one that it differs from by one slip of the pen (Damerau–Levenshtein distance 1 from four signs on, found by deletions as in
/// SymSpell). Queries with poor results are those opened less often than the others together (two-proportion test, adjusted for all
/// queries by Benjamini–Hochberg).
/// - Complexity: O(records + different queries × their length).
/// - Throws: `NeedError.invalidParameter`.
public struct UnmetSearches: Sendable {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// A query of fewer customers is left out.
    public var leastCustomers: Int
    /// A query is unmet when at least this share of its searches finds nothing.
    public var failingShare: Double
    /// A search with at most so many results finds nothing.
    public var fewResults: Int
    /// The trend compares the last so many days with as many before.
    public var trendDays: Int
    /// The level of the tests.
    public var level: Double

    /// Settings.
    public init(
      leastCustomers: Int = 2, failingShare: Double = 0.5, fewResults: Int = 0, trendDays: Int = 28,
      level: Double = 0.05
    ) {
      (self.leastCustomers, self.failingShare) = (leastCustomers, failingShare)
      (self.fewResults, self.trendDays, self.level) = (fewResults, trendDays, level)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// Mining with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// What is looked for and not found, the most customers first.
  public func mine(_ records: [SearchRecord]) throws -> [UnmetSearch] {
    guard configuration.leastCustomers > 0, configuration.trendDays > 0,
      (0...1).contains(configuration.failingShare)
    else {
      throw NeedError.invalidParameter(
        name: "leastCustomers, trendDays, failingShare",
        value: "\(configuration.leastCustomers), \(configuration.trendDays), \(configuration.failingShare)",
        expected: "at least 1, at least 1, from 0 to 1")
    }
    var seen: Set<String> = []
    let records = records.filter { seen.insert($0.eventID).inserted }
    let searches = records.filter { $0.outOfStockItemID == nil }
    var found = try unmet(QueryGroups.of(searches), among: searches)
    found += outOfStock(records.filter { $0.outOfStockItemID != nil })
    setTrends(&found, records)
    return found.map(\.search).sorted {
      ($1.customers, $1.count, $0.query) < ($0.customers, $0.count, $1.query)
    }
  }

  private typealias Found = (search: UnmetSearch, records: [SearchRecord])

  private func unmet(_ groups: [[SearchRecord]], among all: [SearchRecord]) throws -> [Found] {
    let known = all.filter { $0.clicked != nil && !isEmpty($0) }
    let clicks = known.count { $0.clicked == true }
    let tests = groups.map { group -> TestResult in
      let own = group.filter { $0.clicked != nil && !isEmpty($0) }
      let opened = own.count { $0.clicked == true }
      return HypothesisTests.twoProportions(
        successes: opened, of: own.count, versus: clicks - opened, of: known.count - own.count)
    }
    let adjusted = HypothesisTests.benjaminiHochberg(tests.map(\.pValue))
    return groups.indices.compactMap { index in
      let failures = groups[index].count(where: isEmpty)
      let isFailing =
        failures > 0 && Double(failures) >= configuration.failingShare * Double(groups[index].count)
      if isFailing { return found(groups[index], .noResults, failures) }
      guard tests[index].statistic < 0, adjusted[index] <= configuration.level else { return nil }
      return found(groups[index], .poorResults, groups[index].count { $0.clicked == false || isEmpty($0) })
    }
  }

  private func isEmpty(_ record: SearchRecord) -> Bool {
    record.results.map { $0 <= configuration.fewResults } ?? false
  }

  private func outOfStock(_ records: [SearchRecord]) -> [Found] {
    Dictionary(grouping: records) { $0.outOfStockItemID ?? "" }.sorted { $0.key < $1.key }
      .compactMap { found($0.value, .outOfStock, $0.value.count) }
  }

  private func found(_ records: [SearchRecord], _ reason: UnmetSearch.Reason, _ failures: Int) -> Found? {
    let customers = Set(records.map { $0.customerID ?? "\u{0}" + $0.eventID }).count
    guard customers >= configuration.leastCustomers else { return nil }
    var counts: [String: Int] = [:]
    for record in records { counts[QueryGroups.display(record.query), default: 0] += 1 }
    let examples = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map(\.key)
    let newest = records.sorted { ($1.timestamp, $0.eventID) < ($0.timestamp, $1.eventID) }.prefix(10).map(
      \.eventID)
    return (
      UnmetSearch(
        query: examples.first ?? "", reason: reason, count: records.count, failures: failures,
        customers: customers,
        trend: nil, examples: examples, evidence: newest), records
    )
  }

  /// Compares each one's share of all records in the last days with its share before.
  private func setTrends(_ found: inout [Found], _ all: [SearchRecord]) {
    let (end, days) = (Int64(all.map(\.timestamp.dayNumber).max() ?? 0), Int64(configuration.trendDays))
    func count(_ records: [SearchRecord]) -> (recent: Int, before: Int) {
      let ages = records.map { end - Int64($0.timestamp.dayNumber) }
      return (ages.count { $0 < days }, ages.count { $0 >= days && $0 < 2 * days })
    }
    let total = count(all)
    guard total.recent > 0, total.before > 0 else { return }
    let counts = found.map { count($0.records) }
    let tests = counts.map {
      HypothesisTests.twoProportions(
        successes: $0.recent, of: total.recent, versus: $0.before, of: total.before)
    }
    let adjusted = HypothesisTests.benjaminiHochberg(tests.map(\.pValue))
    for index in found.indices {
      let (recent, before) = (
        Double(counts[index].recent) / Double(total.recent),
        Double(counts[index].before) / Double(total.before)
      )
      let change = before > 0 ? recent / before - 1 : recent > 0 ? 1 : 0
      found[index].search.trend = NeedTrend(
        change: change, pValue: tests[index].pValue, qValue: adjusted[index], level: configuration.level)
    }
  }
}

/// Queries that ask for the same.
private enum QueryGroups {
  static func of(_ records: [SearchRecord]) -> [[SearchRecord]] {
    var byForm: [[UInt32]: [SearchRecord]] = [:]
    for record in records {
      let form = form(record.query)
      if !form.isEmpty { byForm[form, default: []].append(record) }
    }
    let forms = byForm.sorted {
      ($1.value.count, $0.key.count) < ($0.value.count, $1.key.count)
        || ($1.value.count, $0.key.count) == ($0.value.count, $1.key.count)
          && $0.key.lexicographicallyPrecedes($1.key)
    }
    var (groups, owner): ([[SearchRecord]], [[UInt32]: Int]) = ([], [:])
    for (form, records) in forms {
      let group = near(form, owner)
      if let group { groups[group] += records } else { groups.append(records) }
      // Only the first form of a group attracts others, so that slips do not chain.
      guard group == nil, form.count >= 4 else { continue }
      for variant in [form] + deletions(form) where owner[variant] == nil {
        owner[variant] = groups.count - 1
      }
    }
    return groups
  }

  /// The group of a form that this one differs from by one insertion, deletion, replacement or exchange of neighbours.
  private static func near(_ form: [UInt32], _ owner: [[UInt32]: Int]) -> Int? {
    guard form.count >= 4 else { return nil }
    if let group = owner[form] { return group }
    // Numbers and models differ by one sign and mean other things: "iphone 14", "iphone 15".
    guard !form.contains(where: { (0x30...0x39).contains($0) }) else { return nil }
    return deletions(form).lazy.compactMap { owner[$0] }.first
  }

  private static func deletions(_ form: [UInt32]) -> [[UInt32]] {
    guard !form.contains(where: { (0x30...0x39).contains($0) }), form.count <= 40 else { return [] }
    return form.indices.map { index in
      var shorter = form
      shorter.remove(at: index)
      return shorter
    }
  }

  /// The query as it is compared.
  private static func form(_ query: String) -> [UInt32] {
    let cleaned = display(query).lowercased().unicodeScalars.map {
      $0.properties.isAlphabetic || $0.properties.numericType != nil ? Character($0) : " "
    }
    let words = String(cleaned).split(separator: " ").sorted()
    return words.joined(separator: " ").unicodeScalars.map(\.value)
  }

  /// The query as it is shown.
  static func display(_ query: String) -> String {
    TextCleaning().clean(String(query.prefix(200))).text.split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
  }
}
