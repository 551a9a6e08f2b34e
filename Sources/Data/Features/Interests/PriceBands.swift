import Commerce
import Foundation

/// Whether an item is cheap, usual or dear for its category: by the price of the catalogue, else by what a unit cost
/// before discounts in the log.
///
/// Held against the geometric mean over the category's purchases; more than e^0.25, 28 %, above is dear, below cheap.
/// The order in which events arrived does not matter.
struct PriceBands: Sendable {
  private struct Sum: Sendable {
    var log = 0.0
    var count = 0.0
    var mean: Double { log / count }
  }

  private var ofItem: [Sum]
  private var ofCategory: [String: Sum] = [:]
  private static let leastPurchases = 5.0

  init(_ frame: EventFrame, items: [String: Item]) {
    ofItem = [Sum](repeating: Sum(), count: frame.items.count)
    let purchase = EventKind.purchase.code
    for row in 0..<frame.count where frame.kind[row] == purchase && frame.item[row] >= 0 {
      let quantity = frame.quantity[row]
      let units: Double = quantity.isFinite && quantity > 0 ? Double(quantity) : 1
      let price = Double(frame.amount[row] + frame.discount[row]) / units
      guard price > 0 else { continue }
      ofItem[Int(frame.item[row])].log += log(price)
      ofItem[Int(frame.item[row])].count += 1
    }
    for (index, sum) in ofItem.enumerated() where sum.count > 0 {
      guard let item = items[frame.items[Int32(index)]], let category = item.category else { continue }
      ofCategory[category, default: Sum()].log += (Self.listed(item) ?? sum.mean) * sum.count
      ofCategory[category, default: Sum()].count += sum.count
    }
  }

  private static func listed(_ item: Item) -> Double? {
    item.price.flatMap { $0.minorUnits > 0 ? log(Double($0.minorUnits)) : nil }
  }

  /// 0 for cheap, 1 for usual, 2 for dear; nil without a price or with too few purchases in the category.
  func band(ofItem index: Int, _ item: Item) -> Int? {
    guard let category = item.category, let common = ofCategory[category], common.count >= Self.leastPurchases
    else { return nil }
    let own: Double? = index < ofItem.count && ofItem[index].count > 0 ? ofItem[index].mean : nil
    guard let price = Self.listed(item) ?? own else { return nil }
    let ratio = price - common.mean
    return ratio < -0.25 ? 0 : ratio > 0.25 ? 2 : 1
  }
}
