import MathKernels
import TextAnalysis

/// Finds the words that tell groups of sentences from each other, and the sentences that show each.
struct VoiceNaming: Sendable {
  var configuration: VoiceOfCustomer.Configuration
  var tools: VoiceTools
  var sentences: [VoiceSentence]
  var space: VoiceSpace

  func name(_ groups: inout [VoiceGroup]) {
    let terms = groups.map { group in
      group.statements.isEmpty
        ? group.placed.flatMap { EvaluativeWords.content(of: tools.terms.terms(of: $0.text)) }
        : group.statements.flatMap { sentences[$0].terms }
    }
    for (index, words) in ClassTermWeights.best(of: terms, count: 10).enumerated() {
      groups[index].words = words.map(\.term)
      groups[index].quotes = quotes(groups[index])
    }
  }

  /// Sentences near the centre of a group and unlike each other.
  private func quotes(_ group: VoiceGroup) -> [Int] {
    let nearest = group.statements.sorted {
      (group.similarities[$1] ?? 0, $0) < (group.similarities[$0] ?? 0, $1)
    }.prefix(100)
    var relevance = [Float](repeating: 0, count: sentences.count)
    for index in nearest {
      // A sentence that is short enough to read at a glance shows a need better.
      let isReadable = (6...45).contains(
        sentences[index].quote.text.unicodeScalars.count / (isLatin(index) ? 3 : 1))
      relevance[index] = (group.similarities[index] ?? 0) + (isReadable ? 0.25 : 0)
    }
    return MaximalMarginalRelevance.choose(
      configuration.quotes, of: Array(nearest), space.rows, relevance, 0.6)
  }

  private func isLatin(_ index: Int) -> Bool {
    let text = sentences[index].quote.text
    return text.utf8.count * 2 < text.unicodeScalars.count * 3
  }
}
