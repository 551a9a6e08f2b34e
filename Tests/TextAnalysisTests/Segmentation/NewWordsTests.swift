import Foundation
import Testing
import TextAnalysis

@Suite("New words")
struct NewWordsTests {
  private static func corpus() -> [String] {
    let neighbours = Array("天地人山水火木金土日月星云雨风雪花草鸟鱼").map(String.init)
    return (0..<400).map { number in
      let (a, b) = (neighbours[number % 20], neighbours[(number * 7 + number / 20) % 20])
      return number % 2 == 0 ? "\(a)绝绝子\(b)，\(b)\(a)" : "\(b)手机\(a)！\(a)好"
    }
  }

  @Test func areStringsThatStickTogetherBetweenManyNeighbours() throws {
    var finder = try NewWords(.init(minimumCohesion: 1), lexicon: Lexicon(["手机": 1]))
    for text in Self.corpus() { finder.add(text) }
    let found = finder.candidates()
    let word = try #require(found.first)
    #expect(word.text == "绝绝子" && word.count == 200)
    #expect(!found.map(\.text).contains("手机"))
    #expect(!found.map(\.text).contains("绝子"))
  }

  @Test func haveTheMeasuresCountedByHand() throws {
    // 甲乙 four times, each time between two ends of a run: eight characters, 甲 and 乙 four each.
    var finder = try NewWords(.init(minimumCount: 4, minimumCohesion: 0, minimumFreedom: 0))
    for _ in 0..<4 { finder.add("甲乙!") }
    let word = try #require(finder.candidates().first)
    #expect(abs(word.cohesion - log(4.0 * 8 / 16)) < 1e-12)
    #expect(abs(word.freedom - log(4.0)) < 1e-12)
  }

  @Test func areFoundInBoundedMemory() throws {
    var finder = try NewWords(.init(minimumCohesion: 1, maximumStrings: 3000))
    for text in Self.corpus() { finder.add(text) }
    #expect(finder.candidates().map(\.text).contains("绝绝子"))
    finder.add(String(repeating: "\u{0}<b>👍", count: 100))
    #expect(throws: TextError.self) { try NewWords(.init(longest: 6)) }
  }
}
