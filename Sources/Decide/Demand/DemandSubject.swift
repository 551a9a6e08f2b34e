/// Something whose demand is looked at: the whole shop, a department, category or brand, or one item.
///
/// Its text, `category:COFFEE`, names it on the command line and in the API.
public struct DemandSubject: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What it is, from broad to narrow.
  public enum Level: String, Sendable, Hashable, Codable, CaseIterable {
    /// Everything the shop sells.
    case shop
    /// The broadest category of its items' paths.
    case department
    /// The category at which needs are mined.
    case category
    /// A brand or maker.
    case brand
    /// One item.
    case item
  }

  /// What it is.
  public let level: Level
  /// The id of the department, category, brand or item; empty for the shop.
  public let id: String

  /// A subject.
  public init(_ level: Level, _ id: String = "") {
    (self.level, self.id) = (level, level == .shop ? "" : id)
  }

  /// All that the shop sells.
  public static let shop = DemandSubject(.shop)

  /// The subject that a text names: `shop`, `category:COFFEE`, `item:123`; nil for anything else.
  public init?(_ text: String) {
    if text == Level.shop.rawValue {
      self = .shop
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, let level = Level(rawValue: String(parts[0])), level != .shop
    else { return nil }
    self.init(level, String(parts[1]))
  }

  /// `category:COFFEE`.
  public var description: String { level == .shop ? level.rawValue : "\(level.rawValue):\(id)" }
}
