import Commerce

/// Makes events of a file's rows by a mapping. A class, as it is large and asked anew for every row.
final class EventMapper {
  private let eventID: CompiledSource?
  private let kind: CompiledSource
  private let timestamp: CompiledSource
  private let customerID, sessionID, itemID, orderID, decisionID: CompiledSource?
  private let quantity, amount, rating, dwell, currency: CompiledSource?
  private let text, query, channel, device: CompiledSource?
  private let properties: [(name: String, source: CompiledSource)]
  private let constantKind: EventKind?
  private let defaultCurrency: Currency?
  private var clock: LocalClock
  private var kinds: [String: EventKind] = [:]
  private var moneyFactor: (currency: Currency, factor: Double)?
  private var rowIDs = RowIdentifier()
  private var sharedProperties: [Double: [String: JSONValue]] = [:]
  private static let propertiesShared = 4096

  init(_ compiler: MappingCompiler) throws {
    let mapping = compiler.mapping
    func source(_ field: String) throws -> CompiledSource? { try compiler.source(field) }
    eventID = try source("event_id")
    kind = try compiler.required("kind")
    timestamp = try compiler.required("timestamp")
    customerID = try source("customer_id")
    sessionID = try source("session_id")
    itemID = try source("item_id")
    orderID = try source("order_id")
    decisionID = try source("decision_id")
    quantity = try source("quantity")
    amount = try source("amount")
    rating = try source("rating")
    dwell = try source("dwell_ms")
    currency = try source("currency")
    text = try source("text")
    query = try source("query")
    channel = try source("channel")
    device = try source("device")
    properties = try compiler.properties()
    if case .constant(let name) = kind.value {
      constantKind = EventKind(name: kind.words[name] ?? name)
    } else {
      constantKind = nil
    }
    defaultCurrency = mapping.currency
    clock = compiler.clock
  }

  /// The event of a row; `suffix` tells the lines of one row apart.
  @inline(__always)
  func event(_ row: RowView, suffix: Int?) throws(RowRejection) -> Event {
    let id = try identifier(row, suffix)
    guard let time = try timestamp.time(row, &clock) else {
      throw RowRejection(field: "timestamp", reason: "is missing; expected when it happened", eventID: id)
    }
    var event = Event(eventID: id, kind: try kind(row), timestamp: time)
    event.customerID = try customerID?.text(row, whole: true)
    event.sessionID = try sessionID?.text(row, whole: true)
    event.itemID = try itemID?.text(row, whole: true)
    event.orderID = try orderID?.text(row, whole: true)
    event.decisionID = try decisionID?.text(row, whole: true)
    event.quantity = try quantity?.number(row)
    event.amount = try money(row)
    event.rating = try rating?.number(row)
    event.text = try text?.text(row)
    event.query = try query?.text(row)
    event.channel = try channel?.text(row)
    event.device = try device?.text(row)
    if let dwell, let millis = try dwell.number(row) {
      guard millis >= 0, millis < 1e15 else {
        throw RowRejection(
          field: "dwell_ms", reason: "\(millis) is not a number of milliseconds", eventID: id)
      }
      event.dwellMilliseconds = Int64(millis.rounded())
    }
    if !properties.isEmpty { event.properties = try properties(row) }
    try EventRules.check(event)
    return event
  }

  /// The properties of a row. A single number, such as a discount, is often that of a row before: rows then share one
  /// dictionary instead of allocating one each.
  private func properties(_ row: RowView) throws(RowRejection) -> [String: JSONValue] {
    if properties.count == 1, properties[0].source.isNumber {
      guard let number = try properties[0].source.number(row) else { return [:] }
      if let known = sharedProperties[number] { return known }
      let made = [properties[0].name: JSONValue.number(number)]
      if sharedProperties.count < Self.propertiesShared { sharedProperties[number] = made }
      return made
    }
    var found: [String: JSONValue] = [:]
    for (name, source) in properties {
      if let value = try source.property(row) { found[name] = value }
    }
    return found
  }

  /// The mapping's id, else one made of the row's content.
  @inline(__always)
  private func identifier(_ row: RowView, _ suffix: Int?) throws(RowRejection) -> String {
    var id: String
    if let eventID {
      guard let mapped = try eventID.text(row, whole: true) else {
        throw RowRejection(field: "event_id", reason: "is missing; a column that it is made of is empty")
      }
      id = mapped
    } else {
      id = rowIDs.next(row)
    }
    if let suffix { id += "-\(suffix)" }
    return id
  }

  private func kind(_ row: RowView) throws(RowRejection) -> EventKind {
    if let constantKind { return constantKind }
    guard let name = try kind.text(row) else {
      throw RowRejection(
        field: "kind", reason: "is missing; expected what happened, such as 'view' or 'purchase'")
    }
    if let known = kinds[name] { return known }
    guard let found = EventKind(name: name) else {
      throw RowRejection(field: "kind", reason: EventRules.unknownKind(name))
    }
    kinds[name] = found
    return found
  }

  @inline(__always)
  private func money(_ row: RowView) throws(RowRejection) -> Money? {
    guard let value = try amount?.number(row) else { return nil }
    let currency = try currency(row)
    if moneyFactor?.currency != currency { moneyFactor = (currency, currency.minorUnitsPerMajor) }
    let minorUnits = (value * (moneyFactor?.factor ?? 100)).rounded(.toNearestOrEven)
    guard abs(minorUnits) < 9e18 else {
      throw RowRejection(field: "amount", reason: "the amount \(value) is too large")
    }
    return Money(minorUnits: Int64(minorUnits), currency: currency)
  }

  private func currency(_ row: RowView) throws(RowRejection) -> Currency {
    if let code = try currency?.text(row) {
      guard let currency = Currency.known(code) else {
        throw RowRejection(
          field: "currency", reason: "'\(code.prefix(64))' is not an ISO 4217 currency code such as USD")
      }
      return currency
    }
    guard let defaultCurrency else {
      throw RowRejection(
        field: "currency", reason: "is missing; expected the currency of the amount, such as USD")
    }
    return defaultCurrency
  }
}

/// Makes ids for rows that have none of their own, from their content: the same row of another export, in another
/// place or a file of another name, is the same event. Of rows with the same content the second, third … gets its
/// number, so that two equal lines of an order stay two; they are told apart when they are within `window` rows,
/// which is what bounds the memory.
struct RowIdentifier {
  private static let window = 65_536

  private struct Fingerprint: Hashable {
    var low: UInt64
    var high: UInt64
  }

  private struct Seen {
    /// How many such rows there have been.
    var count: Int
    /// How many of them are within the window.
    var inWindow: Int
  }

  private var seen: [Fingerprint: Seen] = [:]
  private var recent: [Fingerprint] = []
  private var oldest = 0

  /// The id of the next row.
  mutating func next(_ row: RowView) -> String {
    let fingerprint = Self.fingerprint(row)
    if recent.count < Self.window {
      recent.append(fingerprint)
    } else {
      leave(recent[oldest])
      recent[oldest] = fingerprint
      oldest = (oldest + 1) % Self.window
    }
    var entry = seen[fingerprint] ?? Seen(count: 0, inWindow: 0)
    entry.count += 1
    entry.inWindow += 1
    seen[fingerprint] = entry
    let id = "row-\(Self.digits(fingerprint.high))\(Self.digits(fingerprint.low))"
    return entry.count == 1 ? id : "\(id)-\(entry.count)"
  }

  private mutating func leave(_ fingerprint: Fingerprint) {
    guard var entry = seen[fingerprint] else { return }
    entry.inWindow -= 1
    seen[fingerprint] = entry.inWindow == 0 ? nil : entry
  }

  private static func digits(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Two sums of the values and their borders, mixed by multiplication: 128 bits, so that no two of a billion rows
  /// fall together.
  private static func fingerprint(_ row: RowView) -> Fingerprint {
    var low: UInt64 = 0xcbf2_9ce4_8422_2325
    var high: UInt64 = 0x9e37_79b9_7f4a_7c15
    func add(_ byte: UInt64) {
      low = (low ^ byte) &* 0x0000_0100_0000_01b3
      high = (high ^ byte) &* 0xff51_afd7_ed55_8ccd
      high ^= high >> 32
    }
    for column in row.values.indices {
      for byte in row.value(column) ?? UnsafeBufferPointer(start: nil, count: 0) { add(UInt64(byte)) }
      add(0x100)
    }
    return Fingerprint(low: low, high: high)
  }
}
