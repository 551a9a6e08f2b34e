import Commerce
import MathKernels

/// What is seen, put in carts, bought and given back, by item, category or brand.
///
/// Views, carts and the like count events, also of those without a customer; rates are shares of customers: of those who
/// saw a product in the span, how many put it in a cart in the span, in whichever order. Sorted by a rate, products are in
/// order of its interval's lower end, so that one of two does not lead.
/// - Complexity: O(events + products log products).
struct ProductsAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: ProductsQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  private let rowMarks: EventMarks
  private let marks: EventMarks
  private let labels: PropertyLabels

  private static let kinds: [EventKind] = [.view, .cartAdd, .purchase, .refund]

  init(_ definition: AnalysisDefinition, _ question: ProductsQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    let selectors = Self.kinds.map { EventSelector([$0]) }
    rowMarks = try EventMarks.ofRows(selectors, definition, data, in: range)
    marks = try EventMarks.ofPositions(selectors, definition, data, in: range)
    labels = PropertyLabels(question.level.property, data)
  }

  /// What one product has.
  struct Count: Sendable {
    /// Events by kind: views, carts, purchases, refunds.
    var events = SIMD4<Int>()
    /// Customers by kind, and those of one kind who also are of another.
    var customers = SIMD4<Int>()
    var viewedAndCarted = 0
    var viewedAndBought = 0
    var cartedAndBought = 0
    var boughtAndRefunded = 0
    var units = 0.0
    var revenue: Int64 = 0
    var refunded: Int64 = 0

    @inline(__always)
    mutating func add(kinds bits: UInt8) {
      for kind in 0..<4 where bits & (1 << UInt8(kind)) != 0 { customers[kind] += 1 }
      viewedAndCarted += bits & 3 == 3 ? 1 : 0
      viewedAndBought += bits & 5 == 5 ? 1 : 0
      cartedAndBought += bits & 6 == 6 ? 1 : 0
      boughtAndRefunded += bits & 12 == 12 ? 1 : 0
    }

    mutating func add(_ other: Count) {
      events &+= other.events
      customers &+= other.customers
      viewedAndCarted += other.viewedAndCarted
      viewedAndBought += other.viewedAndBought
      cartedAndBought += other.cartedAndBought
      boughtAndRefunded += other.boughtAndRefunded
      units += other.units
      revenue += other.revenue
      refunded += other.refunded
    }

    /// What the list is sorted by.
    func value(_ order: ProductsQuestion.Order) -> Double {
      switch order {
      case .revenue: Double(revenue)
      case .views: Double(events[0])
      case .buyers: Double(customers[2])
      case .viewToCart: Self.lower(viewedAndCarted, customers[0])
      case .cartToPurchase: Self.lower(cartedAndBought, customers[1])
      case .viewToPurchase: Self.lower(viewedAndBought, customers[0])
      case .refundRate: Self.lower(boughtAndRefunded, customers[2])
      }
    }

    private static func lower(_ part: Int, _ whole: Int) -> Double {
      whole == 0 ? -1 : Statistics.wilsonInterval(successes: part, of: whole).lower
    }
  }

  /// The kinds of what a customer did with each product, as bits; `touched` are the products.
  struct Memory: Sendable {
    var bits: [UInt8]
    var touched: [Int32] = []
  }

  @inline(__always)
  func collect(_ customer: Int, _ memory: inout Memory) {
    memory.touched.removeAll(keepingCapacity: true)
    let (marked, rows) = (marks.bits, data.index.rows)
    for position in data.index.positions(of: customer) {
      let bits = marked[position]
      guard bits & 15 != 0 else { continue }
      let product = labels.code(Int(rows[position]))
      guard product >= 0 else { continue }
      if memory.bits[Int(product)] == 0 { memory.touched.append(product) }
      memory.bits[Int(product)] |= UInt8(bits & 15)
    }
  }

  private func memory() -> Memory { Memory(bits: .init(repeating: 0, count: labels.labels.count)) }

  private func counted() -> [Count] {
    let empty = [Count](repeating: Count(), count: labels.labels.count)
    var counts = data.tally(blocks: 4, { empty }) { block, counts in
      var memory = memory()
      for customer in block {
        collect(customer, &memory)
        for product in memory.touched {
          counts[Int(product)].add(kinds: memory.bits[Int(product)])
          memory.bits[Int(product)] = 0
        }
      }
    } join: { whole, part in
      for product in whole.indices { whole[product].add(part[product]) }
    }
    for part in eventCounts(empty) { for product in counts.indices { counts[product].add(part[product]) } }
    return counts
  }

  private func eventCounts(_ empty: [Count]) -> [[Count]] {
    let (amount, quantity, bits) = (data.frame.amount, data.frame.quantity, rowMarks.bits)
    return parallelBlocks(rowMarks.bits.count, blockSize: max(1 << 16, rowMarks.bits.count / 4 + 1)) {
      block in
      var counts = empty
      for row in block where bits[row] & 15 != 0 {
        let product = Int(labels.code(row))
        guard product >= 0 else { continue }
        let kind = bits[row].trailingZeroBitCount
        counts[product].events[kind] += 1
        if kind == 2 {
          counts[product].units += quantity[row].isNaN ? 1 : Double(quantity[row])
          counts[product].revenue += amount[row]
        } else if kind == 3 {
          counts[product].refunded += amount[row]
        }
      }
      return counts
    }
  }

  private static let columns = [
    "product", "title", "category", "views", "viewers", "cart_adds", "carters", "purchases", "buyers",
    "units",
    "revenue", "refunds", "refunders", "refunded", "view_to_cart", "view_to_cart_lower", "view_to_cart_upper",
    "cart_to_purchase", "cart_to_purchase_lower", "cart_to_purchase_upper", "view_to_purchase",
    "view_to_purchase_lower", "view_to_purchase_upper", "refund_rate", "refund_rate_lower",
    "refund_rate_upper",
  ]

  func result() throws -> AnalysisResult {
    let counts = counted()
    let met = counts.indices.filter { counts[$0].events != .zero }
    let keyed = met.map { (product: $0, value: counts[$0].value(question.order)) }
    let ranked = keyed.sorted {
      $0.value != $1.value ? $0.value > $1.value : labels.labels[$0.product] < labels.labels[$1.product]
    }
    var table = AnalysisTable("products", Self.columns)
    for (product, _) in ranked.prefix(question.limit) {
      let count = counts[product]
      let label = labels.labels[product]
      let item = question.level == .item ? data.items[product] : nil
      var cells: [JSONValue] = [.string(label), JSONValue(item?.title), JSONValue(item?.category)]
      for kind in 0..<2 { cells += [JSONValue(count.events[kind]), JSONValue(count.customers[kind])] }
      cells += [JSONValue(count.events[2]), JSONValue(count.customers[2]), .number(count.units)]
      cells += [data.money(count.revenue), JSONValue(count.events[3]), JSONValue(count.customers[3])]
      cells.append(data.money(count.refunded))
      let rates = [
        (count.viewedAndCarted, count.customers[0]), (count.cartedAndBought, count.customers[1]),
        (count.viewedAndBought, count.customers[0]), (count.boughtAndRefunded, count.customers[2]),
      ]
      for (part, whole) in rates {
        cells += [share(part, of: whole)] + ConfidenceInterval.cells(part, of: whole)
      }
      table.append(cells, point: ["product": .string(label)])
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [table]
    result.sample = [
      "events": JSONValue(counts.reduce(0) { $0 + $1.events.wrappedSum() }), "products": JSONValue(met.count),
      "currency": .string(data.frame.currency.code),
    ]
    result.leave(out: rowMarks.outside, "outside_span")
    result.leave(out: rowMarks.filtered, "filtered")
    result.leave(out: met.count - table.rows.count, "below_limit", "products")
    return result
  }

  private enum State: String, CaseIterable {
    case viewed, carted, bought, refunded
    case viewedNotBought = "viewed_not_bought"
    case cartedNotBought = "carted_not_bought"

    func holds(_ bits: UInt8) -> Bool {
      switch self {
      case .viewed: bits & 1 != 0
      case .carted: bits & 2 != 0
      case .bought: bits & 4 != 0
      case .refunded: bits & 8 != 0
      case .viewedNotBought: bits & 5 == 1
      case .cartedNotBought: bits & 6 == 2
      }
    }
  }

  func customers(at point: PointReader) throws -> [Int32] {
    _ = try point.table("products")
    let name = try point.reader.required("product", "a product of the answer")
    let state = try point.choice("state", State.bought)
    guard let product = labels.labels.firstIndex(of: try name.text()) else {
      throw name.fault("a product of the answer")
    }
    return data.customers(scratch: { 0 }) { customer, _ in
      var bits: UInt8 = 0
      for position in data.index.positions(of: customer)
      where marks.bits[position] & 15 != 0 && marks.bits[position] & EventMarks.looked != 0 {
        if labels.code(Int(data.index.rows[position])) == Int32(product) {
          bits |= UInt8(marks.bits[position] & 15)
        }
      }
      return state.holds(bits)
    }
  }
}

extension ProductsQuestion.Level {
  var property: AnalyticsProperty {
    switch self {
    case .item: .word(.item)
    case .category: .item(.category)
    case .brand: .item(.brand)
    }
  }
}
