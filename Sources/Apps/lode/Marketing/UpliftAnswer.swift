import Commerce
import Foundation
import Marketing
import MathKernels

/// What `lode uplift` found, as a table for people and as JSON.
struct UpliftAnswer {
  let isObserved: Bool
  let effect: EffectEstimate
  let cuped: EffectEstimate?
  let ratio: TestResult?
  let adjusted: PropensityAdjustment.Estimate
  var models: [(name: String, found: UpliftEvaluation, seconds: Double)] = []

  /// From here on columns known before foretell who was treated well enough to doubt that chance decided.
  private static let suspiciousAUC = 0.55
  private static let suspiciousRatio = 0.001

  /// What stands against reading the figures as effects; empty where nothing does.
  var warnings: [String] {
    var found: [String] = []
    if isObserved {
      found.append(
        "Chance did not decide who was treated: effects are adjusted for the columns known before, and wrong where something "
          + "else moved both the choice and the outcome. Qini and uplift figures are not adjusted.")
    } else if adjusted.propensityAUC > Self.suspiciousAUC {
      found.append(
        String(
          format:
            "Columns known before foretell who was treated (AUC %.3f, 0.5 by chance): if the shop chose, use --observed.",
          adjusted.propensityAUC))
    }
    if let ratio, ratio.pValue < Self.suspiciousRatio {
      found.append(
        String(
          format: "The counts of treated and others do not agree with --treated-share (p %.2g).", ratio.pValue
        ))
    }
    return found
  }

  // MARK: For people

  func show() {
    print(line("Difference", effect))
    if let cuped {
      print(
        line("CUPED", cuped) + String(format: ", variance %.0f %% less", cuped.varianceReduction * 100))
    }
    if isObserved {
      print(line("Adjusted, for the treated", adjusted.effect))
      print(
        String(
          format:
            "%d treated and %d others left out as nobody is comparable; the others count as %.0f customers.",
          adjusted.trimmedTreated, adjusted.trimmedControls, adjusted.effectiveControls))
      BalanceTable.show(adjusted)
    }
    if !models.isEmpty {
      print("")
      Console.table(
        [
          "learner", "Qini", "95 %", "AUUC", "95 %", "top 10 %", "top 20 %", "top 30 %", "top 50 %",
          "seconds",
        ],
        models.map { model in
          [model.name] + cells(model.found.qini) + cells(model.found.areaUnderUplift)
            + model.found.top.map { $0.uplift.map { String(format: "%.4f", $0.value) } ?? "–" }
            + [String(format: "%.1f", model.seconds)]
        })
      let held = models[0].found
      print(
        String(
          format:
            "Measured on %d customers nothing was learned from, %d of them treated; the mean effect there is %.4f.",
          held.customers, held.treated, held.average.difference))
    }
    warnings.forEach(Console.note)
  }

  private func cells(_ figure: UpliftEvaluation.Figure) -> [String] {
    [
      String(format: "%.4f", figure.value),
      String(format: "%.4f–%.4f", figure.interval.lower, figure.interval.upper),
    ]
  }

  private func line(_ name: String, _ effect: EffectEstimate) -> String {
    String(
      format: "%@: %.4f [%.4f, %.4f] for each customer (%.4f of %d treated, %.4f of %d others), p %.3g", name,
      effect.difference, effect.interval.lower, effect.interval.upper, effect.treatedMean, effect.treated,
      effect.controlMean, effect.controls, effect.pValue)
  }

  // MARK: For machines

  var json: JSONValue {
    [
      "effect": effect.json, "cuped": cuped?.json ?? .null,
      "adjusted": isObserved ? adjusted.json : .null, "propensity_auc": JSONValue(adjusted.propensityAUC),
      "sample_ratio_p": JSONValue(ratio?.pValue),
      "models": .array(models.map { model in model.found.json(name: model.name, seconds: model.seconds) }),
      "protocol": "holdout", "warnings": .array(warnings.map { .string($0) }),
    ]
  }
}

/// The balance and overlap of an adjustment, as tables.
enum BalanceTable {
  static func show(_ estimate: PropensityAdjustment.Estimate) {
    print("\nHow far apart treated and others were before, in standard deviations:")
    Console.table(
      ["known before", "unadjusted", "adjusted"],
      estimate.balance.prefix(12).map {
        [$0.feature, String(format: "%.3f", $0.before), String(format: "%.3f", $0.after)]
      })
    print("\nHow many had which probability of being treated:")
    Console.table(
      ["probability", "treated", "others"],
      estimate.overlap.filter { $0.treated + $0.controls > 0 }.map {
        [String(format: "%.1f–%.1f", $0.from, $0.to), String($0.treated), String($0.controls)]
      })
  }
}

extension EffectEstimate {
  /// The estimate as commands write it.
  var json: JSONValue {
    [
      "difference": JSONValue(difference), "lower": JSONValue(interval.lower),
      "upper": JSONValue(interval.upper), "level": JSONValue(interval.level),
      "standard_error": JSONValue(standardError), "p_value": JSONValue(pValue),
      "treated": JSONValue(treated), "controls": JSONValue(controls), "treated_mean": JSONValue(treatedMean),
      "control_mean": JSONValue(controlMean), "relative": JSONValue(relative),
      "variance_reduction": JSONValue(varianceReduction),
    ]
  }
}

extension PropensityAdjustment.Estimate {
  /// The adjustment as commands write it.
  var json: JSONValue {
    [
      "effect": effect.json, "unadjusted": unadjusted.json, "propensity_auc": JSONValue(propensityAUC),
      "trimmed_treated": JSONValue(trimmedTreated), "trimmed_controls": JSONValue(trimmedControls),
      "effective_controls": JSONValue(effectiveControls),
      "balance": .array(
        balance.map {
          [
            "feature": .string($0.feature), "before": JSONValue($0.before), "after": JSONValue($0.after),
          ]
        }),
      "overlap": .array(
        overlap.map {
          [
            "from": JSONValue($0.from), "to": JSONValue($0.to), "treated": JSONValue($0.treated),
            "controls": JSONValue($0.controls),
          ]
        }),
    ]
  }
}

extension UpliftEvaluation {
  /// One model of an evaluation as commands write it.
  func json(name: String, seconds: Double) -> JSONValue {
    var (metrics, intervals): (JSONValue, JSONValue) = ([:], [:])
    func add(_ name: String, _ figure: Figure) {
      metrics[name] = JSONValue(figure.value)
      intervals[name] = .array([JSONValue(figure.interval.lower), JSONValue(figure.interval.upper)])
    }
    add("qini", qini)
    add("auuc", areaUnderUplift)
    for top in top { if let uplift = top.uplift { add("uplift@\(Int(top.share * 100))%", uplift) } }
    if let normalizedQini { metrics["qini_normalized"] = JSONValue(normalizedQini) }
    if let normalizedUplift { metrics["auuc_normalized"] = JSONValue(normalizedUplift) }
    return [
      "name": .string(name), "metrics": metrics, "intervals": intervals, "seconds": JSONValue(seconds),
      "customers": JSONValue(customers), "treated": JSONValue(treated), "mean_effect": average.json,
      "curve": .array(
        curve.map {
          [
            "customers": JSONValue($0.customers), "qini": JSONValue($0.qini),
            "uplift": JSONValue($0.uplift),
          ]
        }),
    ]
  }
}
