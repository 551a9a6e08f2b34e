import Commerce
import Decisions
import Testing

/// Documents that nobody wrote.
@Suite struct RuleFuzzTests {
  private static let document = """
    no-stock: filter out where stock = 0
    house: boost 1.3 where brand = "Private" and margin >= 20%  # our own
    filter to where not (category in ("TEA", 'Coffee') or price < 1.00) when context = email
    bury 0.5 where title contains “红茶” or attributes."包装 规格" is missing
    pin "10\\"29" at 3 when context = home and history_size < 5
    quota at most 2 per category
    促销：quota at least 2 where age_days ≤ 14 when weekday in (saturday, sunday)
    diversify mmr 0.3 when hour >= 18
    explore 10% in 1 slots
    fatigue 5 shows in 7 days when customer.tier != "gold"
    hold back substitutes when cart_size > 0
    """

  private static let pieces = [
    "\"", "“", "”", "\\", "(", ")", "#", "\n", "\r", " ", ":", ".", ",", "=", "<", ">", "%", "not ", " and ",
    " or ", " when ",
    " where ", "filter out", "0", "-1", "99999999999999999999", "é", "e\u{301}", "\u{200D}", "👨‍👩‍👧", "　", "＝",
    "\u{0}",
    "line-3:", "a:", "is known", "in (1)",
  ]

  /// SplitMix64.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// A document with a few characters removed, repeated, swapped or put in.
  private static func mutated(_ lines: [Substring], using random: inout Generator) -> String {
    let first = Int.random(in: lines.indices, using: &random)
    let some = lines[first...].prefix(Int.random(in: 1...2, using: &random))
    var scalars = Array(some.joined(separator: "\n").unicodeScalars)
    for _ in 0..<Int.random(in: 1...2, using: &random) where !scalars.isEmpty {
      let place = Int.random(in: scalars.indices, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: scalars.remove(at: place)
      case 1: scalars.insert(scalars[place], at: place)
      case 2: scalars.swapAt(place, Int.random(in: scalars.indices, using: &random))
      case 3: scalars.removeSubrange(place..<min(scalars.count, place + 12))
      default:
        scalars.insert(contentsOf: Array(pieces.randomElement(using: &random)!.unicodeScalars), at: place)
      }
    }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func mutatedDocumentsAreReadTheSameTwiceOrHaveIssues(seed: UInt64) throws {
    var random = Generator(state: seed)
    let lines = Self.document.split(separator: "\n")
    let item = Item(itemID: "1", title: "红茶", attributes: ["stock": .number(0)])
    var read = 0
    for _ in 0..<5_000 {
      let document = Self.mutated(lines, using: &random)
      guard let rules = try? RuleSet(parsing: document) else {
        try Self.checkIssues(RuleSet.issues(in: document), of: document)
        continue
      }
      read += 1
      #expect(RuleSet.issues(in: document).isEmpty)
      let again = try RuleSet(parsing: rules.rules.map(\.text).joined(separator: "\n"))
      try #require(again.rules.count == rules.rules.count, "\(document.debugDescription)")
      for (a, b) in zip(rules.rules, again.rules) {
        try #require(
          a.text == b.text && a.action == b.action && a.when == b.when, "\(a.text.debugDescription)")
        try #require(a.name == b.name || a.name == "line-\(a.line)")
        try #require(a.words.english.hasSuffix(".") && a.words.chinese.hasSuffix("。"))
        if case .filterOut(let condition) = a.action {
          _ = condition.matches(item, at: Timestamp(milliseconds: 0))
        }
      }
    }
    // Both kinds must be well represented for this to say anything.
    #expect((300...4_700).contains(read))
  }

  private static func checkIssues(_ issues: [RuleIssue], of document: String) throws {
    try #require(!issues.isEmpty, "\(document.debugDescription)")
    let lines = document.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    for issue in issues {
      try #require(lines.indices.contains(issue.line - 1), "\(issue) in \(document.debugDescription)")
      try #require(
        (1...lines[issue.line - 1].count + 1).contains(issue.column),
        "\(issue) in \(document.debugDescription)")
      try #require(!issue.message.isEmpty)
    }
    let places = issues.map { [$0.line, $0.column] }
    try #require(!zip(places, places.dropFirst()).contains { $1.lexicographicallyPrecedes($0) }, "\(issues)")
  }

  @Test func randomBytesHaveIssuesOrAreRead() {
    var random = Generator(state: 9)
    var readable = 0
    for _ in 0..<2_000 {
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
      if RuleSet.issues(in: String(decoding: bytes, as: UTF8.self)).isEmpty { readable += 1 }
    }
    #expect(readable < 20)
  }
}
