import Foundation

extension BinaryInteger {
  /// The number with its thousands apart, as English and Chinese sentences write it: `12339.grouped` is `"12,339"`.
  public var grouped: String {
    var text = ""
    for (place, digit) in String(magnitude).reversed().enumerated() {
      if place > 0, place.isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }
}

extension Money {
  /// The amount as a sentence writes it: `$12,339`, `¥8.87`, `SEK 45.50`. From 1,000 on without minor units.
  public var written: String {
    let digits = abs(amount) >= 1000 ? 0 : Int(log10(currency.minorUnitsPerMajor))
    let major = String(format: "%.\(digits)f", abs(amount)).split(separator: ".")
    let whole = (Int64(major[0]) ?? 0).grouped
    let number = major.count > 1 ? "\(whole).\(major[1])" : whole
    return (minorUnits < 0 ? "-" : "") + (currency.symbol ?? "\(currency.code) ") + number
  }
}

extension Currency {
  /// The sign before an amount, for the currencies whose sign is known everywhere; nil for others.
  var symbol: String? {
    ["USD": "$", "CNY": "¥", "JPY": "¥", "EUR": "€", "GBP": "£", "INR": "₹", "KRW": "₩"][code]
  }
}
