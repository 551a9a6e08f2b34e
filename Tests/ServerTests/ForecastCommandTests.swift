import Commerce
import Foundation
import ServerTesting
import Testing

/// The built program on series and items of plain files.
@Suite(.enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct ForecastCommandTests {
  /// Sales of two items by month, the second with a month that is not there.
  private static let sales: String = {
    var rows = ["unique_id,ds,y"]
    for month in 0..<36 {
      let day = String(format: "%d-%02d-01", 2022 + month / 12, month % 12 + 1)
      rows.append("tea,\(day),\(100 + 10 * (month % 12))")
      if month != 7 { rows.append("\"cups, blue\",\(day),\(50 + month)") }
    }
    return rows.joined(separator: "\n") + "\n"
  }()

  @Test func seriesGoOnByMonthsWithIntervalsThatNest() throws {
    let answer = try CommandRun(
      [
        "forecast", "--series", "sales.csv", "--season-length", "12", "--horizon", "3", "--model",
        "SeasonalNaive",
      ],
      files: ["sales.csv": Self.sales])
    #expect(answer.status == 0, "\(answer.errors)")
    let tea = answer.lines.filter { $0[0] == "tea" }
    #expect(answer.lines.first == ["unique_id", "ds", "model", "mean", "lo-80", "hi-80", "lo-95", "hi-95"])
    #expect(tea.map { $0[1] } == ["2025-01-01", "2025-02-01", "2025-03-01"])
    #expect(tea.map { $0[3] } == ["100", "110", "120"])
    #expect(answer.output.contains("\"cups, blue\",2025-01-01"))
    let json = try CommandRun(
      ["forecast", "--series", "sales.csv", "--season-length", "12", "--horizon", "2", "--json"],
      files: ["sales.csv": Self.sales])
    let rows = try JSONValue(json: Array(json.output.utf8))["forecasts"]?.array ?? []
    #expect(rows.count == 4)
    for row in rows {
      let ends = try ["lo-95", "lo-80", "mean", "hi-80", "hi-95"].map { try #require(row[$0]?.number) }
      #expect(ends == ends.sorted(), "\(row.json)")
    }
  }

  @Test func whatIsKnownBeforehandMovesTheForecast() throws {
    let promotion = (0..<40).map { "\($0 + 1),\($0 % 4 == 0 ? 150 : 100),\($0 % 4 == 0 ? 1 : 0)" }
    let rows = ["ds,y,promo"] + promotion + ["41,,0", "42,,1"]
    let answer = try CommandRun(
      ["forecast", "--series", "s.csv", "--horizon", "2", "--regressors", "promo", "--json"],
      files: ["s.csv": rows.joined(separator: "\n")])
    let means = try JSONValue(json: Array(answer.output.utf8))["forecasts"]?.array?.compactMap {
      $0["mean"]?.number
    }
    #expect(means?.count == 2, "\(answer.errors)")
    #expect(zip(means ?? [], [100, 150]).allSatisfy { abs($0 - $1) < 5 }, "\(means ?? [])")
  }

  @Test func methodsAreMeasuredOnTheSameSeries() throws {
    let answer = try CommandRun(
      [
        "evaluate", "forecast", "--series", "sales.csv", "--season-length", "12", "--horizon", "6",
        "--models",
        "SeasonalNaive,AutoETS,Naive", "--json",
      ], files: ["sales.csv": Self.sales])
    let models = try JSONValue(json: Array(answer.output.utf8))["models"]?.array ?? []
    #expect(models.compactMap { $0["name"]?.string } == ["SeasonalNaive", "AutoETS", "Naive"])
    let errors = models.compactMap { $0["metrics"]?["smape"]?.number }
    #expect(errors.count == 3 && errors[0] < errors[2])
  }

  @Test(arguments: [
    ("unique_id,ds,y\na,2025-01-01,five\n", "s.csv:2: y is 'five'"),
    ("unique_id,ds,y\na,soon,5\n", "s.csv:2: ds is 'soon'"),
    ("unique_id,ds,y\na,20250131,5\n", "s.csv:2: ds is '20250131'"),
    ("unique_id,ds,y\na,202512,5\n", "s.csv:2: ds is '202512'"),
    ("unique_id,ds,y\na,9223372036854775807,5\n", "s.csv:2: ds is"), ("unique_id,y\na,5\n", "no column 'ds'"),
    ("unique_id,ds,y\na,1,\na,2,\n", "has no values"), ("unique_id,ds,y\n", "no rows"),
    ("unique_id,ds,y\na,2025-01-01,1\na,2025-01-01,2\n", "does not follow"),
  ])
  func aFileThatCannotBeReadIsNamed(text: String, expected: String) throws {
    let answer = try CommandRun(["forecast", "--series", "s.csv", "--horizon", "2"], files: ["s.csv": text])
    #expect(answer.status != 0 && answer.errors.contains(expected), "\(answer.errors)")
    #expect(answer.output.isEmpty)
  }

  @Test(arguments: [
    (["2025-01-31", "2025-02-28", "2025-03-31"], ["2025-04-30", "2025-05-31"]),
    (["2024-12-28", "2025-01-28", "2025-02-28"], ["2025-03-28", "2025-04-28"]),
    (["2025-01-01", "2025-01-29", "2025-02-26"], ["2025-03-26", "2025-04-23"]),
    (["2023-01-01", "2024-01-01", "2025-01-01"], ["2026-01-01", "2027-01-01"]),
    (["2025-03-31", "2025-06-30", "2025-09-30"], ["2025-12-31", "2026-03-31"]),
    (["7", "9", "11"], ["13", "15"]),
  ])
  func stepsFollowAsTheyDidBefore(steps: [String], expected: [String]) throws {
    let rows = steps.enumerated().map { "a,\($1),\($0 + 1)" }.joined(separator: "\n")
    let answer = try CommandRun(
      ["forecast", "--series", "s.csv", "--horizon", "2", "--model", "Naive"],
      files: ["s.csv": "unique_id,ds,y\n\(rows)\n"])
    #expect(answer.lines.dropFirst().map { $0[1] } == expected, "\(answer.errors)")
  }

  @Test func oneSeriesThatCannotBeForecastDoesNotStopTheOthers() throws {
    let answer = try CommandRun(
      ["forecast", "--series", "s.csv", "--horizon", "1", "--model", "Drift"],
      files: ["s.csv": "unique_id,ds,y\nshort,1,5\nlong,1,5\nlong,2,6\nlong,3,7\n"])
    #expect(answer.status == 0)
    #expect(answer.lines.dropFirst().map { $0[0] } == ["long"] && answer.errors.contains("short"))
  }

  @Test func aPlanKeepsToTheBudgetThePacksAndTheLeastOrder() throws {
    let items = """
      unique_id,stock,unit_cost,lead_time,review,pack_size,min_order
      tea,0,2,1,1,12,
      "cups, blue",0,3,1,1,1,500
      unknown,1,1,1,1,1,
      """
    let arguments = [
      "restock", "plan", "--series", "sales.csv", "--items", "items.csv", "--season-length", "12", "--json",
    ]
    let files = ["sales.csv": Self.sales, "items.csv": items]
    let free = try CommandRun(arguments, files: files)
    #expect(free.status == 0 && free.errors.contains("unknown"), "\(free.errors)")
    let lines = try JSONValue(json: Array(free.output.utf8))["plan"]?.array ?? []
    let tea = try #require(lines.first { $0["unique_id"] == "tea" })
    let order = try #require(tea["order"]?.number)
    #expect(order > 0 && order.truncatingRemainder(dividingBy: 12) == 0)
    let cups = try #require(lines.first { $0["unique_id"] == "cups, blue" }?["order"]?.number)
    #expect(cups == 0 || cups >= 500)
    let tight = try CommandRun(arguments + ["--budget", "100"], files: files)
    let plan = try JSONValue(json: Array(tight.output.utf8))
    let cost = try #require(plan["cost"]?.number)
    #expect(cost <= 100)
    #expect(plan["plan"]?.array?.contains { $0["why"]?.string?.contains("budget") ?? false } == true)
  }

  @Test func anItemThatCannotBeReadIsNamed() throws {
    for (row, expected) in [
      ("tea,-1,2,1,1,1,", "stock"), ("tea,1,0,1,1,1,", "unit_cost"), ("tea,1,2,1.5,1,1,", "lead_time"),
      ("tea,1,2,1,1,0,", "pack_size"),
    ] {
      let answer = try CommandRun(
        ["restock", "plan", "--series", "sales.csv", "--items", "items.csv"],
        files: [
          "sales.csv": Self.sales,
          "items.csv": "unique_id,stock,unit_cost,lead_time,review,pack_size,min_order\n\(row)\n",
        ])
      #expect(answer.status != 0 && answer.errors.contains("items.csv:2: \(expected)"), "\(answer.errors)")
    }
  }
}
