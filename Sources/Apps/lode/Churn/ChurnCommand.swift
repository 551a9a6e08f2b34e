import Application
import ArgumentParser
import Commerce
import CustomerValue
import Foundation
import Learning
import MathKernels

/// `lode churn`: who is likely to leave, why, and what would have to be otherwise.
struct ChurnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "churn",
    abstract: "Say which customers are likely to leave, why, and what would have to be otherwise.",
    discussion: """
      Reads a table of customers with a column that says who left; columns are numbers or categories, with gaps. A logistic \
      regression, gradient boosting and a combination of both are compared on rows held out fold by fold, and the best is \
      calibrated there. Every fifth row (--test-every) takes no part in that and measures all of them: AUC, Brier score, calibration \
      error over ten bins, log loss, lift. Then each customer gets a risk: customers of the test that of the model, the others \
      one by models that had not seen them, customers without an answer that of the model. Without --json it writes CSV: \
      customer_id, risk, left, test, and the columns that move the risk most with what they add to its log-odds.
      """)

  @OptionGroup var file: ChurnFile
  @Option(
    help: ArgumentHelp(
      "Every so many rows one is kept for the test, the last of each; 0 for none.", valueName: "rows"))
  var testEvery = 5
  @Option(help: ArgumentHelp("auto, LogisticRegression, GradientBoosting or Combination.", valueName: "name"))
  var model = "auto"
  @Option(help: "In how many folds rows are held out.") var folds = 5
  @Option(help: ArgumentHelp("How many reasons each customer gets.", valueName: "count")) var drivers = 3
  @Option(
    help: ArgumentHelp(
      "Also looks for the smallest change that brings the risk below this, for those above it.",
      valueName: "risk"))
  var below: Double?
  @Option(help: ArgumentHelp("Columns that cannot change.", valueName: "name,…")) var fixed: String?
  @Option(help: ArgumentHelp("Columns of numbers that can only grow.", valueName: "name,…"))
  var increasing: String?
  @Option(help: ArgumentHelp("For how many customers, those at most risk first.", valueName: "count"))
  var counterfactuals = 20
  @Option(
    help: ArgumentHelp("The column of how long customers have stayed: adds survival.", valueName: "name"))
  var duration: String?
  @Option(help: ArgumentHelp("Times at which survival is stated.", valueName: "times")) var times: String?
  @Option(help: "What a contact costs, for the cost curve.") var contactCost = 1.0
  @Option(help: "What a customer lost costs, for the cost curve.") var lossCost = 10.0
  @Option(help: "Seeds folds and trees.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard model == "auto" || ChurnClassifier.Family(rawValue: model) != nil else {
      throw ValidationError(
        "--model is '\(model)'; expected auto, \(ChurnClassifier.Family.allCases.map(\.rawValue).joined(separator: ", "))."
      )
    }
    guard testEvery == 0 || (2...1000).contains(testEvery) else {
      throw ValidationError("--test-every is \(testEvery); expected 0, or 2 to 1000.")
    }
    guard (2...50).contains(folds) else { throw ValidationError("--folds is \(folds); expected 2 to 50.") }
    guard (0...100).contains(drivers) else {
      throw ValidationError("--drivers is \(drivers); expected 0 to 100.")
    }
    if let below, !(below > 0 && below < 1) {
      throw ValidationError("--below is \(below); expected a risk between 0 and 1.")
    }
    if below == nil, fixed != nil || increasing != nil {
      throw ValidationError("--fixed and --increasing need --below, the risk to come to.")
    }
    guard counterfactuals > 0, contactCost >= 0, lossCost >= 0 else {
      throw ValidationError("--counterfactuals is at least 1, --contact-cost and --loss-cost at least 0.")
    }
    _ = try ChurnSurvival.times(times)
  }

  func run() async throws {
    do { try await answer() } catch let error as CustomerValueError {
      throw ValidationError("\(file.customers): \(error)")
    }
  }

  private func answer() async throws {
    let (table, notes) = try file.read()
    notes.forEach(Console.note)
    let settings = ChurnClassifier.Configuration(folds: folds)
    let context = FitContext(seed: seed) { step in
      Console.progress(
        "learning", fraction: step.totalSteps.map { Double(step.step) / Double(max(1, $0)) })
    }
    let known = (0..<table.count).filter { table.labels[$0] != nil }
    let test = testEvery == 0 ? [] : known.filter { $0 % testEvery == testEvery - 1 }
    let held = Set(test)
    let training = known.filter { !held.contains($0) }
    let clock = ContinuousClock.now
    let models = try await ChurnClassifier(settings).compare(table.selecting(training), context: context)
    let seconds = (ContinuousClock.now - clock) / .seconds(1)
    Console.clearProgress()
    guard let chosen = models.first(where: { model == "auto" || $0.family.rawValue == model }) else { return }
    var answer = try ChurnAnswer(
      table: table, training: training, test: test, models: models, chosen: chosen, seconds: seconds,
      costs: .init(contact: contactCost, loss: lossCost))
    if let below {
      let search = try Counterfactuals(
        model: chosen, examples: table.selecting(training),
        .init(fixed: Set(ChurnFile.names(fixed)), increasing: Set(ChurnFile.names(increasing))))
      try answer.search(search, below: below, customers: counterfactuals)
    }
    if let duration {
      answer.survival = try ChurnSurvival(
        table, duration: duration, times: try ChurnSurvival.times(times))
    }
    output.json ? output.write(json: try answer.json(drivers: drivers)) : try show(answer)
  }

  private func show(_ answer: ChurnAnswer) throws {
    answer.notes.forEach(Console.note)
    let names = (0..<drivers).flatMap {
      ["driver_\($0 + 1)", "driver_\($0 + 1)_value", "driver_\($0 + 1)_log_odds"]
    }
    let writer = CSVWriter(
      columns: ["customer_id", "risk", "left", "test"] + names
        + (below == nil ? [] : ["change", "risk_then"]))
    var text = writer.header
    for row in try answer.rows(drivers: drivers) { text += writer.line(.object(row)) }
    print(text, terminator: "")
  }
}
