import Commerce
import Demand
import Features
import Foundation

/// A restock plan as the API shows it.
struct RestockJSON {
  let scene: DemandScene
  let settings: RestockAdvice.Settings
  let today: Int32

  /// One line.
  func line(_ line: RestockAdvice.Line) -> JSONValue {
    let subject = DemandSubject(.item, line.item)
    let outlook = scene.outlook(of: subject)
    return [
      "item_id": .string(line.item), "title": .string(scene.label(of: subject)),
      "category": JSONValue(outlook?.category), "stock": JSONValue(line.stock.onHand),
      "on_order": JSONValue(line.stock.onOrder), "order_up_to": JSONValue(line.orderUpTo),
      "order": JSONValue(line.order), "wanted": JSONValue(line.wanted),
      "expected_demand": JSONValue(line.expectedDemand), "days": JSONValue(line.days),
      "range": ["lower": JSONValue(line.lower), "upper": JSONValue(line.upper)],
      "weeks_of_cover": JSONValue(line.weeksOfCover), "unit_cost": JSONValue(line.stock.unitCost),
      "cost": JSONValue(line.cost), "benefit": JSONValue(line.benefit), "stockout_risk": JSONValue(line.risk),
      "stockout_risk_after": JSONValue(line.riskAfter), "expected_surplus": JSONValue(line.surplus),
      "order_by": JSONValue(line.orderBy.map { ShopCalendar.date(ofDay: $0) }), "class": .string(line.label),
      "why": why(line, outlook).json, "model": JSONValue(outlook?.model),
      "mase": JSONValue(outlook?.backtest?.mase),
    ]
  }

  /// What stands beside the lines.
  func facts(_ advice: RestockAdvice, faults: Int) -> [String: JSONValue] {
    let orders = advice.lines.filter { ($0.order ?? 0) > 0 }
    let known = orders.compactMap(\.cost)
    let isLimited = settings.budget != nil || settings.storage != nil
    return [
      "summary": [
        "lines": JSONValue(advice.lines.count), "to_order": JSONValue(orders.count),
        "cost": known.isEmpty ? nil : JSONValue(known.reduce(0, +)),
        "benefit": known.isEmpty ? nil : JSONValue(orders.compactMap(\.benefit).reduce(0, +)),
        "gap": isLimited ? JSONValue(advice.gap) : nil,
        "without_stock": JSONValue(advice.lines.count { $0.stock.onHand == nil }),
        "without_cost": JSONValue(orders.count - known.count), "faulty": JSONValue(faults),
        "currency": .string(scene.history.currency.code),
        "words": words(advice, orders, cost: known.reduce(0, +), faults: faults).json,
      ],
      "settings": [
        "service_level": JSONValue(settings.serviceLevel), "lead_time_days": JSONValue(settings.leadTimeDays),
        "review_days": JSONValue(settings.reviewDays), "budget": JSONValue(settings.budget),
        "storage": JSONValue(settings.storage), "today": .string(ShopCalendar.date(ofDay: today)),
      ],
      "backtest": scene.forecasts.restock.map(Self.backtest) ?? nil,
      "forecast_at": JSONValue(scene.live.header.trainedAt), "as_of": JSONValue(scene.forecasts.asOf),
    ]
  }

  static func backtest(_ test: RestockBacktest) -> JSONValue {
    func outcome(_ outcome: RestockBacktest.Outcome) -> JSONValue {
      [
        "cost": JSONValue(outcome.cost), "fill_rate": JSONValue(outcome.fillRate),
        "waste": JSONValue(outcome.waste),
      ]
    }
    return [
      "weeks": JSONValue(test.weeks), "items": JSONValue(test.items), "policy": outcome(test.policy),
      "baseline": outcome(test.baseline), "saving": JSONValue(test.saving),
      "interval": ["lower": JSONValue(test.interval.lower), "upper": JSONValue(test.interval.upper)],
    ]
  }

  // MARK: Words

  private func why(_ line: RestockAdvice.Line, _ outlook: DemandOutlook?) -> BilingualText {
    let units = DemandWords.units
    var en = [
      "\(units(line.expectedDemand)) expected in \(units(line.days)) days (\(units(line.lower)) to \(units(line.upper)))"
    ]
    var zh = [
      "未来 \(units(line.days)) 天预计 \(units(line.expectedDemand)) 件（\(units(line.lower)) 至 \(units(line.upper))）"
    ]
    if let stock = line.stock.onHand {
      en.append("\(units(stock)) in stock, \(units(line.stock.onOrder)) on order")
      zh.append("库存 \(units(stock)) 件，在途 \(units(line.stock.onOrder)) 件")
    } else {
      en.append("stock unknown: keep \(units(line.orderUpTo)) at hand and on order")
      zh.append("库存未知：在库与在途合计应保持 \(units(line.orderUpTo)) 件")
    }
    if let change = line.change, abs(change) >= 0.1 {
      en.append("\(DemandWords.percent(change)) \(change > 0 ? "more" : "less") than lately")
      zh.append("比近期\(change > 0 ? "多" : "少") \(DemandWords.percent(change))")
    }
    if let category = outlook?.category, let needs = need(of: category), needs.differs {
      let isMore = needs.byNeeds > needs.bySeries
      en.append("customers need \(isMore ? "more" : "less") of \(category) than sales suggest")
      zh.append("客户对「\(category)」的需求\(isMore ? "高于" : "低于")销量的走势")
    }
    if let order = line.order, let wanted = line.wanted, order < wanted {
      en.append("the limits leave out \(units(wanted - order))")
      zh.append("受预算或仓容限制少订 \(units(wanted - order)) 件")
    }
    if (line.order ?? 0) > 0, max(line.stock.packSize, line.stock.minimumOrder) > 1 {
      en.append(
        "in packs of \(units(line.stock.packSize)), at least \(units(max(line.stock.packSize, line.stock.minimumOrder)))"
      )
      zh.append(
        "按 \(units(line.stock.packSize)) 件一包，至少 \(units(max(line.stock.packSize, line.stock.minimumOrder))) 件"
      )
    }
    if let life = line.stock.shelfLifeDays, life < line.days {
      en.append("it keeps for \(units(life)) days only")
      zh.append("保质期只有 \(units(life)) 天")
    }
    return BilingualText(en: en.joined(separator: "; ") + ".", zh: zh.joined(separator: "；") + "。")
  }

  private func need(of category: String) -> NeedDemand.Row? {
    scene.outlook(of: DemandSubject(.category, category)).flatMap(scene.needs)
  }

  private func words(
    _ advice: RestockAdvice, _ orders: [RestockAdvice.Line], cost: Double, faults: Int
  ) -> BilingualText {
    let (all, unknown) = (advice.lines.count, advice.lines.count { $0.stock.onHand == nil })
    let code = scene.history.currency.code
    if all > 0, unknown == all {
      return BilingualText(
        en:
          "The stock of none of the \(all) items is known: only the level to keep is told. Give the items their stock, and the "
          + "plan says what to order.",
        zh: "\(all) 种商品的库存均未知，只给出应保持的水平。补充库存后，计划会给出订货数量。")
    }
    var en = "\(orders.count) of \(all - unknown) items with a known stock are to be ordered"
    var zh = "库存已知的 \(all - unknown) 种商品中有 \(orders.count) 种需要订货"
    if cost > 0 {
      en += String(format: ", for %@ %@", DemandWords.units(cost), code)
      zh += "，共 \(DemandWords.units(cost)) \(code)"
    }
    (en, zh) = (en + ".", zh + "。")
    if unknown > 0 {
      en += " Of \(unknown) items the stock is unknown: only the level to keep is told."
      zh += "另有 \(unknown) 种库存未知，只给出应保持的水平。"
    }
    if advice.withoutCost > 0 {
      en += " \(advice.withoutCost) items without a known cost are left out of the limits."
      zh += "\(advice.withoutCost) 种商品成本未知，未计入限额内的订货。"
    }
    if faults > 0 {
      en += " \(faults) items have a stock or terms that are no numbers."
      zh += "\(faults) 种商品的库存或供货条件不是有效数字。"
    }
    return BilingualText(en: en, zh: zh)
  }
}
