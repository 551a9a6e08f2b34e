import MathKernels
import Testing
import TextAnalysis

@Suite struct StatementDetectorTests {
  @Test(arguments: [
    ("我想要一款轻一点的", Statement.Kind.need, "我想要"), ("到处都买不到这个颜色", .need, "买不到"),
    ("希望能出大号", .wish, "希望"), ("要是能快充，就好了", .wish, "要是能快充，就好"), ("建议加个提手", .wish, "建议"),
    ("用了一周就坏了", .pain, "坏了"), ("蓝牙连不上手机", .pain, "连不上"),
    ("比上一代更轻", .comparison, "比上一代更"), ("质量不如以前", .comparison, "不如"),
    ("能不能开发票", .question, "能不能"), ("这个支持双卡吗？", .question, "吗？"),
    ("I need a bigger one", .need, "I need"), ("Looking for a quiet fan.", .need, "Looking for"),
    ("Wish it had a light", .wish, "Wish it"), ("It would be nice if it folded", .wish, "would be nice"),
    ("The zipper broke in a week", .pain, "broke"), ("It doesn't fit my sink", .pain, "doesn't fit"),
    ("Better than my old one", .comparison, "Better than"),
    ("Does it work with iPhone", .question, "Does it"),
  ])
  func findsStatementsAndTheWordsThatSaySo(text: String, kind: Statement.Kind, cue: String) throws {
    let found = StatementDetector().statements(in: text)
    let statement = try #require(found.first { $0.kind == kind }, "\(text): \(found)")
    #expect(text.piece(statement.cue) == cue)
    #expect(statement.range == 0..<text.utf8.count && statement.text == text)
  }

  @Test(arguments: [
    "不需要说明书", "希望对大家有帮助", "比较轻", "没有问题", "性价比高", "不会后悔", "正是我想要的", "不好意思", "没有破损", "质量很好",
    "I don't need the bag", "no problems at all", "Hope this helps", "not bad", "I can't wait",
    "Everything I need", "Love it",
    "unbroken promises", "thanks", "",
  ])
  func knowsWhatOnlyLooksLikeOne(text: String) {
    #expect(StatementDetector().statements(in: text) == [])
  }

  @Test func tellsWhatWasLookedForAndNotFound() {
    let found = StatementDetector().statements(in: "I can't find a refill. 我需要一个充电器。")
    #expect(found.map(\.kind) == [.need, .need])
    #expect(found.map(\.isUnmet) == [true, false])
  }

  @Test func givesPlacesInTheWholeText() throws {
    let text = "不错😊！电池坏了，希望改进。OK"
    let found = StatementDetector().statements(in: text)
    #expect(found.map { text.piece($0.cue) } == ["坏了", "希望"])
    #expect(found.allSatisfy { text.piece($0.range) == "电池坏了，希望改进。" })
  }

  @Test func takesABadSentenceForAPain() {
    let detector = StatementDetector(polarity: { $0.contains("呵呵") ? -0.9 : 0 })
    #expect(detector.statements(in: "呵呵。好的。").map(\.kind) == [.pain])
  }

  @Test(arguments: [1, 2] as [UInt64])
  func neverFails(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let parts = [
      "要是", "就好", "比", "更", "？", "?", "wish", " it", "没有", "问题", "\u{0}", "😊", "，", "。", "no", "need",
      "\u{FF1F}",
    ]
    for _ in 0..<300 {
      let text = (0..<random.index(below: 30)).map { _ in parts[random.index(below: parts.count)] }.joined()
      for statement in StatementDetector().statements(in: text) {
        #expect(
          statement.range.lowerBound <= statement.cue.lowerBound
            && statement.cue.upperBound <= statement.range.upperBound)
        #expect(!statement.cue.isEmpty)
      }
    }
  }
}
