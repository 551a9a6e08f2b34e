import Commerce
import Demand
import Features
import Forecasting
import Foundation

/// Forecasts as the API shows them.
extension DemandScene {
  private static let recentWeeks = 26

  /// A subject in a list.
  func row(_ outlook: DemandOutlook) -> JSONValue {
    let range = forecasts.range(of: outlook, weeks: 4, level: 0.8)
    return [
      "subject": .string(outlook.subject.description), "level": .string(outlook.subject.level.rawValue),
      "id": .string(outlook.subject.id), "label": .string(label(of: outlook.subject)),
      "category": JSONValue(outlook.category), "units_last_4": JSONValue(outlook.recent(4)),
      "units_next_4": JSONValue(outlook.expected(4)),
      "range_next_4": range.map { ["lower": JSONValue($0.lower), "upper": JSONValue($0.upper)] } ?? nil,
      "change": JSONValue(outlook.change), "model": JSONValue(outlook.model),
      "mase": JSONValue(outlook.backtest?.mase), "baseline_mase": JSONValue(outlook.backtest?.baselineMASE),
      "bias": JSONValue(outlook.backtest?.bias), "class": .string(outlook.demandClass.rawValue),
      "sufficiency": .string(outlook.sufficiency.rawValue),
      "problem": DemandWords.problem(of: outlook)?.json ?? nil,
      "recent": .array(outlook.units.suffix(Self.recentWeeks).map { JSONValue($0) }),
      "needs": needs(of: outlook).map {
        [
          "by_needs": JSONValue($0.byNeeds), "by_series": JSONValue($0.bySeries),
          "combined": JSONValue($0.combined), "differs": JSONValue($0.differs),
        ]
      } ?? nil,
    ]
  }

  /// What stands beside every list of forecasts.
  var facts: [String: JSONValue] {
    let report = forecasts.report
    let needs = forecasts.needs
    return [
      "forecast_at": JSONValue(live.header.trainedAt), "as_of": JSONValue(forecasts.asOf),
      "horizon": JSONValue(forecasts.horizon), "history_weeks": JSONValue(forecasts.weeks),
      "first_week": .string(forecasts.date(ofWeek: forecasts.weeks)),
      "model": live.json(named: ModelName.demand), "summary": DemandWords.summary(self).json,
      "report": [
        "methods": .array((report.methods + [report.chosen]).map(Self.method)),
        "coverage": .object(report.coverage.mapValues { JSONValue($0) }),
        "coverage_count": JSONValue(report.coverageCount),
        "needs": needs.map {
          ["weight": JSONValue($0.weight), "backtest": $0.backtest.map(Self.backtest) ?? nil]
        } ?? nil,
      ],
    ]
  }

  private static func method(_ method: DemandForecasts.Report.Method) -> JSONValue {
    [
      "model": .string(method.model), "subjects": JSONValue(method.subjects), "mase": JSONValue(method.mase),
      "wrmsse": JSONValue(method.wrmsse),
    ]
  }

  private static func backtest(_ test: NeedDemand.Backtest) -> JSONValue {
    [
      "learned": JSONValue(test.learned), "judged": JSONValue(test.judged), "series": JSONValue(test.series),
      "needs": JSONValue(test.needs), "combined": JSONValue(test.combined),
      "improvement": JSONValue(test.improvement),
      "interval": ["lower": JSONValue(test.lower), "upper": JSONValue(test.upper)],
    ]
  }

  /// A subject by itself.
  func detail(_ outlook: DemandOutlook) -> JSONValue {
    var json = row(outlook)
    // The row's own members stay, such as the method's name beside the live model's.
    for (name, value) in facts where json[name] == nil && name != "report" && name != "summary" {
      json[name] = value
    }
    json["history"] = .array(weeks(of: outlook))
    json["forecast"] = .array((outlook.mean ?? []).indices.map { step($0, of: outlook) })
    json["backtest"] = outlook.backtest.map(backtest) ?? .null
    json["decomposition"] = decomposition(of: outlook)
    json["drivers"] = .array(outlook.drivers.map(Self.driver))
    json["sufficiency_detail"] = [
      "weeks": JSONValue(forecasts.weeks - outlook.firstWeek),
      "weeks_with_sales": JSONValue(outlook.weeksWithSales),
      "missing": .array(DemandWords.missing(of: outlook, weeks: forecasts.weeks).map(\.json)),
    ]
    json["words"] = DemandWords.words(of: outlook, in: self).json
    return json
  }

  private func weeks(of outlook: DemandOutlook) -> [JSONValue] {
    let anomalies = Dictionary(
      outlook.anomalies.map { ($0.week, $0) }, uniquingKeysWith: { first, _ in first })
    let soldOut = Set(outlook.soldOut)
    return (history.weeks(of: outlook.subject) ?? []).enumerated().map { place, week in
      let anomaly = anomalies[place]
      return [
        "week": .string(history.date(ofWeek: place)), "units": JSONValue(week.units),
        "amount": money(week.amount), "price": JSONValue(week.price.map(decimal)),
        "discount_share": JSONValue(week.discountShare), "anomaly": JSONValue(anomaly?.kind.rawValue),
        "expected": JSONValue(anomaly?.expected), "sold_out": JSONValue(soldOut.contains(place)),
      ]
    }
  }

  private func decimal(_ minorUnits: Double) -> Double {
    minorUnits * Money(minorUnits: 1, currency: history.currency).amount
  }

  private func money(_ minorUnits: Double) -> JSONValue {
    JSONValue(Money(minorUnits: Int64(clamping: Int(minorUnits.rounded())), currency: history.currency))
  }

  private func step(_ step: Int, of outlook: DemandOutlook) -> JSONValue {
    [
      "week": .string(forecasts.date(ofWeek: forecasts.weeks + step)), "mean": JSONValue(outlook.mean?[step]),
      "intervals": .array(
        [0.8, 0.95].compactMap { level in
          forecasts.interval(of: outlook, step: step, level: level).map {
            ["level": JSONValue(level), "lower": JSONValue($0.lower), "upper": JSONValue($0.upper)]
          }
        }),
    ]
  }

  private func backtest(_ test: SubjectBacktest) -> JSONValue {
    [
      "origins": JSONValue(test.origins), "horizon": JSONValue(forecasts.horizon),
      "mase": JSONValue(test.mase), "rmsse": JSONValue(test.rmsse), "smape": JSONValue(test.smape),
      "bias": JSONValue(test.bias),
      "coverage": ["80": JSONValue(test.coverage80), "95": JSONValue(test.coverage95)],
      "by_horizon": .array(
        test.byStep.enumerated().map { ["step": JSONValue($0.offset + 1), "mase": JSONValue($0.element)] }),
      "folds": .array(
        test.folds.map {
          [
            "from_week": .string(forecasts.date(ofWeek: $0.week)),
            "actual": .array($0.actual.map { JSONValue($0) }), "mean": .array($0.mean.map { JSONValue($0) }),
          ]
        }),
      "models": .array(test.methods.map { ["model": .string($0.model), "mase": JSONValue($0.mase)] }),
    ]
  }

  /// Trend, season of the year and rest, where there are two years.
  private func decomposition(of outlook: DemandOutlook) -> JSONValue {
    let units = (history.weeks(of: outlook.subject) ?? []).map(\.units).dropFirst(outlook.firstWeek)
    guard units.count > 104,
      let parts = try? STL(seasonLength: 52, robust: true).decompose(
        TimeSeries(values: Array(units), seasonLength: 52))
    else { return .null }
    return .array(
      units.indices.map { week in
        let place = week - units.startIndex
        return [
          "week": .string(history.date(ofWeek: week)), "trend": JSONValue(parts.trend[place]),
          "seasonal": JSONValue(parts.seasonal[0][place]), "remainder": JSONValue(parts.remainder[place]),
        ]
      })
  }

  private static func driver(_ driver: DemandDriver) -> JSONValue {
    [
      "name": .string(driver.kind.rawValue), "label": DemandWords.label(of: driver.kind).json,
      "effect": JSONValue(driver.effect), "p_value": JSONValue(driver.pValue),
      "interval": ["lower": JSONValue(driver.lower), "upper": JSONValue(driver.upper)],
    ]
  }

  /// A week that was not as expected, in the list of all.
  func anomaly(_ found: (outlook: DemandOutlook, anomaly: DemandOutlook.Anomaly)) -> JSONValue {
    [
      "subject": .string(found.outlook.subject.description),
      "label": .string(label(of: found.outlook.subject)),
      "week": .string(forecasts.date(ofWeek: found.anomaly.week)), "units": JSONValue(found.anomaly.units),
      "expected": JSONValue(found.anomaly.expected), "kind": .string(found.anomaly.kind.rawValue),
      "direction": .string(found.anomaly.units > found.anomaly.expected ? "up" : "down"),
    ]
  }
}

extension BilingualText {
  var json: JSONValue { ["en": .string(en), "zh": .string(zh)] }
}
