import Commerce
import Foundation
import ServerTesting
import Testing

/// The built program on files of treated customers and of campaigns.
@Suite(.enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct UpliftCommandTests {
  /// 600 customers, four of five treated; those of Rome spend 10 more for it, the others nothing.
  private static let table: String = {
    var rows = ["customer,treated,spend,before,city"]
    for index in 0..<600 {
      let (isTreated, city) = (index % 5 != 0, ["Rome", "Oslo", "Paris"][index / 5 % 3])
      let habit = 20 + index * 7 % 13
      let spend = habit + index * 11 % 7 + (isTreated && city == "Rome" ? 10 : 0)
      rows.append("c\(index),\(isTreated ? 1 : 0),\(spend),\(habit),\(city)")
    }
    return rows.joined(separator: "\n") + "\n"
  }()

  private func run(_ arguments: [String], _ text: String = Self.table) throws -> CommandRun {
    try CommandRun(
      ["uplift", "--customers", "c.csv", "--treatment", "treated", "--outcome", "spend"] + arguments,
      files: ["c.csv": text])
  }

  @Test func theEffectAndWhomItIsForAreFound() throws {
    let found = try run(["--before", "before", "--treated-share", "0.8", "--json"])
    #expect(found.status == 0, "\(found.errors)")
    let answer = try JSONValue(json: Array(found.output.utf8))
    #expect(abs((answer["cuped"]?["difference"]?.number ?? 0) - 10.0 / 3) < 0.6)
    let (plain, cuped) = (
      answer["effect"]?["standard_error"]?.number, answer["cuped"]?["standard_error"]?.number
    )
    #expect(try #require(cuped) < #require(plain))
    #expect(answer["sample_ratio_p"]?.number ?? 0 > 0.99)
    let models = try #require(answer["models"]?.array)
    #expect(models.map { $0["name"]?.string } == ["TLearner", "SLearner", "XLearner", "TransformedOutcome"])
    for model in models.prefix(3) {
      let interval = try #require(model["intervals"]?["qini"]?.array?.compactMap { $0.number })
      #expect(interval[0] > 0)
      #expect((model["metrics"]?["uplift@30%"]?.number ?? 0) > 6)
    }
  }

  @Test func scoresPutRomeFirst() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "uplift-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: path) }
    let found = try run(["--learners", "TLearner", "--scores", path.path])
    #expect(found.status == 0, "\(found.errors)")
    #expect(found.output.contains("Measured on 300 customers"))
    let rows = try String(contentsOf: path, encoding: .utf8).split(whereSeparator: \.isNewline)
    #expect(rows.count == 601 && rows[0] == "customer_id,uplift,tenth,treated,outcome")
    // Customers of Rome are those of every third group of five.
    let best = rows[1...150].compactMap { Int($0.split(separator: ",")[0].dropFirst()) }
    #expect(best.count { $0 / 5 % 3 == 0 } > 140)
  }

  @Test func whatIsWrongIsNamedWithItsPlace() throws {
    let bad = try run([], "id,treated,spend,x\na,1,3,4\nb,perhaps,4,5\n")
    #expect(bad.status == 2)
    #expect(bad.errors.contains("c.csv:3: treated is 'perhaps'; expected 1 or 0, true or false."))
    let few = try run([], "id,treated,spend,x\na,1,3,4\nb,0,4,5\n")
    #expect(few.status == 2 && few.errors.contains("two customers in each arm"))
    let future = try run(["--columns", "spend"])
    #expect(future.status == 2 && future.errors.contains("not known before the treatment"))
  }

  @Test func aChosenTreatmentIsCalledOut() throws {
    var rows = ["id,treated,spend,size"]
    for index in 0..<400 {
      let size = index % 20
      rows.append("c\(index),\(size + index / 20 % 7 > 12 ? 1 : 0),\(size * 3 + index % 3),\(size)")
    }
    let found = try run(["--learners", "XLearner", "--base", "linear"], rows.joined(separator: "\n"))
    #expect(found.status == 0 && found.errors.contains("foretell who was treated"))
    let adjusted = try run(
      ["--learners", "XLearner", "--base", "linear", "--observed"], rows.joined(separator: "\n"))
    #expect(adjusted.output.contains("Adjusted, for the treated"))
    #expect(adjusted.errors.contains("Chance did not decide"))
  }

  @Test func aCampaignThatWentToTheBestChangedNothing() throws {
    var (purchases, recipients) = (["customer_id,date,amount"], ["campaign_id,customer_id"])
    for customer in 0..<300 {
      let size = 5 + customer * 17 % 30
      if size + customer * 13 % 15 > 25 { recipients.append("k,c\(customer)") }
      for week in 0..<40 {
        let day = String(format: "2025-%02d-%02d", 1 + week / 4, 1 + week % 4 * 7)
        purchases.append("c\(customer),\(day),\(size + (customer + week) % 3)")
      }
    }
    let found = try CommandRun(
      [
        "evaluate", "campaigns", "--transactions", "t.csv", "--recipients", "r.csv", "--campaigns", "k.csv",
        "--json",
      ],
      files: [
        "t.csv": purchases.joined(separator: "\n"), "r.csv": recipients.joined(separator: "\n"),
        "k.csv": "campaign_id,start_date,end_date\nk,2025-07-01,2025-07-28\n",
      ])
    #expect(found.status == 0, "\(found.errors)")
    let campaign = try #require(
      try JSONValue(json: Array(found.output.utf8))["campaigns"]?.array?.first)
    let plain = try #require(campaign["adjusted"]?["unadjusted"]?["difference"]?.number)
    let adjusted = try #require(campaign["adjusted"]?["effect"]?["difference"]?.number)
    #expect(plain > 5 && abs(adjusted) < 1)
    #expect(campaign["placebo_holds"] != nil)
  }
}
