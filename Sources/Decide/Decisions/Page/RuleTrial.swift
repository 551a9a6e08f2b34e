import MathKernels
import Recommendation

/// What other rules would change: the same pages made with both, for customers as they were before a span of days, and
/// compared with what they bought in it.
///
/// ```swift
/// let trial = RuleTrial(before: composer, after: composerWithOtherRules)
/// let report = trial.run(cases)
/// report.hits.difference
/// ```
/// The pages are made by the live model, which has seen those days: the hits say what rules cost or bring, not how good the
/// model is.
public struct RuleTrial: Sendable {
  /// A customer as of then.
  public struct Case: Sendable {
    /// The page that would have been asked for, with the history before.
    public var input: PageInput
    /// What was bought afterwards.
    public var bought: Set<String>

    /// A customer as of then.
    public init(_ input: PageInput, bought: Set<String>) {
      self.input = input
      self.bought = bought
    }
  }

  /// A number with both kinds of rules.
  public struct Change: Sendable {
    /// The name of a category or brand, the id of an item.
    public var name: String
    /// With the present rules.
    public var before: Double
    /// With the others.
    public var after: Double
    /// What was gained.
    public var change: Double { after - before }
  }

  /// Who gains and who loses most.
  public struct Shift: Sendable {
    /// Those that gain, most first.
    public var gaining: [Change] = []
    /// Those that lose, most first.
    public var losing: [Change] = []
  }

  /// What one of the other rules did.
  public struct RuleShare: Sendable {
    /// Its place in the document.
    public var rule: Int
    /// Candidates taken out per page, of the first two hundred.
    public var removed: Double
    /// Items moved per page.
    public var moved: Double
    /// On how many pages it did anything.
    public var pages: Int
  }

  /// What would change.
  public struct Report: Sendable {
    /// How many customers.
    public var customers = 0
    /// How many pages differ.
    public var pagesChanged = 0
    /// How many items of a page differ, on average.
    public var itemsChanged = 0.0
    /// Items bought afterwards per page.
    public var hits = (before: 0.0, after: 0.0)
    /// What is gained in hits per page, with its interval.
    public var difference = ConfidenceInterval(lower: 0, upper: 0, level: 0.95)
    /// Shares of all places by category.
    public var categories = Shift()
    /// Shares of all places by brand.
    public var brands = Shift()
    /// How many pages show an item.
    public var items = Shift()
    /// The mean price of what is shown, where prices are known.
    public var meanPrice: (before: Double, after: Double)?
    /// What each of the other rules did.
    public var rules: [RuleShare] = []
    /// The pages that changed most.
    public var examples: [(customerID: String, lost: [String], gained: [String])] = []
  }

  private let before: PageComposer
  private let after: PageComposer

  /// A trial of the rules of one composer against those of another.
  public init(before: PageComposer, after: PageComposer) {
    self.before = before
    self.after = after
  }

  /// Makes both pages for every customer, on all cores.
  ///
  /// - Throws: `CancellationError`.
  public func run(_ cases: [Case]) throws -> Report {
    var tally = TrialTally(before.parts.table, rules: after.parts.rules.rules.rules.count)
    for start in stride(from: 0, to: cases.count, by: 64) {
      try Task.checkCancellation()
      let block = Array(cases[start..<min(start + 64, cases.count)])
      let pages = parallelBlocks(block.count, blockSize: 4) { range in
        range.map { (before.compose(block[$0].input), after.compose(block[$0].input, tracing: true)) }
      }.flatMap { $0 }
      for (entry, made) in zip(block, pages) { tally.add(entry, made.0, made.1) }
    }
    return tally.report
  }
}

/// What pages with both kinds of rules show, added up.
private struct TrialTally {
  private static let listed = 10
  private let table: ItemTable
  private var report0 = RuleTrial.Report()
  private var hits: [(before: Double, after: Double)] = []
  private var exposure: [String: (before: Double, after: Double)] = [:]
  private var prices: (before: (sum: Double, count: Double), after: (sum: Double, count: Double)) = (
    (0, 0), (0, 0)
  )
  private var changed = 0
  private var examples: [(customerID: String, lost: [String], gained: [String])] = []

  init(_ table: ItemTable, rules: Int) {
    self.table = table
    report0.rules = (0..<rules).map { RuleTrial.RuleShare(rule: $0, removed: 0, moved: 0, pages: 0) }
  }

  mutating func add(_ entry: RuleTrial.Case, _ before: RecommendedPage, _ after: RecommendedPage) {
    let (first, second) = (before.entries.map(\.item), after.entries.map(\.item))
    hits.append(
      (Double(first.count { entry.bought.contains($0) }), Double(second.count { entry.bought.contains($0) })))
    for item in first { note(item, isAfter: false) }
    for item in second { note(item, isAfter: true) }
    if first != second { report0.pagesChanged += 1 }
    let (old, new) = (Set(first), Set(second))
    let (lost, gained) = (first.filter { !new.contains($0) }, second.filter { !old.contains($0) })
    changed += gained.count
    if let customer = entry.input.request.customerID, !gained.isEmpty || !lost.isEmpty {
      examples.append((customer, lost, gained))
    }
    for deed in after.trace.rules where deed.removed > 0 || deed.moved > 0 {
      report0.rules[deed.rule].removed += Double(deed.removed)
      report0.rules[deed.rule].moved += Double(deed.moved)
      report0.rules[deed.rule].pages += 1
    }
  }

  private mutating func note(_ item: String, isAfter: Bool) {
    exposure[item, default: (0, 0)].before += isAfter ? 0 : 1
    exposure[item, default: (0, 0)].after += isAfter ? 1 : 0
    guard let row = table.row(of: item), table.price[row].isFinite else { return }
    if isAfter {
      prices.after = (prices.after.sum + Double(table.price[row]), prices.after.count + 1)
    } else {
      prices.before = (prices.before.sum + Double(table.price[row]), prices.before.count + 1)
    }
  }

  var report: RuleTrial.Report {
    var report = report0
    let pages = Double(max(1, hits.count))
    report.customers = hits.count
    report.itemsChanged = Double(changed) / pages
    report.hits = (Statistics.mean(hits.map(\.before)), Statistics.mean(hits.map(\.after)))
    if !hits.isEmpty {
      report.difference = Bootstrap.meanInterval(
        of: hits.map { $0.after - $0.before }, resamples: 1000, level: 0.95, seed: 42)
    }
    report.items = shift(exposure.map { RuleTrial.Change(name: $0, before: $1.before, after: $1.after) })
    report.categories = shift(shares { table.category[$0] >= 0 ? table.categories[table.category[$0]] : nil })
    report.brands = shift(shares { table.brand[$0] >= 0 ? table.brands[table.brand[$0]] : nil })
    if prices.before.count > 0, prices.after.count > 0 {
      report.meanPrice = (prices.before.sum / prices.before.count, prices.after.sum / prices.after.count)
    }
    for index in report.rules.indices {
      report.rules[index].removed /= pages
      report.rules[index].moved /= pages
    }
    report.examples = Array(
      examples.sorted { (-$0.gained.count, $0.customerID) < (-$1.gained.count, $1.customerID) }.prefix(
        Self.listed))
    return report
  }

  /// The shares of all places by what a row is called.
  private func shares(_ name: (Int) -> String?) -> [RuleTrial.Change] {
    var sums: [String: (before: Double, after: Double)] = [:]
    var total = (before: 0.0, after: 0.0)
    for (item, count) in exposure {
      total = (total.before + count.before, total.after + count.after)
      guard let row = table.row(of: item), let name = name(row) else { continue }
      sums[name, default: (0, 0)].before += count.before
      sums[name, default: (0, 0)].after += count.after
    }
    return sums.map {
      RuleTrial.Change(
        name: $0, before: $1.before / max(1, total.before), after: $1.after / max(1, total.after))
    }
  }

  private func shift(_ changes: [RuleTrial.Change]) -> RuleTrial.Shift {
    let gaining = changes.filter { $0.change > 0 }.sorted { (-$0.change, $0.name) < (-$1.change, $1.name) }
    let losing = changes.filter { $0.change < 0 }.sorted { ($0.change, $0.name) < ($1.change, $1.name) }
    return RuleTrial.Shift(
      gaining: Array(gaining.prefix(Self.listed)), losing: Array(losing.prefix(Self.listed)))
  }
}
