import Commerce

/// What customers have spent, and what items have earned.
struct Spending: Sendable {
  private var ofCustomer: [Int32: Int64] = [:]
  private var ofItem: [Int32: Int64] = [:]
  private let customers: Vocabulary
  private let items: Vocabulary
  private let currency: Currency

  init(_ frame: EventFrame) {
    (customers, items, currency) = (frame.customers, frame.items, frame.currency)
    for row in 0..<frame.count where frame.kind[row] == EventKind.purchase.code {
      if frame.customer[row] >= 0 { ofCustomer[frame.customer[row], default: 0] += frame.amount[row] }
      if frame.item[row] >= 0 { ofItem[frame.item[row], default: 0] += frame.amount[row] }
    }
  }

  /// What these customers spent, or where none of them is named, what these items earned; nil where nothing is known of either.
  func total(of customers: Set<String>, with items: Set<String>) -> Money? {
    let spent = customers.compactMap { self.customers.index(of: $0) }.compactMap { ofCustomer[$0] }
    let earned = items.compactMap { self.items.index(of: $0) }.compactMap { ofItem[$0] }
    let known = customers.isEmpty ? earned : spent
    return known.isEmpty ? nil : Money(minorUnits: known.reduce(0, +), currency: currency)
  }
}
