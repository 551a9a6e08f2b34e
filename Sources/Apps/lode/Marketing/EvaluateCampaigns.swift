import ArgumentParser
import Commerce
import Foundation
import Learning
import Marketing
import MathKernels

/// `lode evaluate campaigns`: what campaigns of the past changed.
struct EvaluateCampaigns: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campaigns",
    abstract: "Measure what past campaigns changed, where the shop and not chance chose who got them.",
    discussion: """
      Compares those who got a campaign with customers of the same days who did not, made comparable by what each had bought \
      before it began: spend of the last 4, 8 and 16 weeks, days with a purchase, days since the last, campaigns before. Prints \
      the plain difference of spend a week, CUPED, the adjusted effect, and a placebo: the same adjustment for as many days before \
      the campaign, where there can be no effect. Where the placebo's interval does not hold 0, the adjustment misses something \
      and the effect is not to be trusted. Purchases: customer_id, date, amount; lists: campaign_id, customer_id; campaigns: \
      campaign_id, start_date, end_date.
      """)

  @Option(help: ArgumentHelp("The purchases: CSV with a header.", valueName: "file")) var transactions: String
  @Option(help: ArgumentHelp("Who got which campaign: CSV with a header.", valueName: "file"))
  var recipients: String
  @Option(help: ArgumentHelp("When each campaign began and ended: CSV with a header.", valueName: "file"))
  var campaigns: String
  @Option(help: ArgumentHelp("Only these campaigns, separated by commas.", valueName: "ids")) var only:
    String?
  @Option(help: ArgumentHelp("Only campaigns that so many known customers got.", valueName: "count"))
  var minRecipients = 100
  @Option(help: "The column of customers' ids, in both files.") var customerColumn = "customer_id"
  @Option(help: "The column of dates or times.") var dateColumn = "date"
  @Option(help: "The column of amounts.") var amountColumn = "amount"
  @Option(help: "At most so many days of a campaign are counted.") var mostDays = 56
  @Flag(help: "Learn also for whom each campaign changes most, and measure that on a part held out.")
  var uplift = false
  @Option(help: "Seeds folds, trees and draws.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (7...366).contains(mostDays) else { throw ValidationError("--most-days is 7 to 366.") }
  }

  func run() async throws {
    let (study, found) = try read()
    let chosen = only.map { Set($0.split(separator: ",").map(String.init)) }
    var (findings, rows): ([CampaignStudy.Finding], [JSONValue]) = ([], [])
    for campaign in found {
      guard chosen?.contains(campaign.id) ?? (campaign.customers.count >= minRecipients) else { continue }
      Console.progress("measuring campaign \(campaign.id)", fraction: nil)
      do {
        let finding = try await study.measure(
          campaign.id, mostDays: mostDays, context: FitContext(seed: seed))
        var row = finding.json
        if uplift { row["uplift"] = try await learn(study, campaign.id) }
        rows.append(row)
        findings.append(finding)
      } catch let error as MarketingError {
        Console.note("campaign \(campaign.id): \(error)")
        rows.append(["campaign": .string(campaign.id), "problem": .string(error.description)])
      }
    }
    Console.clearProgress()
    if output.json {
      output.write(json: ["campaigns": .array(rows), "warning": .string(Self.warning)])
    } else {
      show(findings, rows)
    }
  }

  static let warning =
    "The shop chose who got these campaigns. The adjusted effect is right only as far as earlier purchases tell all that moved both "
    + "the choice and the spend; other campaigns that ran at the same time are part of it."

  private func show(_ findings: [CampaignStudy.Finding], _ rows: [JSONValue]) {
    func cell(_ effect: EffectEstimate) -> String {
      String(format: "%+.2f [%+.2f, %+.2f]", effect.difference, effect.interval.lower, effect.interval.upper)
    }
    print("Spend a week of those who got the campaign, beyond that of others:\n")
    Console.table(
      ["campaign", "days", "got it", "others", "plain", "CUPED", "adjusted", "placebo", "AUC", "worth"],
      findings.map { finding in
        let adjusted = finding.adjusted
        return [
          finding.campaign, String(finding.days), String(adjusted.unadjusted.treated),
          String(adjusted.unadjusted.controls), cell(adjusted.unadjusted), cell(finding.cuped),
          cell(adjusted.effect), cell(finding.placebo.effect) + (finding.placeboHolds ? "" : " fails"),
          String(format: "%.2f", adjusted.propensityAUC), String(format: "%.0f", adjusted.effectiveControls),
        ]
      })
    if findings.count == 1 { BalanceTable.show(findings[0].adjusted) }
    for row in rows {
      guard let model = row["uplift"] else { continue }
      let (metrics, intervals) = (model["metrics"], model["intervals"])
      print(
        "\nCampaign \(row["campaign"]?.string ?? ""): \(model["name"]?.string ?? ""), Qini "
          + "\(Words.number(metrics?["qini"])) [\(Words.number(intervals?["qini"]?.array?.first)), "
          + "\(Words.number(intervals?["qini"]?.array?.last))] on customers held out.")
    }
    Console.note("\n" + Self.warning)
  }

  /// An X-learner of half the customers, weighed by the probability of treatment, measured on the other half.
  private func learn(_ study: CampaignStudy, _ id: String) async throws -> JSONValue {
    let data = try study.dataset(of: id, mostDays: mostDays).data
    let split = Splits.kFold(count: data.treated.count, folds: 2, seed: seed)[0]
    let began = ContinuousClock.now
    let model = try await XLearner().fit(data.part(split.training), context: FitContext(seed: seed))
    let held = data.part(split.test)
    let found = try UpliftEvaluation(
      scores: try model.uplift(held.features), outcomes: held.outcomes, treated: held.treated, seed: seed)
    return found.json(name: XLearner.name, seconds: (ContinuousClock.now - began) / .seconds(1))
  }

  // MARK: Files

  private func read() throws -> (study: CampaignStudy, campaigns: [CampaignStudy.Campaign]) {
    var purchases: [CampaignStudy.Purchase] = []
    try PlainTable.read(transactions, required: [customerColumn, dateColumn, amountColumn], optional: []) {
      row in
      guard let amount = Double(row[2]), amount.isFinite else {
        throw PlainTable.Problem(field: amountColumn, value: row[2], expected: "a number")
      }
      purchases.append(.init(customer: row[0], day: try Self.day(row[1], dateColumn), amount: amount))
    }
    var recipients: [String: Set<String>] = [:]
    try PlainTable.read(self.recipients, required: ["campaign_id", customerColumn], optional: []) { row in
      recipients[row[0], default: []].insert(row[1])
    }
    var found: [CampaignStudy.Campaign] = []
    try PlainTable.read(campaigns, required: ["campaign_id", "start_date", "end_date"], optional: []) { row in
      let (start, end) = (try Self.day(row[1], "start_date"), try Self.day(row[2], "end_date"))
      guard end >= start else {
        throw PlainTable.Problem(field: "end_date", value: row[2], expected: "a day not before \(row[1])")
      }
      found.append(.init(id: row[0], start: start, end: end, customers: recipients[row[0]] ?? []))
    }
    found.sort { ($0.start, $0.id) < ($1.start, $1.id) }
    do { return (try CampaignStudy(purchases: purchases, campaigns: found), found) } catch {
      throw ValidationError("\(transactions): \(error)")
    }
  }

  private static func day(_ text: String, _ field: String) throws -> Int {
    guard let time = Timestamp(rfc3339: text) else {
      throw PlainTable.Problem(field: field, value: text, expected: "a date such as 2025-11-02")
    }
    return Int(floor(Double(time.milliseconds) / Double(Timestamp.day)))
  }
}

extension CampaignStudy.Finding {
  /// The finding as the command writes it.
  fileprivate var json: JSONValue {
    [
      "campaign": .string(campaign), "days": JSONValue(days), "adjusted": adjusted.json, "cuped": cuped.json,
      "placebo": placebo.json, "placebo_holds": .bool(placeboHolds),
    ]
  }
}
