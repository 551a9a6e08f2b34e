import Commerce
import Demand
import Features
import Foundation
import Inventory

/// Which lines of a restock plan to list.
public struct RestockFilter: Sendable {
  /// Only items whose name or id contains this.
  public var query: String?
  /// Only items of this category.
  public var category: String?

  /// A filter that lets everything through.
  public init(query: String? = nil, category: String? = nil) {
    (self.query, self.category) = (query, category)
  }
}

/// What to order.
extension Shop {
  /// One page of the restock plan under these settings, reckoned anew from the saved forecasts and the items' stock.
  ///
  /// The plan is of all items, or of one category; a text only chooses what of it is shown.
  /// - Throws: `ApplicationError.notTrained` before the first forecasting, `.invalidParameter`.
  public nonisolated func restock(
    _ settings: RestockAdvice.Settings, filter: RestockFilter, page: PageRequest
  ) async throws -> Page {
    let scene = try await demandScene()
    let today = await restockDay()
    let planned = try await Self.plan(scene, settings, filter.category, today: today)
    let needle = filter.query?.lowercased()
    let shown = planned.advice.lines.filter { line in
      needle.map {
        line.item.lowercased().contains($0)
          || scene.label(of: DemandSubject(.item, line.item)).lowercased().contains($0)
      } ?? true
    }
    let json = RestockJSON(scene: scene, settings: settings, today: today)
    var answer = try Page.slice(shown, name: "restock", page) { json.line($0) }
    answer.extra = json.facts(planned.advice, faults: planned.faults)
    return answer
  }

  /// The day of an order placed now: tomorrow in a shop whose data end in the past.
  func restockDay() -> Int32 {
    calendar.day(ofMilliseconds: asOf.milliseconds) + (asOf < clock() ? 1 : 0)
  }

  @concurrent
  private nonisolated static func plan(
    _ scene: DemandScene, _ settings: RestockAdvice.Settings, _ category: String?, today: Int32
  ) async throws -> (advice: RestockAdvice, faults: Int) {
    var (stocks, faults) = ([RestockAdvice.Stock](), 0)
    for outlook in scene.forecasts.outlooks
    where outlook.subject.level == .item && outlook.mean != nil
      && (category == nil || outlook.category == category)
    {
      let read = scene.stock(of: outlook)
      stocks.append(read.stock)
      if read.isFaulty { faults += 1 }
    }
    do {
      return (try RestockAdvice(scene.forecasts, stocks: stocks, settings: settings, today: today), faults)
    } catch DemandError.invalidParameter(let name, let value, let expected) {
      throw ApplicationError.invalidParameter(name: name, value: value, expected: expected)
    }
  }
}

extension DemandScene {
  private static let recentWeeks = 13

  /// An item's stock and terms as its attributes tell; `isFaulty` where one of them is no number that makes sense.
  func stock(of outlook: DemandOutlook) -> (stock: RestockAdvice.Stock, isFaulty: Bool) {
    let item = items[outlook.subject.id]
    var isFaulty = false
    func number(_ name: String, above least: Double = -.greatestFiniteMagnitude) -> Double? {
      guard let value = item?.attributes[name], value != .null else { return nil }
      // Imports keep numbers that a file wrote as text.
      guard let found = value.number ?? value.string.flatMap({ Double($0) }), found.isFinite, found >= least,
        abs(found) <= 1e12
      else {
        isFaulty = true
        return nil
      }
      return found
    }
    let stock = RestockAdvice.Stock(
      item: outlook.subject.id, onHand: number("stock"), onOrder: number("on_order", above: 0) ?? 0,
      unitCost: number("unit_cost", above: 1e-9) ?? number("cost", above: 1e-9), price: price(of: outlook),
      leadTimeDays: number("lead_time_days", above: 0).map { min($0, 365) },
      packSize: number("pack_size", above: 1e-9) ?? 1, minimumOrder: number("min_order", above: 0) ?? 0,
      shelfLifeDays: number("shelf_life_days", above: 1), volume: number("volume", above: 0))
    return (stock, isFaulty)
  }

  /// What customers paid for a unit of late, in the currency's units; nil when they bought none.
  private func price(of outlook: DemandOutlook) -> Double? {
    let weeks = (history.weeks(of: outlook.subject) ?? []).suffix(Self.recentWeeks)
    let (units, amount) = weeks.reduce((0.0, 0.0)) { ($0.0 + $1.units, $0.1 + $1.amount) }
    guard units > 0, amount > 0 else { return nil }
    return amount / units * Money(minorUnits: 1, currency: history.currency).amount
  }
}
