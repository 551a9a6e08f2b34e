import Commerce
import Demand
import Features
import Foundation
import Needs
import TextAnalysis

/// A product that is to be launched, as a caller describes it.
public struct LaunchRequest: Sendable {
  /// Its name.
  public var title: String
  /// Its category.
  public var category: String
  /// Its brand.
  public var brand: String?
  /// The planned price of a unit in major units of the shop's currency.
  public var price: Double?
  /// Further attributes.
  public var attributes: [String: JSONValue]
  /// How many weeks to foretell.
  public var weeks: Int

  /// A product.
  public init(
    title: String, category: String, brand: String? = nil, price: Double? = nil,
    attributes: [String: JSONValue] = [:], weeks: Int = 12
  ) {
    self.title = title
    self.category = category
    self.brand = brand
    self.price = price
    self.attributes = attributes
    self.weeks = weeks
  }

  static let weeksAllowed = 4...52
  private static let longestText = 500
  private static let mostAttributes = 50

  /// - Throws: `ApplicationError.invalidParameter`.
  func validate() throws {
    func require(_ name: String, _ text: String?) throws {
      guard let text else { return }
      guard !text.allSatisfy(\.isWhitespace), text.unicodeScalars.count <= Self.longestText else {
        throw ApplicationError.invalidParameter(
          name: name, value: String(text.prefix(40)), expected: "1 to \(Self.longestText) characters")
      }
    }
    try require("title", title)
    try require("category", category)
    try require("brand", brand)
    if let price, !(price > 0 && price < 1e12) {
      throw ApplicationError.invalidParameter(
        name: "price", value: String(price), expected: "a number above 0")
    }
    guard Self.weeksAllowed.contains(weeks) else {
      throw ApplicationError.invalidParameter(
        name: "weeks", value: String(weeks), expected: "a whole number from 4 to 52")
    }
    guard attributes.count <= Self.mostAttributes,
      attributes.allSatisfy({ $0.key.utf8.count <= Self.longestText && $0.value.isShortScalar })
    else {
      throw ApplicationError.invalidParameter(
        name: "attributes", value: nil,
        expected:
          "at most \(Self.mostAttributes) texts, numbers or flags of at most \(Self.longestText) characters")
    }
  }
}

extension JSONValue {
  fileprivate var isShortScalar: Bool {
    switch self {
    case .string(let text): text.unicodeScalars.count <= 500
    case .number, .bool: true
    default: false
    }
  }
}

extension Shop {
  private static let audienceShown = 50

  /// Plans the launch of a product.
  ///
  /// - Throws: `ApplicationError.invalidParameter`; `DemandError.notEnoughWeeks`.
  public nonisolated func planLaunch(_ request: LaunchRequest) async throws -> JSONValue {
    try request.validate()
    let study = try await currentLaunchStudy()
    let currency = study.snapshot.history.currency
    let item = Item(
      itemID: "", title: request.title, category: request.category, brand: request.brand,
      attributes: request.attributes)
    let product = LaunchProduct(
      item, price: request.price.flatMap { Money($0, currency: currency) }.map { Double($0.minorUnits) })
    let plan = await Self.plan(study, product, weeks: request.weeks)
    let category = study.planner.category(of: product)
    let audience = try await audience(of: plan, category: category, asOf: study.snapshot.asOf)
    let words = LaunchWords(study: study, plan: plan)
    return [
      "analogues": .array(plan.analogues.map { words.json($0) }),
      "curve": .array(plan.curve.weeks.map { Self.json($0) }),
      "total": Self.json(plan.curve.total), "level": JSONValue(plan.curve.level),
      "basis": .string(plan.curve.basis.rawValue),
      "bass": plan.bass.map {
        [
          "p": JSONValue($0.innovation), "q": JSONValue($0.imitation), "m": JSONValue($0.market),
          "explained": JSONValue($0.explained),
        ]
      } ?? .null,
      "windows": .array(plan.windows.map { words.json($0) }),
      "audience": .array(
        audience.members.prefix(Self.audienceShown).map {
          words.json($0, expected: audience.expectedUnits($0, of: plan.curve.total.mean))
        }),
      "audience_total": JSONValue(audience.members.count),
      "audience_basis": .string(audience.isOfNeeds ? "needs" : "purchases"),
      "price_band": words.json(plan.priceBand),
      "cannibalised": .array(plan.cannibalised.map { words.json($0) }),
      "neighbours_examined": JSONValue(plan.neighboursExamined),
      "unmet_needs": .array(await unmetNeeds(for: request, category: category)),
      "backtest": Self.json(study.backtest),
      "words": words.summary(plan, isKnown: study.planner.knowsCategory(of: product)),
    ]
  }

  private nonisolated static func plan(
    _ study: LaunchStudy, _ product: LaunchProduct, weeks: Int
  ) async -> LaunchPlan {
    study.planner.plan(product, weeks: weeks)
  }

  /// Who needs the category or bought what is alike. A shop without a model of needs has only the latter.
  private func audience(
    of plan: LaunchPlan, category: String?, asOf moment: Timestamp
  ) async throws -> LaunchAudience {
    let alike = Dictionary(plan.analogues.map { ($0.itemID, $0.similarity) }, uniquingKeysWith: max)
    var needs: [NeedCustomer]?
    if let category {
      do {
        needs = try await customers(needing: category, NeedCustomerFilter(), asOf: asOf)
      } catch let error as ApplicationError {
        switch error {
        // No model of needs, one that cannot be read, or one that does not know the category; the answer says so.
        case .notTrained, .notFound, .conflict: needs = nil
        default: throw error
        }
      }
    }
    return await Self.audience(frame, alike, needs, calendar, moment)
  }

  private nonisolated static func audience(
    _ frame: EventFrame, _ alike: [String: Double], _ needs: [NeedCustomer]?, _ calendar: ShopCalendar,
    _ moment: Timestamp
  ) async -> LaunchAudience {
    LaunchAudience(frame, alike: alike, needs: needs, calendar: calendar, asOf: moment)
  }

  /// What customers ask for in vain, where texts have been mined, and the product may give.
  private nonisolated func unmetNeeds(for request: LaunchRequest, category: String?) async -> [JSONValue] {
    guard let current = await voiceInPassing() else { return [] }
    let scene = await scene(of: current)
    let sentences = scene.sentencesOfNeeds
    let wanted = LaunchProduct.words(request.title + " " + request.category)
    let found = scene.view.board.needs.filter { need in
      guard need.kind != .explore, need.status != .rejected else { return false }
      let match = scene.match(need, sentences[need.needID] ?? [])
      let own = LaunchProduct.words((need.words + [need.label]).joined(separator: " "))
      return (category != nil && match.subjectID == category) || !own.isDisjoint(with: wanted)
    }
    return found.prefix(6).map { ["need_id": .string($0.needID), "label": .string($0.label)] }
  }

  /// One page of what was launched lately, latest first: what sold and what was to be expected.
  ///
  /// - Throws: `DemandError.notEnoughWeeks`.
  public nonisolated func launches(page: PageRequest) async throws -> Page {
    let study = try await currentLaunchStudy()
    let snapshot = study.snapshot
    var answer = try Page.slice(study.recent, name: "launches", page) { recent in
      let (launch, total) = (recent.launch, recent.curve.total)
      return [
        "item_id": .string(launch.itemID), "title": .string(snapshot.title(of: launch.itemID)),
        "category": JSONValue(launch.product.category),
        "first_week": .string(snapshot.history.date(ofWeek: launch.firstWeek)),
        "weeks": JSONValue(recent.curve.weeks.count), "units": JSONValue(recent.sold),
        "expected": JSONValue(total.mean),
        "range": ["lower": JSONValue(total.lower), "upper": JSONValue(total.upper)],
        "verdict": .string(recent.verdict), "basis": .string(recent.curve.basis.rawValue),
        "units_by_week": .array(launch.units.prefix(recent.curve.weeks.count).map { JSONValue($0) }),
        "curve": .array(recent.curve.weeks.map { Self.json($0) }),
      ]
    }
    let library = study.planner.library
    answer.extra = [
      "as_of": JSONValue(snapshot.asOf), "backtest": Self.json(study.backtest),
      "definition": LaunchWords.definition(library.definition),
    ]
    return answer
  }

  /// How well the shop's earlier launches would have been foretold.
  ///
  /// - Throws: `DemandError`.
  public nonisolated func evaluateLaunches() async throws -> (LaunchBacktest, LaunchLibrary) {
    let study = try await currentLaunchStudy()
    let library = study.planner.library
    guard let backtest = study.backtest else {
      throw DemandError.notEnoughLaunches(
        needed: LaunchBacktest.leastCases + LaunchForecaster.leastLaunches, found: library.launches.count)
    }
    return (backtest, library)
  }

  private nonisolated static func json(_ week: LaunchCurve.Week) -> JSONValue {
    var json: JSONValue = [
      "mean": JSONValue(week.mean), "median": JSONValue(week.median), "lower": JSONValue(week.lower),
      "upper": JSONValue(week.upper),
    ]
    if week.week > 0 { json["week"] = JSONValue(week.week) }
    return json
  }

  private nonisolated static func json(_ backtest: LaunchBacktest?) -> JSONValue {
    guard let backtest else { return .null }
    let improvement = backtest.improvement
    var baselines: JSONValue = [:]
    for (name, result) in backtest.baselines { baselines[name.rawValue] = JSONValue(result.mase) }
    return [
      "launches": JSONValue(backtest.cases.count), "mase": JSONValue(backtest.mase),
      "baseline_mase": JSONValue(backtest.baselines[.categoryMean]?.mase),
      "improvement": JSONValue(improvement.value),
      "interval": [
        "lower": JSONValue(improvement.interval.lower), "upper": JSONValue(improvement.interval.upper),
      ],
      "baselines": baselines, "coverage": JSONValue(backtest.coverage),
      "total_coverage": JSONValue(backtest.totalCoverage), "bias": JSONValue(backtest.bias),
    ]
  }
}
