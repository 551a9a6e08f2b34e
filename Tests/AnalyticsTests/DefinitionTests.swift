import Analytics
import Commerce
import Testing

@Suite struct DefinitionTests {
  @Test func readsWhatItWrites() throws {
    let definition = try AnalysisDefinition(json: [
      "analysis": "funnel", "span": ["from": "2017-01-01", "to": "2017-03-31"],
      "filter": [
        "all": [
          ["property": "event.channel", "op": "in", "value": ["web", "app"]],
          ["not": ["property": "item.attribute.size", "op": "between", "value": [1, 3]]], ["cohort": "vip"],
        ]
      ],
      "breakdown": ["property": "customer.attribute.age", "top": 3],
      "funnel": [
        "steps": ["view", ["kind": ["cart_add", "wishlist"], "label": "Kept"], "Order Completed"],
        "window_days": 7, "same": "event.item", "exclusions": [["event": "cart_remove", "after_step": 2]],
      ],
    ])
    #expect(try AnalysisDefinition(json: definition.jsonValue) == definition)
    #expect(definition.cohortIDs == ["vip"])
    #expect(definition.jsonValue["funnel"]?["window_seconds"] == 604_800)
  }

  @Test(
    arguments: [
      (["analysis": "funel"], "analysis"), (["analysis": "funnel"], "funnel.steps"),
      (["analysis": "funnel", "funnel": ["steps": ["view", "buyy"]]], "funnel.steps[1]"),
      (["analysis": "trends", "span": ["last_days": 0]], "span.last_days"),
      (["analysis": "trends", "span": ["from": "2017-02-30", "to": "2017-03-01"]], "span.from"),
      (["analysis": "trends", "spam": 1], "spam"),
      (
        ["analysis": "trends", "filter": ["all": [["property": "event.color", "op": "is", "value": 1]]]],
        "filter.all[0].property"
      ),
      (["analysis": "trends", "filter": ["property": "event.item", "op": "like", "value": 1]], "filter.op"),
      (["analysis": "trends", "breakdown": ["property": "event.amount"]], "breakdown.property"),
      (["analysis": "paths", "breakdown": ["property": "event.item"]], "breakdown"),
      (["analysis": "retention", "interval": "hour"], "interval"),
      (["analysis": "distribution", "distribution": ["edges": [2, 1]]], "distribution.edges"),
    ] as [(JSONValue, String)])
  func namesTheFaultyField(_ json: JSONValue, _ field: String) {
    let error = #expect(throws: AnalyticsError.self) { try AnalysisDefinition(json: json) }
    guard case .invalid(let found, _, _)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(found == field)
  }
}
