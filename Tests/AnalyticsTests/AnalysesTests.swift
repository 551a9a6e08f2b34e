import Analytics
import Commerce
import Testing

/// Each analysis on a handful of events whose answer is plain to see.
@Suite struct AnalysesTests {
  private func visits() throws -> AnalyticsData {
    var shop = TinyShop()
    shop.items = [
      Item(itemID: "tea", title: "Green tea", category: "DRINKS"), Item(itemID: "mug", category: "HOME"),
    ]
    shop.customers = [Customer(customerID: "ann", attributes: ["age": "30s"])]
    shop.add("ann", .view, "2017-01-02T10:00:00Z", item: "tea", channel: "web")
    shop.add("ann", .cartAdd, "2017-01-02T10:05:00Z", item: "tea", channel: "web")
    shop.add(
      "ann", .purchase, "2017-01-02T10:10:00Z", item: "tea", order: "o1", amount: 10, channel: "web",
      quantity: 2)
    shop.add("ann", .purchase, "2017-01-02T10:10:00Z", item: "mug", order: "o1", amount: 5, channel: "web")
    shop.add("bob", .view, "2017-01-02T23:30:00Z", item: "tea", channel: "app")
    shop.add("bob", .view, "2017-01-03T00:20:00Z", item: "mug", channel: "app")
    shop.add("bob", .purchase, "2017-01-05T12:00:00Z", item: "mug", order: "o2", amount: 7, channel: "shop")
    shop.add("bob", .refund, "2017-01-06T12:00:00Z", item: "mug", order: "o2", amount: 7)
    shop.add("cat", .view, "2017-01-06T09:00:00Z", item: "tea", channel: "web")
    shop.add(nil, .view, "2017-01-06T09:00:00Z", item: "tea", channel: "web")
    return try shop.data(cohorts: ["buyers": ["ann", "bob"]])
  }

  @Test func trendsCountEventsCustomersOrdersAndMoney() throws {
    let result = try answer(
      [
        "analysis": "trends",
        "trends": [
          "series": [
            ["event": "purchase"], ["event": "purchase", "measure": "customers"],
            ["event": "purchase", "measure": "orders"],
            ["event": "purchase", "measure": "sum"], ["event": "purchase", "measure": "median"],
            ["event": "view", "measure": "customers"],
          ], "ratio": [1, 5],
        ],
      ], try visits())
    let totals = try #require(result.table("totals"))
    #expect(totals.numbers("value") == [3, 2, 2, 22, 7, 3, 2.0 / 3])
    let series = try #require(result.table("series"))
    let first = series.rows.indices.filter { series.value($0, "series") == 0 }
    #expect(first.map { series.value($0, "value") } == [2, 0, 0, 1, 0])
    #expect(
      first.map { series.value($0, "label_time") } == [
        "2017-01-02", "2017-01-03", "2017-01-04", "2017-01-05", "2017-01-06",
      ])
  }

  @Test func trendsAddUpMoveAndCompare() throws {
    let data = try visits()
    func values(_ more: [String: JSONValue], _ column: String = "value") throws -> [Double] {
      let part = JSONValue.object(["series": [["event": "view"]]].merging(more) { $1 })
      let json: JSONValue = [
        "analysis": "trends", "span": ["from": "2017-01-02", "to": "2017-01-06"], "trends": part,
      ]
      return try #require(try answer(json, data).table("series")).numbers(column)
    }
    #expect(try values(["transform": "cumulative"]) == [2, 3, 3, 3, 5])
    #expect(try values(["transform": "moving_average", "window": 2]).dropFirst() == [1.5, 0.5, 0, 1])
    let later = try #require(
      try answer(
        [
          "analysis": "trends", "span": ["from": "2017-01-05", "to": "2017-01-06"],
          "trends": ["series": [["event": "view"]], "compare": "previous"],
        ], data))
    #expect(later.table("series")?.numbers("previous") == [1, 0])
    #expect(later.table("totals")?.numbers("change") == [1])
  }

  @Test func breakdownsNameTheTopTheRestAndWhatIsMissing() throws {
    let result = try answer(
      ["analysis": "trends", "breakdown": ["property": "event.channel", "top": 1]], try visits())
    let totals = try #require(result.table("totals"))
    #expect(totals.column("group") == ["web", "(none)", "(other)"])
    #expect(totals.column("group_kind") == ["value", "none", "other"])
    #expect(totals.numbers("value") == [6, 1, 3])
  }

  @Test func filtersLookAtItemsCustomersAndCohorts() throws {
    let data = try visits()
    func count(_ filter: JSONValue) throws -> Double? {
      try answer(["analysis": "trends", "filter": filter], data).table("totals")?.numbers("value").first
    }
    #expect(try count(["property": "item.category", "op": "is", "value": "DRINKS"]) == 6)
    #expect(try count(["property": "customer.attribute.age", "op": "exists"]) == 4)
    #expect(try count(["cohort": "buyers"]) == 8)
    #expect(try count(["not": ["cohort": "buyers"]]) == 2)
    #expect(try count(["property": "event.hour", "op": "is", "value": 10]) == 4)
    #expect(try count(["property": "event.quantity", "op": "at_least", "value": 2]) == 1)
    #expect(try count(["all": []]) == 10)
    #expect(try count(["any": []]) == 0)
    #expect(throws: AnalyticsError.unknownCohort(field: "filter", id: "vip")) { try count(["cohort": "vip"]) }
  }

  @Test func linesOfOneOrderAreOneEventUnlessLinesAreAskedFor() throws {
    let data = try visits()
    for (unit, pairs) in [("order", 0.0), ("event", 1)] {
      let result = try answer(["analysis": "intervals", "unit": .string(unit)], data)
      #expect(result.table("summary")?.numbers("pairs") == [pairs])
    }
  }

  @Test func intervalsMeasureFromTheFirstOrTheLastStart() throws {
    var shop = TinyShop()
    for (kind, minute) in [
      (EventKind.view, "00"), (.view, "10"), (.purchase, "30"), (.purchase, "40"), (.view, "50"),
    ] {
      shop.add("ann", kind, "2017-01-02T10:\(minute):00Z")
    }
    let data = try shop.data()
    for (start, seconds) in [("first", 1800.0), ("last", 1200)] {
      let result = try answer(
        ["analysis": "intervals", "intervals": ["from": "view", "to": "purchase", "start": .string(start)]],
        data)
      let summary = try #require(result.table("summary"))
      #expect(summary.numbers("pairs") == [1])
      #expect(summary.numbers("mean") == [seconds])
      #expect(abs(summary.numbers("p50")[0] / seconds - 1) < 0.001)
      let histogram = try #require(result.table("histogram"))
      #expect(histogram.numbers("pairs").reduce(0, +) == 1)
      #expect(histogram.row(["pairs": 1]) == histogram.row(["from_seconds": 900]))
    }
  }

  @Test func distributionCountsCustomersByWhatTheyDid() throws {
    let data = try visits()
    let orders = try answer(["analysis": "distribution", "distribution": ["measure": "orders"]], data)
    let bins = try #require(orders.table("bins"))
    // Cat bought nothing; Ann and Bob have one order each.
    #expect(bins.value(0, "customers") == 1)
    #expect(bins.row(["from": 1, "customers": 2]) != nil)
    let money = try answer(
      ["analysis": "distribution", "distribution": ["measure": "sum", "edges": [8, 12]]], data)
    let sums = try #require(money.table("bins"))
    #expect(sums.numbers("customers") == [1, 1, 0, 1])
    #expect(sums.numbers("total") == [0, 7, 0, 15])
    let definition = try AnalysisDefinition(json: [
      "analysis": "distribution", "distribution": ["measure": "sum", "edges": [8, 12]],
    ])
    #expect(
      try definition.customers(at: sums.points[3], on: data).map { data.frame.customers[$0] } == ["ann"])
  }

  @Test func sessionsEndWithTheirIdOrAfterInactivity() throws {
    let result = try answer(["analysis": "sessions"], try visits())
    let summary = try #require(result.table("summary"))
    // Ann 1; Bob: two views 50 minutes apart, a purchase, a refund; Cat 1.
    #expect(summary.numbers("sessions") == [6])
    #expect(summary.numbers("bounce_rate") == [5.0 / 6])
    #expect(summary.numbers("mean_seconds") == [100])
    var shop = TinyShop()
    for (session, minute) in [("a", "00"), ("a", "59"), ("b", "59")] {
      shop.add("ann", .view, "2017-01-02T10:\(minute):00Z", session: session)
    }
    #expect(
      try answer(["analysis": "sessions"], shop.data()).table("depth")?.numbers("sessions").prefix(2) == [
        1, 1,
      ])
  }

  @Test func productsGoFromViewToCartToPurchase() throws {
    let data = try visits()
    let table = try #require(try answer(["analysis": "products"], data).table("products"))
    #expect(table.column("product") == ["mug", "tea"])
    let tea = try #require(table.row(["product": "tea"]))
    #expect(table.value(tea, "views") == 4)
    #expect(table.value(tea, "viewers") == 3)
    #expect(table.value(tea, "view_to_cart")?.number == 1.0 / 3)
    #expect(table.value(tea, "cart_to_purchase") == 1)
    #expect(table.value(tea, "units") == 2)
    let mug = try #require(table.row(["product": "mug"]))
    #expect(table.value(mug, "revenue") == 12)
    #expect(table.value(mug, "refund_rate") == 0.5)
    let definition = try AnalysisDefinition(json: ["analysis": "products"])
    var point = table.points[tea]
    point["state"] = "viewed_not_bought"
    #expect(try definition.customers(at: point, on: data).map { data.frame.customers[$0] } == ["bob", "cat"])
  }

  @Test func valueCurvesAddUpByCohortNetOfRefunds() throws {
    let result = try answer(
      ["analysis": "value_curves", "interval": "day", "value_curves": ["periods": 3]], try visits())
    let cohorts = try #require(result.table("cohorts"))
    let own = cohorts.rows.indices.map {
      (cohorts.value($0, "label")!.string!, cohorts.value($0, "per_customer")!.number!)
    }
    #expect(
      own.map(\.0) == ["2017-01-02", "2017-01-02", "2017-01-02", "2017-01-02", "2017-01-05", "2017-01-05"])
    #expect(own.map(\.1) == [15, 15, 15, 15, 7, 0])
    #expect(result.table("curve")?.numbers("per_customer") == [11, 7.5, 15, 15])
  }

  @Test func rfmScoresAreFifthsWithTiesTogether() throws {
    var shop = TinyShop()
    for customer in 1...10 {
      for order in 0..<customer {
        shop.add(
          "c\(customer)", .purchase, "2017-01-\(customer + 9)T0\(order % 10):00:00Z",
          order: "o\(customer)-\(order)",
          amount: 10)
      }
    }
    let data = try shop.data()
    let result = try answer(["analysis": "rfm"], data)
    let grid = try #require(result.table("grid"))
    for score in 1...5 {
      let row = try #require(grid.row(["recency": JSONValue(score), "frequency": JSONValue(score)]))
      #expect(grid.value(row, "customers") == 2)
      #expect(grid.value(row, "revenue")?.number == Double(20 * score * 2 - 10))
    }
    #expect(grid.numbers("customers").reduce(0, +) == 10)
    let segments = try #require(result.table("segments"))
    #expect(segments.value(segments.row(["segment": "champions"])!, "customers") == 4)
    let definition = try AnalysisDefinition(json: ["analysis": "rfm"])
    #expect(
      try definition.customers(at: segments.points[segments.row(["segment": "champions"])!], on: data).count
        == 4)
  }

  @Test func liveShowsTheLastMinutes() throws {
    var shop = TinyShop()
    shop.add("ann", .view, "2017-01-02T10:00:00Z")
    shop.add("ann", .view, "2017-01-02T10:58:30Z")
    shop.add("bob", .purchase, "2017-01-02T10:59:30Z")
    let data = try shop.data(asOf: "2017-01-02T11:00:00Z")
    let result = try answer(["analysis": "live", "live": ["minutes": 2]], data)
    #expect(result.table("kinds")?.numbers("events") == [1, 1])
    #expect(result.table("minutes")?.numbers("events") == [1, 1])
    #expect(result.table("minutes")?.column("label") == ["10:58", "10:59"])
    #expect(result.sample["customers"] == 2)
  }

  @Test func csvQuotesCellsAndDisarmsFormulas() throws {
    var shop = TinyShop()
    shop.add("ann", .view, "2017-01-02T10:00:00Z", channel: "=1+1")
    shop.add("ann", .view, "2017-01-02T10:00:00Z", channel: "a,\"b\"")
    let result = try answer(
      ["analysis": "trends", "breakdown": ["property": "event.channel"]], shop.data())
    let lines = try #require(result.csv(table: "totals")).split(separator: "\r\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("0,any,'=1+1,value,1,"))
    #expect(lines[2].hasPrefix("0,any,\"a,\"\"b\"\"\",value,1,"))
  }
}
