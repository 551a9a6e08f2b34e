import Commerce
import MathKernels

/// Counts and sums by series, group and bucket.
struct TrendsTally: Sendable {
  /// How many cells there are; each group has one more bucket, that of the whole span.
  struct Shape: Sendable, Equatable {
    let series: Int
    let groups: Int
    let buckets: Int

    var cells: Int { series * groups * (buckets + 1) }

    @inline(__always)
    func cell(_ series: Int, _ group: Int, _ bucket: Int) -> Int {
      (series * groups + group) * (buckets + 1) + bucket
    }
  }

  let shape: Shape
  private let series: [TrendsQuestion.Series]
  private(set) var events: [Int]
  private(set) var customers: [Int32]
  /// How many events carry the series' number, and its sum.
  private var carrying: [Int]
  private var sums: [Double]
  /// Distinct visits or orders.
  private var distinct: [Int32]
  private var medians: [Double?]

  init(_ shape: Shape, _ series: [TrendsQuestion.Series]) {
    self.shape = shape
    self.series = series
    events = .init(repeating: 0, count: shape.cells)
    customers = .init(repeating: 0, count: shape.cells)
    carrying = events
    sums = .init(repeating: 0, count: shape.cells)
    distinct = customers
    medians = []
  }

  /// The value of a series in a bucket; nil for means and medians of nothing.
  func value(_ line: Int, _ group: Int, _ bucket: Int) -> Double? {
    let cell = shape.cell(line, group, bucket)
    switch series[line].measure {
    case .events: return Double(events[cell])
    case .customers: return Double(customers[cell])
    case .sessions, .orders: return Double(distinct[cell])
    case .sum: return sums[cell]
    case .mean: return carrying[cell] > 0 ? sums[cell] / Double(carrying[cell]) : nil
    case .median: return medians[cell]
    case .perCustomer: return customers[cell] > 0 ? sums[cell] / Double(customers[cell]) : nil
    }
  }

  /// Counts the events of a span.
  ///
  /// - Parameters:
  ///   - marks: those of the frame's rows.
  ///   - positions: those of the index's positions.
  mutating func count(
    _ marks: EventMarks, positions: EventMarks, _ buckets: TimeBuckets, _ grouping: Grouping,
    _ data: AnalyticsData
  ) {
    countRows(marks, buckets, grouping, data)
    countCustomers(positions, buckets, grouping, data)
    for line in series.indices where series[line].measure == .sessions || series[line].measure == .orders {
      countDistinct(line, isWhole: false, marks, buckets, grouping, data)
      countDistinct(line, isWhole: true, marks, buckets, grouping, data)
    }
    if series.contains(where: { $0.measure == .median }) { findMedians(marks, buckets, grouping, data) }
  }

  private var all: UInt16 { UInt16((1 << series.count) - 1) }

  private struct Sums: Sendable {
    var events: [Int]
    var carrying: [Int]
    var sums: [Double]
  }

  private mutating func countRows(
    _ marks: EventMarks, _ buckets: TimeBuckets, _ grouping: Grouping, _ data: AnalyticsData
  ) {
    let (shape, series, all, times) = (shape, series, all, data.frame.timestamp)
    let (columns, bits) = (series.map { NumberColumn($0, data.frame) }, marks.bits)
    let needsNumber = series.map { [.sum, .mean, .median, .perCustomer].contains($0.measure) }
    let empty = Sums(events: events, carrying: carrying, sums: sums)
    let parts = parallelBlocks(marks.bits.count, blockSize: max(1 << 16, marks.bits.count / 8 + 1)) { block in
      var (tally, hint) = (empty, 0)
      for row in block where bits[row] & all != 0 {
        let bucket = buckets.bucket(of: times[row], near: &hint)
        let group = grouping.count == 1 ? 0 : grouping.group(row)
        for line in series.indices where bits[row] & (1 << UInt16(line)) != 0 {
          let cell = shape.cell(line, group, bucket)
          tally.events[cell] += 1
          guard needsNumber[line], let value = columns[line].value(row) else { continue }
          tally.carrying[cell] += 1
          tally.sums[cell] += value
        }
      }
      return tally
    }
    for part in parts {
      events.add(part.events)
      carrying.add(part.carrying)
      sums.add(part.sums)
    }
    for line in series.indices {
      for group in 0..<shape.groups {
        let whole = shape.cell(line, group, shape.buckets)
        for cell in shape.cell(line, group, 0)..<whole {
          events[whole] += events[cell]
          carrying[whole] += carrying[cell]
          sums[whole] += sums[cell]
        }
      }
    }
  }

  /// Distinct customers: a cell remembers who was counted last, and each customer's events come together.
  private mutating func countCustomers(
    _ marks: EventMarks, _ buckets: TimeBuckets, _ grouping: Grouping, _ data: AnalyticsData
  ) {
    let (shape, series, all) = (shape, series, all)
    let (starts, rows, times, bits) = (data.index.starts, data.index.rows, data.index.times, marks.bits)
    let empty = customers
    customers = data.tally(blocks: 8, { empty }) { block, tally in
      var last = [Int32](repeating: -1, count: shape.cells)
      var hint = 0
      for customer in block {
        for position in starts[customer]..<starts[customer + 1] where bits[position] & all != 0 {
          let bucket = buckets.bucket(of: times[position], near: &hint)
          let group = grouping.count == 1 ? 0 : grouping.group(Int(rows[position]))
          for line in series.indices where bits[position] & (1 << UInt16(line)) != 0 {
            let cell = shape.cell(line, group, bucket)
            guard last[cell] != Int32(customer) else { continue }
            last[cell] = Int32(customer)
            tally[cell] += 1
            let whole = shape.cell(line, group, shape.buckets)
            guard last[whole] != Int32(customer) else { continue }
            last[whole] = Int32(customer)
            tally[whole] += 1
          }
        }
      }
    } join: {
      $0.add($1)
    }
  }

  /// Distinct visits or orders: where one was met in two cells by turns, the pairs are sorted.
  private mutating func countDistinct(
    _ line: Int, isWhole: Bool, _ marks: EventMarks, _ buckets: TimeBuckets, _ grouping: Grouping,
    _ data: AnalyticsData
  ) {
    let isOrders = series[line].measure == .orders
    let column = isOrders ? data.frame.order : data.frame.session
    var last = [Int32](repeating: -1, count: (isOrders ? data.frame.orders : data.frame.sessions).count)
    var (pairs, wasMet, hint): ([UInt64], Bool, Int) = ([], false, 0)
    for row in 0..<data.frame.count
    where marks.bits[row] & (1 << UInt16(line)) != 0 && marks.bits[row] & EventMarks.looked != 0 {
      let code = Int(column[row])
      guard code >= 0 || isOrders else { continue }
      let bucket = isWhole ? shape.buckets : buckets.bucket(of: data.frame.timestamp[row], near: &hint)
      let cell = shape.cell(line, grouping.group(row), bucket)
      guard code >= 0 else {
        distinct[cell] += 1
        continue
      }
      guard last[code] != Int32(cell) else { continue }
      wasMet = wasMet || last[code] >= 0
      last[code] = Int32(cell)
      pairs.append(UInt64(code) << 32 | UInt64(cell))
    }
    if wasMet { pairs = pairs.sortedUnique() }
    for pair in pairs { distinct[Int(pair & 0xFFFF_FFFF)] += 1 }
  }

  private mutating func findMedians(
    _ marks: EventMarks, _ buckets: TimeBuckets, _ grouping: Grouping, _ data: AnalyticsData
  ) {
    medians = .init(repeating: nil, count: shape.cells)
    for line in series.indices where series[line].measure == .median {
      let column = NumberColumn(series[line], data.frame)
      let first = shape.cell(line, 0, 0)
      let width = shape.groups * (shape.buckets + 1)
      // The values of each cell side by side; those of the whole span are its buckets' together.
      var starts = [Int](repeating: 0, count: width + 1)
      for cell in 0..<width {
        let isWhole = cell % (shape.buckets + 1) == shape.buckets
        starts[cell + 1] = starts[cell] + (isWhole ? 0 : carrying[first + cell])
      }
      var values = [Double](repeating: 0, count: starts[width])
      var (next, hint) = (starts, 0)
      for row in 0..<data.frame.count
      where marks.bits[row] & (1 << UInt16(line)) != 0 && marks.bits[row] & EventMarks.looked != 0 {
        guard let value = column.value(row) else { continue }
        let bucket = buckets.bucket(of: data.frame.timestamp[row], near: &hint)
        let cell = shape.cell(line, grouping.group(row), bucket) - first
        values[next[cell]] = value
        next[cell] += 1
      }
      let (all, bounds, buckets) = (values, starts, shape.buckets)
      let found = parallelBlocks(width, blockSize: 1) { cell -> Double? in
        let isWhole = cell.lowerBound % (buckets + 1) == buckets
        let first = isWhole ? cell.lowerBound - buckets : cell.lowerBound
        let part = bounds[first]..<bounds[cell.lowerBound + 1]
        var values = [Double](all[part])
        return values.median()
      }
      for cell in 0..<width { medians[first + cell] = found[cell] }
    }
  }
}

/// The numbers of a series; nil where an event carries none.
struct NumberColumn: Sendable {
  private let money: [Int64]
  private let figures: [Float]
  private let scale: Double

  init(_ series: TrendsQuestion.Series, _ frame: EventFrame) { self.init(series.of, frame) }

  init(_ number: AnalyticsProperty.EventNumber, _ frame: EventFrame) {
    money = number == .amount ? frame.amount : number == .discount ? frame.discount : []
    figures = number == .quantity ? frame.quantity : number == .rating ? frame.rating : []
    scale = 1 / frame.currency.minorUnitsPerMajor
  }

  @inline(__always)
  func value(_ row: Int) -> Double? {
    if !money.isEmpty { return money[row] == 0 ? nil : Double(money[row]) * scale }
    return figures[row].isNaN ? nil : Double(figures[row])
  }
}

extension [UInt64] {
  /// The values in order, each once.
  func sortedUnique() -> [UInt64] {
    var unique: [UInt64] = []
    for value in sorted() where unique.last != value { unique.append(value) }
    return unique
  }
}

extension [Double] {
  /// The middle value by Hoare's selection, which reorders the array; nil when it is empty.
  ///
  /// - Complexity: O(n) on average.
  mutating func median() -> Double? {
    guard !isEmpty else { return nil }
    let upper = select(count / 2)
    guard count % 2 == 0 else { return upper }
    return ((self[..<(count / 2)].max() ?? upper) + upper) / 2
  }

  private mutating func select(_ rank: Int) -> Double {
    var (low, high) = (0, count - 1)
    while low < high {
      let pivot = self[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while self[left] < pivot { left += 1 }
        while self[right] > pivot { right -= 1 }
        guard left <= right else { break }
        swapAt(left, right)
        left += 1
        right -= 1
      }
      if rank <= right { high = right } else if rank >= left { low = left } else { break }
    }
    return self[rank]
  }
}
