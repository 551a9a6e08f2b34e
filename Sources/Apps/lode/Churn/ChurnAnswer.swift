import Commerce
import CustomerValue
import Foundation
import Learning

/// What comes of a table of customers: figures, risks, reasons, changes.
struct ChurnAnswer {
  let table: ChurnTable
  let training: [Int]
  let test: [Int]
  let models: [ChurnModel]
  let chosen: ChurnModel
  let seconds: Double
  let costs: ChurnEvaluation.Costs
  var survival: ChurnSurvival?

  private let risks: [Double]
  private let reasons: [ChurnModel.Reasons]
  private let explainSeconds: Double
  private let evaluations: [(model: ChurnModel, test: ChurnEvaluation?, validation: ChurnEvaluation)]
  private var changes: [Int: [Counterfactuals.Finding]] = [:]
  private var threshold: Double?

  init(
    table: ChurnTable, training: [Int], test: [Int], models: [ChurnModel], chosen: ChurnModel,
    seconds: Double,
    costs: ChurnEvaluation.Costs
  ) throws {
    (self.table, self.training, self.test, self.models) = (table, training, test, models)
    (self.chosen, self.seconds, self.costs) = (chosen, seconds, costs)
    func left(_ rows: [Int]) -> [Bool] { rows.map { table.labels[$0] == true } }
    let held = table.selecting(test)
    evaluations = try models.map { model in
      let test =
        test.isEmpty
        ? nil : try ChurnEvaluation(risks: try model.risks(held), left: left(test), costs: costs)
      return (model, test, try ChurnEvaluation(risks: model.validation, left: left(training), costs: costs))
    }
    var risks = try chosen.risks(table)
    // Those learned from get the risk of models that had not seen them.
    for (place, row) in training.enumerated() { risks[row] = chosen.validation[place] }
    self.risks = risks
    let clock = ContinuousClock.now
    reasons = try chosen.explain(table)
    explainSeconds = (ContinuousClock.now - clock) / .seconds(1)
  }

  /// Looks for changes that bring risks below a threshold, for those at most risk.
  mutating func search(_ search: Counterfactuals, below: Double, customers: Int) throws {
    threshold = below
    let order = reasons.indices.filter { reasons[$0].risk >= below }.sorted {
      (reasons[$1].risk, $0) < (reasons[$0].risk, $1)
    }
    for row in order.prefix(customers) {
      changes[row] = try search.find(for: table.row(row), below: below)
    }
  }

  /// What people should know beside the table.
  var notes: [String] {
    evaluations.map { entry in
      let figures = entry.test ?? entry.validation
      return String(
        format:
          "%@: AUC %.4f [%.4f, %.4f], Brier %.4f, ECE %.4f, log loss %.4f, lift at 10 %% %.2f (%d %@)%@.",
        entry.model.family.rawValue, figures.areaUnderROC, figures.areaInterval.lower,
        figures.areaInterval.upper, figures.brierScore, figures.calibrationError, figures.logLoss,
        figures.lift(at: 0.1), figures.count, entry.test == nil ? "held out fold by fold" : "of the test",
        entry.model.family == chosen.family ? ", chosen" : "")
    }
  }

  func rows(drivers: Int) throws -> [[String: JSONValue]] {
    let isTest = Set(test)
    return (0..<table.count).map { index in
      var row: [String: JSONValue] = [
        "customer_id": .string(table.ids[index]), "risk": JSONValue(risks[index]),
        "left": table.labels[index].map { .bool($0) } ?? .null, "test": .bool(isTest.contains(index)),
      ]
      for (place, driver) in reasons[index].drivers.prefix(drivers).enumerated() {
        row["driver_\(place + 1)"] = .string(driver.column)
        row["driver_\(place + 1)_value"] = driver.value.text.map { .string($0) } ?? .null
        row["driver_\(place + 1)_log_odds"] = JSONValue(driver.contribution)
      }
      if let change = changes[index]?.first {
        row["change"] = .string(
          change.changes.map { "\($0.column): \($0.from.text ?? "–") → \($0.to.text ?? "–")" }.joined(
            separator: "; "))
        row["risk_then"] = JSONValue(change.risk)
      }
      return row
    }
  }

  func json(drivers: Int) throws -> JSONValue {
    var answer: [String: JSONValue] = [
      "models": .array(evaluations.map(describe)),
      "protocol": .string(
        test.isEmpty ? "cross-validation, \(chosen.choice.folds) folds" : "held-out rows"),
      "chosen": .string(chosen.family.rawValue),
      "rows": [
        "training": JSONValue(training.count), "test": JSONValue(test.count), "all": JSONValue(table.count),
      ],
      "base_rate": JSONValue(chosen.baseRate), "seconds": JSONValue(seconds),
      "explain_seconds": JSONValue(explainSeconds),
      "importance": .array(
        try chosen.importance(table).map { ["column": .string($0.column), "log_odds": JSONValue($0.weight)] }),
      "customers": .array(table.ids.indices.map { customer($0, drivers: drivers) }),
    ]
    if let figures = evaluations.first(where: { $0.model.family == chosen.family }) {
      let measured = figures.test ?? figures.validation
      answer["reliability"] = ChurnJSON.reliability(measured)
      answer["curve"] = ChurnJSON.curve(measured)
      answer["cheapest"] = ChurnJSON.point(measured.cheapest)
    }
    if let threshold { answer["threshold"] = JSONValue(threshold) }
    if let survival { answer["survival"] = survival.json }
    return .object(answer)
  }

  private func describe(
    _ entry: (model: ChurnModel, test: ChurnEvaluation?, validation: ChurnEvaluation)
  ) -> JSONValue {
    let figures = entry.test ?? entry.validation
    let choice = entry.model.choice
    return [
      "name": .string(entry.model.family.rawValue), "metrics": ChurnJSON.metrics(figures),
      "intervals": [
        "auc": .array([JSONValue(figures.areaInterval.lower), JSONValue(figures.areaInterval.upper)])
      ],
      "validation": ChurnJSON.metrics(entry.validation),
      "boosting_share": JSONValue(entry.model.boostingShare),
      "settings": [
        "regularization": choice.regularization.map { JSONValue($0) } ?? .null,
        "max_depth": choice.maxDepth.map { JSONValue($0) } ?? .null,
        "rounds": choice.rounds.map { JSONValue($0) } ?? .null,
        "log_losses": .object(choice.logLosses.mapValues { JSONValue($0) }),
      ],
    ]
  }

  private func customer(_ index: Int, drivers: Int) -> JSONValue {
    var row: [String: JSONValue] = [
      "customer_id": .string(table.ids[index]), "risk": JSONValue(risks[index]),
      "left": table.labels[index].map { .bool($0) } ?? .null,
      "model_risk": JSONValue(reasons[index].risk), "base_log_odds": JSONValue(reasons[index].base),
      "drivers": .array(
        reasons[index].drivers.prefix(drivers).map {
          [
            "column": .string($0.column), "value": $0.value.text.map { .string($0) } ?? .null,
            "log_odds": JSONValue($0.contribution),
          ]
        }),
    ]
    if let found = changes[index] {
      row["counterfactuals"] = .array(
        found.map { finding in
          [
            "risk": JSONValue(finding.risk), "cost": JSONValue(finding.cost),
            "changes": .array(
              finding.changes.map {
                [
                  "column": .string($0.column), "from": $0.from.text.map { .string($0) } ?? .null,
                  "to": $0.to.text.map { .string($0) } ?? .null,
                ]
              }),
          ]
        })
    }
    return .object(row)
  }
}

/// Figures of churn as JSON.
enum ChurnJSON {
  static func metrics(_ figures: ChurnEvaluation) -> JSONValue {
    [
      "auc": JSONValue(figures.areaUnderROC), "brier": JSONValue(figures.brierScore),
      "ece": JSONValue(figures.calibrationError), "log_loss": JSONValue(figures.logLoss),
      "lift@10": JSONValue(figures.lift(at: 0.1)), "customers": JSONValue(figures.count),
      "leavers": JSONValue(figures.leavers),
    ]
  }

  static func reliability(_ figures: ChurnEvaluation) -> JSONValue {
    .array(
      figures.reliability.map {
        [
          "predicted": JSONValue($0.meanPrediction), "observed": JSONValue($0.observedRate),
          "count": JSONValue($0.count),
        ]
      })
  }

  static func curve(_ figures: ChurnEvaluation) -> JSONValue { .array(figures.curve.map(point)) }

  static func point(_ point: ChurnEvaluation.CurvePoint) -> JSONValue {
    [
      "share": JSONValue(point.share), "contacted": JSONValue(point.contacted),
      "threshold": JSONValue(point.threshold), "leavers": JSONValue(point.leavers),
      "precision": JSONValue(point.precision), "captured": JSONValue(point.captured),
      "lift": JSONValue(point.lift), "cost": JSONValue(point.cost),
    ]
  }
}
