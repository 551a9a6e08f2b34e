import Commerce
import Ingestion
import Testing

@Suite struct MappingTests {
  @Test(arguments: [
    ("", 1, "empty"), ("kind: things", 1, "things"), ("fields: {}", 1, "'kind' is missing"),
    ("kind: events\nfields:\n  timstamp: t", 3, "'timstamp' is not a field"),
    ("kind: events\nfields:\n  kind: k\n  customer_id: c", 3, "'timestamp' is missing"),
    ("kind: events\nfields:\n  kind: k\n  timestamp: t", 3, "'customer_id' is missing"),
    ("kind: customers\nfields: {customer_id: c}\ncurrency: dollars", 3, "dollars"),
    ("kind: customers\nfields: {customer_id: c}\ntime_zone: Mars", 3, "Mars"),
    ("kind: customers\nfields: {customer_id: c}\nextra: 1", 3, "'extra' is not a key"),
    ("kind: customers\nfields:\n  customer_id: {column: a, constant: b}", 3, "exactly one"),
    (
      "kind: customers\nfields:\n  customer_id: c\n  joined_at: {column: a, format: yy}", 4, "format of times"
    ),
    ("kind: customers\nfields:\n  customer_id: '{a'", 3, "brace"),
    ("kind: events\nfields:\n  kind: {constant: jump}\n  timestamp: t\n  order_id: o", 3, "jump"),
    ("kind: [", 2, "node"),
    ("kind: customers\nfields:\n  customer_id: c\n  customer_id: d", 3, "'customer_id' is there twice"),
  ])
  func namesTheLineOfAFault(_ yaml: String, _ line: Int, _ words: String) throws {
    let error = #expect(throws: IngestionError.self) { try Mapping(yaml: yaml, source: "map.yaml") }
    guard case .invalidMapping(let source, let found, _, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(source == "map.yaml")
    #expect(words.isEmpty || reason.contains(words), "\(reason)")
    #expect(found == line, "\(reason)")
  }

  @Test func namesAColumnThatTheFileLacks() async throws {
    await #expect(
      throws: IngestionError.unknownColumn(
        path: "", column: "count", field: "quantity", available: ["id", "who", "what", "when", "paid"])
    ) {
      do {
        _ = try await imported("id,who,what,when,paid\n".utf8, mapping: orderMapping)
      } catch IngestionError.unknownColumn(_, let column, let field, let available) {
        throw IngestionError.unknownColumn(path: "", column: column, field: field, available: available)
      }
    }
  }

  @Test func writesYAMLThatReadsBackTheSame() throws {
    let yaml = """
      kind: events
      format: csv
      encoding: gbk
      separator: ";"
      currency: cny
      time_zone: Asia/Shanghai
      fields:
        event_id: "{a b}-{c:title}-x"
        kind: {column: "行为: 类型", values: {"买": purchase, "1": view}}
        customer_id: "用户ID"
        timestamp: {column: t, format: "yyyy/MM/dd HH:mm"}
        amount: {column: p, scale: 0.01, times: n}
      properties:
        discount: {sum: [x, "y,z"], absolute: true}
        "a:b": {column: "true", number: true}
      lines: {column: l, separator: "|", part_separator: ":", parts: [p, n]}
      fill_down: {columns: [t], within: o}
      """
    let mapping = try Mapping(yaml: yaml)
    let again = try Mapping(yaml: mapping.yaml)
    #expect(again.yaml == mapping.yaml)
    #expect(again.fields["event_id"]?.value == mapping.fields["event_id"]?.value)
    #expect(again.fields["kind"]?.values == ["买": "purchase", "1": "view"])
    #expect(again.lines == mapping.lines && again.fillDown == ["t"] && again.encoding == .gb18030)
    #expect(again.properties.keys.sorted() == ["a:b", "discount"])
    #expect(
      mapping.fields["event_id"]?.value
        == .template([.column("a b", isTitle: false), .text("-"), .column("c", isTitle: true), .text("-x")]))
  }

  @Test func readsTemplatesSumsScalesAndWords() async throws {
    let mapping = """
      kind: events
      currency: CNY
      fields:
        event_id: "{order}-{sku}"
        kind: {column: what, values: {买: purchase, 退: refund}}
        customer_id: who
        item_id: sku
        timestamp: when
        quantity: n
        amount: {column: cents, scale: 0.01, times: n}
      properties:
        discount: {sum: [d1, d2], absolute: true}
        note: note
      """
    let text = """
      order,sku,what,who,when,n,cents,d1,d2,note
      7,A,买,c,1714557600,3,150,-0.1,-0.2,hi
      7,B,退,c,1714557600,1,100,,,
      8,,买,c,1714557600,1,100,,,
      9,C,换,c,1714557600,1,100,,,
      """
    let (store, _) = try await imported(text.utf8, mapping: mapping)
    let events = try await allEvents(store)
    #expect(events.map(\.eventID) == ["7-A", "7-B"])
    #expect(events.map(\.kind) == [.purchase, .refund])
    #expect(events.map { $0.amount?.minorUnits } == [450, 100])
    #expect(events[0].properties == ["discount": .number(0.3), "note": .string("hi")])
    #expect(events[1].properties == [:])
    #expect(try await openLetters(store).map(\.field) == ["event_id", "kind"])
  }

  @Test func readsLocalTimesAcrossChangesOfTheClock() async throws {
    let mapping = """
      kind: events
      time_zone: America/New_York
      fields:
        event_id: id
        kind: {constant: view}
        customer_id: id
        timestamp: {column: t, format: "M/d/yyyy h:mm a"}
      """
    let text = """
      id,t
      winter,1/15/2017 12:00 PM
      before,3/12/2017 1:30 AM
      skipped,3/12/2017 2:30 AM
      after,3/12/2017 12:30 PM
      summer,7/15/2017 12:00 AM
      twice,11/5/2017 1:30 AM
      later,11/5/2017 12:30 PM
      """
    let (store, _) = try await imported(text.utf8, mapping: mapping)
    #expect(
      try await allEvents(store).map(\.timestamp.description) == [
        "2017-01-15T17:00:00Z", "2017-03-12T06:30:00Z", "2017-03-12T07:30:00Z", "2017-03-12T16:30:00Z",
        "2017-07-15T04:00:00Z", "2017-11-05T05:30:00Z", "2017-11-05T17:30:00Z",
      ])
  }

  @Test func splitsSeveralOrderLinesOfOneRow() async throws {
    let mapping = """
      kind: events
      currency: USD
      fields:
        event_id: order
        kind: {constant: purchase}
        customer_id: who
        order_id: order
        item_id: sku
        timestamp: when
        quantity: n
        amount: {column: price, times: n}
      lines: {column: lines, separator: "|", part_separator: ":", parts: [sku, n, price]}
      """
    let text = "order,who,when,lines\n7,c,1714557600,A:2:1.50|B:1:3\n8,c,1714557600,C:x:1\n9,c,1714557600,\n"
    let (store, report) = try await imported(text.utf8, mapping: mapping)
    let events = try await allEvents(store)
    #expect(events.map(\.eventID) == ["7-1", "7-2"])
    #expect(events.map(\.itemID) == ["A", "B"])
    #expect(events.map { $0.amount?.minorUnits } == [300, 300])
    #expect(try await openLetters(store).map(\.field) == ["quantity", "lines"])
    #expect(report.rows == 3 && report.stored == 2 && report.rejected == 2)
  }

  @Test func fillsDownTheColumnsOfAnOrder() async throws {
    let mapping = """
      kind: events
      fields: {event_id: "{Name}-{sku}", kind: {constant: purchase}, customer_id: Email, order_id: Name, item_id: sku, timestamp: at}
      fill_down: {columns: [Email, at], within: Name}
      """
    let text = "Name,Email,at,sku\n#1,a@x,1714557600,A\n#1,,,B\n#2,b@x,1714557601,C\n#3,,,D\n"
    let (store, _) = try await imported(text.utf8, mapping: mapping)
    #expect(try await allEvents(store).map(\.customerID) == ["a@x", "a@x", "b@x"])
    #expect(try await openLetters(store).map(\.source) == ["orders.csv:5"])
  }

  @Test func readsItemsAndCustomers() async throws {
    let items = """
      kind: items
      currency: USD
      fields: {item_id: id, title: "{type:title}, {size}", category: cat, category_path: [dep, cat, type], brand: brand, price: price}
      attributes: {size: size}
      """
    let text = """
      id,dep,cat,type,size,brand,price
      1,GROCERY,COFFEE,GROUND COFFEE,12 OZ,Acme,4.5
      2,GROCERY,COFFEE,INSTANT,,,
      3,MISC,NULL,\\N,,,-1
      """
    let (store, report) = try await imported(text.utf8, "items.csv", mapping: items)
    let found = try await store.items(withIDs: ["1", "2"])
    #expect(
      found[0]
        == Item(
          itemID: "1", title: "Ground Coffee, 12 OZ", category: "COFFEE",
          categoryPath: ["GROCERY", "COFFEE", "GROUND COFFEE"], brand: "Acme",
          price: Money(minorUnits: 450, currency: .usd), attributes: ["size": .string("12 OZ")]))
    #expect(found[1].title == "Instant" && found[1].attributes.isEmpty && found[1].price == nil)
    #expect(try await openLetters(store).map(\.field) == ["price"])
    #expect(report.kind == "items" && report.stored == 2)
    let customers =
      "kind: customers\nfields: {customer_id: id, joined_at: at}\nattributes: {kids: {column: kids, number: true}}"
    let (other, _) = try await imported(
      "id,at,kids\nc,2020-01-02,2\n,2020-01-02,1\n".utf8, mapping: customers)
    #expect(
      try await other.customers(withIDs: ["c"]) == [
        Customer(
          customerID: "c", joinedAt: Timestamp(rfc3339: "2020-01-02")!, attributes: ["kids": .number(2)])
      ])
    #expect(try await openLetters(other).map(\.field) == ["customer_id"])
  }
}
