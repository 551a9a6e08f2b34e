import Analytics
import ArgumentParser
import Commerce
import Features
import Foundation
import MathKernels

/// `lode evaluate analytics`: the time of every analysis beside one plain pass over the columns it needs.
struct EvaluateAnalytics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analytics",
    abstract:
      "Measure every analysis of behaviour beside a plain pass over its columns, on generated events.",
    discussion: """
      Events are generated: visits of random customers to a made-up shop, in order of time. A plain pass adds up each column that \
      the analysis needs, in the same blocks on the same cores. Passes and analyses take turns; times are medians.
      """)

  @Option(help: "How many events are generated.") var events = 10_000_000
  @Option(help: "How many customers there are; by default one for fifty events.") var customers: Int?
  @Option(help: "How often each is measured.") var runs = 5
  @Option(help: "Only analyses whose name contains this.") var only = ""
  @Option(help: "Fails when an analysis takes longer than so many passes.") var gate = 10.0
  @Option(help: "Seeds the generated events.") var seed: UInt64 = 42
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard events >= 1000, runs >= 1 else { throw ValidationError("At least 1000 events and one run.") }
  }

  func run() async throws {
    let shop = GeneratedVisits(events: events, customers: customers ?? max(10, events / 50), seed: seed)
    let frame = shop.frame()
    let clock = ContinuousClock()
    let (index, indexing) = clock.timing { AnalyticsIndex(frame) }
    let data = AnalyticsData(
      frame: frame, index: index, calendar: try ShopCalendar(timeZone: "Europe/Berlin"),
      asOf: frame.lastTimestamp ?? Timestamp(Date()), items: shop.items)
    var rows: [JSONValue] = []
    for measured in Self.questions where only.isEmpty || measured.name.contains(only) {
      rows.append(try measure(measured, data))
    }
    let counting = try extending(frame, shop)
    let output: JSONValue = [
      "generated": true, "events": JSONValue(frame.count), "customers": JSONValue(frame.customers.count),
      "sessions": JSONValue(frame.sessions.count), "items": JSONValue(frame.items.count),
      "cores": JSONValue(ProcessInfo.processInfo.activeProcessorCount),
      "index": [
        "seconds": .number(indexing), "bytes": JSONValue(index.rows.count * 13 + index.starts.count * 8),
        "extend_seconds": .number(counting), "extended_by": JSONValue(Self.late),
      ], "analyses": JSONValue(rows),
    ]
    if json { Console.write(output) } else { show(output) }
    let worst = rows.compactMap { $0["ratio"]?.number }.max() ?? 0
    if worst > gate {
      Console.note(String(format: "lode: the slowest takes %.1f passes; the gate is %.1f.", worst, gate))
      throw ExitCode(1)
    }
  }

  /// So many events are added to the index in one go.
  private static let late = 1000

  private func extending(_ frame: EventFrame, _ shop: GeneratedVisits) throws -> Double {
    var longer = frame
    var index = AnalyticsIndex(frame)
    for row in shop.laterRows(Self.late, after: frame) { longer.append(row) }
    let later = longer
    return ContinuousClock().timing { index.extend(to: later) }.1
  }

  private func measure(_ measured: MeasuredAnalysis, _ data: AnalyticsData) throws -> JSONValue {
    Console.progress(measured.name, fraction: nil)
    let definition = try AnalysisDefinition(json: measured.definition)
    let clock = ContinuousClock()
    var (passes, times): ([Double], [Double]) = ([], [])
    _ = try definition.run(on: data)
    for _ in 0..<runs {
      passes.append(clock.timing { ColumnPass.run(measured.columns, data.frame) }.1)
      let began = clock.now
      _ = try definition.run(on: data)
      times.append((clock.now - began).seconds)
    }
    let (pass, time) = (Statistics.median(passes), Statistics.median(times))
    return [
      "name": .string(measured.name), "columns": JSONValue(measured.columns.map(\.rawValue)),
      "pass_seconds": .number(pass), "seconds": .number(time), "ratio": .number(time / pass),
    ]
  }

  private func show(_ output: JSONValue) {
    let index = output["index"]
    print(
      "\(Words.whole(output["events"])) generated events, \(Words.whole(output["customers"])) customers, "
        + "\(Words.whole(output["sessions"])) visits; \(Words.whole(output["cores"])) cores; medians of \(runs)"
    )
    print(
      "index: \(Words.number(index?["seconds"])) s, \(Words.whole(index?["bytes"])) bytes; "
        + "\(Self.late) events more: \(Words.number(index?["extend_seconds"])) s")
    Console.table(
      ["analysis", "columns", "plain pass, ms", "analysis, ms", "ratio"],
      (output["analyses"]?.array ?? []).map { row in
        [
          Words.text(row["name"]),
          (row["columns"]?.array ?? []).map { Words.text($0) }.joined(separator: " "),
          milliseconds(row["pass_seconds"]), milliseconds(row["seconds"]),
          row["ratio"]?.number.map { String(format: "%.1f", $0) } ?? "–",
        ]
      })
  }

  private func milliseconds(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.1f", $0 * 1000) } ?? "–"
  }
}

extension ContinuousClock {
  /// What a call gives, and how many seconds it took.
  fileprivate func timing<Result>(_ body: () -> Result) -> (Result, Double) {
    let began = now
    let result = body()
    return (result, (now - began).seconds)
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// An analysis and the columns it needs.
struct MeasuredAnalysis {
  var name: String
  var definition: JSONValue
  var columns: [ColumnPass.Column]
}

/// One plain pass over columns of a frame: the sum of each.
enum ColumnPass {
  enum Column: String { case kind, customer, session, item, order, timestamp, amount, quantity, channel }

  static func run(_ columns: [Column], _ frame: EventFrame) -> Int64 {
    columns.reduce(0) { $0 &+ sum($1, frame) }
  }

  private static func sum(_ column: Column, _ frame: EventFrame) -> Int64 {
    switch column {
    case .kind: sum(frame.kind)
    case .customer: sum(frame.customer)
    case .session: sum(frame.session)
    case .item: sum(frame.item)
    case .order: sum(frame.order)
    case .channel: sum(frame.channel)
    case .timestamp: sum(frame.timestamp)
    case .amount: sum(frame.amount)
    case .quantity:
      parallelBlocks(frame.quantity.count, blockSize: 1 << 16) { block in
        frame.quantity.withUnsafeBufferPointer { values in
          Int64(block.reduce(Float(0)) { $0 + (values[$1].isNaN ? 0 : values[$1]) })
        }
      }.reduce(0, &+)
    }
  }

  private static func sum<Value: FixedWidthInteger & Sendable>(_ column: [Value]) -> Int64 {
    parallelBlocks(column.count, blockSize: 1 << 16) { block in
      column.withUnsafeBufferPointer { values in
        var sum: Int64 = 0
        for place in block { sum &+= Int64(truncatingIfNeeded: values[place]) }
        return sum
      }
    }.reduce(0, &+)
  }
}

extension EvaluateAnalytics {
  private static let bought: [ColumnPass.Column] = [.kind, .customer, .timestamp, .order]

  /// Every analysis at its usual settings, and those that split or filter.
  static let questions: [MeasuredAnalysis] = [
    .init(
      name: "trends", definition: ["analysis": "trends", "trends": ["series": [["event": "purchase"]]]],
      columns: [.kind, .customer, .timestamp]),
    .init(
      name: "trends, all events by channel",
      definition: ["analysis": "trends", "breakdown": ["property": "event.channel"]],
      columns: [.kind, .customer, .timestamp, .channel]),
    .init(
      name: "trends, median amount",
      definition: [
        "analysis": "trends", "trends": ["series": [["event": "purchase", "measure": "median"]]],
      ],
      columns: [.kind, .customer, .timestamp, .amount]),
    .init(
      name: "funnel",
      definition: [
        "analysis": "funnel", "funnel": ["steps": ["view", "cart_add", "purchase"], "window_days": 7],
      ],
      columns: bought),
    .init(
      name: "funnel, same item",
      definition: [
        "analysis": "funnel",
        "funnel": ["steps": ["view", "cart_add", "purchase"], "window_days": 7, "same": "event.item"],
      ], columns: [.kind, .customer, .timestamp, .item]),
    .init(
      name: "funnel, filtered by category, by channel",
      definition: [
        "analysis": "funnel", "breakdown": ["property": "event.channel"],
        "filter": [
          "property": "item.category", "op": "in", "value": ["category 1", "category 2", "category 3"],
        ],
        "funnel": ["steps": ["view", "cart_add", "purchase"]],
      ], columns: bought + [.item, .channel]),
    .init(
      name: "retention, weeks", definition: ["analysis": "retention", "interval": "week"], columns: bought),
    .init(
      name: "paths", definition: ["analysis": "paths", "paths": ["event": "search"]],
      columns: bought + [.session]),
    .init(name: "intervals", definition: ["analysis": "intervals"], columns: bought),
    .init(name: "distribution", definition: ["analysis": "distribution"], columns: bought),
    .init(name: "sessions", definition: ["analysis": "sessions"], columns: bought + [.session]),
    .init(
      name: "attribution",
      definition: [
        "analysis": "attribution", "attribution": ["touch": ["kind": ["view", "click", "search"]]],
      ],
      columns: bought + [.channel, .amount]),
    .init(
      name: "products", definition: ["analysis": "products"],
      columns: [.kind, .customer, .timestamp, .item, .amount, .quantity]),
    .init(name: "rfm", definition: ["analysis": "rfm"], columns: bought + [.amount]),
    .init(
      name: "value curves", definition: ["analysis": "value_curves"],
      columns: [.kind, .customer, .timestamp, .amount]),
    .init(
      name: "live", definition: ["analysis": "live"], columns: [.kind, .customer, .timestamp, .session]),
  ]
}
