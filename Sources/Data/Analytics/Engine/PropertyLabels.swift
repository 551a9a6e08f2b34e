import Commerce
import MathKernels

/// A property of words as codes: a column of the frame, and for each of its codes the code of a label.
struct PropertyLabels: Sendable {
  /// A column of the frame, or one made of it; -1 where there is none.
  let column: [Int32]
  /// By a code of the column plus one, the label's code; -1 for none.
  let table: [Int32]
  /// The words.
  let labels: [String]

  @inline(__always)
  func code(_ row: Int) -> Int32 { table[Int(column[row]) + 1] }

  init(_ property: AnalyticsProperty, _ data: AnalyticsData) {
    let frame = data.frame
    switch property {
    case .word(.kind): self.init(codes: Self.kinds(frame), EventKind.allCases.map(\.rawValue))
    case .word(let word): self.init(codes: frame.column(word), frame.vocabulary(word))
    case .clock(let clock): self.init(codes: Self.clock(clock, data), Self.clockLabels(clock))
    case .number(let number): preconditionFailure("event.\(number.rawValue) is no word")
    case .customer: self.init(codes: frame.customer, frame.customers.ids)
    case .item, .itemAttribute:
      self.init(frame.item, data.items.map { $0.flatMap { property.value(of: $0) }?.words })
    case .customerAttribute:
      self.init(frame.customer, data.customers.map { $0.flatMap { property.value(of: $0) }?.words })
    }
  }

  private init(codes: [Int32], _ labels: [String]) {
    column = codes
    table = (-1..<Int32(max(labels.count, 0))).map { $0 }
    self.labels = labels
  }

  private init(_ column: [Int32], _ words: [String?]) {
    var vocabulary = Vocabulary()
    var table: [Int32] = [EventFrame.none]
    table.reserveCapacity(words.count + 1)
    for word in words { table.append(word.map { vocabulary.insert($0) } ?? EventFrame.none) }
    self.column = column
    self.table = table
    labels = vocabulary.ids
  }

  private static func kinds(_ frame: EventFrame) -> [Int32] {
    let kind = frame.kind
    return filledInParallel(frame.count) { range, into in for row in range { into[row] = Int32(kind[row]) } }
  }

  /// Hours count from 0, days of the week from 0 for Monday.
  static func clock(_ clock: AnalyticsProperty.Clock, _ data: AnalyticsData) -> [Int32] {
    let (timestamp, calendar) = (data.frame.timestamp, data.calendar)
    return filledInParallel(timestamp.count) { range, into in
      for row in range {
        switch clock {
        case .hour: into[row] = Int32(calendar.hour(ofMilliseconds: timestamp[row]))
        case .weekday:
          into[row] = Int32(CivilDate.weekday(ofDay: Int64(calendar.day(ofMilliseconds: timestamp[row]))))
        }
      }
    }
  }

  static func clockLabels(_ clock: AnalyticsProperty.Clock) -> [String] {
    switch clock {
    case .hour: (0..<24).map(String.init)
    case .weekday: (1...7).map(String.init)
    }
  }
}

extension EventFrame {
  func column(_ word: AnalyticsProperty.EventWord) -> [Int32] {
    switch word {
    case .kind: kind.map { Int32($0) }
    case .channel: channel
    case .device: device
    case .query: query
    case .campaign: campaign
    case .item: item
    case .session: session
    case .order: order
    }
  }

  func vocabulary(_ word: AnalyticsProperty.EventWord) -> [String] {
    words(word).ids
  }

  func words(_ word: AnalyticsProperty.EventWord) -> Vocabulary {
    switch word {
    case .kind: Vocabulary(EventKind.allCases.map(\.rawValue))
    case .channel: channels
    case .device: devices
    case .query: queries
    case .campaign: campaigns
    case .item: items
    case .session: sessions
    case .order: orders
    }
  }
}

extension AnalyticsProperty {
  /// What an item has of the property.
  func value(of item: Item) -> JSONValue? {
    switch self {
    case .item(.category): item.category.map { .string($0) }
    case .item(.brand): item.brand.map { .string($0) }
    case .item(.title): item.title.map { .string($0) }
    case .item(.price): item.price.map { .number($0.amount) }
    case .itemAttribute(let name): item.attributes[name].flatMap { $0 == .null ? nil : $0 }
    default: nil
    }
  }

  /// What a customer has of the property.
  func value(of customer: Customer) -> JSONValue? {
    switch self {
    case .customer: .string(customer.customerID)
    case .customerAttribute(let name): customer.attributes[name].flatMap { $0 == .null ? nil : $0 }
    default: nil
    }
  }
}

extension JSONValue {
  /// The value as a label.
  var words: String { string ?? json }

  /// The value as a number, also when it is written as text.
  var figure: Double? { number ?? string.flatMap(Double.init) }
}
