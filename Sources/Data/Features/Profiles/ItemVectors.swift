import Commerce
import MathKernels

/// A vector for each of some items: of its title by meaning, or of its picture.
///
/// ```swift
/// let titles = ItemVectors(items: ["4711", "4712", "4713"], rows: [0, 1, 0], vectors: embedded)   // two distinct titles
/// ```
public struct ItemVectors: Sendable {
  /// The length of a vector.
  public var width: Int { vectors.columns }
  let vectors: Matrix<Float>
  private let rowOfItem: [String: Int32]

  /// Vectors of items; items may share a row. Items without one are left out of `items`.
  public init(items: [String], rows: [Int], vectors: Matrix<Float>) {
    precondition(items.count == rows.count, "every item has a row")
    precondition(rows.allSatisfy { (0..<vectors.rows).contains($0) }, "every item's row is there")
    self.vectors = vectors
    rowOfItem = Dictionary(zip(items, rows.map(Int32.init)), uniquingKeysWith: { first, _ in first })
  }

  /// The row of each item of a vocabulary, or -1.
  func rows(for items: Vocabulary) -> [Int32] { items.ids.map { rowOfItem[$0] ?? -1 } }
}

/// Vectors of moments in customers' time: of what they wrote or searched.
public struct WrittenVectors: Sendable {
  /// Who wrote each.
  public let customers: [String]
  /// When, in UTC milliseconds.
  public let milliseconds: [Int64]
  /// What, by meaning: one row each.
  public let vectors: Matrix<Float>

  /// Vectors with their writers and times.
  public init(customers: [String], milliseconds: [Int64], vectors: Matrix<Float>) {
    precondition(
      customers.count == vectors.rows && milliseconds.count == vectors.rows, "every text has a row")
    (self.customers, self.milliseconds, self.vectors) = (customers, milliseconds, vectors)
  }

  /// The places of each customer's texts in time order, customers as numbered in a vocabulary.
  func rowsByCustomer(_ vocabulary: Vocabulary) -> (rows: [Int32], starts: [Int]) {
    var lists = [[Int32]](repeating: [], count: vocabulary.count)
    for row in customers.indices {
      if let customer = vocabulary.index(of: customers[row]) { lists[Int(customer)].append(Int32(row)) }
    }
    var (rows, starts): ([Int32], [Int]) = ([], [0])
    for list in lists {
      rows += list.sorted { (milliseconds[Int($0)], $0) < (milliseconds[Int($1)], $1) }
      starts.append(rows.count)
    }
    return (rows, starts)
  }
}

/// The vectors of the items that purchases are about.
struct PurchaseVectors: EventVectors {
  let width: Int
  private let vectors: [Float]
  private let rows: [Int32]

  init(_ items: ItemVectors, frame: EventFrame) {
    width = items.width
    vectors = items.vectors.elements
    let ofItem = items.rows(for: frame.items)
    rows = (0..<frame.count).map { row in
      frame.kind[row] == EventKind.purchase.code && frame.item[row] != EventFrame.none
        ? ofItem[Int(frame.item[row])] : -1
    }
  }

  func has(row: Int) -> Bool { rows[row] >= 0 }

  func add(row: Int, weight: Float, to sum: UnsafeMutablePointer<Float>) {
    vectors.withUnsafeBufferPointer { vectors in
      guard let base = vectors.baseAddress else { return }
      let vector = base + Int(rows[row]) * width
      for index in 0..<width { sum[index] += weight * vector[index] }
    }
  }
}

/// The vectors of texts.
struct TextVectors: EventVectors {
  let width: Int
  private let vectors: [Float]

  init(_ written: WrittenVectors) {
    width = written.vectors.columns
    vectors = written.vectors.elements
  }

  func has(row: Int) -> Bool { true }

  func add(row: Int, weight: Float, to sum: UnsafeMutablePointer<Float>) {
    for index in 0..<width { sum[index] += weight * vectors[row * width + index] }
  }
}
