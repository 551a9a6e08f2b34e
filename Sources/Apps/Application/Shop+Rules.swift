import Commerce
import Decisions
import Foundation
import Learning
import MathKernels
import Recommendation
import Storage
import Synchronization

/// The rules of pages: publishing, going back, trying out.
extension Shop {
  /// Brings the last published rules into memory.
  func readRules() async throws {
    do {
      let found = try await PublishedRules.load(from: store)
      solved(.rules)
      guard found != pageRules else { return }
      try await use(found)
    } catch let error as RuleError {
      // Rules of a later build: the ones in memory stay.
      note(error, in: .rules)
    }
  }

  private func use(_ rules: PublishedRules) async throws {
    let (days, before) = (rules.rules.daysLookedBack, pageRules.rules.daysLookedBack)
    pageRules = rules
    if days == 0 {
      impressionsBeingRead?.cancel()
      impressionsBeingRead = nil
      shownWhileReading = [:]
      impressions = ImpressionLedger()
    }
    if days > before {
      let reading = readImpressions(ofDays: days)
      // A shop that starts knows what it showed before it answers. One that answers goes on: whoever publishes does not wait
      // for weeks of decisions, and fatigue counts what it knows meanwhile.
      if phase != .ready { await reading.value }
    }
    if phase == .ready { prepareForPages() }
  }

  /// Reads what was shown lately from the log of decisions, in the background.
  private func readImpressions(ofDays days: Double) -> Task<Void, Never> {
    impressionsBeingRead?.cancel()
    shownWhileReading = [:]
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      do {
        let earlier = try await self.decisionsMade(
          since: self.clock().adding(days: -min(days, ImpressionLedger.longestDays)))
        try Task.checkCancellation()
        await self.take(earlier)
      } catch {
        if !(error is CancellationError) { await self.goOn(without: error) }
      }
    }
    impressionsBeingRead = task
    return task
  }

  /// What the log says was shown. Of the newest decisions, also those themselves: some of them may be in memory already.
  private nonisolated func decisionsMade(since start: Timestamp) async throws
    -> (older: ImpressionLedger, newest: [DecisionRecord])
  {
    // A page that is made meanwhile is dated at most as much earlier as it takes to be made.
    let recently = clock().adding(days: -1 / 24)
    await decisions.flush()
    let made = Mutex((older: ImpressionLedger(), newest: [DecisionRecord]()))
    try await store.scanDecisions(madeSince: start, batchSize: 1000) { batch in
      made.withLock { made in
        for decision in batch {
          if decision.madeAt > recently { made.newest.append(decision) } else { made.older.note(decision) }
        }
      }
    }
    return made.withLock { $0 }
  }

  /// What was shown while the log was read may be in it or not: memory knows it by its id.
  private func take(_ earlier: (older: ImpressionLedger, newest: [DecisionRecord])) {
    var ledger = earlier.older
    for decision in earlier.newest where shownWhileReading[decision.decisionID] == nil {
      ledger.note(decision)
    }
    for decision in shownWhileReading.values.sorted(using: KeyPathComparator(\.madeAt)) {
      ledger.note(decision)
    }
    impressions = ledger
    shownWhileReading = [:]
    impressionsBeingRead = nil
  }

  private func goOn(without error: any Error) {
    note(error, in: .rules)
    shownWhileReading = [:]
    impressionsBeingRead = nil
  }

  /// Waits until all that rules look back on is in memory.
  public func historyIsRead() async { await impressionsBeingRead?.value }

  /// The published rules.
  public func rules() throws -> JSONValue {
    try requireReady()
    return pageRules.json
  }

  /// The versions that are kept, newest first.
  public nonisolated func ruleVersions() async throws -> JSONValue {
    ["items": .array(try await PublishedRules.versions(in: store))]
  }

  /// What is wrong with a text of rules, or what its rules do.
  public nonisolated func validate(rules text: String) -> JSONValue {
    do {
      let rules = try RuleSet(parsing: text)
      return ["valid": true, "errors": [], "rules": .array(rules.rules.map(\.json))]
    } catch RuleError.syntax(let issues) {
      return ["valid": false, "errors": .array(issues.map(\.json)), "rules": []]
    } catch {
      return [
        "valid": false, "errors": [["line": 1, "column": 1, "message": .string("\(error)")]], "rules": [],
      ]
    }
  }

  /// Publishes rules; pages follow them from the next request on.
  ///
  /// - Parameter version: the one that the text was made from, so that nobody overwrites what another has just published.
  /// - Throws: `RuleError.syntax`; `ApplicationError.conflict` when another version is live.
  public func publish(rules text: String, from version: Int) async throws -> JSONValue {
    try requireReady()
    let rules = try RuleSet(parsing: text)
    try await ruleChanges.run { [self] in try await save(rules, from: version) }
    return pageRules.json
  }

  private func save(_ rules: RuleSet, from version: Int?) async throws {
    try await readRules()
    if let trouble = troubles[.rules] {
      throw ApplicationError.conflict(
        reason:
          "The last version of the rules cannot be read (\(trouble)); publish with the build that wrote it.")
    }
    if let version, version != pageRules.version {
      throw ApplicationError.conflict(
        reason: "The rules were published as version \(pageRules.version) since version \(version) was read.")
    }
    let published = try await PublishedRules.publish(
      rules, after: pageRules.version, at: clock(), in: store)
    try await use(published)
  }

  /// Publishes the version before the present one again, as a new version.
  ///
  /// - Throws: `ApplicationError.conflict` when there is none.
  public func rollBackRules() async throws -> JSONValue {
    try requireReady()
    try await ruleChanges.run { [self] in
      let versions = try await PublishedRules.versions(in: store)
      guard versions.count > 1, let text = versions[1]["text"]?.string else {
        throw ApplicationError.conflict(
          reason: "No rules were published before: there is nothing to go back to.")
      }
      try await save(try RuleSet(parsing: text), from: nil)
    }
    return pageRules.json
  }

  // MARK: Trying out

  /// A trial of rules on the shop's own past.
  public struct RuleTrialRequest: Sendable {
    /// The rules to try.
    public var text: String
    /// The place that pages are made for.
    public var context: PageContext
    /// How many customers.
    public var customers: Int
    /// How many days of purchases pages are compared with.
    public var days: Int
    /// How many items a page has.
    public var count: Int

    /// A trial; by default 200 customers' first pages of ten items, and four weeks.
    public init(
      text: String, context: PageContext = .home, customers: Int = 200, days: Int = 28, count: Int = 10
    ) {
      self.text = text
      self.context = context
      self.customers = customers
      self.days = days
      self.count = count
    }
  }

  /// Tries rules out: the pages of some customers as they were before the last days, made with the published and with the
  /// other rules, and compared with what was bought in those days. Nothing is published or written down.
  ///
  /// - Throws: `RuleError.syntax`; `ApplicationError.invalidParameter` for a context that cannot be tried.
  public func dryRun(_ trial: RuleTrialRequest) async throws -> JSONValue {
    try requireReady()
    try beginLongQuestion()
    defer { endLongQuestion() }
    guard [.home, .email].contains(trial.context) else {
      throw ApplicationError.invalidParameter(
        name: "context", value: trial.context.rawValue,
        expected: "home or email, which need nothing but a customer")
    }
    let live = try await recommender(named: nil)
    let (before, after) = (try await parts(for: live), try await parts(for: live, rules: trial.text))
    let cases = try trialCases(trial)
    let pages = RuleTrial(before: PageComposer(before), after: PageComposer(after))
    // On threads of its own: hundreds of pages would keep those waiting that are asked for meanwhile.
    let report = try await withTaskExecutorPreference(BackgroundExecutor.shared) {
      try await Self.run(pages, cases)
    }
    let named = report.items.gaining.map(\.name) + report.items.losing.map(\.name)
    return Self.json(report, after.rules, catalogue: catalogue.excerpt(of: named))
  }

  private nonisolated static func run(_ trial: RuleTrial, _ cases: [RuleTrial.Case]) async throws
    -> RuleTrial.Report
  {
    try trial.run(cases)
  }

  /// Customers drawn at random among those with a history before the days, always the same ones.
  private func trialCases(_ trial: RuleTrialRequest) throws -> [RuleTrial.Case] {
    let end = asOf
    let start = end.adding(days: -Double(trial.days)).milliseconds
    var random = RandomSource(seed: 42)
    var cases: [RuleTrial.Case] = []
    let order = (0..<frame.customers.count).shuffled(using: &random)
    // In a shop younger than the span nobody has a past: not all are looked at to find that out.
    for customer in order.prefix(20 * trial.customers) where cases.count < trial.customers {
      let own = rows.rows(of: Int32(customer))
      let past = history(of: own, before: start)
      guard !past.isEmpty else { continue }
      let id = frame.customers[Int32(customer)]
      var input = try input(PlacementRequest(context: trial.context, customerID: id, count: trial.count))
      input.history = past
      input.had = had(own, before: start)
      input.facts.historySize = past.count
      let bought = Set(
        own.lazy.map(Int.init).filter {
          self.frame.item[$0] >= 0 && self.frame.timestamp[$0] >= start
            && EventKind(code: self.frame.kind[$0]) == .purchase
        }.map { self.frame.items[self.frame.item[$0]] })
      cases.append(RuleTrial.Case(input, bought: bought))
    }
    return cases
  }

  private nonisolated static func json(
    _ report: RuleTrial.Report, _ rules: RuleTable, catalogue: Catalogue
  ) -> JSONValue {
    func list(_ changes: [RuleTrial.Change]) -> JSONValue {
      .array(
        changes.map {
          [
            "name": .string($0.name), "before": JSONValue($0.before), "after": JSONValue($0.after),
            "change": JSONValue($0.change),
          ]
        })
    }
    func items(_ changes: [RuleTrial.Change]) -> JSONValue {
      .array(
        changes.map {
          [
            "item_id": .string($0.name), "title": .string(catalogue.title(of: $0.name)),
            "before": JSONValue($0.before), "after": JSONValue($0.after),
          ]
        })
    }
    return [
      "customers": JSONValue(report.customers), "pages_changed": JSONValue(report.pagesChanged),
      "mean_items_changed": JSONValue(report.itemsChanged),
      "hits": [
        "before": JSONValue(report.hits.before), "after": JSONValue(report.hits.after),
        "difference": JSONValue(report.hits.after - report.hits.before),
        "interval": [
          "lower": JSONValue(report.difference.lower), "upper": JSONValue(report.difference.upper),
        ],
      ],
      "note": [
        "en":
          "Items bought in the days after, per page. The live model has seen these days: read the difference, not the level.",
        "zh": "每个推荐位中，随后几天被购买的商品数。线上模型训练时见过这些天的数据：请看差值，不要看绝对值。",
      ],
      "categories": ["gaining": list(report.categories.gaining), "losing": list(report.categories.losing)],
      "brands": ["gaining": list(report.brands.gaining), "losing": list(report.brands.losing)],
      "items": ["gaining": items(report.items.gaining), "losing": items(report.items.losing)],
      "mean_price": report.meanPrice.map { ["before": JSONValue($0.before), "after": JSONValue($0.after)] }
        ?? nil,
      "rules": .array(
        report.rules.map {
          [
            "name": .string(rules.rules.rules[$0.rule].name), "removed": JSONValue($0.removed),
            "moved": JSONValue($0.moved), "pages": JSONValue($0.pages),
          ]
        }),
      "examples": .array(
        report.examples.map {
          ["customer_id": .string($0.customerID), "lost": JSONValue($0.lost), "gained": JSONValue($0.gained)]
        }),
    ]
  }
}

extension RuleIssue {
  /// The issue as the API shows it.
  public var json: JSONValue {
    ["line": JSONValue(line), "column": JSONValue(column), "message": .string(message)]
  }
}

extension ImpressionLedger {
  /// Notes what a decision showed to its customer.
  mutating func note(_ decision: DecisionRecord) {
    guard let customer = decision.customerID else { return }
    note(decision.choices.map(\.itemID), to: customer, at: decision.madeAt)
  }
}
