import Commerce
import Testing

struct WrittenNumberTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (1_469_307, "1,469,307"), (-1234, "-1,234"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func thousandsStandApart(number: Int, text: String) {
    #expect(number.grouped == text)
  }

  @Test(arguments: [
    (Money(minorUnits: 887, currency: .usd), "$8.87"), (Money(minorUnits: 99_999, currency: .cny), "¥999.99"),
    (Money(minorUnits: 1_233_949, currency: .usd), "$12,339"),
    (Money(minorUnits: -450, currency: .usd), "-$4.50"),
    (Money(minorUnits: 450, currency: Currency("JPY")!), "¥450"),
    (Money(minorUnits: 4550, currency: Currency("SEK")!), "SEK 45.50"),
    (Money(minorUnits: 1234, currency: Currency("KWD")!), "KWD 1.234"),
  ])
  func moneyIsWrittenAsPeopleWriteIt(money: Money, text: String) {
    #expect(money.written == text)
  }
}
