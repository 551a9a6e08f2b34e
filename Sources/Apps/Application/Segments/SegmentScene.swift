import Commerce
import Customers

/// The segments in use, by id, with the customers of each.
struct SegmentScene: Sendable {
  let live: Live<ShopSegments>
  private let places: [String: Int]

  var model: ShopSegments { live.model }

  init(live: Live<ShopSegments>) {
    self.live = live
    places = Dictionary(
      live.model.customers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A segment or group with how its members are found.
  enum Found {
    case segment(Int)
    case group(Int)
  }

  func find(_ id: String) -> Found? {
    if let index = model.segments.firstIndex(where: { $0.id == id }) { return .segment(index) }
    return model.groups.firstIndex { $0.id == id }.map { .group($0) }
  }

  func segment(_ found: Found) -> ShopSegments.Segment {
    switch found {
    case .segment(let index): model.segments[index]
    case .group(let index): model.groups[index]
    }
  }

  func members(_ found: Found) -> Set<String> {
    let (labels, own): ([Int32], Int) =
      switch found {
      case .segment(let index): (model.labels, index)
      case .group(let index): (model.cells, index)
      }
    return Set(zip(model.customers, labels).filter { Int($0.1) == own }.map(\.0))
  }

  /// The segment and the group of a customer; nil for one who bought nothing lately.
  func segments(ofCustomer id: String) -> (segment: ShopSegments.Segment, group: ShopSegments.Segment)? {
    guard let place = places[id], model.labels[place] >= 0 else { return nil }
    return (model.segments[Int(model.labels[place])], model.groups[Int(model.cells[place])])
  }

  /// The place of a customer in the model.
  func place(ofCustomer id: String) -> Int? { places[id] }
}

extension SegmentScene {
  /// The segment and the group of a customer as answers name them; null for one who bought nothing lately.
  func json(ofCustomer id: String) -> JSONValue {
    guard let own = segments(ofCustomer: id) else { return nil }
    return [
      "cluster": SegmentWriter.reference(own.segment), "rfm": SegmentWriter.reference(own.group),
    ]
  }
}

extension Shop {
  /// The segment and the group of a customer; null before the first segmentation.
  func segments(ofCustomer id: String) throws -> JSONValue {
    guard segments != nil else { return nil }
    return try segmentScene().json(ofCustomer: id)
  }
}
