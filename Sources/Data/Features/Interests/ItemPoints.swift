import Commerce

/// Which points of interest each item of a frame stands for, and which dimension each point belongs to.
///
/// A dimension is what shares are taken within: all categories, all brands, all values of one attribute, the price bands,
/// the moments of the week. Attributes that name items rather than describe them are left out, as are numbers, of which
/// the price band is the one that says something by itself.
struct ItemPoints: Sendable {
  /// All points, those of moments and price bands first.
  private(set) var points = InterestPoint.moments + InterestPoint.priceBands
  /// The dimension of each point.
  private(set) var dimensions: [Int32]
  /// How many dimensions there are.
  private(set) var dimensionCount = 2
  private var numbers: [InterestPoint: Int32] = [:]
  private var dimensionNumbers: [String: Int32] = [:]
  private var starts: [Int32] = [0]
  private var pointsOfItem: [Int32] = []
  private let described: Set<String>
  private let bands: PriceBands

  static let momentDimension: Int32 = 0
  static let bandDimension: Int32 = 1

  init(_ frame: EventFrame, items: [String: Item]) {
    dimensions =
      InterestPoint.moments.map { _ in Self.momentDimension }
      + InterestPoint.priceBands.map { _ in Self.bandDimension }
    described = Self.describingAttributes(items.values)
    bands = PriceBands(frame, items: items)
    takeUp(frame, items: items)
  }

  /// Takes in the items that a frame has got since.
  mutating func takeUp(_ frame: EventFrame, items: [String: Item]) {
    for index in starts.count - 1..<frame.items.count {
      let id = frame.items[Int32(index)]
      var own: [Int32] = []
      if let item = items[id] {
        for point in points(of: item) { own.append(number(of: point)) }
        if let band = bands.band(ofItem: index, item) {
          own.append(Int32(InterestPoint.moments.count + band))
        }
      }
      // Together by dimension, so that an item with two values counts once in the dimension.
      own.sort { (dimensions[Int($0)], $0) < (dimensions[Int($1)], $1) }
      pointsOfItem += own
      starts.append(Int32(pointsOfItem.count))
    }
  }

  /// The points of an item of the frame, those of one dimension side by side.
  func points(ofItem item: Int32) -> ArraySlice<Int32> {
    guard item >= 0, Int(item) + 1 < starts.count else { return [] }
    return pointsOfItem[Int(starts[Int(item)])..<Int(starts[Int(item) + 1])]
  }

  private func points(of item: Item) -> Set<InterestPoint> {
    var found: Set<InterestPoint> = []
    if let category = item.category, !category.isEmpty {
      found.insert(InterestPoint(.category, value: category))
    }
    if let brand = item.brand, !brand.isEmpty { found.insert(InterestPoint(.brand, value: brand)) }
    for (name, value) in item.attributes where described.contains(name) {
      for text in Self.texts(value) { found.insert(InterestPoint(.attribute, name: name, value: text)) }
    }
    return found
  }

  private mutating func number(of point: InterestPoint) -> Int32 {
    if let known = numbers[point] { return known }
    let key = "\(point.kind.rawValue) \(point.name ?? "")"
    let dimension = dimensionNumbers[key] ?? Int32(dimensionCount)
    if dimension == dimensionCount {
      dimensionNumbers[key] = dimension
      dimensionCount += 1
    }
    let number = Int32(points.count)
    numbers[point] = number
    points.append(point)
    dimensions.append(dimension)
    return number
  }

  /// Attributes whose values are shared: at least three items a value on average.
  private static func describingAttributes(_ items: some Collection<Item>) -> Set<String> {
    var values: [String: Set<String>] = [:]
    var counts: [String: Int] = [:]
    for item in items {
      for (name, value) in item.attributes {
        let texts = texts(value)
        counts[name, default: 0] += texts.count
        values[name, default: []].formUnion(texts)
      }
    }
    return Set(counts.keys.filter { counts[$0]! >= 3 * values[$0]!.count && !values[$0]!.isEmpty })
  }

  private static func texts(_ value: JSONValue) -> [String] {
    if let text = value.string { return text.isEmpty || text.utf8.count > 200 ? [] : [text] }
    if let list = value.array { return list.compactMap(\.string).filter { !$0.isEmpty } }
    if case .bool(let flag) = value { return [flag ? "true" : "false"] }
    return []
  }
}
