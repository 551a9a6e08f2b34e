import Application
import Commerce
import Hummingbird

/// Answers with a page of a list, or with all its rows as CSV when the request asks for that.
func answer(
  _ list: Listing, columns: [String], defaultLimit: Int = 50, to request: Request
) async throws -> Response {
  guard try request.query.wantsCSV() else {
    return answer(try await list.page(try request.query.page(defaultLimit: defaultLimit)).json)
  }
  let export = try await CSVExport(list, columns: columns, query: request.query)
  return Response(
    status: .ok,
    headers: [
      .contentType: "text/csv; charset=utf-8",
      .contentDisposition: "attachment; filename=\"\(list.name).csv\"",
    ],
    body: .init { writer in
      try await export.write(to: &writer)
      try await writer.finish(nil)
    })
}

/// A list on its way out as CSV, in memory bounded by one batch of rows.
private struct CSVExport: Sendable {
  private let list: Listing
  private let writer: CSVWriter
  private let limit: Int
  private let first: Page

  /// Reads the first rows, so that a request that cannot be answered is told so before anything is sent.
  init(_ list: Listing, columns: [String], query: Query) async throws {
    self.list = list
    writer = CSVWriter(columns: columns)
    limit = try query.integer("limit", default: Self.everything, in: 1...Self.everything)
    first = try await list.page(
      PageRequest(limit: min(limit, list.batchSize), cursor: try query.text("cursor")))
  }

  private static let everything = 1_000_000_000

  // An error here breaks the answer off, which a client sees: its last chunk never comes.
  func write(to body: inout any ResponseBodyWriter) async throws {
    var page = first
    var left = limit - page.items.count
    try await body.write(ByteBuffer(string: writer.header))
    while true {
      try await body.write(ByteBuffer(string: page.items.map(writer.line).joined()))
      guard let cursor = page.nextCursor, left > 0 else { return }
      page = try await list.page(PageRequest(limit: min(left, list.batchSize), cursor: cursor))
      left -= page.items.count
    }
  }
}

extension Query {
  /// Whether the answer is to be CSV: `format=csv`, or without `format` an `Accept` of CSV and not of JSON.
  func wantsCSV() throws -> Bool {
    switch try text("format") {
    case "csv"?: return true
    case "json"?: return false
    case nil:
      let accepted = request.headers[.accept]?.lowercased() ?? ""
      return accepted.contains("text/csv") && !accepted.contains("json")
    case let other?:
      throw ApplicationError.invalidParameter(name: "format", value: other, expected: "json or csv")
    }
  }
}

/// The columns of each list's CSV file. They do not depend on the rows, so that a program can rely on them.
enum CSVColumns {
  static let events = [
    "event_id", "kind", "timestamp", "customer_id", "session_id", "item_id", "item_title", "category",
    "order_id", "quantity", "amount.amount", "amount.currency", "rating", "text", "query", "dwell_ms",
    "channel",
    "device", "decision_id", "properties",
  ]
  static let items = [
    "item_id", "title", "category", "category_path", "brand", "price.amount", "price.currency",
    "available_from", "attributes",
  ]
  static let customers = [
    "customer_id", "orders", "spend.amount", "spend.currency", "first_event_at", "last_event_at",
    "days_since_last_order", "top_categories", "attributes", "segments.cluster.id", "segments.rfm.id",
  ]
  static let segmentRules = ["id", "name", "condition", "customers", "created_at", "updated_at"]
  static let segments = [
    "id", "kind", "name.en", "name.zh", "size", "share", "spend.amount", "spend.currency", "spend_share",
    "spend_per_customer.amount", "silhouette", "stability", "rule", "description.en", "description.zh",
  ]
  static let interests = [
    "kind", "name", "value", "strength", "market_share", "lift", "lift_interval.lower", "lift_interval.upper",
    "q_value", "standing", "events", "days", "last_at", "trend.direction", "trend.recent.days",
    "trend.recent.of", "trend.earlier.days", "trend.earlier.of", "evidence",
  ]
  static let habits = [
    "kind", "category", "detail", "found", "observed", "expected", "days", "of_days", "p_value", "q_value",
    "words.en", "words.zh", "evidence",
  ]
  private static let subject = ["subject.id", "subject.type", "subject.label", "subject.path"]
  private static let trend = ["trend.direction", "trend.change", "trend.p_value", "trend.q_value"]
  static let customerNeeds =
    ["need_id", "kind", "holder.id", "holder.type"] + subject
    + [
      "strength", "horizon_days", "expected_in_days", "overdue", "value.amount", "value.currency",
      "value_if_bought.amount", "value_if_bought.currency",
    ] + trend
    + [
      "evidence_count", "evidence", "explanation.base", "explanation.calibration", "explanation.total",
      "explanation.unit", "explanation.contributions",
    ]
  static let needs =
    subject
    + [
      "share_of_customers", "expected_customers", "replenish_customers", "explore_customers",
      "at_stake.amount",
      "at_stake.currency", "due_within_7_days", "overdue",
    ] + trend + ["trend.recent_share", "trend.previous_share", "series", "voice"]
  static let customersNeeding = [
    "customer_id", "kind", "strength", "expected_in_days", "overdue", "value.amount", "value.currency",
    "last_bought_at", "times_bought", "discount_share",
  ]
  static let statements = [
    "event_id", "start", "text", "kind", "polarity", "customer_id", "item_id", "item_title", "timestamp",
    "need_id", "aspects",
  ]
  static let customersSaying = [
    "customer_id", "statements", "sentiment", "last_at", "spent.amount", "spent.currency", "quote",
  ]
  static let aspects = [
    "aspect", "mentions", "customers", "good", "bad", "sentiment", "sentiment_interval.lower",
    "sentiment_interval.upper", "opinions", "series",
  ]
  static let words = ["word", "texts", "customers", "sentiment", "lift_bad"] + trend
  static let searches =
    ["query", "reason", "count", "failures", "customers"] + trend + ["examples", "evidence"]
  static let voiceDecisions = ["need_id", "label", "action", "detail", "decided_at", "decided_by"]
  static let trends = [
    "subject", "level", "id", "label", "units", "spend.amount", "spend.currency", "change", "interval.lower",
    "interval.upper", "p_value", "q_value", "direction", "share_change", "share_interval.lower",
    "share_interval.upper", "share_q_value", "series",
  ]
  static let correlations = [
    "factor", "label.en", "label.zh", "estimate", "interval.lower", "interval.upper", "p_value", "q_value",
    "pairs",
    "items", "naive_estimate", "warning.en", "warning.zh",
  ]
  static let launches = [
    "item_id", "title", "category", "first_week", "weeks", "units", "expected", "range.lower", "range.upper",
    "verdict", "basis", "units_by_week",
  ]
  static let demand = [
    "subject", "level", "id", "label", "category", "class", "units_last_4", "units_next_4",
    "range_next_4.lower",
    "range_next_4.upper", "change", "model", "mase", "baseline_mase", "bias", "sufficiency", "problem.en",
    "needs.by_needs", "needs.by_series", "needs.combined", "needs.differs", "recent",
  ]
  static let demandAnomalies = ["subject", "label", "week", "units", "expected", "kind", "direction"]
  static let patternRules = [
    "level", "if", "then", "support", "confidence", "lift", "leverage", "conviction", "orders", "q_value",
    "validated", "later.confidence", "later.confidence_range.lower", "later.confidence_range.upper",
    "later.lift", "later.orders", "later.q_value",
  ]
  static let patternRelations = [
    "level", "kind", "things", "orders", "expected", "ratio", "similarity", "q_value", "validated",
    "later.orders", "later.expected", "later.ratio",
  ]
  static let patternSequences = [
    "level", "first.id", "first.label", "next.id", "next.label", "share", "usual_share", "difference",
    "difference_range.lower", "difference_range.upper", "median_days", "orders", "followed", "customers",
    "q_value", "validated", "later_difference",
  ]
  static let bundles = [
    "items", "price.amount", "price.currency", "cost.amount", "margin", "cost_basis", "orders_together",
    "weeks", "confidence", "lift", "extra_units.mean", "extra_units.lower", "extra_units.upper",
    "discount.suggested", "discount.largest", "discount.bundle_price.amount", "gain.lower.amount",
    "gain.upper.amount", "stock",
  ]
  static let patternOrders = ["day", "customer_id", "lines", "items"]
  static let values = [
    "customer_id", "value.amount", "value.currency", "value_range.lower.amount", "value_range.upper.amount",
    "value_if_staying.amount", "at_risk.amount", "p_alive", "expected_purchases", "purchases_range.lower",
    "purchases_range.upper", "expected_spend.amount", "purchase_days", "days_since_last", "days_since_first",
    "decile", "quadrant",
  ]
  static let churn = [
    "customer_id", "risk", "value_at_stake.amount", "value_at_stake.currency", "expected_spend.amount",
    "days_since_last", "usual_gap_days", "visits_56", "p_alive", "reasons",
  ]
  static let restock = [
    "item_id", "title", "category", "class", "order", "order_by", "stock", "on_order", "order_up_to",
    "wanted",
    "expected_demand", "range.lower", "range.upper", "days", "weeks_of_cover", "unit_cost", "cost", "benefit",
    "stockout_risk", "stockout_risk_after", "expected_surplus", "model", "mase", "why.en", "why.zh",
  ]
  private static let shared = ["id", "title", "version", "created_at", "updated_at"]
  static let definitions = shared + ["note", "definition"]
  static let boards = shared + ["cards"]
  static let cohorts = shared + ["kind", "size", "definition", "point"]
  static let audience = ["customer_id", "score", "reasons"]
  static let campaigns = [
    "campaign_id", "name", "state", "action.kind", "action.cost", "holdout", "budget", "goal.kind",
    "goal.days", "created_at", "started_at", "ended_at",
  ]
  static let campaignCustomers = [
    "customer_id", "arm", "contacted_at", "action", "text", "coupon", "spend_before", "spend", "orders",
    "coupons_redeemed",
  ]
  static let webhookDeliveries = [
    "delivery_id", "webhook", "topic", "status", "attempts", "last_status", "last_error", "created_at",
    "next_attempt_at", "ended_at",
  ]
  static let deadLetters = [
    "dead_letter_id", "stage", "source", "kind", "field", "reason", "raw", "received_at", "status",
  ]
  static let imports = [
    "import_id", "file", "kind", "format", "encoding", "rows", "stored", "duplicates", "rejected", "flagged",
    "started_at", "finished_at", "checks",
  ]
  static let jobs = [
    "job_id", "kind", "status", "stage", "step", "total_steps", "fraction", "metrics", "error", "result",
    "created_at", "started_at", "finished_at", "attempts",
  ]
}
