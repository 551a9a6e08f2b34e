import Testing
import TextAnalysis

@Suite struct LanguageDetectionTests {
  @Test(arguments: [
    ("物流很快，质量也不错", DetectedLanguage.Kind.simplifiedChinese), ("物流很快，質量還不錯", .traditionalChinese),
    ("iPhone15 Pro Max 很好用", .simplifiedChinese), ("这个app太卡了 bug多", .simplifiedChinese),
    ("Battery died after two weeks, not happy.", .english), ("great product", .english),
    ("Excellent vacuum cleaner", .english),
    ("La calidad es muy buena pero el envío tardó", .other),
    ("Sehr gute Qualität und schnell geliefert", .other),
    ("Très bon produit, je recommande", .other), ("配送がとても早かったです", .other), ("배송이 빨라요", .other),
    ("Очень хорошо", .other), ("", .undecided), ("😊😊", .undecided), ("123 456", .undecided),
  ])
  func tellsLanguagesApart(text: String, expected: DetectedLanguage.Kind) {
    let found = LanguageDetection().detect(text)
    #expect(found.kind == expected, "\(text): \(found)")
    #expect(found.kind == .undecided ? found.probability == 0 : (0.6...1).contains(found.probability))
  }

  @Test func namesTheLanguageForAnalysis() {
    #expect(LanguageDetection().detect("物流很快").language == .chinese)
    #expect(LanguageDetection().detect("the battery is good").language == .english)
    #expect(LanguageDetection().detect("Очень хорошо").language == nil)
  }
}
