import Foundation
import Testing
import TextAnalysis

@Suite struct ClassificationEvaluationTests {
  @Test func figuresOfASmallTable() {
    let evaluation = ClassificationEvaluation(
      truth: ["a", "a", "a", "b", "b", "c"], answers: ["a", "a", "b", "b", "a", "a"],
      probabilities: [0.9, 0.8, 0.6, 0.7, 0.5, 0.4], truthProbabilities: [0.9, 0.8, 0.3, 0.7, 0.4, 0.1])
    #expect(evaluation.count == 6 && evaluation.accuracy == 0.5)
    #expect(evaluation.confusion == [[2, 1, 0], [1, 1, 0], [1, 0, 0]])
    #expect(evaluation.classes.map(\.support) == [3, 2, 1])
    #expect(evaluation.classes.map(\.precision) == [0.5, 0.5, 0])
    let f1 = [4.0 / 7, 0.5, 0]
    for (found, fact) in zip(evaluation.classes.map(\.f1), f1) { #expect(abs(found - fact) < 1e-12) }
    #expect(abs(evaluation.macroF1 - (4.0 / 7 + 0.5) / 3) < 1e-12)
    let loss = -[0.9, 0.8, 0.3, 0.7, 0.4, 0.1].reduce(0) { $0 + log($1) } / 6
    #expect(abs((evaluation.logLoss ?? 0) - loss) < 1e-12)
    #expect(evaluation.accuracyInterval[0] < 0.5 && evaluation.accuracyInterval[1] > 0.5)
  }

  @Test func nothingToEvaluateHasFiguresToo() {
    let evaluation = ClassificationEvaluation(truth: [], answers: [])
    #expect(evaluation.accuracy == 0 && evaluation.macroF1 == 0 && evaluation.classes.isEmpty)
  }

  @Test func readsQuotedFieldsAndLineBreaks() throws {
    let texts = try LabelledTextFile.parse(
      "id,label,text\r\n1,pos,\"good, \"\"really\"\"\nyes\"\r\n2,neg,bad\n\n", "f.csv")
    #expect(
      texts == [
        LabelledText(label: "pos", text: "good, \"really\"\nyes"), LabelledText(label: "neg", text: "bad"),
      ])
  }

  @Test(arguments: [
    ("", 1), ("a,b\n1,2\n", 1), ("label,text\npos,a\nneg\n", 3), ("label,text\n,a\n", 2),
    ("label,text\npos,\"a\nb\n", 2),
  ])
  func namesTheLineThatIsWrong(csv: String, line: Int) {
    #expect {
      try LabelledTextFile.parse(csv, "f.csv")
    } throws: { error in
      guard case .malformedLine(let file, let found, _, _) = error as? TextError else { return false }
      return file == "f.csv" && found == line
    }
  }

  @Test func saysWhichFileIsMissing() {
    #expect(throws: TextError.self) { try LabelledTextFile.read("/nowhere.csv") }
  }
}
