import Commerce

/// How many order lines are of items that the catalogue does not hold or that have no category, kept current as events
/// arrive and items change.
struct LineTally: Sendable {
  private enum Standing: UInt8 {
    case unknown, withoutCategory, complete

    init(_ item: Item?) {
      self = item == nil ? .unknown : item?.category == nil ? .withoutCategory : .complete
    }
  }

  private var lines: [Int32] = []
  private var standing: [Standing] = []
  /// All order lines.
  private(set) var purchases = 0
  /// Those of items that the catalogue does not hold.
  private(set) var ofUnknownItems = 0
  /// Those of items without a category.
  private(set) var withoutCategory = 0

  /// Takes in a row of the frame.
  mutating func append(row: Int, of frame: EventFrame, catalogue: Catalogue) {
    while lines.count < frame.items.count {
      standing.append(Standing(catalogue[frame.items[Int32(lines.count)]]))
      lines.append(0)
    }
    guard frame.kind[row] == EventKind.purchase.code else { return }
    purchases += 1
    guard frame.item[row] >= 0 else { return }
    lines[Int(frame.item[row])] += 1
    count(1, standing[Int(frame.item[row])])
  }

  /// Takes in an item that was added or changed.
  mutating func follow(_ item: Item, index: Int32) {
    let index = Int(index)
    guard index < lines.count else { return }
    count(-Int(lines[index]), standing[index])
    standing[index] = Standing(item)
    count(Int(lines[index]), standing[index])
  }

  private mutating func count(_ number: Int, _ standing: Standing) {
    switch standing {
    case .unknown: ofUnknownItems += number
    case .withoutCategory: withoutCategory += number
    case .complete: break
    }
  }
}
