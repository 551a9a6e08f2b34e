import Commerce
import Demand
import Features
import Forecasting
import Foundation

/// The forecasts in use with what the catalogue and the log say of their subjects.
struct DemandScene: Sendable {
  /// What it was made of.
  struct Key: Sendable, Equatable {
    let version: Int
    let generation: Int
    let catalogue: Int
  }

  let key: Key
  let live: Live<DemandForecasts>
  let shopName: String
  let items: [String: Item]
  let calendar: ShopCalendar
  let history: DemandHistory
  private let places: [DemandSubject: Int]
  private let needs: [String: NeedDemand.Row]

  var forecasts: DemandForecasts { live.model }

  init(
    key: Key, live: Live<DemandForecasts>, shopName: String, items: [String: Item], calendar: ShopCalendar,
    history: DemandHistory
  ) {
    (self.key, self.live, self.shopName) = (key, live, shopName)
    (self.items, self.calendar, self.history) = (items, calendar, history)
    places = Dictionary(
      live.model.outlooks.enumerated().map { ($0.element.subject, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    needs = Dictionary(
      (live.model.needs?.rows ?? []).map { ($0.category, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func outlook(of subject: DemandSubject) -> DemandOutlook? {
    places[subject].map { forecasts.outlooks[$0] }
  }

  /// What to call a subject.
  func label(of subject: DemandSubject) -> String {
    switch subject.level {
    case .shop: return shopName
    case .item:
      guard let item = items[subject.id] else { return subject.id }
      return item.title ?? item.category.map { "\($0) \(subject.id)" } ?? subject.id
    case .department, .category, .brand: return subject.id
    }
  }

  func needs(of outlook: DemandOutlook) -> NeedDemand.Row? {
    outlook.subject.level == .category ? needs[outlook.subject.id] : nil
  }

  /// The forecasts that a filter lets through, in its order.
  func chosen(_ filter: DemandFilter) -> [DemandOutlook] {
    let needle = filter.query?.lowercased()
    let found = forecasts.outlooks.filter { outlook in
      (filter.level == nil || outlook.subject.level == filter.level)
        && (filter.category == nil || outlook.category == filter.category
          || outlook.subject == DemandSubject(.category, filter.category ?? ""))
        && (filter.demandClass == nil || outlook.demandClass.rawValue == filter.demandClass)
        && (needle.map {
          outlook.subject.id.lowercased().contains($0) || label(of: outlook.subject).lowercased().contains($0)
        } ?? true)
    }
    func sorted(_ measure: (DemandOutlook) -> Double?) -> [DemandOutlook] {
      let keys = found.map { measure($0) ?? -.infinity }
      return found.indices.sorted { (-keys[$0], $0) < (-keys[$1], $1) }.map { found[$0] }
    }
    switch filter.order {
    case .units: return sorted { $0.expected(4) ?? $0.recent(4) }
    case .change: return sorted(\.change)
    case .error: return sorted { $0.backtest?.mase }
    case .needs: return sorted { needs(of: $0).map { abs($0.byNeeds - $0.bySeries) / max(1, $0.bySeries) } }
    case .label:
      let labels = found.map { label(of: $0.subject) }
      return found.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }.map { found[$0] }
    }
  }

  /// The weeks that were not as expected, the newest first.
  var anomalies: [(outlook: DemandOutlook, anomaly: DemandOutlook.Anomaly)] {
    let all = forecasts.outlooks.flatMap { outlook in outlook.anomalies.map { (outlook, $0) } }
    return all.indices.sorted { (-all[$0].1.week, $0) < (-all[$1].1.week, $1) }
      .map { (outlook: all[$0].0, anomaly: all[$0].1) }
  }
}
