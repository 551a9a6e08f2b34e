import Commerce

/// A filter readied for one snapshot: each condition is a table by code or a range of a column.
indirect enum CompiledFilter: Sendable {
  case constant(Bool)
  /// By kind.
  case kinds([Bool])
  /// By a code of a column plus one.
  case codes([Int32], [Bool])
  case amounts([Int64], NumberTest)
  case figures([Float], NumberTest)
  case all([CompiledFilter])
  case any([CompiledFilter])
  case not(CompiledFilter)

  /// What is asked of a number; money is compared in major units.
  struct NumberTest: Sendable {
    var test: FilterTest
    var scale: Double

    /// Whether a number, nil when there is none, passes.
    func passes(_ value: Double?) -> Bool {
      guard let value else { return test.isMetByNothing }
      return switch test {
      case .isIn(let words): words.contains { Double($0) == value / scale }
      case .notIn(let words): !words.contains { Double($0) == value / scale }
      case .contains, .notContains: test.isMet(by: .number(value / scale))
      case .range: test.isMet(by: .number(value / scale))
      case .exists: true
      case .missing: false
      }
    }
  }

  /// Writes 1 for each row of a range that passes, else 0.
  func evaluate(_ range: Range<Int>, kind: [UInt8], into result: inout [UInt8]) {
    switch self {
    case .constant(let passes): for place in 0..<range.count { result[place] = passes ? 1 : 0 }
    case .kinds(let allowed):
      for place in 0..<range.count { result[place] = allowed[Int(kind[range.lowerBound + place])] ? 1 : 0 }
    case .codes(let column, let allowed):
      for place in 0..<range.count {
        result[place] = allowed[Int(column[range.lowerBound + place]) + 1] ? 1 : 0
      }
    case .amounts(let column, let test):
      for place in 0..<range.count {
        let value = column[range.lowerBound + place]
        result[place] = test.passes(value == 0 ? nil : Double(value)) ? 1 : 0
      }
    case .figures(let column, let test):
      for place in 0..<range.count {
        let value = column[range.lowerBound + place]
        result[place] = test.passes(value.isNaN ? nil : Double(value)) ? 1 : 0
      }
    case .not(let part):
      part.evaluate(range, kind: kind, into: &result)
      for place in 0..<range.count { result[place] ^= 1 }
    case .all(let parts): Self.join(parts, range, kind, &result, start: 1) { $0 & $1 }
    case .any(let parts): Self.join(parts, range, kind, &result, start: 0) { $0 | $1 }
    }
  }

  private static func join(
    _ parts: [CompiledFilter], _ range: Range<Int>, _ kind: [UInt8], _ result: inout [UInt8], start: UInt8,
    _ combine: (UInt8, UInt8) -> UInt8
  ) {
    for place in 0..<range.count { result[place] = start }
    var part = [UInt8](repeating: 0, count: range.count)
    for filter in parts {
      filter.evaluate(range, kind: kind, into: &part)
      for place in 0..<range.count { result[place] = combine(result[place], part[place]) }
    }
  }

  /// Which kinds pass; nil when more than the kind matters.
  var byKind: [Bool]? {
    switch self {
    case .constant(let passes): return [Bool](repeating: passes, count: 256)
    case .kinds(let allowed): return allowed
    case .codes, .amounts, .figures: return nil
    case .not(let part): return part.byKind.map { $0.map { !$0 } }
    case .all(let parts):
      let found = parts.compactMap(\.byKind)
      guard found.count == parts.count else { return nil }
      return (0..<256).map { kind in found.allSatisfy { $0[kind] } }
    case .any(let parts):
      let found = parts.compactMap(\.byKind)
      guard found.count == parts.count else { return nil }
      return (0..<256).map { kind in found.contains { $0[kind] } }
    }
  }
}

extension FilterTest {
  /// Whether an absent value passes.
  var isMetByNothing: Bool {
    switch self {
    case .notIn, .notContains, .missing: true
    default: false
    }
  }

  /// Whether a value passes.
  func isMet(by value: JSONValue) -> Bool {
    switch self {
    case .isIn(let words): return words.contains(value.words)
    case .notIn(let words): return !words.contains(value.words)
    case .contains(let text): return value.words.lowercased().contains(text.lowercased())
    case .notContains(let text): return !value.words.lowercased().contains(text.lowercased())
    case .exists: return true
    case .missing: return false
    case .range(let low, let lowInclusive, let high, let highInclusive):
      guard let figure = value.figure else { return false }
      return (lowInclusive ? figure >= low : figure > low) && (highInclusive ? figure <= high : figure < high)
    }
  }
}

extension EventFilter {
  /// The filter for a snapshot.
  ///
  /// - Throws: `AnalyticsError.unknownCohort` when a cohort's members were not given.
  func compiled(_ data: AnalyticsData, field: String) throws -> CompiledFilter {
    switch self {
    case .all(let parts): return .all(try parts.map { try $0.compiled(data, field: field) })
    case .any(let parts): return .any(try parts.map { try $0.compiled(data, field: field) })
    case .not(let part): return .not(try part.compiled(data, field: field))
    case .cohort(let id):
      guard let members = data.cohorts[id] else { throw AnalyticsError.unknownCohort(field: field, id: id) }
      return .codes(data.frame.customer, [false] + members)
    case .condition(let property, let test): return Self.condition(property, test, data)
    }
  }

  private static func condition(
    _ property: AnalyticsProperty, _ test: FilterTest, _ data: AnalyticsData
  ) -> CompiledFilter {
    let frame = data.frame
    func attribute(_ value: JSONValue?) -> Bool { value.map { test.isMet(by: $0) } ?? test.isMetByNothing }
    switch property {
    case .word(.kind):
      return .kinds(
        (0..<256).map { EventKind(code: UInt8($0)).map { test.isMet(by: .string($0.rawValue)) } ?? false })
    case .word(let word): return words(test, frame.column(word), frame.words(word))
    case .customer: return words(test, frame.customer, frame.customers)
    case .clock(let clock):
      return .codes(
        PropertyLabels.clock(clock, data),
        [false] + PropertyLabels.clockLabels(clock).map { test.isMet(by: .string($0)) })
    case .number(let number):
      let test = CompiledFilter.NumberTest(
        test: test, scale: number.isMoney ? frame.currency.minorUnitsPerMajor : 1)
      return switch number {
      case .amount: .amounts(frame.amount, test)
      case .discount: .amounts(frame.discount, test)
      case .quantity: .figures(frame.quantity, test)
      case .rating: .figures(frame.rating, test)
      }
    case .item, .itemAttribute:
      return .codes(
        frame.item,
        [test.isMetByNothing] + data.items.map { attribute($0.flatMap { property.value(of: $0) }) })
    case .customerAttribute:
      return .codes(
        frame.customer,
        [test.isMetByNothing] + data.customers.map { attribute($0.flatMap { property.value(of: $0) }) })
    }
  }

  /// A test of words; a list of words is looked up, so that long vocabularies are not read through as text.
  private static func words(_ test: FilterTest, _ column: [Int32], _ vocabulary: Vocabulary) -> CompiledFilter
  {
    var allowed: [Bool]
    switch test {
    case .isIn(let words), .notIn(let words):
      allowed = [Bool](repeating: test.isMetByNothing, count: vocabulary.count + 1)
      for word in words { vocabulary.index(of: word).map { allowed[Int($0) + 1].toggle() } }
    case .exists, .missing:
      allowed = [Bool](repeating: test == .exists, count: vocabulary.count + 1)
      allowed[0].toggle()
    default: allowed = [test.isMetByNothing] + vocabulary.ids.map { test.isMet(by: .string($0)) }
    }
    return .codes(column, allowed)
  }
}

extension AnalyticsProperty.EventNumber {
  /// Whether the column holds minor units.
  var isMoney: Bool { self == .amount || self == .discount }
}

extension EventSelector {
  func compiled(_ data: AnalyticsData, field: String) throws -> CompiledFilter {
    var parts: [CompiledFilter] = []
    if !kinds.isEmpty {
      let codes = Set(kinds.map(\.code))
      parts.append(.kinds((0..<256).map { codes.contains(UInt8($0)) }))
    }
    if let filter { parts.append(try filter.compiled(data, field: field)) }
    return .all(parts)
  }
}
