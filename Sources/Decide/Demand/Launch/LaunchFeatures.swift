import Foundation
import MathKernels

/// What is known of a product before its launch, as numbers.
struct LaunchFeatures {
  private let library: LaunchLibrary
  private let similarity: LaunchSimilarity
  private let profiles: [LaunchSimilarity.Profile]
  private let levels: [Double]

  /// Which of the values is the usual level of established items of the product's type.
  static let usual = 5
  /// So many of the most alike launches count.
  private static let neighbours = 20
  /// A group's mean counts as much as so many launches of the wider group.
  private static let weight = 4.0

  init(
    _ library: LaunchLibrary, similarity: LaunchSimilarity, profiles: [LaunchSimilarity.Profile],
    levels: [Double]
  ) {
    (self.library, self.similarity, self.profiles, self.levels) = (library, similarity, profiles, levels)
  }

  func values(_ profile: LaunchSimilarity.Profile, launchedIn week: Int) -> [Double] {
    let product = profile.product
    let known = library.launches.prefix { $0.firstWeek + library.definition.decidingWeeks <= week }.count
    let market = library.market
    let all = market.everything(before: week)
    let (category, type) = (LaunchMarket.key("c", product.category), LaunchMarket.key("t", product.type))
    let usual = all.steady > 0 ? all.sumLevel / all.steady : 0
    let ofCategory = market.group(category, before: week)
    let ofType = type == nil ? ofCategory : market.group(type, before: week)
    let inCategory = ofCategory.level(towards: usual)
    let inType = type == nil ? inCategory : ofType.level(towards: inCategory)
    let inLabels = mean(
      product.labels.map { market.group("l:\($0)", before: week).level(towards: inCategory) },
      else: inCategory)
    let price = product.price.flatMap { $0 > 0 ? log($0) : nil }
    let usualPrice = ofType.price ?? ofCategory.price ?? all.price
    let relative = price.flatMap { price in usualPrice.map { min(2, max(-2, price - $0)) } } ?? 0
    return launches(product, known) + [
      inCategory, inType, inLabels, relative, price ?? usualPrice ?? 0, log(1 + ofCategory.active),
      log(1 + ofCategory.units), log(1 + ofType.active), log(1 + ofType.units),
      nearest(profile, known),
    ]
  }

  /// How far the levels of earlier launches of its department, category, type, and with its labels lie from all.
  private func launches(_ product: LaunchProduct, _ known: Int) -> [Double] {
    let base = known > 0 ? Statistics.mean(levels[0..<known]) : 0
    func shrunken(_ other: Double, _ isLike: (LaunchProduct) -> Bool) -> Double {
      var (sum, count) = (Self.weight * other, Self.weight)
      for index in 0..<known where isLike(profiles[index].product) {
        sum += levels[index]
        count += 1
      }
      return sum / count
    }
    let department = product.department.map { own in shrunken(base) { $0.department == own } } ?? base
    let category = product.category.map { own in shrunken(department) { $0.category == own } } ?? department
    let type = product.type.map { own in shrunken(category) { $0.type == own } } ?? category
    var labels = product.attributes.sorted { $0.key < $1.key }.map { key, value in
      shrunken(category) { $0.attributes[key] == value }
    }
    if let brand = product.brand { labels.append(shrunken(category) { $0.brand == brand }) }
    // As distances from all launches, so that a launch without any before it says nothing rather than zero.
    return [department, category, type, mean(labels, else: category)].map { $0 - base }
  }

  /// How far the levels of the most alike launches lie from all.
  private func nearest(_ profile: LaunchSimilarity.Profile, _ known: Int) -> Double {
    guard known > 0 else { return 0 }
    let other = Statistics.mean(levels[0..<known])
    let alike = (0..<known).map { (similarity.similarity(profile, profiles[$0]), $0) }
      .sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(Self.neighbours)
    var (sum, weight) = (Self.weight * 0.1 * other, Self.weight * 0.1)
    for (likeness, index) in alike {
      sum += likeness * likeness * levels[index]
      weight += likeness * likeness
    }
    return sum / weight - other
  }

  private func mean(_ values: [Double], else other: Double) -> Double {
    values.isEmpty ? other : Statistics.mean(values)
  }
}
