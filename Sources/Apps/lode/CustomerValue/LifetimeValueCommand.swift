import Application
import ArgumentParser
import Commerce
import CustomerValue
import Customers
import Foundation
import Learning
import MathKernels

/// `lode clv`: what customers will be worth.
struct LifetimeValueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clv",
    abstract: "Say what customers will be worth: purchases to come, spend, lifetime value, with intervals.",
    discussion: """
      Without --transactions the customers are a shop's: the model is chosen and checked on its last weeks, the values are taken \
      into use, and --model, --until, --levels and the columns do not count. With a file it reads purchases (customer_id, date, amount), or a file in the form of CDNOW's; purchases of a customer on one day count as \
      one. Learns how often customers buy and when they leave (ParetoNBD, BetaGeometricNBD or ModifiedBetaGeometricNBD) and \
      what they spend (gamma-gamma). Writes a row for each customer: customer_id, frequency, recency, age, monetary_value, \
      p_alive, purchases, spend, clv, and purchases-lo-95, purchases-hi-95, clv-lo-95, clv-hi-95 for each level. Where the \
      data are too few it says what is missing and stops, unless --anyway is given.
      """)

  @OptionGroup var options: TransactionOptions
  @Option(help: ArgumentHelp("How customers buy: ParetoNBD, …", valueName: "name")) var model = "ParetoNBD"
  @Option(help: "How far ahead, in units of time; without it twelve months.") var horizon: Double?
  @Option(help: "What a month costs: 0.01 is 1 % a month.") var discount = 0.01
  @Option(help: "Which part of an amount is worth: 1 for revenue, a margin for profit.") var margin = 1.0
  @Option(help: "The last day that is observed; without it that of the last purchase.") var until: String?
  @Option(help: "The levels of the intervals in percent, separated by commas; none for no intervals.")
  var levels = "95"
  @Option(help: "How many futures are simulated for the intervals.") var draws = 500
  @Flag(help: "Go on where the data are too few.") var anyway = false
  @Option(help: "How many customers are enough.") var minCustomers = 500
  @Option(help: "How many days of history are enough.") var minHistoryDays = 180
  @Option(help: "How many days old the last order may be.") var maxSilenceDays = 30
  @Option(help: "How many customers with three orders or more are enough.") var minFrequent = 10
  @Flag(help: "Write JSON instead of CSV.") var json = false
  @OptionGroup var store: StoreOptions

  func validate() throws {
    guard try PurchaseForecaster.named(model).process != nil else {
      throw ValidationError("--model is '\(model)', a rule of thumb that knows no lifetime.")
    }
    if let horizon, !(horizon > 0 && horizon <= 36_525) {
      throw ValidationError("--horizon is a number above 0 and at most 36525.")
    }
    guard discount > -1, discount.isFinite else { throw ValidationError("--discount is a number above -1.") }
    guard margin > 0, margin.isFinite else { throw ValidationError("--margin is a number above 0.") }
    guard (2...100_000).contains(draws) else { throw ValidationError("--draws is 2 to 100000.") }
    if let until { _ = try TransactionOptions.day(until, option: "--until") }
    _ = try percentages()
  }

  private func percentages() throws -> [Double] {
    if levels == "none" { return [] }
    return try levels.split(separator: ",").map { text in
      guard let level = Double(text.trimmingCharacters(in: .whitespaces)), level > 0, level < 100 else {
        throw ValidationError(
          "--levels has '\(text)'; expected numbers between 0 and 100, such as 80,95, or none.")
      }
      return level
    }
  }

  func run() async throws {
    guard options.transactions != nil else { return try await valueShop() }
    do { try await answer() } catch let error as CustomerValueError {
      throw ValidationError("\(options.file): \(error)")
    }
  }

  private func answer() async throws {
    let (log, hasAmounts) = try options.read()
    let end = try until.map { try TransactionOptions.day($0, option: "--until") }
    let gates = sufficiency.gates(for: log, at: end)
    let missing = gates.filter { !$0.isMet }
    for gate in missing { Console.note(gate.description) }
    guard missing.isEmpty || anyway else {
      throw ValidationError(
        "\(options.file): the data are too few for lifetime values; --anyway goes on all the same.")
    }
    let plain = try log.customerBase(until: end, unit: options.timeUnit)
    let base = try plain.with(options.covariates(log, plain))
    let context = FitContext(seed: options.seed) { step in
      Console.progress(
        "learning \(model)", fraction: step.totalSteps.map { Double(step.step) / Double(max(1, $0)) })
    }
    let clock = ContinuousClock.now
    let purchases = try PurchaseForecaster.named(model).fit(base, fitting: options.fitting, context: context)
    let seconds = (ContinuousClock.now - clock) / .seconds(1)
    let spend = try await learnSpend(base, hasAmounts)
    let percentages = try percentages()
    let terms = try LifetimeValue(
      purchases: purchases, spend: spend.model, horizon: horizon ?? 12 * options.timeUnit.perMonth,
      monthlyDiscount: discount, margin: margin)
    Console.progress("forecasting", fraction: nil)
    let forecast = try terms.forecast(
      base, levels: percentages.map { $0 / 100 }, draws: draws, seed: options.seed)
    Console.clearProgress()
    if let problem = spend.problem { Console.note("Purchases only: \(problem)") }
    write(forecast, terms, seconds, gates, spend, percentages.map(SeriesOptions.name(ofLevel:)))
  }

  private var sufficiency: DataSufficiency {
    DataSufficiency(
      minimumCustomers: minCustomers, minimumHistoryDays: minHistoryDays,
      maximumDaysSinceLastOrder: maxSilenceDays, minimumFrequentCustomers: minFrequent)
  }

  private func valueShop() async throws {
    let months = horizon.map { $0 / options.timeUnit.perMonth } ?? 12
    try await LifetimeValueShop(
      terms: ValueTerms(
        horizonMonths: months, monthlyDiscount: discount, margin: margin, ignoresGates: anyway,
        seed: options.seed), store: store, json: json
    ).run()
  }

  /// The amounts' model, or why there is none.
  private func learnSpend(
    _ base: CustomerBase, _ hasAmounts: Bool
  ) async throws -> (model: GammaGammaModel?, problem: String?) {
    guard hasAmounts else { return (nil, "the file has no amounts.") }
    do {
      let model = try await GammaGamma(options.fitting).fit(base, context: FitContext(seed: options.seed))
      guard model.q > 1 else { return (nil, CustomerValueError.infiniteMean(shape: model.q).description) }
      return (model, nil)
    } catch let error as CustomerValueError {
      return (nil, error.description)
    }
  }

  // MARK: What comes of it

  private func write(
    _ forecast: LifetimeForecast, _ terms: LifetimeValue, _ seconds: Double, _ gates: [DataSufficiency.Gate],
    _ spend: (model: GammaGammaModel?, problem: String?), _ names: [String]
  ) {
    if json {
      let answer: JSONValue = [
        "model": describe(terms.purchases), "seconds": JSONValue(seconds),
        "spend_model": spend.model.map {
          [
            "p": JSONValue($0.p), "q": JSONValue($0.q), "v": JSONValue($0.v),
            "frequency_correlation": JSONValue($0.frequencyCorrelation),
          ]
        } ?? .null,
        "spend_problem": spend.problem.map { .string($0) } ?? .null,
        "unit": .string(terms.purchases.unit.rawValue), "horizon": JSONValue(terms.horizon),
        "monthly_discount": JSONValue(discount), "margin": JSONValue(margin),
        "sufficiency": .array(gates.map(describe)),
        "total": total(forecast, names),
        "customers": .array(forecast.customers.map { row($0, names) }),
      ]
      return FileHandle.standardOutput.write(Data(answer.serialized + [0x0A]))
    }
    let writer = CSVWriter(
      columns: [
        "customer_id", "frequency", "recency", "age", "monetary_value", "p_alive", "purchases", "spend",
        "clv",
      ] + names.flatMap { ["purchases-lo-\($0)", "purchases-hi-\($0)", "clv-lo-\($0)", "clv-hi-\($0)"] })
    print(writer.header, terminator: "")
    for customer in forecast.customers { print(writer.line(row(customer, names)), terminator: "") }
    note(forecast, terms)
  }

  private func note(_ forecast: LifetimeForecast, _ terms: LifetimeValue) {
    let parameters = zip(terms.purchases.process.parameterNames, terms.purchases.parameters).map {
      String(format: "\($0) %.4f", $1)
    }
    Console.note("\(terms.purchases.process.name): \(parameters.joined(separator: ", ")).")
    let starts = terms.purchases.report?.starts ?? []
    if !(terms.purchases.report?.agree ?? true) || !starts.allSatisfy(\.converged) {
      Console.note(
        "\(starts.count { $0.converged }) of \(starts.count) starts converged, and not all to one maximum.")
    }
    var sentence = String(
      format: "%d customers, %.0f purchases within %g %@s", forecast.customers.count, forecast.totalPurchases,
      terms.horizon, terms.purchases.unit.rawValue)
    if let value = forecast.totalValue { sentence += String(format: ", worth %.2f", value) }
    Console.note(sentence + ".")
  }

  private func row(_ customer: CustomerForecast, _ names: [String]) -> JSONValue {
    var row: JSONValue = [
      "customer_id": .string(customer.id), "frequency": JSONValue(customer.history.frequency),
      "recency": JSONValue(customer.history.recency), "age": JSONValue(customer.history.age),
      "monetary_value": JSONValue(customer.history.monetaryValue),
      "p_alive": JSONValue(customer.probabilityAlive), "purchases": JSONValue(customer.expectedPurchases),
      "spend": JSONValue(customer.expectedSpend), "clv": JSONValue(customer.lifetimeValue),
    ]
    add(customer.intervals, names, hasValue: customer.lifetimeValue != nil, to: &row)
    return row
  }

  private func total(_ forecast: LifetimeForecast, _ names: [String]) -> JSONValue {
    var row: JSONValue = [
      "purchases": JSONValue(forecast.totalPurchases), "clv": JSONValue(forecast.totalValue),
    ]
    add(forecast.totalIntervals, names, hasValue: forecast.totalValue != nil, to: &row)
    return row
  }

  private func add(
    _ intervals: [ForecastInterval], _ names: [String], hasValue: Bool, to row: inout JSONValue
  ) {
    for (name, interval) in zip(names, intervals) {
      row["purchases-lo-\(name)"] = JSONValue(interval.purchases.lower)
      row["purchases-hi-\(name)"] = JSONValue(interval.purchases.upper)
      guard hasValue else { continue }
      row["clv-lo-\(name)"] = JSONValue(interval.value.lower)
      row["clv-hi-\(name)"] = JSONValue(interval.value.upper)
    }
  }

  private func describe(_ gate: DataSufficiency.Gate) -> JSONValue {
    [
      "name": .string(gate.name), "needed": JSONValue(gate.needed), "found": JSONValue(gate.found),
      "met": .bool(gate.isMet), "text": .string(gate.description),
    ]
  }

  private func describe(_ model: PurchaseModel) -> JSONValue {
    var parameters: JSONValue = [:]
    let intervals = model.parameterIntervals()
    for (index, name) in model.process.parameterNames.enumerated() {
      parameters[name] = [
        "value": JSONValue(model.parameters[index]), "lo-95": JSONValue(intervals?[index].lower),
        "hi-95": JSONValue(intervals?[index].upper),
      ]
    }
    let starts = (model.report?.starts ?? []).map { start -> JSONValue in
      [
        "parameters": .array(start.parameters.map { JSONValue($0) }),
        "log_likelihood": JSONValue(start.logLikelihood), "gradient": JSONValue(start.gradient),
        "evaluations": JSONValue(start.evaluations), "converged": .bool(start.converged),
      ]
    }
    return [
      "name": .string(model.process.name), "parameters": parameters,
      "covariates": .array(
        model.covariateNames.indices.map { index in
          [
            "name": .string(model.covariateNames[index]),
            "buying": JSONValue(model.buyingCoefficients[index]),
            "leaving": JSONValue(model.leavingCoefficients[index]),
          ]
        }),
      "log_likelihood": JSONValue(model.report?.logLikelihood), "starts": .array(starts),
    ]
  }
}
