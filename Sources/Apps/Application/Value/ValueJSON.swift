import Commerce
import CustomerValue
import Customers
import Foundation
import MathKernels

/// Values as the API shows them.
extension ValueScene {
  static func date(_ day: Int32) -> String {
    String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
  }

  /// An amount in major units; null where spending is not known.
  func money(_ amount: Double?) -> JSONValue {
    guard let amount, isMoney else { return .null }
    return JSONValue(Money(amount, currency: valuation.currency))
  }

  private func money(_ range: ConfidenceInterval?) -> JSONValue {
    guard let range, isMoney else { return .null }
    return [
      "lower": money(range.lower), "upper": money(range.upper), "level": JSONValue(range.level),
    ]
  }

  private static func range(_ range: ConfidenceInterval?) -> JSONValue {
    guard let range else { return .null }
    return [
      "lower": JSONValue(range.lower), "upper": JSONValue(range.upper), "level": JSONValue(range.level),
    ]
  }

  /// What stands beside every answer.
  var facts: [String: JSONValue] {
    [
      "model": live.json(named: ModelName.value), "valued_at": JSONValue(live.header.trainedAt),
      "as_of": .string(Self.date(valuation.endDay)), "currency": .string(valuation.currency.code),
      "terms": [
        "horizon_months": JSONValue(valuation.terms.horizonMonths),
        "monthly_discount": JSONValue(valuation.terms.monthlyDiscount),
        "margin": JSONValue(valuation.terms.margin), "level": JSONValue(valuation.terms.level),
      ],
    ]
  }

  /// A customer in a list.
  func row(_ place: Int) -> JSONValue {
    let own = valuation.customer(place)
    return [
      "customer_id": .string(own.id), "value": money(own.value), "value_range": money(own.valueRange),
      "value_if_staying": money(own.valueIfStaying), "at_risk": money(own.atRisk),
      "p_alive": JSONValue(own.probabilityAlive), "expected_purchases": JSONValue(own.expectedPurchases),
      "purchases_range": Self.range(own.purchasesRange), "expected_spend": money(own.expectedSpend),
      "purchase_days": JSONValue(own.purchaseDays), "days_since_last": JSONValue(own.daysSinceLast),
      "days_since_first": JSONValue(own.daysSinceFirst), "decile": JSONValue(decile(of: place)),
      "quadrant": .string(quadrant(of: place).rawValue),
    ]
  }

  /// A customer by themselves.
  func detail(_ place: Int) -> JSONValue {
    var json = row(place)
    for (name, fact) in facts { json[name] = fact }
    let rank = byValue.firstIndex(of: Int32(place)).map { $0 + 1 }
    json["rank"] = JSONValue(rank)
    json["customers"] = JSONValue(measure.count)
    json["words"] = ValueWords.words(of: valuation.customer(place), in: self).json
    return json
  }

  /// All customers together.
  var summary: JSONValue {
    var json = JSONValue.object(facts)
    json["summary"] = ValueWords.summary(self).json
    json["sufficiency"] = [
      "met": .bool(valuation.gates.allSatisfy(\.isMet)), "gates": .array(valuation.gates.map(Self.gate)),
    ]
    json["customers"] = JSONValue(measure.count)
    json["card"] = card
    json["check"] = valuation.check.map(check) ?? .null
    guard valuation.isSufficient else {
      for name in [
        "total", "quantiles", "histogram", "deciles", "lorenz", "gini", "alive", "quadrants", "points",
      ] { json[name] = .null }
      return json
    }
    json["total"] = [
      "value": money(valuation.total?.value), "value_range": money(valuation.total?.valueRange),
      "purchases": JSONValue(valuation.total?.purchases),
      "purchases_range": Self.range(valuation.total?.purchasesRange),
      "mean": money(totalMeasure / Double(max(1, measure.count))),
    ]
    for (name, part) in distribution { json[name] = part }
    return json
  }

  private static func gate(_ gate: DataSufficiency.Gate) -> JSONValue {
    [
      "name": .string(gate.name), "needed": JSONValue(gate.needed), "found": JSONValue(gate.found),
      "met": .bool(gate.isMet), "text": ValueWords.gate(gate).json,
    ]
  }

  // MARK: How values are spread

  private static let shares = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99]
  private static let lorenzSteps = 50

  private var distribution: [String: JSONValue] {
    [
      "quantiles": .array(
        Self.shares.map { ["share": JSONValue($0), "value": money(quantile($0))] }),
      "histogram": .array(valueBins.map(bin)), "deciles": .array(deciles), "lorenz": .array(lorenz),
      "gini": JSONValue(gini),
      "alive": [
        "expected": JSONValue(valuation.aliveProbabilities.reduce(0) { $0 + Double($1) }),
        "histogram": .array(
          aliveBins.map {
            [
              "from": JSONValue($0.from), "to": JSONValue($0.to), "customers": JSONValue($0.customers),
              "value": money($0.value),
            ]
          }),
      ],
      "quadrants": .array(quadrants),
      "bounds": ["p_alive": JSONValue(Double(Self.stayingFrom)), "value": money(Double(valuableFrom))],
      "points": .array(points),
    ]
  }

  private func bin(_ bin: Bin) -> JSONValue {
    [
      "from": JSONValue(bin.from), "to": JSONValue(bin.to), "customers": JSONValue(bin.customers),
      "value": money(bin.value),
    ]
  }

  private var deciles: [JSONValue] {
    let total = totalMeasure
    var before = 0.0
    return (0..<10).compactMap { tenth in
      let part = byValue.filter { decile(of: Int($0)) == tenth + 1 }
      guard let last = part.last else { return nil }
      let sum = part.reduce(0.0) { $0 + Double(measure[Int($1)]) }
      before += sum
      return [
        "decile": JSONValue(tenth + 1), "customers": JSONValue(part.count), "value": money(sum),
        "least": money(Double(measure[Int(last)])), "share": JSONValue(total > 0 ? sum / total : 0),
        "cumulative_share": JSONValue(total > 0 ? before / total : 0),
      ]
    }
  }

  /// The share of all value that a share of the customers has, the most valuable first.
  private var lorenz: [JSONValue] {
    let (total, count) = (totalMeasure, byValue.count)
    guard total > 0, count > 0 else { return [] }
    var (sum, place) = (0.0, 0)
    return (0...Self.lorenzSteps).map { step in
      let end = count * step / Self.lorenzSteps
      while place < end {
        sum += Double(measure[Int(byValue[place])])
        place += 1
      }
      return [
        "customers": JSONValue(Double(end) / Double(count)), "value": JSONValue(min(1, sum / total)),
      ]
    }
  }

  private var quadrants: [JSONValue] {
    var sums: [ValueFilter.Quadrant: (customers: Int, value: Double, atRisk: Double)] = [:]
    for place in measure.indices {
      var sum = sums[quadrant(of: place)] ?? (0, 0, 0)
      sum.customers += 1
      sum.value += Double(measure[place])
      sum.atRisk += Double(atRisk(place))
      sums[quadrant(of: place)] = sum
    }
    return ValueFilter.Quadrant.allCases.map { quadrant in
      let sum = sums[quadrant] ?? (0, 0, 0)
      return [
        "quadrant": .string(quadrant.rawValue), "customers": JSONValue(sum.customers),
        "value": money(sum.value), "at_risk": money(sum.atRisk),
      ]
    }
  }

  private static let shownPoints = 600

  /// Customers for a picture, evenly taken from the order of their values.
  private var points: [JSONValue] {
    let step = max(1, (byValue.count + Self.shownPoints - 1) / Self.shownPoints)
    return stride(from: 0, to: byValue.count, by: step).map { rank in
      let place = Int(byValue[rank])
      return [
        "customer_id": .string(valuation.ids[byValue[rank]]),
        "p_alive": JSONValue(Double(valuation.aliveProbabilities[place])),
        "value": JSONValue(Double(measure[place])),
        "value_if_staying": JSONValue(Double(ifStaying[place])),
      ]
    }
  }

  // MARK: How good it is

  private func check(_ check: ValueCheck) -> JSONValue {
    func sum(_ part: (ValueCheck.Decile) -> Double) -> Double { check.deciles.reduce(0) { $0 + part($1) } }
    let hasValue = check.deciles.first?.predictedValue != nil
    return [
      "learned_until": .string(Self.date(check.learnedUntil)), "end": .string(Self.date(check.end)),
      "chosen_on": [
        "from": .string(Self.date(check.choiceLearnedUntil + 1)),
        "to": .string(Self.date(check.learnedUntil)),
      ],
      "days": JSONValue(check.end - check.learnedUntil), "customers": JSONValue(check.customers),
      "coverage": JSONValue(check.coverage), "level": JSONValue(check.level),
      "total": [
        "predicted_purchases": JSONValue(sum(\.predictedPurchases)),
        "actual_purchases": JSONValue(sum(\.actualPurchases)),
        "purchases_range": Self.range(check.totalPurchasesRange),
        "predicted_value": hasValue ? money(sum { $0.predictedValue ?? 0 }) : .null,
        "actual_value": money(sum(\.actualValue)), "value_range": money(check.totalValueRange),
      ],
      "forecasters": .array(check.forecasters.map(Self.forecaster)),
      "failures": .object(check.failures.mapValues { .string($0) }),
      "deciles": .array(check.deciles.enumerated().map { decile($1, number: $0 + 1) }),
    ]
  }

  private func decile(_ decile: ValueCheck.Decile, number: Int) -> JSONValue {
    [
      "decile": JSONValue(number), "customers": JSONValue(decile.customers),
      "buyers": JSONValue(decile.buyers), "predicted_purchases": JSONValue(decile.predictedPurchases),
      "actual_purchases": JSONValue(decile.actualPurchases), "predicted_value": money(decile.predictedValue),
      "actual_value": money(decile.actualValue),
    ]
  }

  private static func forecaster(_ row: ValueCheck.Forecaster) -> JSONValue {
    func figure(_ figure: ValueCheck.Figure) -> JSONValue {
      [
        "value": JSONValue(figure.value), "lower": JSONValue(figure.lower), "upper": JSONValue(figure.upper),
      ]
    }
    return [
      "name": .string(row.name), "is_model": .bool(row.isModel), "chosen": .bool(row.isChosen),
      "choice_rmse": JSONValue(row.choiceError), "mae": figure(row.meanAbsoluteError),
      "rmse": figure(row.rootMeanSquareError), "correlation": figure(row.correlation),
      "bias": figure(row.totalBias),
    ]
  }

  /// What the models are made of, and what to beware of.
  private var card: JSONValue {
    [
      "purchases": valuation.purchases.map { model in
        let intervals = model.parameterIntervals()
        return [
          "name": .string(model.process.name), "customers": JSONValue(model.report?.customers),
          "log_likelihood": JSONValue(model.report?.logLikelihood),
          "starts": JSONValue(model.report?.starts.count), "agree": JSONValue(model.report?.agree ?? true),
          "parameters": .array(
            model.process.parameterNames.enumerated().map { index, name in
              [
                "name": .string(name), "value": JSONValue(model.parameters[index]),
                "lower": JSONValue(intervals?[index].lower), "upper": JSONValue(intervals?[index].upper),
              ]
            }),
        ]
      } ?? .null,
      "spend": valuation.spend.map {
        [
          "name": "Gamma-gamma", "customers": JSONValue($0.report?.customers), "p": JSONValue($0.p),
          "q": JSONValue($0.q), "v": JSONValue($0.v),
          "frequency_correlation": JSONValue($0.frequencyCorrelation),
        ]
      } ?? .null,
      "spend_problem": JSONValue(valuation.spendProblem),
      "caveats": .array(ValueWords.caveats(valuation).map(\.json)),
    ]
  }
}
