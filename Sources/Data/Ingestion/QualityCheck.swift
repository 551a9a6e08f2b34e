/// One finding on the quality of data: how many rows it touches, in words of both languages.
public struct QualityCheck: Sendable, Codable, Equatable {
  /// How much it matters.
  public enum Severity: String, Sendable, Codable {
    /// Worth knowing.
    case info
    /// Likely a fault in the data.
    case warning
    /// Rows were not taken in.
    case error
  }

  /// Words in both languages.
  public struct Text: Sendable, Codable, Equatable {
    /// English.
    public var en: String
    /// Chinese.
    public var zh: String
  }

  /// Its name, such as `missing_item`.
  public var id: String
  /// How much it matters.
  public var severity: Severity
  /// How many rows it touches.
  public var count: Int
  /// Their share of all rows, 0 to 1.
  public var share: Double
  /// What it means.
  public var text: Text
  /// Some of the rows: `orders.csv:17`.
  public var examples: [String]

  /// A finding; its words follow from its name.
  public init(id: String, count: Int, of total: Int, examples: [String] = []) {
    let known = QualityFlag(rawValue: id)
    self.id = id
    self.count = count
    share = total > 0 ? Double(count) / Double(total) : 0
    severity = known?.severity ?? .error
    text =
      known.map { Text(en: "\(count) \($0.english)", zh: "\(count) \($0.chinese)") }
      ?? Self.invalid(id, count)
    self.examples = examples
  }

  /// The order of a report: the gravest first, then the most frequent.
  static func isGraver(_ a: QualityCheck, _ b: QualityCheck) -> Bool {
    let gravity: [Severity: Int] = [.error: 0, .warning: 1, .info: 2]
    return (gravity[a.severity] ?? 0, -a.count, a.id) < (gravity[b.severity] ?? 0, -b.count, b.id)
  }

  /// The words for rows rejected for a field: `invalid_timestamp`.
  private static func invalid(_ id: String, _ count: Int) -> Text {
    let field = id.hasPrefix("invalid_") ? String(id.dropFirst(8)) : id
    return Text(
      en:
        "\(count) rows were set aside because of \(field == "row" ? "their form" : "their field \(field)").",
      zh: "\(count) 行因\(field == "row" ? "格式错误" : "字段 \(field) 有误")被搁置。")
  }
}

/// What rows are flagged for. They are stored all the same.
enum QualityFlag: String, CaseIterable, Sendable {
  case missingCustomer = "missing_customer"
  case missingItem = "missing_item"
  case missingAmount = "missing_amount"
  case zeroQuantity = "zero_quantity"
  case negativeQuantity = "negative_quantity"
  case negativeAmount = "negative_amount"
  case refundSign = "refund_sign"
  case futureTime = "future_time"
  case ancientTime = "ancient_time"
  case priceOutlier = "price_outlier"
  case quantityOutlier = "quantity_outlier"
  case missingCategory = "missing_category"
  case missingTitle = "missing_title"
  case composedID = "composed_id"
  case duplicate = "duplicate"
  case conflict = "conflict"

  var severity: QualityCheck.Severity {
    switch self {
    case .duplicate, .zeroQuantity, .missingCategory, .missingTitle, .composedID: .info
    case .conflict: .error
    default: .warning
    }
  }

  /// The words after the count.
  var english: String {
    switch self {
    case .missingCustomer: "events have no customer; they count for the market, not for anyone's needs."
    case .missingItem: "events of a kind that is about an item have no item."
    case .missingAmount: "purchases have no amount."
    case .zeroQuantity: "purchases have the quantity 0."
    case .negativeQuantity: "purchases have a negative quantity; refunds are events of their own kind."
    case .negativeAmount: "purchases have a negative amount; refunds are events of their own kind."
    case .refundSign: "refunds came with a negative quantity or amount; the sign was dropped."
    case .futureTime: "events lie in the future."
    case .ancientTime: "events lie before the year 2000."
    case .priceOutlier: "purchases cost at least 100 times what the item usually costs."
    case .quantityOutlier: "purchases take at least 100 times the item's usual quantity."
    case .missingCategory: "items have no category; no needs can be mined for them."
    case .missingTitle: "items have no title."
    case .composedID:
      "rows had an id with accents apart from their letters; it was put into composed form (Unicode NFC)."
    case .duplicate: "rows had been stored before and changed nothing."
    case .conflict: "rows have the id of another event and were set aside."
    }
  }

  /// The words after the count.
  var chinese: String {
    switch self {
    case .missingCustomer: "条事件没有客户，只计入整体市场，不计入个人需求。"
    case .missingItem: "条本应涉及商品的事件没有商品。"
    case .missingAmount: "条购买没有金额。"
    case .zeroQuantity: "条购买的数量为 0。"
    case .negativeQuantity: "条购买的数量为负；退款应作为单独的事件。"
    case .negativeAmount: "条购买的金额为负；退款应作为单独的事件。"
    case .refundSign: "条退款的数量或金额为负，已去掉负号。"
    case .futureTime: "条事件的时间在未来。"
    case .ancientTime: "条事件的时间早于 2000 年。"
    case .priceOutlier: "条购买的单价达到该商品常见价格的 100 倍以上。"
    case .quantityOutlier: "条购买的数量达到该商品常见数量的 100 倍以上。"
    case .missingCategory: "件商品没有类目，无法挖掘其需求。"
    case .missingTitle: "件商品没有标题。"
    case .composedID: "行的编号中字母与附加符号分开书写，已统一为组合形式（Unicode NFC）。"
    case .duplicate: "行此前已存储，未作改动。"
    case .conflict: "行与已有事件编号相同而内容不同，已搁置。"
    }
  }
}
