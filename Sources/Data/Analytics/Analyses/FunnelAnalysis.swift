import Commerce
import MathKernels

/// How far customers get along steps, in how much time.
///
/// A customer has reached step n when there are events e₁ < e₂ < … < eₙ of theirs, each meeting its step, in time order
/// (ties in order of arrival), eₙ within the window of e₁ (to the millisecond, inclusive), with no excluded event strictly
/// between two of them; in strict order no event that is looked at lies between two of them. With `same`, the events of
/// each value are looked at on their own, as if the customer had no others. What counts is the deepest such chain, of
/// these the first to be complete, of these the one that began last; its steps are the earliest that it could take.
/// So each customer counts once, and the times are the shortest that led to the first conversion.
///
/// A dynamic programme over the customer's events keeps, for each step, the chain that began last: of two chains at one
/// step it dominates, since its window ends later.
/// - Complexity: O(events × steps), and with `same` a sort of each customer's events.
struct FunnelAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: FunnelQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  let grouping: Grouping
  private let same: [Int32]?

  init(_ definition: AnalysisDefinition, _ question: FunnelQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions(
      question.steps + question.exclusions.map(\.event), definition, data, in: range)
    grouping = Grouping(definition, data, marks, bits: 1)
    same = question.same.map { data.frame.column($0) }
  }

  func walker() -> FunnelWalker { FunnelWalker(question) }

  /// Walks along one customer's events; the walker then holds the outcome.
  func walk(_ customer: Int, _ walker: inout FunnelWalker) {
    walker.forget()
    let (positions, bits, times) = (data.index.positions(of: customer), marks.bits, data.index.times)
    guard let same else {
      let useful = walker.useful
      for position in positions where bits[position] & useful != 0 {
        walker.advance(position, bits[position], times)
        if walker.isComplete { break }
      }
      return walker.settle()
    }
    let rows = data.index.rows
    walker.keys.removeAll(keepingCapacity: true)
    for position in positions where bits[position] & walker.useful != 0 {
      let value = same[Int(rows[position])]
      if value >= 0 { walker.keys.append(UInt64(value) << 32 | UInt64(position - positions.lowerBound)) }
    }
    walker.keys.sort()
    var value: UInt64 = .max
    for key in walker.keys {
      if key >> 32 != value {
        walker.settle()
        value = key >> 32
      }
      let position = positions.lowerBound + Int(key & 0xFFFF_FFFF)
      walker.advance(position, bits[position], times)
    }
    walker.settle()
  }

  private struct Tally: Sendable {
    var reached: [Int]
    /// By group and step, the seconds from the step before; then by group those from the first to the last.
    var seconds: [[Double]]
  }

  private func group(_ walker: FunnelWalker) -> Int { grouping.group(Int(data.index.rows[walker.best[0]])) }

  private func counted() -> Tally {
    let steps = question.steps.count
    let times = data.index.times
    let cells = grouping.count * steps
    return data.tally({
      Tally(reached: .init(repeating: 0, count: cells), seconds: .init(repeating: [], count: cells * 2))
    }) { block, tally in
      var walker = walker()
      for customer in block {
        walk(customer, &walker)
        guard walker.depth > 0 else { continue }
        let first = group(walker) * steps
        for step in 0..<walker.depth {
          tally.reached[first + step] += 1
          guard step > 0 else { continue }
          let now = times[walker.best[step]]
          tally.seconds[first + step].append(Double(now - times[walker.best[step - 1]]) / 1000)
          tally.seconds[cells + first + step].append(Double(now - times[walker.best[0]]) / 1000)
        }
      }
    } join: { whole, part in
      whole.reached.add(part.reached)
      for cell in whole.seconds.indices { whole.seconds[cell] += part.seconds[cell] }
    }
  }

  private static let columns = [
    "group", "group_kind", "step", "label", "customers", "dropped", "rate", "step_rate", "lower", "upper",
    "p25",
    "p50", "p75", "p90", "total_p50",
  ]

  func result() throws -> AnalysisResult {
    let tally = counted()
    let steps = question.steps.count
    var table = AnalysisTable("steps", Self.columns)
    for (place, group) in grouping.groups.enumerated() {
      let reached = Array(tally.reached[place * steps..<(place + 1) * steps])
      for step in 0..<steps {
        let cell = place * steps + step
        let seconds = tally.seconds[cell].sorted()
        let total = tally.seconds[grouping.count * steps + cell].sorted()
        let before = step == 0 ? reached[0] : reached[step - 1]
        var cells: [JSONValue] = group.cells
        cells += [JSONValue(step + 1), .string(question.steps[step].label), JSONValue(reached[step])]
        cells += [JSONValue(reached[step] - (step + 1 < steps ? reached[step + 1] : reached[step]))]
        cells += [share(reached[step], of: reached[0]), share(reached[step], of: before)]
        cells += ConfidenceInterval.cells(reached[step], of: before)
        cells += [0.25, 0.5, 0.75, 0.9].map { JSONValue(Statistics.quantile(ofSorted: seconds, at: $0)) }
        cells.append(JSONValue(Statistics.quantile(ofSorted: total, at: 0.5)))
        table.append(cells, point: group.point(["step": JSONValue(step + 1)]))
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [table]
    let entered = (0..<grouping.count).reduce(0) { $0 + tally.reached[$1 * steps] }
    let converted = (0..<grouping.count).reduce(0) { $0 + tally.reached[$1 * steps + steps - 1] }
    result.sample = [
      "events": JSONValue(marks.count), "customers": JSONValue(entered), "converted": JSONValue(converted),
    ]
    result.note(marks, data)
    return result
  }

  private enum State: String, CaseIterable { case reached, dropped }

  func customers(at point: PointReader) throws -> [Int32] {
    _ = try point.table("steps")
    let step = try point.whole("step", in: 1..<question.steps.count + 1)
    let wanted = try point.group(grouping)
    let state = try point.choice("state", State.reached)
    return data.customers(scratch: walker) { customer, walker in
      walk(customer, &walker)
      guard walker.depth > 0, group(walker) == wanted else { return false }
      return state == .reached ? walker.depth >= step : walker.depth == step
    }
  }
}

/// The chains of one customer, advanced event by event.
struct FunnelWalker: Sendable {
  private let steps: Int
  private let window: Int64
  private let isStrict: Bool
  /// By step, the bits of events that end chains which wait after it.
  private let excluded: [UInt16]
  /// The bits of events that can change a chain; those that are not looked at have none of them.
  let useful: UInt16
  /// By step, where the chain that waits after it began; -1 for none.
  private var starts: [Int]
  /// By step, the positions of that chain.
  private var chains: [Int]
  private var reached = 0
  private var found: [Int]
  /// How many steps the outcome has.
  private(set) var depth = 0
  /// The positions of the outcome's steps.
  private(set) var best: [Int]
  /// Memory for sorting a customer's events by value.
  var keys: [UInt64] = []

  init(_ question: FunnelQuestion) {
    steps = question.steps.count
    window = question.window
    isStrict = question.order == .strict
    var excluded = [UInt16](repeating: 0, count: steps)
    for (place, exclusion) in question.exclusions.enumerated() {
      let bit: UInt16 = 1 << UInt16(steps + place)
      for step in 0..<steps - 1 where exclusion.afterStep ?? (step + 1) == step + 1 { excluded[step] |= bit }
    }
    self.excluded = excluded
    useful = isStrict ? EventMarks.looked : (1 << UInt16(steps + question.exclusions.count)) - 1
    starts = .init(repeating: -1, count: steps)
    chains = .init(repeating: 0, count: steps * steps)
    found = .init(repeating: 0, count: steps)
    best = found
  }

  /// Whether the last step was reached: nothing later changes the outcome.
  var isComplete: Bool { reached == steps }

  /// Begins with another customer.
  mutating func forget() {
    depth = 0
    begin()
  }

  private mutating func begin() {
    reached = 0
    for step in 0..<steps { starts[step] = -1 }
  }

  /// Takes the chains of one value into the outcome, and begins with the next value.
  mutating func settle() {
    if reached > depth || (reached == depth && reached > 0 && isBetter) {
      depth = reached
      swap(&best, &found)
    }
    begin()
  }

  private var isBetter: Bool {
    let (last, other) = (found[reached - 1], best[reached - 1])
    return last < other || (last == other && found[0] > best[0])
  }

  @inline(__always)
  mutating func advance(_ position: Int, _ bits: UInt16, _ times: [Int64]) {
    guard reached < steps else { return }
    for step in stride(from: steps - 1, through: 0, by: -1) {
      if isStrict || bits & excluded[step] != 0 { starts[step] = -1 }
      guard bits & (1 << UInt16(step)) != 0 else { continue }
      let start = step == 0 ? position : starts[step - 1]
      guard start > starts[step], times[position] - times[start] <= window else { continue }
      set(step, start, position)
    }
  }

  private mutating func set(_ step: Int, _ start: Int, _ position: Int) {
    starts[step] = start
    for place in 0..<step { chains[step * steps + place] = chains[(step - 1) * steps + place] }
    chains[step * steps + step] = position
    guard step + 1 > reached else { return }
    reached = step + 1
    for place in 0...step { found[place] = chains[step * steps + place] }
  }
}
