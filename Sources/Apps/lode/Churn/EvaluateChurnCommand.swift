import ArgumentParser
import Commerce
import CustomerValue
import Features
import Foundation
import Learning

/// `lode evaluate churn`: how well lapse is foretold.
struct EvaluateChurn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "churn",
    abstract: "Measure how well it is foretold which customers stop buying: AUC, Brier, calibration, lift.",
    discussion: """
      Lapse is: no purchase within the next --horizon-days of a customer who has bought within the last --active-days. Files are \
      those of lode evaluate needs. The last horizon of the data is the test; models learn from mornings whose own horizon ends \
      before it begins, and families and their settings are chosen there, customers held out in groups. Recency alone and \
      P(alive) of BG/NBD alone stand beside the models; intervals of the differences of level 95 % come from resampling customers.
      """)

  @OptionGroup var files: PurchaseFiles
  @Option(help: "Within how many days no purchase is a lapse.") var horizonDays = 56
  @Option(help: "Within how many days customers must have bought.") var activeDays = 56
  @Option(help: "How many resamples the intervals take.") var resamples = 1000
  @Option(help: "Seeds folds, trees and resamples.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, value) in [("horizon-days", horizonDays), ("active-days", activeDays)]
    where !(1...730).contains(value) {
      throw ValidationError("--\(name) is \(value); expected 1 to 730.")
    }
    guard (10...100_000).contains(resamples) else { throw ValidationError("--resamples is 10 to 100000.") }
  }

  func run() async throws {
    let catalogue = try files.readItems()
    let frame = try files.readTransactions()
    let calendar = try ShopCalendar(timeZone: files.timeZone)
    let history = LapseHistory(
      frame, day: { calendar.day(ofMilliseconds: $0) },
      categories: catalogue.columns(for: frame.items).category
    )
    let evaluation = LapseEvaluation(
      features: LapseFeatures(.init(horizonDays: horizonDays, activeDays: activeDays)), resamples: resamples)
    let report: LapseEvaluation.Report
    do {
      report = try await evaluation.run(
        history, asOf: history.lastDay - Int32(horizonDays) + 1,
        context: FitContext(seed: seed) { _ in Console.progress("learning", fraction: nil) })
    } catch let error as CustomerValueError {
      throw ValidationError("\(files.transactions): \(error)")
    }
    Console.clearProgress()
    output.json
      ? output.write(json: LapseJSON.report(report, evaluation.features.configuration)) : show(report)
  }

  private func show(_ report: LapseEvaluation.Report) {
    guard let figures = report.results.first?.figures else { return }
    Console.note(
      "\(figures.count) customers on \(LapseJSON.date(report.asOf)), \(figures.leavers) without a purchase in the \(horizonDays) days from then; learned from \(report.trainingRows) rows of \(report.trainingDays.count) mornings. Chosen on held-out rows: \(report.chosen.rawValue)."
    )
    Console.table(
      ["method", "AUC", "95 %", "Brier", "ECE", "log loss", "lift@10 %", "AUC − recency", "AUC − P(alive)"],
      report.results.map { result in
        func difference(_ method: LapseEvaluation.Method) -> String {
          guard
            let found = result.differences.first(where: { $0.against == method && $0.figure == "auc" })
          else { return "–" }
          return String(
            format: "%+.4f [%+.4f, %+.4f]", found.value, found.interval.lower, found.interval.upper)
        }
        let figures = result.figures
        return [
          result.method.rawValue, String(format: "%.4f", figures.areaUnderROC),
          String(format: "%.4f–%.4f", figures.areaInterval.lower, figures.areaInterval.upper),
          String(format: "%.5f", figures.brierScore), String(format: "%.4f", figures.calibrationError),
          String(format: "%.4f", figures.logLoss), String(format: "%.2f", figures.lift(at: 0.1)),
          difference(.recency), difference(.alive),
        ]
      })
  }
}

/// Lapse as JSON.
enum LapseJSON {
  static func date(_ day: Int32) -> String {
    String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
  }

  static func report(
    _ report: LapseEvaluation.Report, _ definition: LapseFeatures.Configuration
  ) -> JSONValue {
    [
      "models": .array(report.results.map(result)), "chosen": .string(report.chosen.rawValue),
      "protocol": .string(
        "temporal: customers who bought within \(definition.activeDays) days before \(date(report.asOf)), lapse within \(definition.horizonDays) days"
      ),
      "as_of": .string(date(report.asOf)), "training_rows": JSONValue(report.trainingRows),
      "training_days": .array(report.trainingDays.map { .string(date($0)) }),
    ]
  }

  private static func result(_ result: LapseEvaluation.Result) -> JSONValue {
    let interval = result.figures.areaInterval
    return [
      "name": .string(result.method.rawValue), "metrics": ChurnJSON.metrics(result.figures),
      "intervals": ["auc": .array([JSONValue(interval.lower), JSONValue(interval.upper)])],
      "validation": result.validationLogLoss.map { ["log_loss": JSONValue($0)] } ?? .null,
      "differences": .array(
        result.differences.map {
          [
            "against": .string($0.against.rawValue), "figure": .string($0.figure),
            "value": JSONValue($0.value),
            "interval": .array([JSONValue($0.interval.lower), JSONValue($0.interval.upper)]),
          ]
        }),
      "reliability": ChurnJSON.reliability(result.figures), "seconds": JSONValue(result.seconds),
    ]
  }
}
