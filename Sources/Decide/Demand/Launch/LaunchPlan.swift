import Forecasting
import MathKernels

/// What is to be expected of a new product, and what to do about it.
public struct LaunchPlan: Sendable {
  /// Something alike that was launched before, or that is sold anyway.
  public struct Analogue: Sendable {
    /// The item's id.
    public let itemID: String
    /// How alike it is, 0 to 1.
    public let similarity: Double
    /// The undiscounted price of a unit, in minor units.
    public let price: Double?
    /// The week of its launch; nil for an item that was there before.
    public let firstWeek: Int?
    /// Units in its first weeks; of an established item in the last twelve.
    public let units: [Double]
    /// What it has in common with the product.
    public let reasons: [LaunchReason]
  }

  /// A week to launch in.
  public struct Window: Sendable, Equatable {
    /// The week, by number.
    public let week: Int
    /// How the category sells in the first eight weeks from then on; 1 is usual.
    public let index: Double
    /// How many of the category's items were on offer in an average week of those a year before.
    public let competingPromotions: Double
    /// Whether the index is of two years at least.
    public let isSeasonKnown: Bool
  }

  /// Prices of what is alike, in minor units.
  public struct PriceBand: Sendable, Equatable {
    /// A quarter of the alike lies below.
    public let lower: Double
    /// Half lies below.
    public let median: Double
    /// A quarter lies above.
    public let upper: Double
  }

  /// An item that sold less when alike products were launched.
  public struct Cannibalised: Sendable, Equatable {
    /// The item's id.
    public let itemID: String
    /// How its units changed beyond its category's, −.1 for a tenth less.
    public let unitsShare: Double
    /// The probability of so great a change in weeks drawn by chance.
    public let pValue: Double
    /// The p-value adjusted for all items looked at.
    public let qValue: Double
    /// How many launches that is of.
    public let launches: Int
  }

  /// The most alike items, launches first.
  public let analogues: [Analogue]
  /// What is expected week by week.
  public let curve: LaunchCurve
  /// How the analogues spread among customers; nil where their first purchases do not pin that down.
  public let bass: BassDiffusion?
  /// The weeks to launch in, best first.
  public let windows: [Window]
  /// What alike items cost; nil when none has a price.
  public let priceBand: PriceBand?
  /// What sold less when alike products came, most first.
  public let cannibalised: [Cannibalised]
  /// How many items were looked at for that.
  public let neighboursExamined: Int
}

/// Plans launches from a shop's earlier ones.
///
/// ```swift
/// let planner = LaunchPlanner(LaunchForecaster(library), history: history)
/// let plan = planner.plan(LaunchProduct(title: "Oat drink, 1 L", category: "MILK"), weeks: 12)
/// ```
/// - Complexity: O(launches + established items + windows · items of the category).
public struct LaunchPlanner: Sendable {
  /// The shop's earlier launches.
  public var library: LaunchLibrary { forecaster.library }
  let forecaster: LaunchForecaster
  let history: DemandHistory
  let established: [LaunchSimilarity.Profile]

  private static let launchAnalogues = 8
  private static let establishedAnalogues = 6
  private static let bassLaunches = 20
  private static let windowCount = 6
  private static let windowWeeks = 8
  /// An item is on offer when so large a share was taken off.
  private static let offer = 0.05

  /// Makes ready what all plans need.
  public init(_ forecaster: LaunchForecaster, history: DemandHistory) {
    (self.forecaster, self.history) = (forecaster, history)
    established = forecaster.library.established.map { forecaster.similarity.profile($0.product) }
  }

  /// Plans the launch of a product, in the week after the history's last.
  ///
  /// - Parameter weeks: how many weeks from the launch on.
  public func plan(_ product: LaunchProduct, weeks: Int) -> LaunchPlan {
    let product = located(product)
    let profile = forecaster.similarity.profile(product)
    let launches = ranked(forecaster.profiles, profile)
    let others = ranked(established, profile)
    let analogues = self.analogues(profile, launches, others, weeks: weeks)
    let harm = Cannibalisation(self, profile, launches: launches, neighbours: others)
    return LaunchPlan(
      analogues: analogues,
      curve: forecaster.curve(of: product, launchedIn: history.count, horizon: weeks),
      bass: bass(launches), windows: windows(product), priceBand: priceBand(analogues),
      cannibalised: harm.found, neighboursExamined: harm.examined)
  }

  /// The product with its category found in the catalogue: the path that the category's items have, also when a broader or
  /// narrower one was named.
  func located(_ product: LaunchProduct) -> LaunchProduct {
    guard let name = product.category, product.categoryPath.count < 2 else { return product }
    var product = product
    if let index = history.catalogue.categories.index(of: name) {
      product.categoryPath = history.catalogue.paths[Int(index)]
    } else if let item = forecaster.library.established.first(where: { $0.product.type == name }) {
      (product.category, product.categoryPath) = (item.product.category, item.product.categoryPath)
    }
    return product
  }

  /// Whether the shop has sold anything of the product's category.
  public func knowsCategory(of product: LaunchProduct) -> Bool {
    located(product).category.flatMap { history.catalogue.categories.index(of: $0) } != nil
  }

  /// The category as the catalogue names it.
  public func category(of product: LaunchProduct) -> String? { located(product).category }

  private func ranked(
    _ profiles: [LaunchSimilarity.Profile], _ own: LaunchSimilarity.Profile
  ) -> [(similarity: Double, index: Int)] {
    profiles.indices.map { (forecaster.similarity.similarity(own, profiles[$0]), $0) }
      .sorted { ($1.0, $0.1) < ($0.0, $1.1) }
  }

  private func analogues(
    _ profile: LaunchSimilarity.Profile, _ launches: [(similarity: Double, index: Int)],
    _ others: [(similarity: Double, index: Int)], weeks: Int
  ) -> [LaunchPlan.Analogue] {
    let library = forecaster.library
    let first = launches.prefix(Self.launchAnalogues).filter { $0.similarity > 0.2 }.map { found in
      let launch = library.launches[found.index]
      return LaunchPlan.Analogue(
        itemID: launch.itemID, similarity: found.similarity, price: launch.product.price,
        firstWeek: launch.firstWeek, units: Array(launch.units.prefix(weeks)),
        reasons: forecaster.similarity.reasons(profile, forecaster.profiles[found.index]))
    }
    let launched = Set(library.launches.map(\.itemID))
    let rest = others.prefix(50).filter {
      $0.similarity > 0.2 && !launched.contains(library.established[$0.index].itemID)
    }
    let second = rest.prefix(Self.establishedAnalogues).map { found in
      let item = library.established[found.index]
      return LaunchPlan.Analogue(
        itemID: item.itemID, similarity: found.similarity, price: item.product.price, firstWeek: nil,
        units: history.weeks(ofItem: item.item).suffix(12).map(\.units),
        reasons: forecaster.similarity.reasons(profile, established[found.index]))
    }
    return first + second
  }

  /// Of the first purchases of the most alike launches together, weighted by likeness.
  private func bass(_ launches: [(similarity: Double, index: Int)]) -> BassDiffusion? {
    let chosen = launches.prefix(Self.bassLaunches).filter { $0.similarity > 0.4 }
    let length = forecaster.library.definition.decidingWeeks
    let full = chosen.map { (forecaster.library.launches[$0.index].newCustomers, $0.similarity) }
    guard full.count >= 3 else { return nil }
    // As many weeks as most of them were watched for.
    let weeks = min(26, Int(Statistics.quantiles(full.map { Double($0.0.count) }, at: [0.25])[0]))
    guard weeks >= length else { return nil }
    let seen = full.filter { $0.0.count >= weeks }
    let weight = seen.reduce(0) { $0 + $1.1 }
    let mean = (0..<weeks).map { week in seen.reduce(0) { $0 + $1.0[week] * $1.1 } / weight }
    guard let bass = try? BassDiffusion(adoptions: mean), bass.isSupported(by: mean) else { return nil }
    return bass
  }

  private func priceBand(_ analogues: [LaunchPlan.Analogue]) -> LaunchPlan.PriceBand? {
    let priced = analogues.compactMap { analogue in
      analogue.price.map { ($0, analogue.similarity * analogue.similarity) }
    }.sorted { $0.0 < $1.0 }
    guard priced.count >= 3 else { return nil }
    let total = priced.reduce(0) { $0 + $1.1 }
    func quantile(_ share: Double) -> Double {
      var sum = 0.0
      for (price, weight) in priced {
        sum += weight
        if sum >= share * total { return price }
      }
      return priced[priced.count - 1].0
    }
    return LaunchPlan.PriceBand(lower: quantile(0.25), median: quantile(0.5), upper: quantile(0.75))
  }

  // MARK: Windows

  /// The weeks of the coming year in which the category sells most and is least on offer, apart from each other.
  private func windows(_ product: LaunchProduct) -> [LaunchPlan.Window] {
    let year = 52
    guard let category = product.category, history.count >= year,
      let weeks = history.weeks(of: DemandSubject(.category, category))
    else { return [] }
    let isKnown = history.count >= 2 * year
    let season = seasonal(weeks.map(\.units), years: max(1, history.count / year))
    let offers = self.offers(category)
    let all = (0..<year).map { ahead -> LaunchPlan.Window in
      let span = (0..<Self.windowWeeks).map { (ahead + $0) % year }
      return LaunchPlan.Window(
        week: history.count + ahead, index: Statistics.mean(span.map { season[$0] }),
        competingPromotions: Statistics.mean(span.map { offers[$0] }), isSeasonKnown: isKnown)
    }
    let usualOffers = max(1, Statistics.mean(offers))
    let ranked = all.sorted { a, b in
      func value(_ window: LaunchPlan.Window) -> Double {
        window.index - 0.25 * (window.competingPromotions / usualOffers - 1)
      }
      return (value(b), a.week) < (value(a), b.week)
    }
    var chosen: [LaunchPlan.Window] = []
    for window in ranked where chosen.count < Self.windowCount {
      if chosen.allSatisfy({ abs($0.week - window.week) >= 3 }) { chosen.append(window) }
    }
    return chosen
  }

  /// How the category sells by weeks from now on, relative to its year: the mean of the same week over full years, each year
  /// by its own mean, smoothed over three weeks.
  private func seasonal(_ units: [Double], years: Int) -> [Double] {
    var raw = [Double](repeating: 0, count: 52)
    for year in 0..<years {
      let start = units.count - 52 * (years - year)
      let own = Array(units[start..<start + 52])
      let mean = max(1e-9, Statistics.mean(own))
      for week in own.indices { raw[week] += own[week] / mean / Double(years) }
    }
    return raw.indices.map { (raw[($0 + 51) % 52] + raw[$0] + raw[($0 + 1) % 52]) / 3 }
  }

  /// How many of the category's items were on offer in each of the last 52 weeks.
  private func offers(_ category: String) -> [Double] {
    var counts = [Double](repeating: 0, count: 52)
    for item in items(ofCategory: category) {
      for (week, sold) in history.weeks(ofItem: item).suffix(52).enumerated()
      where sold.discountShare ?? 0 > Self.offer { counts[week] += 1 }
    }
    return counts
  }

  func items(ofCategory category: String) -> [Int] {
    guard let wanted = history.catalogue.categories.index(of: category) else { return [] }
    return history.catalogue.columns(for: history.items).category.indices(where: { $0 == wanted })
  }
}

extension Array {
  fileprivate func indices(where isWanted: (Element) -> Bool) -> [Int] {
    indices.filter { isWanted(self[$0]) }
  }
}
