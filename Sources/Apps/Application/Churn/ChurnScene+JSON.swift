import Commerce
import CustomerValue
import Customers
import Features
import Foundation
import MathKernels

extension ChurnScene {
  private func money(_ amount: Double) -> JSONValue {
    JSONValue(Money(amount, currency: forecast.currency))
  }

  private static func number(_ value: Double) -> JSONValue { value.isFinite ? JSONValue(value) : .null }

  private static func interval(_ interval: ConfidenceInterval) -> JSONValue {
    [
      "lower": number(interval.lower), "upper": number(interval.upper), "level": JSONValue(interval.level),
    ]
  }

  private static func label(_ column: LapseFeatures.Column) -> JSONValue {
    BilingualText(en: column.words.en, zh: column.words.zh).json
  }

  /// What stands beside every answer.
  var facts: [String: JSONValue] {
    [
      "model": live.json(named: ModelName.churn), "computed_at": JSONValue(live.header.trainedAt),
      "as_of": .string(Self.date(forecast.asOf)), "currency": .string(forecast.currency.code),
      "definition": [
        "horizon_days": JSONValue(forecast.definition.horizonDays),
        "active_days": JSONValue(forecast.definition.activeDays),
        "text": ChurnWords.definition(forecast).json,
      ],
    ]
  }

  /// A customer in a list.
  func row(_ place: Int) -> JSONValue {
    let own = forecast.customer(place)
    func value(_ column: LapseFeatures.Column) -> JSONValue {
      Self.number(own.values[LapseFeatures.Column.allCases.firstIndex(of: column) ?? 0])
    }
    return [
      "customer_id": .string(own.id), "risk": JSONValue(own.risk), "value_at_stake": money(own.valueAtStake),
      "expected_spend": money(own.expectedSpend), "days_since_last": value(.recency),
      "usual_gap_days": value(.gap), "visits_56": value(.visits56), "p_alive": value(.alive),
      "reasons": .array(
        own.reasons.map { reason in
          part(reason.column, reason.logOdds, own.values)
        }),
    ]
  }

  private func part(
    _ column: LapseFeatures.Column, _ logOdds: Double, _ values: [Double]
  ) -> JSONValue {
    let value = values[LapseFeatures.Column.allCases.firstIndex(of: column) ?? 0]
    return [
      "column": .string(column.rawValue), "label": Self.label(column), "value": Self.number(value),
      "log_odds": JSONValue(logOdds), "raises": .bool(logOdds > 0),
      "text": ChurnWords.reason(column, value, currency: forecast.currency).json,
    ]
  }

  /// A customer by themselves.
  func detail(_ place: Int, history: LapseHistory.Customer?) throws -> JSONValue {
    let own = forecast.customer(place)
    var json = row(place)
    for (name, fact) in facts { json[name] = fact }
    let higher = forecast.everyRisk.count { Double($0) > own.risk }
    json["rank"] = JSONValue(higher + 1)
    json["customers"] = JSONValue(forecast.count)
    let reasons = try forecast.explain(place)
    json["explanation"] = [
      "base_log_odds": JSONValue(reasons.base), "log_odds": JSONValue(reasons.logOdds),
      "base_risk": JSONValue(SpecialFunctions.logistic(reasons.base)),
      "drivers": .array(
        reasons.drivers.compactMap { driver in
          LapseFeatures.Column(rawValue: driver.column).map { part($0, driver.contribution, own.values) }
        }),
    ]
    let after = try history.flatMap { try forecast.riskAfterPurchase($0) }
    json["counterfactual"] =
      after.map { risk in
        [
          "change": "purchase_now", "risk": JSONValue(risk),
          "text": ChurnWords.counterfactual(from: own.risk, to: risk).json,
        ]
      } ?? .null
    json["summary"] = ChurnWords.customer(own, forecast).json
    json["history"] = .array(history.map(weeks) ?? [])
    return json
  }

  /// The 52 weeks before the day: purchases and spend of each.
  private func weeks(_ history: LapseHistory.Customer) -> [JSONValue] {
    (0..<52).reversed().map { back in
      let end = forecast.asOf - Int32(back * 7)
      let own = history.visits.filter { $0.day >= end - 7 && $0.day < end }
      return [
        "week_from": .string(Self.date(end - 7)), "visits": JSONValue(own.count),
        "spend": money(own.reduce(0) { $0 + $1.amount }), "lines": JSONValue(own.reduce(0) { $0 + $1.lines }),
      ]
    }
  }

  /// All customers together.
  var summary: JSONValue {
    var json = JSONValue.object(facts)
    json["summary"] = ChurnWords.summary(self).json
    json["customers"] = JSONValue(forecast.count)
    json["expected_lapses"] = JSONValue(expectedLapses)
    json["value_at_stake"] = money(totalStake)
    json["histogram"] = .array(
      histogram.map {
        [
          "from": JSONValue($0.from), "to": JSONValue($0.from + 0.05), "customers": JSONValue($0.customers),
          "value_at_stake": money($0.stake),
        ]
      })
    json["importance"] = .array(
      forecast.importance.map {
        [
          "column": .string($0.column.rawValue), "label": Self.label($0.column),
          "log_odds": JSONValue($0.logOdds),
        ]
      })
    json["gaps"] = .array(
      forecast.gaps.map {
        [
          "days": JSONValue($0.days), "longer": JSONValue($0.longer),
          "interval": $0.interval.map(Self.interval) ?? .null,
        ]
      })
    json["card"] = card
    return json
  }

  // MARK: How good it is

  private var card: JSONValue {
    var json: [String: JSONValue] = [
      "family": .string(forecast.model.family.rawValue),
      "boosting_share": JSONValue(forecast.model.boostingShare),
      "training": [
        "rows": JSONValue(forecast.trainingRows),
        "days": .array(forecast.trainingDays.map { .string(Self.date($0)) }),
        "base_rate": JSONValue(forecast.model.baseRate),
      ], "test": .null,
    ]
    if let check = forecast.check, let chosen = Self.checked(forecast) {
      json["test"] = [
        "as_of": .string(Self.date(check.asOf)), "customers": JSONValue(chosen.figures.count),
        "lapsed": JSONValue(chosen.figures.leavers), "chosen": .string(check.chosen.rawValue),
        "methods": .array(check.results.map(Self.method)),
        "reliability": .array(
          chosen.figures.reliability.map {
            [
              "predicted": JSONValue($0.meanPrediction), "observed": JSONValue($0.observedRate),
              "count": JSONValue($0.count),
            ]
          }),
        "curve": .array(chosen.figures.curve.map(Self.point)),
        "costs": [
          "contact": JSONValue(chosen.figures.costs.contact), "loss": JSONValue(chosen.figures.costs.loss),
        ], "text": ChurnWords.check(chosen).json,
      ]
    }
    return .object(json)
  }

  private static func method(_ result: LapseEvaluation.Result) -> JSONValue {
    let figures = result.figures
    return [
      "name": .string(result.method.rawValue),
      "metrics": [
        "auc": number(figures.areaUnderROC), "brier": number(figures.brierScore),
        "ece": number(figures.calibrationError), "log_loss": number(figures.logLoss),
        "lift@10": number(figures.lift(at: 0.1)),
      ], "auc_range": interval(figures.areaInterval),
      "differences": .array(
        result.differences.map {
          [
            "against": .string($0.against.rawValue), "figure": .string($0.figure), "value": number($0.value),
            "range": interval($0.interval),
          ]
        }),
    ]
  }

  private static func point(_ point: ChurnEvaluation.CurvePoint) -> JSONValue {
    [
      "share": JSONValue(point.share), "contacted": JSONValue(point.contacted),
      "threshold": JSONValue(point.threshold), "lapsed": JSONValue(point.leavers),
      "precision": JSONValue(point.precision), "captured": JSONValue(point.captured),
      "lift": JSONValue(point.lift), "cost": JSONValue(point.cost),
    ]
  }
}
