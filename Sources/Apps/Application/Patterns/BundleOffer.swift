import Commerce
import Customers
import Foundation
import MathKernels

/// Items that could be sold together, with what that would bring.
struct BundleOffer: Sendable {
  /// The items, the one that is added last.
  let items: [String]
  /// Orders of the later weeks with all of them.
  let together: Int
  /// Those with all but the last.
  let withoutLast: Int
  /// Those with the last.
  let withLast: Int
  /// All orders of these weeks.
  let orders: Int
  let weeks: Double
  let economics: BundleEconomics
  /// Whether a cost is the assumed margin's, not the catalogue's.
  let isCostAssumed: Bool

  var confidence: Double? { withoutLast > 0 ? Double(together) / Double(withoutLast) : nil }
  /// The share of all orders with the last item.
  var base: Double { orders > 0 ? Double(withLast) / Double(orders) : 0 }
  var lift: Double? { confidence.flatMap { base > 0 ? $0 / base : nil } }

  /// - Parameter margin: the part of a price that is profit, for items without a cost.
  init(
    _ items: [String], together: Int, withoutLast: Int, withLast: Int, orders: Int, in scene: PatternScene,
    margin: Double?
  ) {
    (self.items, self.together, self.withoutLast) = (items, together, withoutLast)
    (self.withLast, self.orders, weeks) = (withLast, orders, max(1, scene.laterWeeks))
    var isAssumed = false
    let parts = items.map { item -> BundleEconomics.Part in
      let price = scene.price(item)
      var cost = scene.cost(item)
      if cost == nil, let margin, let price {
        cost = price * (1 - margin)
        isAssumed = true
      }
      return BundleEconomics.Part(price: price, cost: cost)
    }
    isCostAssumed = isAssumed
    let base = orders > 0 ? Double(withLast) / Double(orders) : 0
    let perWeek = Double(withoutLast) / weeks
    func extra(_ confidence: Double) -> Double { max(0, confidence - base) * perWeek }
    let interval = withoutLast > 0 ? Statistics.wilsonInterval(successes: together, of: withoutLast) : nil
    economics = BundleEconomics(
      parts: parts, jointPerWeek: Double(together) / weeks,
      extraPerWeek: extra(withoutLast > 0 ? Double(together) / Double(withoutLast) : 0),
      extraRange: interval.map {
        ConfidenceInterval(lower: extra($0.lower), upper: extra($0.upper), level: 0.95)
      })
  }
}

extension PatternScene {
  /// The offer of a rule of items.
  func offer(_ rule: ShopPatterns.Rule, margin: Double?) -> BundleOffer {
    BundleOffer(
      rule.antecedent + rule.consequent, together: rule.later.both, withoutLast: rule.later.antecedent,
      withLast: rule.later.consequent, orders: rule.later.orders, in: self, margin: margin)
  }

  /// The offer of any items, counted in the later weeks' orders.
  ///
  /// - Throws: `ApplicationError.notFound` for an item that was never sold and is not in the catalogue.
  func offer(_ names: [String], margin: Double?) throws -> BundleOffer {
    let codes = try names.map { name -> Int32 in
      if let code = orders.items.index(of: name) { return code }
      guard items[name] != nil else { throw ApplicationError.notFound(what: "item", id: name) }
      return -1
    }
    var (together, withoutLast, withLast, all) = (0, 0, 0, 0)
    for order in 0..<orders.count where orders.days[order] > patterns.splitDay {
      all += 1
      let own = orders[order]
      let hasRest = codes.dropLast().allSatisfy(own.contains)
      let hasLast = codes.last.map(own.contains) ?? false
      withoutLast += hasRest ? 1 : 0
      withLast += hasLast ? 1 : 0
      together += hasRest && hasLast ? 1 : 0
    }
    return BundleOffer(
      names, together: together, withoutLast: withoutLast, withLast: withLast, orders: all, in: self,
      margin: margin)
  }

  private func money(_ amount: Double?) -> JSONValue {
    amount.map { JSONValue(Money($0, currency: currency)) } ?? .null
  }

  private static let shownWeeks = 4.0

  /// - Parameter price: what the bundle is to be sold for; the suggested discount counts without it.
  func row(_ offer: BundleOffer, price: Double? = nil) -> JSONValue {
    let terms = offer.economics
    let chosen: Double? =
      price.flatMap { price in terms.price.map { max(0, 1 - price / $0) } } ?? terms.suggestedDiscount
    let bundlePrice = chosen.flatMap { discount in terms.price.map { $0 * (1 - discount) } }
    let (low, high) = (terms.extraRange?.lower ?? 0, terms.extraRange?.upper ?? 0)
    func gain(_ extra: Double) -> Double? {
      chosen.flatMap { terms.weeklyGain(discount: $0, extra: extra) }.map { $0 * Self.shownWeeks }
    }
    let stocks = offer.items.map { stock($0) }
    return [
      "items": .array(offer.items.map(part)), "price": money(terms.price), "cost": money(terms.cost),
      "margin": JSONValue(terms.margin.flatMap { margin in terms.price.map { $0 > 0 ? margin / $0 : .nan } }),
      "cost_basis": terms.cost == nil ? .null : offer.isCostAssumed ? "assumed" : "catalogue",
      "orders_together": JSONValue(offer.together), "orders_without_last": JSONValue(offer.withoutLast),
      "weeks": JSONValue(offer.weeks), "confidence": JSONValue(offer.confidence),
      "lift": JSONValue(offer.lift),
      "extra_units": [
        "mean": JSONValue(terms.extraPerWeek * Self.shownWeeks), "lower": JSONValue(low * Self.shownWeeks),
        "upper": JSONValue(high * Self.shownWeeks), "weeks": JSONValue(Self.shownWeeks),
      ],
      "discount": [
        "chosen": JSONValue(chosen), "suggested": JSONValue(terms.suggestedDiscount),
        "largest": JSONValue(terms.largestDiscount), "bundle_price": money(bundlePrice),
      ],
      "gain": [
        "mean": money(gain(terms.extraPerWeek)), "lower": money(gain(low)), "upper": money(gain(high)),
        "weeks": JSONValue(Self.shownWeeks),
      ],
      "stock": stocks.contains { $0 == nil } ? .null : JSONValue(stocks.compactMap { $0 }.min()),
      "missing": .array(PatternWords.missing(offer, in: self).map(\.json)),
      "words": PatternWords.words(of: offer, in: self).json,
    ]
  }

  private func part(_ item: String) -> JSONValue {
    [
      "item_id": .string(item), "title": .string(label(item, .item)),
      "category": JSONValue(items[item]?.category), "price": money(price(item)), "cost": money(cost(item)),
      "stock": JSONValue(stock(item)),
    ]
  }
}
