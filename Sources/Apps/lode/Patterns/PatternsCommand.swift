import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import Patterns

/// `lode patterns`: what is bought together, and one after another.
struct PatternsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patterns",
    abstract: "Say what is bought together, and one after another.",
    discussion: """
      Finds the sets of items that are in many baskets and the rules between them, each rule with Fisher's exact test and a \
      q-value (the share of chance findings among rules as clear). With --validate-from the rules are found in the baskets \
      before that date and tried on those from it on. Sequences are the baskets of each customer by time. Relations tell items \
      that are bought together from items of which one is bought instead of the other, given the sizes of the baskets.

      Without --baskets the orders are a shop's: what is found in the earlier ones is tried on the last quarter of the time and taken \
      into use; --show bundles lists pairs of items with price, margin and discount. --min-support, --min-confidence, --min-lift and \
      --limit narrow what is shown; the other options are of files.
      """)

  enum Algorithm: String, ExpressibleByArgument, CaseIterable {
    case fpGrowth = "FPGrowth"
    case eclat = "Eclat"
    case apriori = "Apriori"

    var miner: any ItemsetMiner {
      switch self {
      case .fpGrowth: FPGrowth()
      case .eclat: Eclat()
      case .apriori: Apriori()
      }
    }
  }

  enum Show: String, ExpressibleByArgument, CaseIterable {
    case rules, itemsets, relations, sequences, bundles
  }
  enum Sets: String, ExpressibleByArgument, CaseIterable { case all, closed, maximal }

  @OptionGroup var file: BasketFile
  @Option(help: "What to show.") var show = Show.rules
  @Option(help: ArgumentHelp("The share of the baskets in which a set must be.", valueName: "share"))
  var minSupport = 0.01
  @Option(help: ArgumentHelp("The number of baskets, in place of a share.", valueName: "count")) var minCount:
    Int?
  @Option(help: ArgumentHelp("How many items a set may have.", valueName: "count")) var maxLength: Int?
  @Option(help: "Which sets are shown.") var sets = Sets.all
  @Option(help: "The algorithm; all find the same sets.") var algorithm = Algorithm.fpGrowth
  @Option(help: ArgumentHelp("The confidence that a rule must have.", valueName: "share")) var minConfidence =
    0.2
  @Option(help: ArgumentHelp("The lift that a rule must have.", valueName: "ratio")) var minLift = 1.0
  @Option(help: ArgumentHelp("The largest q-value of a rule.", valueName: "share")) var maxQ = 0.05
  @Option(help: ArgumentHelp("How many items a rule may conclude to.", valueName: "count"))
  var maxConsequent = 1
  @Option(help: ArgumentHelp("Try the rules on the baskets from this date on.", valueName: "date"))
  var validateFrom: String?
  @Flag(help: "Mine on one core alone.") var serial = false
  @Flag(help: "Write JSON instead of CSV.") var json = false
  @Option(help: "Of a shop: at most so many rows.") var limit = 1_000
  @Flag(help: "Of a shop: only what holds in the later orders.") var validated = false
  @Option(help: "Of a shop: the part of a price that is profit, for items whose cost is not known.")
  var margin: Double?
  @OptionGroup var store: StoreOptions

  func validate() throws {
    guard minSupport > 0, minSupport <= 1 else {
      throw ValidationError("--min-support is \(minSupport); expected a share above 0 and at most 1.")
    }
    for (name, value) in [
      ("min-count", minCount), ("max-length", maxLength), ("max-consequent", maxConsequent),
    ] {
      if let value, value < 1 {
        throw ValidationError("--\(name) is \(value); expected a whole number of at least 1.")
      }
    }
    if file.baskets == nil, show == .itemsets {
      throw ValidationError("--show itemsets needs --baskets.")
    }
    if file.baskets != nil, show == .bundles {
      throw ValidationError("--show bundles is of a shop: leave --baskets out.")
    }
    if !(1...1_000_000).contains(limit) { throw ValidationError("--limit is 1 to 1000000.") }
    if let margin, !(0...1).contains(margin) { throw ValidationError("--margin is a number from 0 to 1.") }
    if let validateFrom, Timestamp(rfc3339: validateFrom) == nil {
      throw ValidationError("--validate-from is '\(validateFrom)'; expected a date such as 2017-10-01.")
    }
  }

  func run() async throws {
    guard file.baskets != nil else { return try await mineShop() }
    let content = try file.read()
    if show == .sequences { return try showSequences(of: content) }
    let (earlier, later) = try split(content)
    let baskets = Baskets(items: content.items, codes: earlier.map(\.items))
    if show == .relations { return try showRelations(in: baskets) }
    let began = ContinuousClock.now
    let sets = try mine(baskets)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let asked = AssociationRules(
      minimumConfidence: minConfidence, minimumLift: minLift, longestConsequent: maxConsequent,
      largestQValue: maxQ)
    let rules = show == .rules || json ? try asked.rules(from: sets, baskets: baskets.count) : []
    let outcomes = later.map {
      RuleValidation.outcomes(of: rules, in: Baskets(items: content.items, codes: $0.map(\.items)))
    }
    let shown = chosen(sets).ordered().map { row($0, of: baskets) }
    let ruleRows = rules.enumerated().map { row($1, outcomes?[$0], of: baskets) }
    if json {
      return Console.write([
        "itemsets": .array(shown), "rules": .array(ruleRows), "baskets": JSONValue(baskets.count),
        "seconds": JSONValue(seconds),
      ])
    }
    if show == .itemsets { return table(shown, ["items", "count", "support"]) }
    let trial =
      outcomes == nil
      ? [] : ["later_count", "later_confidence", "later_confidence_lower", "later_lift", "holds"]
    table(
      ruleRows,
      [
        "antecedent", "consequent", "count", "support", "confidence", "lift", "leverage", "conviction",
        "p_value",
        "q_value",
      ] + trial)
  }

  private func mineShop() async throws {
    var filter = PatternFilter()
    (filter.minSupport, filter.minConfidence, filter.minLift) = (0, minConfidence, minLift)
    filter.validatedOnly = validated
    try await PatternsShop(
      show: show, filter: filter, limit: limit, margin: margin, store: store, json: json
    ).run()
  }

  private func mine(_ baskets: Baskets) throws -> FrequentItemsets {
    var request = ItemsetRequest(support: minSupport, of: baskets.count, maximumLength: maxLength ?? .max)
    if let minCount { request.minimumCount = minCount }
    request.serially = serial
    return try algorithm.miner.mine(baskets, request, context: FitContext())
  }

  private func chosen(_ sets: FrequentItemsets) -> FrequentItemsets {
    switch self.sets {
    case .all: sets
    case .closed: sets.closed()
    case .maximal: sets.maximal()
    }
  }

  /// The baskets that patterns are found in, and those that they are tried on.
  private func split(_ content: BasketFile.Content) throws -> ([BasketFile.Basket], [BasketFile.Basket]?) {
    guard let text = validateFrom, let date = Timestamp(rfc3339: text) else { return (content.baskets, nil) }
    guard content.isTable, content.baskets.allSatisfy({ $0.time != nil }) else {
      throw ValidationError(
        "\(file.path): --validate-from needs a time of every basket in a column '\(file.timeColumn)'.")
    }
    let parts = (content.baskets.filter { $0.time! < date }, content.baskets.filter { $0.time! >= date })
    guard !parts.0.isEmpty, !parts.1.isEmpty else {
      throw ValidationError(
        "\(file.path): all baskets are on one side of \(text); expected some before and some after.")
    }
    return parts
  }

  // MARK: Rows

  private func row(_ set: Itemset, of baskets: Baskets) -> JSONValue {
    [
      "items": names(set.items, baskets.items), "count": JSONValue(set.count),
      "support": JSONValue(Double(set.count) / Double(baskets.count)),
    ]
  }

  private func row(_ rule: AssociationRule, _ outcome: RuleValidation.Outcome?, of baskets: Baskets)
    -> JSONValue
  {
    var row: JSONValue = [
      "antecedent": names(rule.antecedent, baskets.items),
      "consequent": names(rule.consequent, baskets.items),
      "count": JSONValue(rule.count), "support": JSONValue(rule.support),
      "confidence": JSONValue(rule.confidence),
      "lift": JSONValue(rule.lift), "leverage": JSONValue(rule.leverage),
      "conviction": rule.conviction.isFinite ? JSONValue(rule.conviction) : .null,
      "p_value": JSONValue(rule.pValue),
      "q_value": JSONValue(rule.qValue),
    ]
    if let outcome {
      row["later_count"] = JSONValue(outcome.rule.count)
      row["later_confidence"] = outcome.confidence == nil ? .null : JSONValue(outcome.rule.confidence)
      row["later_confidence_lower"] = outcome.confidence.map { JSONValue($0.lower) } ?? .null
      row["later_lift"] =
        outcome.confidence == nil || outcome.rule.consequentCount == 0 ? .null : JSONValue(outcome.rule.lift)
      row["holds"] = .bool(outcome.holds)
    }
    return row
  }

  private func names(_ codes: [Int32], _ items: Vocabulary) -> JSONValue {
    .array(codes.map { .string(items[$0]) })
  }

  private func showRelations(in baskets: Baskets) throws {
    let rows = try ItemRelations(largestQValue: maxQ).relations(in: baskets).map { relation -> JSONValue in
      [
        "items": names(relation.items, baskets.items), "kind": .string(relation.kind.rawValue),
        "count": JSONValue(relation.count), "expected": JSONValue(relation.expected),
        "ratio": JSONValue(relation.ratio), "similarity": JSONValue(relation.similarity),
        "q_value": JSONValue(relation.qValue),
      ]
    }
    if json { return Console.write(["relations": .array(rows), "baskets": JSONValue(baskets.count)]) }
    table(rows, ["items", "kind", "count", "expected", "ratio", "similarity", "q_value"])
  }

  private func showSequences(of content: BasketFile.Content) throws {
    let known = content.baskets.filter { $0.customer != nil && $0.time != nil }
    guard !known.isEmpty else {
      throw ValidationError(
        "\(file.path): sequences need the columns '\(file.customerColumn)' and '\(file.timeColumn)'.")
    }
    var sequences = BasketSequences()
    for (_, own) in Dictionary(grouping: known, by: { $0.customer ?? "" }).sorted(by: { $0.key < $1.key }) {
      let sorted = own.sorted { ($0.time?.milliseconds ?? 0) < ($1.time?.milliseconds ?? 0) }
      sequences.append(sorted.map { $0.items.map { content.items[$0] } })
    }
    let request = ItemsetRequest(support: minSupport, of: sequences.count)
    let patterns = try PrefixSpan().mine(
      sequences, minimumCount: minCount ?? request.minimumCount, maximumLength: maxLength ?? .max,
      context: FitContext()
    ).sorted { ($1.count, $0.length) < ($0.count, $1.length) }
    let rows = patterns.map { pattern -> JSONValue in
      [
        "baskets": .array(pattern.baskets.map { names($0, sequences.items) }),
        "count": JSONValue(pattern.count),
        "support": JSONValue(Double(pattern.count) / Double(sequences.count)),
      ]
    }
    if json { return Console.write(["sequences": .array(rows), "customers": JSONValue(sequences.count)]) }
    table(rows, ["baskets", "count", "support"])
  }

  private func table(_ rows: [JSONValue], _ columns: [String]) {
    let writer = CSVWriter(columns: columns)
    print(writer.header, terminator: "")
    for row in rows { print(writer.line(row), terminator: "") }
  }
}
