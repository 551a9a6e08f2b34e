import Foundation

/// An amount of money: a whole number of the currency's minor units (cents, fen), never a bare floating-point number.
public struct Money: Sendable, Hashable {
  /// The amount in minor units: 1234 is 12.34 in a currency with two decimals.
  public var minorUnits: Int64
  /// The currency that the minor units belong to.
  public var currency: Currency

  /// An amount given in minor units.
  public init(minorUnits: Int64, currency: Currency) {
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// An amount given in major units (12.34), rounded half to even to the currency's minor unit.
  ///
  /// Returns nil when the amount is not finite or does not fit.
  public init?(_ amount: Double, currency: Currency) {
    let scaled = (amount * currency.minorUnitsPerMajor).rounded(.toNearestOrEven)
    guard scaled.isFinite, abs(scaled) < 9e18 else { return nil }
    self.init(minorUnits: Int64(scaled), currency: currency)
  }

  /// The amount in major units.
  public var amount: Double { Double(minorUnits) / currency.minorUnitsPerMajor }
}

extension Money: Codable {
  private enum CodingKeys: String, CodingKey { case amount, currency }

  /// Decodes `{"amount": 12.34, "currency": "USD"}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let currency = try container.decode(Currency.self, forKey: .currency)
    let amount = try container.decode(Double.self, forKey: .amount)
    guard let money = Money(amount, currency: currency) else {
      throw DecodingError.dataCorruptedError(
        forKey: .amount, in: container, debugDescription: "an amount of money that fits")
    }
    self = money
  }

  /// Encodes `{"amount": 12.34, "currency": "USD"}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(amount, forKey: .amount)
    try container.encode(currency, forKey: .currency)
  }
}

/// An ISO 4217 currency code, such as `USD` or `CNY`.
public struct Currency: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The three capital letters.
  public let code: String

  /// A currency from its code; lower case is accepted. Nil unless it is three Latin letters.
  public init?(_ code: String) {
    let upper = code.uppercased()
    guard upper.utf8.count == 3, upper.utf8.allSatisfy({ (65...90).contains($0) }) else { return nil }
    self.code = upper
  }

  /// Yuan renminbi.
  public static let cny = Currency("CNY")!
  /// United States dollar.
  public static let usd = Currency("USD")!

  /// How many minor units make one major unit: 100 for most, 1 for yen, 1000 for dinars.
  public var minorUnitsPerMajor: Double {
    if self == .usd || self == .cny { return 100 }
    return switch code {
    case "JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF", "RWF", "KMF", "GNF", "DJF",
      "BIF",
      "VUV":
      1
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 1000
    default: 100
    }
  }

  /// The code.
  public var description: String { code }

  /// Decodes the bare code.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let code = try container.decode(String.self)
    guard let currency = Currency(code) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(code)' is not an ISO 4217 currency code such as USD")
    }
    self = currency
  }

  /// Encodes the bare code.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(code)
  }
}
