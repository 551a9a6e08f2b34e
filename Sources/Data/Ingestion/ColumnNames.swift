import Commerce

/// The names that shops give their columns, in English and Chinese, each list with the surest first.
enum ColumnNames {
  /// A price of one unit, which is an amount once it is multiplied with the quantity.
  static let unitPrice = "unit_price"

  /// Words for currencies, those that others are part of first; they say the currency whatever else is said.
  private static let currencyWords = [
    ("美元", "USD"), ("欧元", "EUR"), ("日元", "JPY"), ("港元", "HKD"), ("韩元", "KRW"), ("英镑", "GBP"),
    ("人民币", "CNY"),
  ]
  /// Signs that several currencies share: one that is given goes before.
  private static let currencySigns = [("元", "CNY"), ("¥", "CNY"), ("￥", "CNY"), ("$", "USD")]
  /// The currencies of which 元 may stand for one.
  private static let yuans: Set<String> = ["CNY", "TWD", "HKD", "MOP"]

  /// The currency that the text of amounts shows. A sign gives way to the currency given, unless it is 元 and that is none.
  static func currency(shownBy text: String, given: Currency?) -> Currency? {
    if let word = currencyWords.first(where: { text.contains($0.0) }) { return Currency(word.1) }
    guard let sign = currencySigns.first(where: { text.contains($0.0) }) else { return nil }
    guard let given else { return Currency(sign.1) }
    return sign.0 == "元" && !yuans.contains(given.code) ? .cny : given
  }

  static func known(for kind: Mapping.Kind) -> [(field: String, names: [String])] {
    switch kind {
    case .events: events
    case .items: items
    case .customers: customers
    }
  }

  private static let customer = [
    "customer_id", "user_id", "household_id", "member_id", "buyer_id", "client_id", "account_id",
    "visitor_id",
    "customer_unique_id", "uid", "customer", "user", "member", "buyer", "reviewer_id", "用户id", "客户id", "会员id",
    "顾客id", "买家id", "用户编号", "客户编号", "会员编号", "会员号", "买家会员名", "用户", "客户", "会员", "顾客", "买家",
  ]
  private static let item = [
    "item_id", "product_id", "sku_id", "sku", "goods_id", "article_id", "stock_code", "asin", "item",
    "product",
    "商品id", "产品id", "货品id", "商品编号", "商品编码", "产品编号", "sku编码", "货号", "商品",
  ]
  private static let price = ["unit_price", "price", "单价", "商品单价", "售价", "价格", "商品价格"]
  private static let currency = ["currency", "currency_code", "币种", "货币"]

  private static let events: [(field: String, names: [String])] = [
    ("event_id", ["event_id", "order_line_id", "line_id", "事件id", "行为id"]),
    (
      "kind",
      [
        "kind", "event_type", "event_name", "event", "behavior_type", "behavior", "behaviour", "action",
        "action_type",
        "行为类型", "事件类型", "行为", "事件",
      ]
    ),
    ("customer_id", customer),
    ("session_id", ["session_id", "user_session", "visit_id", "session", "会话id"]),
    ("item_id", item),
    (
      "order_id",
      [
        "order_id", "order_no", "order_number", "invoice_no", "invoice", "basket_id", "transaction_id",
        "receipt_id",
        "订单号", "订单编号", "订单id", "交易号", "单号",
      ]
    ),
    (
      "timestamp",
      [
        "timestamp", "event_time", "order_time", "order_date", "purchase_date", "purchase_time",
        "invoice_date",
        "transaction_timestamp", "transaction_time", "transaction_date", "order_purchase_timestamp",
        "created_at",
        "datetime", "time", "date", "下单时间", "付款时间", "支付时间", "购买时间", "交易时间", "订单时间", "行为时间",
        "订单创建时间", "创建时间", "时间戳", "时间", "下单日期", "日期",
      ]
    ),
    ("quantity", ["quantity", "qty", "units", "数量", "购买数量", "商品数量", "件数"]),
    (
      "amount",
      [
        "amount", "line_total", "sales_value", "total_amount", "total_price", "subtotal", "revenue", "sales",
        "total",
        "实付金额", "支付金额", "成交金额", "付款金额", "金额", "总金额", "总价", "订单金额", "销售额",
      ]
    ),
    (unitPrice, price),
    ("currency", currency),
    ("rating", ["rating", "stars", "score", "overall", "评分", "星级"]),
    (
      "text",
      ["review_text", "review_body", "review", "comment", "text", "content", "评论内容", "评价内容", "评论", "评价"]
    ),
    ("query", ["query", "search_query", "search_term", "keyword", "搜索词", "关键词"]),
    ("channel", ["channel", "store_id", "platform", "渠道", "门店", "店铺"]),
    ("device", ["device", "device_type", "设备", "终端"]),
    ("discount", ["discount", "discount_amount", "优惠金额", "折扣金额"]),
  ]

  private static let items: [(field: String, names: [String])] = [
    ("item_id", item),
    (
      "title",
      [
        "title", "product_name", "item_name", "product_title", "name", "description", "商品名称", "商品标题", "产品名称",
        "商品名", "标题", "名称",
      ]
    ),
    (
      "category",
      [
        "category", "product_category", "category_name", "product_category_name", "item_category",
        "category_id",
        "商品类目", "类目", "商品分类", "品类", "分类", "类别", "类目id",
      ]
    ),
    ("brand", ["brand", "brand_name", "manufacturer", "品牌"]),
    ("price", price),
    ("currency", currency),
    ("available_from", ["available_from", "launch_date", "listed_at", "created_at", "上架时间", "上架日期"]),
  ]

  private static let customers: [(field: String, names: [String])] = [
    ("customer_id", customer),
    (
      "joined_at",
      [
        "joined_at", "registered_at", "registration_date", "signup_date", "created_at", "注册时间", "注册日期",
        "入会时间",
      ]
    ),
  ]

  /// A name without what spelling varies: case, blanks, marks, a unit in brackets.
  static func plain(_ name: String) -> String {
    var result = ""
    for scalar in name.lowercased().unicodeScalars {
      if scalar == "(" || scalar == "（" { break }
      if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The words that Chinese logs use for what happened.
  static let kindWords: [String: String] = [
    "浏览": "view", "查看": "view", "点击": "click", "加购": "cart_add", "加入购物车": "cart_add", "加购物车": "cart_add",
    "收藏": "wishlist", "下单": "purchase", "购买": "purchase", "支付": "purchase", "付款": "purchase", "退款": "refund",
    "退货": "refund", "搜索": "search", "评价": "review", "评论": "review", "评分": "rating", "曝光": "impression",
    "领券": "coupon_sent", "用券": "coupon_redeemed", "咨询": "message", "结算": "checkout",
  ]
}
