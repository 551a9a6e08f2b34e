import Decisions
import Testing

/// What is said of documents that cannot be read.
@Suite struct RuleIssueTests {
  /// The rule, the column and a part of the message of its only issue.
  @Test(arguments: [
    ("filtr out where stock = 0", 1, "found 'filtr'; did you mean 'filter'?"),
    ("  42", 3, "expected an action (filter, boost"),
    ("filter where stock = 0", 8, "expected 'out' or 'to' after filter, found 'where'"),
    ("filter out", 11, "expected 'where', found the end of the line"),
    ("filter out wher stock = 0", 12, "did you mean 'where'?"),
    ("filter out where", 17, "expected a field such as margin, found the end of the line"),
    ("filter out where \"stock\" = 0", 18, "expected a field such as margin, found the text \"stock\""),
    ("filter out where prise < 1", 18, "found 'prise'; did you mean 'price'?"),
    ("filter out where zzz < 1", 18, "found 'zzz'"),
    ("filter out where attribute.x = 1", 18, "did you mean 'attributes'?"),
    ("filter out where attributes. = 1", 30, "expected the name of an attribute after the dot, found '='"),
    ("filter out where attributes = 1", 18, "expected a name after 'attributes'"),
    ("filter out where context = home", 18, "field of the request; expected it after 'when'"),
    ("filter out where customer.tier = 1", 18, "'customer' is a field of the request"),
    ("calibrate 1 when brand = \"a\"", 18, "'brand' is a field of items; expected it after 'where'"),
    ("calibrate 1 when attributes.x = 1", 18, "'attributes' is a field of items"),
    ("filter out where stock", 23, "expected a comparison (=, !=, <"),
    ("filter out where stock containz \"a\"", 24, "did you mean 'contains'?"),
    ("filter out where stock =", 25, "expected a number, a text in quotes, true or false for stock"),
    ("filter out where price = = 1", 26, "expected a number without quotes for price, found '='"),
    ("filter out where stock = 0 adn price = 1", 28, "found 'adn'; did you mean 'and'?"),
    ("filter out where stock = 0 )", 28, "expected 'and', 'or', 'when' or the end of the line, found ')'"),
    ("filter out where (stock = 0", 28, "or ')' for the parenthesis at column 18, found the end of the line"),
    ("filter out where stock in 1", 27, "expected '(', found '1'"),
    ("filter out where stock in ()", 28, "found ')'"),
    ("filter out where stock in (1 2)", 30, "expected ',' or ')', found '2'"),
    ("filter out where brand is unknown", 27, "did you mean 'known'?"),
    ("filter out where brand starts \"a\"", 31, "expected 'with'"),
    ("filter out where brand < \"a\"", 24, "'<' compares numbers, and brand is none"),
    ("filter out where attributes.size < \"M\"", 36, "expected a number without quotes for attributes.size"),
    ("filter out where price contains \"1\"", 24, "'contains' compares texts, and price is none"),
    (
      "filter out where price < \"1\"", 26, "expected a number without quotes for price, found the text \"1\""
    ),
    ("filter out where brand = Acme", 26, "found 'Acme'; write \"Acme\""),
    ("filter out where brand = \"\"", 26, "expected a text that is not empty for brand"),
    ("filter out where attributes.x = maybe", 33, "expected a number, a text in quotes, true or false"),
    ("filter out where brand = \"a", 26, "the text that begins here has no end; expected '\"'"),
    ("filter out where brand = “a\"", 26, "expected '”' before the end of the line"),
    ("filter out where brand = \"a\\n\"", 28, "expected \" or \\ after a backslash, found 'n'"),
    ("filter out where stock = 0 && price = 1", 28, "'&' has no meaning here; write 'and'"),
    ("filter out where 库存 = 0 ; x", 25, "';' has no meaning here"),
    ("filter out where stock = 0 \u{0}", 28, "U+0000 has no meaning here"),
    ("boost 0.5 where stock > 0", 7, "boost expects a factor from 1 to 100, found '0.5'"),
    ("boost 101 where stock > 0", 7, "boost expects a factor from 1 to 100"),
    ("boost much where stock > 0", 7, "boost expects a factor from 1 to 100, found 'much'"),
    ("bury 1.5 where stock > 0", 6, "bury expects a factor from 0 to 1"),
    ("bury -1 where stock > 0", 6, "bury expects a factor from 0 to 1, found '-1'"),
    ("pin at 3", 5, "expected the id of an item in quotes"),
    ("pin \" \" at 3", 5, "the id of the item is empty"),
    ("pin \"a\" 3", 9, "expected 'at', found '3'"),
    ("pin \"a\" at 0", 12, "pin expects a position from 1 to 100, found '0'"),
    ("pin \"a\" at 1.5", 12, "pin expects a position from 1 to 100, a whole number, found '1.5'"),
    ("quota 2 per brand", 7, "expected 'at', found '2'"),
    ("quota at 2", 10, "expected 'most' or 'least'"),
    ("quota at most 0 per brand", 15, "quota expects a number of items from 1 to 100"),
    ("quota at most 2 per colour", 21, "expected 'category' or 'brand', found 'colour'"),
    ("quota at most 2 per categroy", 21, "did you mean 'category'?"),
    ("quota at most 2", 16, "expected 'per' or 'where'"),
    ("quota at least 2 per brand", 18, "expected 'where', found 'per'"),
    ("diversify mrm 0.3", 11, "did you mean 'mmr'?"),
    ("diversify mmr 2", 15, "diversify expects a strength from 0 to 1"),
    ("calibrate 1.1", 11, "calibrate expects a strength from 0 to 1"),
    ("explore 60% in 1 slots", 9, "explore expects a share from 0 to 0.5"),
    ("explore 10% in 11 slots", 16, "explore expects 1 to 10 slots"),
    ("fatigue 0 shows in 7 days", 9, "fatigue expects 1 to 30 shows"),
    ("fatigue 5 shows in 0 days", 20, "fatigue expects a number of days above 0"),
    ("fatigue 5 shows in 7 weeks", 22, "expected 'days', found 'weeks'"),
    ("hold back", 10, "expected 'substitutes'"),
    ("hold back substitutes now", 23, "expected 'when' or the end of the line, found 'now'"),
    ("calibrate 1 when", 17, "expected a field such as weekday"),
    ("calibrate 1 when hour = 24", 25, "expected a whole number from 0 to 23 for hour, found '24'"),
    ("calibrate 1 when cart_size < 1.5", 30, "expected a whole number from 0 for cart_size"),
    (
      "calibrate 1 when context = hom", 28,
      "one of home, item, cart, session, category, email for context, found 'hom'"
    ),
    ("calibrate 1 when context = hom", 28, "did you mean 'home'?"),
    ("calibrate 1 when context < home", 26, "'<' compares numbers, and context is none"),
    ("calibrate 1 when weekday = satuday", 28, "did you mean 'saturday'?"),
    ("calibrate 1 when weekday = 6", 28, "expected a day, monday to sunday"),
    (
      "calibrate 1 when hour = 8 when hour = 9", 27,
      "expected 'and', 'or' or the end of the line, found 'when'"
    ),
    ("\"a\": calibrate 1", 1, "expected a name of letters, digits, - and _"),
    ("line-9: calibrate 1", 1, "the name 'line-9' is kept for rules without a name"),
    (String(repeating: "n", count: 65) + ": calibrate 1", 1, "the name has more than 64 characters"),
  ])
  func saysWhatIsWrongAndWhere(rule: String, column: Int, message: String) {
    let issues = RuleSet.issues(in: "calibrate 1\n" + rule)
    #expect(issues.count == 1)
    #expect(issues.first?.line == 2)
    #expect(issues.first?.column == column)
    #expect(issues.first?.message.contains(message) == true, "\(issues)")
    #expect(RuleSet.issues(in: "calibrate 1").isEmpty)
  }

  @Test func reportsAllIssuesInTheOrderOfTheText() {
    let text = """
      boost 0 where prise < 1 and brand < 2
      filter out where stock = 0
      pin "a" at 0 when hour = 30
      nonsense
      a: calibrate 2
      A: calibrate 1
      """
    #expect(
      RuleSet.issues(in: text).map { [$0.line, $0.column] } == [
        [1, 7], [1, 15], [1, 35], [3, 12], [3, 26], [4, 1], [5, 14], [6, 1],
      ])
    #expect(throws: RuleError.syntax(RuleSet.issues(in: text))) { try RuleSet(parsing: text) }
    #expect(RuleSet.issues(in: text).last?.message == "the name 'A' is taken by line 5; expected another one")
  }

  @Test func describesAnErrorWithAllItsIssues() {
    let error = RuleError.syntax([
      RuleIssue(line: 1, column: 2, message: "a"), RuleIssue(line: 3, column: 4, message: "b"),
    ])
    #expect(error.description == "The rules have 2 issues: line 1, column 2: a; line 3, column 4: b.")
  }

  @Test func countsColumnsInCharacters() {
    // A family is one character of several scalars, and a letter with a combining accent one of two.
    let issues = RuleSet.issues(in: "filter out where title = \"👨‍👩‍👧e\u{301}\" ?")
    #expect(issues.map(\.column) == [31])
  }

  @Test func keepsTo64KilobytesOfText() {
    let comment = "# " + String(repeating: "a", count: 65_534)
    #expect(RuleSet.issues(in: comment).isEmpty)
    let issues = RuleSet.issues(in: comment + "a")
    #expect(
      issues.count == 1 && issues[0].message == "the document has 65537 bytes; expected at most 65536 (64 KB)"
    )
  }

  @Test func keepsTo500Rules() {
    let rules = String(repeating: "calibrate 1\n\n", count: 500)
    #expect(RuleSet.issues(in: rules).isEmpty)
    let issues = RuleSet.issues(in: rules + "calibrate 1\nnonsense")
    #expect(
      issues == [
        RuleIssue(line: 1001, column: 1, message: "the document has more than 500 rules; expected fewer")
      ])
  }

  @Test func keepsTo20LevelsOfNesting() {
    func nested(_ depth: Int) -> String {
      "filter out where " + String(repeating: "(", count: depth) + "stock = 0"
        + String(repeating: ")", count: depth)
    }
    #expect(RuleSet.issues(in: nested(20)).isEmpty)
    let issues = RuleSet.issues(in: nested(21))
    #expect(issues.map(\.column) == [38])
    #expect(issues.first?.message.contains("nested deeper than 20 levels") == true)
  }

  @Test func keepsTo1000Values() {
    func listing(_ count: Int) -> String {
      "filter out where item in (" + (1...count).map(String.init).joined(separator: ",") + ")"
    }
    #expect(RuleSet.issues(in: listing(600) + "\n" + listing(400)).isEmpty)
    let issues = RuleSet.issues(in: listing(600) + "\n" + listing(401) + "\nnonsense")
    #expect(issues.count == 1 && issues[0].line == 2)
    #expect(issues.first?.message.contains("more than 1000 values") == true)
  }

  /// The beginning of a document, and what it goes on with so many times.
  @Test(arguments: [
    ("", "(", 1_000_000), ("filter out where ", "(", 60_000), ("filter out where ", "not ", 16_000),
    ("", "\"", 60_001),
    ("", "x\n", 30_000), ("filter out where ", "zz is known and ", 4_000), ("boost ", "9", 60_000),
    ("filter out where a", "\u{301}", 30_000), ("calibrate 1 when hour = ", "1", 60_000), ("", "a:", 30_000),
    ("filter out where stock = ", "\\", 60_000), ("filter out where zz ", "<", 60_000), ("pin ", "“", 20_000),
  ])
  func hostileDocumentsHaveIssues(beginning: String, piece: String, times: Int) {
    let issues = RuleSet.issues(in: beginning + String(repeating: piece, count: times))
    #expect(!issues.isEmpty)
    #expect(issues.allSatisfy { $0.message.count < 300 })
  }

  @Test func longChainsOfNotAreRead() throws {
    let nots = String(repeating: "not ", count: 10_001)
    let request = RuleRequest(hour: 9)
    #expect(try !RuleSet(parsing: "calibrate 1 when \(nots) hour = 9").rules[0].isActive(for: request))
    #expect(try RuleSet(parsing: "calibrate 1 when not \(nots) hour = 9").rules[0].isActive(for: request))
  }
}
