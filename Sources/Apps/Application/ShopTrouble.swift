import Commerce

/// A part of a shop that does not work at present, while the rest does.
enum ShopPart: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// A live model that cannot be read.
  case model(String)
  /// Jobs of earlier processes that cannot be read.
  case jobs
  /// Taking up what other processes write.
  case watching
  /// Removing what is kept no longer.
  case housekeeping
  /// Writing down decisions.
  case decisions
  /// Computing the market board.
  case board
  /// The published rules of pages.
  case rules

  /// The part as answers name it.
  var description: String {
    switch self {
    case .model(let name): "model \(name)"
    case .jobs: "jobs"
    case .watching: "watching the store"
    case .housekeeping: "housekeeping"
    case .decisions: "decision log"
    case .board: "market board"
    case .rules: "rules of pages"
    }
  }

  static func < (a: ShopPart, b: ShopPart) -> Bool { a.description < b.description }
}

extension Shop {
  /// Notes what went wrong in a part of the shop, which answers all the same.
  func note(_ error: any Error, in part: ShopPart) { troubles[part] = String(describing: error) }

  /// Notes that a part works again.
  func solved(_ part: ShopPart) { troubles[part] = nil }

  /// The parts that do not work at present, each with its reason: `[{"part": "model needs", "reason": "…"}]`.
  public var degraded: [JSONValue] {
    get async {
      if let lost = await decisions.lost {
        troubles[.decisions] = "\(lost.count) decisions could not be kept: \(lost.reason)"
      }
      return troubles.sorted { $0.key < $1.key }.map {
        ["part": .string($0.key.description), "reason": .string($0.value)]
      }
    }
  }
}
