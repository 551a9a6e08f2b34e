import Testing
import TextAnalysis

@Suite("Errors of texts")
struct TextErrorTests {
  @Test func namesFileAndLineOfAMalformedLine() {
    let error = TextError.malformedLine(file: "words.txt", line: 7, expected: "a word", found: "nothing")
    #expect(error.description == "words.txt:7: expected a word, found nothing.")
  }
}
