import Commerce
import Ingestion
import Storage
import Testing

@Suite struct MappingGuessTests {
  private func guess(
    _ text: String, _ name: String = "f.csv", kind: Mapping.Kind? = nil, currency: Currency? = nil,
    fields: [String: String?] = [:]
  ) throws
    -> MappingGuess
  { try MappingGuess(sample: Array(text.utf8), name: name, kind: kind, currency: currency, fields: fields) }

  @Test func proposesAMappingForEnglishOrders() throws {
    let text = """
      InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
      536365,85123A,HOLDER,6,12/1/2010 8:26,$2.55,17850,UK
      536366,71053,LANTERN,2,12/13/2010 9:00,$3.39,17850,UK
      cut,off
      """
    let guess = try guess(text)
    let mapping = try #require(guess.mapping, "\(guess.problems)")
    #expect(mapping.kind == .events && mapping.currency == .usd)
    #expect(mapping.fields["order_id"]?.value == .column("InvoiceNo"))
    #expect(mapping.fields["item_id"]?.value == .column("StockCode"))
    #expect(mapping.fields["timestamp"]?.timeFormat?.name == "M/d/yyyy H:mm")
    #expect(mapping.fields["amount"]?.times == "Quantity")
    #expect(mapping.fields["kind"]?.value == .constant("purchase"))
    #expect(guess.rows.count == 2)
    #expect(guess.columns.first { $0.name == "Country" }?.field == nil)
  }

  @Test func proposesAMappingForChineseOrders() async throws {
    let text = """
      用户ID,商品ID,订单号,下单时间,数量,金额（元）
      u1,p1,o1,2024/5/1 10:00:00,2,35.5
      u2,p2,o2,2024/5/13 9:08:07,1,12
      """
    let guess = try guess(text)
    let mapping = try #require(guess.mapping, "\(guess.problems)")
    #expect(mapping.currency == .cny)
    #expect(mapping.fields["timestamp"]?.timeFormat?.name == "yyyy/M/d H:mm:ss")
    let (store, report) = try await imported(text.utf8, mapping: mapping.yaml)
    #expect(report.stored == 2)
    let first = try #require(try await allEvents(store).first)
    #expect(first.customerID == "u1" && first.itemID == "p1" && first.orderID == "o1" && first.quantity == 2)
    #expect(first.amount == Money(minorUnits: 3550, currency: .cny))
  }

  @Test func understandsWordsForWhatHappened() throws {
    let text = "用户id,商品id,行为类型,时间戳\n1,2,浏览,1714557600\n1,2,加购,1714557601\n1,2,pv,1714557602\n"
    let guess = try guess(text)
    let mapping = try #require(guess.mapping, "\(guess.problems)")
    #expect(mapping.fields["kind"]?.values == ["浏览": "view", "加购": "cart_add"])
    #expect(mapping.fields["timestamp"]?.timeFormat?.name == "epoch_s")
  }

  @Test(arguments: [
    ("user_id,item_id,time\n1,2,1714557600\n", "what happened"),
    ("user_id,item_id,behavior_type,time\n1,2,4,1714557600\n", "known words"),
    ("user_id,order_id,amount,date\n1,2,3.5,2024-05-01\n", "currency"),
    ("user_id,order_id,order_date\n1,2,03/04/2024\n", "could be"),
    ("user_id,order_id,order_date\n1,2,soon\n", "no known format"),
    ("a,b,c\n1,2,3\n", "--kind"),
  ])
  func saysWhatIsMissingRatherThanInventing(_ text: String, _ words: String) throws {
    let guess = try guess(text)
    #expect(guess.mapping == nil)
    #expect(guess.problems.contains { $0.contains(words) }, "\(guess.problems)")
    #expect(throws: IngestionError.self) { try guess.requireMapping() }
  }

  @Test func tellsItemsAndCustomersFromEvents() throws {
    let items = try guess("product_id,product_name,category,colour\n1,Tea,DRINKS,green\n")
    #expect(items.mapping?.kind == .items)
    #expect(items.mapping?.properties.keys.sorted() == ["colour"])
    let customers = try guess("会员号,注册时间,城市\n1,2020-01-01,上海\n")
    #expect(customers.mapping?.kind == .customers)
    #expect(customers.mapping?.fields["joined_at"] != nil)
    let forced = try guess("a,user_id\n1,2\n", kind: .customers)
    #expect(forced.mapping?.kind == .customers)
  }

  @Test func takesColumnsAsItIsToldAndGuessesTheRest() throws {
    let text = "who,moment,paid,sku\n1,2024/5/13 9:08:07,35.5元,a\n2,2024/5/14 9:08:07,12元,b\ncut\n"
    #expect(try guess(text, kind: .events).mapping == nil)
    let told = try guess(
      text, kind: .events,
      fields: ["timestamp": "moment", "customer_id": "who", "amount": "paid", "order_id": "who"])
    let mapping = try #require(told.mapping, "\(told.problems)")
    #expect(mapping.fields["timestamp"]?.timeFormat?.name == "yyyy/M/d H:mm:ss")
    #expect(mapping.fields["customer_id"]?.value == .column("who"))
    #expect(mapping.fields["item_id"]?.value == .column("sku"))
    #expect(mapping.currency == .cny)
    #expect(told.rows.count == 2)
    let local = try MappingGuess(
      sample: Array("user_id,order_id,order_time\nu,o,2024-05-01 10:00:00\n".utf8), name: "f.csv",
      timeZone: "Asia/Shanghai")
    #expect(local.mapping?.timeZone == "Asia/Shanghai")
    #expect(local.rows.first?["timestamp"] == "2024-05-01T02:00:00Z")
    let without = try guess(text, kind: .events, fields: ["item_id": nil])
    #expect(without.columns.first { $0.name == "sku" }?.field == nil)
    #expect(throws: IngestionError.self) { try guess(text, kind: .events, fields: ["timestamp": "nowhere"]) }
    #expect(throws: IngestionError.self) { try guess(text, kind: .events, fields: ["nothing": "who"]) }
  }

  @Test(arguments: [
    ("金额", "3.50元", "USD", "CNY"), ("金额", "3.50元", "HKD", "HKD"), ("金额（元）", "3.50", "USD", "CNY"),
    ("金额（美元）", "3.50", "CNY", "USD"), ("金额（欧元）", "3.50", nil, "EUR"), ("amount", "$3.50", "CAD", "CAD"),
    ("amount", "¥350", "JPY", "JPY"), ("amount", "$3.50", nil, "USD"), ("amount", "3.50", "EUR", "EUR"),
  ])
  func theCurrencyThatAmountsShowGoesBeforeTheShops(
    _ column: String, _ amount: String, _ given: String?, _ expected: String
  ) throws {
    let text = "user_id,order_id,order_date,\(column)\nu,o,2024-05-01,\(amount)\ncut\n"
    let guess = try guess(text, currency: given.flatMap { Currency($0) })
    #expect(guess.mapping?.currency?.code == expected, "\(guess)")
  }

  @Test func aFewBrokenNumbersHideNoColumn() throws {
    let rows = (0..<40).map { "u\($0),o\($0),2024-05-01,\($0 == 7 ? "two" : "2"),\($0 == 9 ? "-" : "3.50")元" }
    let text = "user_id,order_id,order_date,qty,amount\n" + rows.joined(separator: "\n") + "\n"
    let mapping = try #require(try guess(text).mapping)
    #expect(mapping.fields["quantity"]?.value == .column("qty"))
    #expect(mapping.fields["amount"]?.value == .column("amount"))
    let words = "user_id,order_id,order_date,amount\nu,o,2024-05-01,much\n"
    let unreadable = try guess(words)
    #expect(unreadable.notes.contains { $0.contains("'amount'") && $0.contains("does not hold numbers") })
    #expect(unreadable.columns.first { $0.name == "amount" }?.field == nil)
  }

  @Test func knowsLodesOwnForm() throws {
    let guess = try guess(
      #"{"event_id":"1","kind":"view","customer_id":"c","timestamp":1714557600}"# + "\n", "e.ndjson")
    #expect(guess.isNative && guess.problems.isEmpty && guess.rows.count == 1)
  }
}
