import Commerce
import Foundation

/// A product that is to be launched, or one that was: what is known of it beforehand.
public struct LaunchProduct: Sendable, Equatable {
  /// Its name.
  public var title: String
  /// The category at which needs are mined.
  public var category: String?
  /// The categories from broad to narrow.
  public var categoryPath: [String]
  /// The brand or maker.
  public var brand: String?
  /// The undiscounted price of a unit, in minor units.
  public var price: Double?
  /// What else is known, as labels: a package size, a maker's number.
  public var attributes: [String: String]

  /// A product.
  public init(
    title: String, category: String?, categoryPath: [String] = [], brand: String? = nil, price: Double? = nil,
    attributes: [String: String] = [:]
  ) {
    self.title = title
    self.category = category
    self.categoryPath = categoryPath.isEmpty ? category.map { [$0] } ?? [] : categoryPath
    self.brand = brand
    self.price = price
    self.attributes = attributes
  }

  /// An item of the catalogue.
  public init(_ item: Item, price: Double? = nil) {
    let labels = item.attributes.compactMapValues(\.asLabel).filter { !ItemTerms.notKinds.contains($0.key) }
    self.init(
      title: item.title ?? item.category ?? item.itemID, category: item.category,
      categoryPath: item.categoryPath, brand: item.brand, price: price, attributes: labels)
  }

  /// The broadest category.
  var department: String? { categoryPath.count > 1 ? categoryPath.first : nil }
  /// What is narrower than the category.
  var type: String? { categoryPath.last.flatMap { $0 == category ? nil : $0 } }
  /// Brand and attributes as labels.
  var labels: [String] {
    (brand.map { ["brand=\($0)"] } ?? [])
      + attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// The words of a text in lower case; of scripts without blanks all pairs of neighbouring characters.
  public static func words(_ text: String) -> Set<String> {
    var words: Set<String> = []
    for part in text.lowercased().unicodeScalars.split(whereSeparator: {
      !$0.properties.isAlphabetic && !CharacterSet.decimalDigits.contains($0)
    }) {
      let scalars = Array(part)
      if scalars.contains(where: { $0.properties.isIdeographic }), scalars.count > 1 {
        for (a, b) in zip(scalars, scalars.dropFirst()) { words.insert(String(a) + String(b)) }
      } else {
        words.insert(String(String.UnicodeScalarView(part)))
      }
    }
    return words
  }
}
