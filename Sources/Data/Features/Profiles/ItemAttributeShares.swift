import Commerce
import Foundation

/// The brand, broad group and price band of what purchases are about, as shares.
///
/// The most frequent brands of the catalogue have a column each, the others share one. A line's price band is that of its
/// unit price against the mean of its category's lines before it: well below, about, well above, or unknown. So a
/// line's band never depends on what comes later.
struct ItemAttributeShares: EventVectors {
  static let mostBrands = 64
  static let bands = 4

  let width: Int
  private let groupOfRow: [Int32]
  private let brandOfRow: [Int32]
  private let bandOfRow: [UInt8]
  private let brandStart: Int
  private let bandStart: Int

  init(frame: EventFrame, catalogue: CatalogueIndex, space: CategorySpace) {
    let (category, brand) = catalogue.columns(for: frame.items)
    let brandColumns = Self.columns(ofBrands: catalogue)
    let brandCount = (brandColumns.max() ?? -1) + 1
    brandStart = space.groupNames.count
    bandStart = brandStart + Int(brandCount)
    width = bandStart + Self.bands
    var groups = [Int32](repeating: -1, count: frame.count)
    var brands = groups
    for row in 0..<frame.count
    where frame.kind[row] == EventKind.purchase.code && frame.item[row] != EventFrame.none {
      let item = Int(frame.item[row])
      if let column = space.column(ofCategory: category[item]) { groups[row] = space.groups[column] }
      if brand[item] != EventFrame.none { brands[row] = brandColumns[Int(brand[item])] }
    }
    (groupOfRow, brandOfRow) = (groups, brands)
    bandOfRow = Self.bands(frame, category: category)
  }

  /// The column of each brand of the catalogue: those of most items first, the others together last.
  private static func columns(ofBrands catalogue: CatalogueIndex) -> [Int32] {
    let (_, brand) = catalogue.columns(for: catalogue.items)
    var counts = [Int](repeating: 0, count: catalogue.brands.count)
    for index in brand where index != EventFrame.none { counts[Int(index)] += 1 }
    let order = counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
    var columns = [Int32](repeating: 0, count: counts.count)
    for (place, index) in order.enumerated() { columns[index] = Int32(min(place, mostBrands)) }
    return columns
  }

  private static func bands(_ frame: EventFrame, category: [Int32]) -> [UInt8] {
    var bands = [UInt8](repeating: 3, count: frame.count)
    var sums: [Int32: (log: Double, count: Double)] = [:]
    let order = (0..<frame.count).sorted { (frame.timestamp[$0], $0) < (frame.timestamp[$1], $1) }
    for row in order where frame.kind[row] == EventKind.purchase.code && frame.item[row] != EventFrame.none {
      let group = category[Int(frame.item[row])]
      let units = frame.quantity[row].isFinite && frame.quantity[row] > 0 ? Double(frame.quantity[row]) : 1
      let price = Double(frame.amount[row] + frame.discount[row]) / units
      guard group != EventFrame.none, price > 0 else { continue }
      let known = sums[group] ?? (0, 0)
      if known.count >= 5 {
        let ratio = log(price) - known.log / known.count
        bands[row] = ratio < -0.25 ? 0 : ratio > 0.25 ? 2 : 1
      }
      sums[group] = (known.log + log(price), known.count + 1)
    }
    return bands
  }

  func has(row: Int) -> Bool { groupOfRow[row] >= 0 || brandOfRow[row] >= 0 }

  func add(row: Int, weight: Float, to sum: UnsafeMutablePointer<Float>) {
    if groupOfRow[row] >= 0 { sum[Int(groupOfRow[row])] += weight }
    if brandOfRow[row] >= 0 { sum[brandStart + Int(brandOfRow[row])] += weight }
    sum[bandStart + Int(bandOfRow[row])] += weight
  }
}
