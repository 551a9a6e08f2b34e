import Commerce
import MathKernels

/// One question bound to a snapshot.
protocol Analysis: Sendable {
  /// The answer.
  func result() throws -> AnalysisResult
  /// The customers behind a point of the answer, in order of their indices.
  func customers(at point: PointReader) throws -> [Int32]
}

extension AnalysisDefinition {
  /// Answers the question.
  ///
  /// - Complexity: a few passes over the columns that the question needs.
  /// - Throws: `AnalyticsError` when the definition does not suit the data, `CancellationError`.
  public func run(on data: AnalyticsData) throws -> AnalysisResult {
    try Task.checkCancellation()
    let analysis = try bound(to: data)
    try Task.checkCancellation()
    return try analysis.result()
  }

  /// The customers behind a point of an answer: their indices in the frame, ascending.
  ///
  /// - Parameter point: the `point` of a row of an answer to the same question on the same data.
  /// - Complexity: as `run(on:)`.
  /// - Throws: `AnalyticsError.invalid` with a field under `point` when there is no such point.
  public func customers(at point: JSONValue, on data: AnalyticsData) throws -> [Int32] {
    let reader = DefinitionReader(point, path: "point")
    guard point.object != nil else { throw reader.fault("the point of a row of the answer") }
    try Task.checkCancellation()
    return try bound(to: data).customers(at: PointReader(reader: reader))
  }

  private func bound(to data: AnalyticsData) throws -> any Analysis {
    switch question {
    case .trends(let question): try TrendsAnalysis(self, question, data)
    case .funnel(let question): try FunnelAnalysis(self, question, data)
    case .retention(let question): try RetentionAnalysis(self, question, data)
    case .paths(let question): try PathsAnalysis(self, question, data)
    case .intervals(let question): try IntervalsAnalysis(self, question, data)
    case .distribution(let question): try DistributionAnalysis(self, question, data)
    case .sessions(let question): try SessionsAnalysis(self, question, data)
    case .attribution(let question): try AttributionAnalysis(self, question, data)
    case .products(let question): try ProductsAnalysis(self, question, data)
    case .rfm: try RFMAnalysis(self, data)
    case .valueCurves(let periods): try ValueCurvesAnalysis(self, periods, data)
    case .live(let minutes): try LiveAnalysis(self, minutes, data)
    }
  }
}

/// What a point names, read with errors by field.
struct PointReader {
  let reader: DefinitionReader

  /// The table that the point belongs to.
  func table(_ names: String...) throws -> String {
    let expected = "one of \(names.joined(separator: ", "))"
    let table = try reader.required("table", expected)
    guard let name = table.value.string, names.contains(name) else { throw table.fault(expected) }
    return name
  }

  func whole(_ name: String, in range: Range<Int>) throws -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound - 1)"
    let member = try reader.required(name, expected)
    guard let number = member.value.integer, range.contains(number) else { throw member.fault(expected) }
    return number
  }

  func text(_ name: String) throws -> String { try reader.required(name, "a text").text() }

  func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ standard: Choice) throws -> Choice
  where Choice.RawValue == String { try reader.choice(name, standard) }

  func group(_ grouping: Grouping) throws -> Int {
    guard let place = grouping.place(of: reader.value) else {
      throw try reader.required("group", "a group of the answer").fault("a group of the answer")
    }
    return place
  }
}

extension AnalyticsData {
  /// The customers for whom something holds, in order of their indices.
  ///
  /// - Parameters:
  ///   - scratch: memory of one block's walk.
  ///   - isChosen: asked once for each customer.
  func customers<Scratch>(
    scratch: @Sendable () -> Scratch, where isChosen: @Sendable (Int, inout Scratch) -> Bool
  ) -> [Int32] {
    parallelBlocks(index.customerCount, blockSize: customerBlock) { block -> [Int32] in
      var memory = scratch()
      var found: [Int32] = []
      for customer in block where isChosen(customer, &memory) { found.append(Int32(customer)) }
      return found
    }.flatMap { $0 }
  }

  /// Walks along all customers in blocks whose tallies are joined in order.
  func tally<Tally: Sendable>(
    blocks: Int = 16, _ make: @Sendable () -> Tally, _ visit: @Sendable (Range<Int>, inout Tally) -> Void,
    join: (inout Tally, Tally) -> Void
  ) -> Tally {
    let parts = parallelBlocks(index.customerCount, blockSize: max(64, index.customerCount / blocks + 1)) {
      block in
      var tally = make()
      visit(block, &tally)
      return tally
    }
    var whole = make()
    for part in parts { join(&whole, part) }
    return whole
  }
}

extension AnalysisResult {
  /// What all analyses of customers' events leave out.
  mutating func note(_ marks: EventMarks, _ data: AnalyticsData) {
    leave(out: marks.outside, "outside_span")
    leave(out: marks.filtered, "filtered")
    leave(out: data.frame.count - data.index.rows.count, "without_customer")
  }
}

extension Grouping.Group {
  /// The two cells with which a row of a group begins.
  var cells: [JSONValue] { [.string(label), .string(kind)] }

  /// The group's part of a point.
  func point(_ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
    more.merging(["group": .string(label), "group_kind": .string(kind)]) { $1 }
  }
}

extension ConfidenceInterval {
  /// The two cells of a share's interval; empty when nothing was tried.
  static func cells(_ successes: Int, of trials: Int) -> [JSONValue] {
    guard trials > 0 else { return [.null, .null] }
    let interval = Statistics.wilsonInterval(successes: successes, of: trials)
    return [.number(interval.lower), .number(interval.upper)]
  }
}

/// A share; null when nothing was tried.
func share(_ part: Int, of whole: Int) -> JSONValue {
  whole > 0 ? .number(Double(part) / Double(whole)) : .null
}
