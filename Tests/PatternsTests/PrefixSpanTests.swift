import Learning
import MathKernels
import Patterns
import Testing

@Suite struct PrefixSpanTests {
  private let context = FitContext()

  @Test func findsTheExampleOfThePaper() throws {
    let sequences = BasketSequences([
      [["a"], ["a", "b", "c"], ["a", "c"], ["d"], ["c", "f"]],
      [["a", "d"], ["c"], ["b", "c"], ["a", "e"]],
      [["e", "f"], ["a", "b"], ["d", "f"], ["c"], ["b"]], [["e"], ["g"], ["a", "f"], ["c"], ["b"], ["c"]],
    ])
    let found = try PrefixSpan().mine(sequences, minimumCount: 2, context: context)
    let words = Set(
      found.map { pattern in
        pattern.baskets.map { "(" + $0.map { sequences.items[$0] }.sorted().joined() + ")" }.joined()
          + ":\(pattern.count)"
      })
    #expect(found.count == 53 && words.count == 53)
    #expect(
      words.isSuperset(of: [
        "(a):4", "(a)(c):4", "(ab)(d)(c):2", "(a)(bc)(a):2", "(e)(f)(c)(b):2", "(f)(b)(c):2",
      ]))
  }

  /// Whether a sequence holds a pattern.
  private func holds(_ sequence: [[Int32]], _ pattern: [[Int32]]) -> Bool {
    var next = 0
    for basket in sequence where next < pattern.count && Set(basket).isSuperset(of: pattern[next]) {
      next += 1
    }
    return next == pattern.count
  }

  @Test(arguments: 0..<10)
  func findsWhatGrowingEveryPatternFinds(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let sequences = BasketSequences(
      (0..<25).map { _ in
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          ["a", "b", "c", "d"].filter { _ in Bool.random(using: &random) }
        }
      })
    let items = (0..<Int32(sequences.items.count))
    var (expected, level): (Set<SequentialPattern>, [[[Int32]]]) = ([], items.map { [[$0]] })
    for _ in 0..<4 {
      level = level.filter { pattern in
        let count = sequences.sequences.count { holds($0, pattern) }
        if count >= 4 { expected.insert(SequentialPattern(baskets: pattern, count: count)) }
        return count >= 4
      }
      level = level.flatMap { pattern in
        items.map { pattern + [[$0]] }
          + items.filter { $0 > pattern.last!.last! }.map { pattern.dropLast() + [pattern.last! + [$0]] }
      }
    }
    let found = try PrefixSpan().mine(sequences, minimumCount: 4, maximumLength: 4, context: context)
    #expect(Set(found) == expected && found.count == expected.count)
  }

  @Test func tooManyPatternsAreAnError() {
    let sequences = BasketSequences([[["a", "b", "c"], ["a", "b", "c"]]])
    #expect(throws: PatternError.tooManyPatterns(limit: 5)) {
      try PrefixSpan().mine(sequences, minimumCount: 1, maximumPatterns: 5, context: context)
    }
  }
}
