import Commerce
import Foundation

/// One thing that two products have in common.
public enum LaunchReason: Sendable, Equatable {
  /// The narrowest category.
  case type(String)
  /// The category.
  case category(String)
  /// The broadest category.
  case department(String)
  /// Words of their titles, the rarest first.
  case words([String])
  /// The brand.
  case brand(String)
  /// An attribute with its value.
  case attribute(String, String)
  /// Prices that differ by less than a sixth.
  case price
}

/// How alike two products are, 0 to 1, and in what.
///
/// The mean of what both are known by, weighted: how deep their category paths agree (4), rare words shared by their titles
/// (2.5, cosine with inverse document frequencies), the same brand (1), the share of equal attributes (1), and nearness of
/// price (1.5, e to the minus twice the difference of logarithms). What is unknown of either is left out of the mean.
struct LaunchSimilarity: Sendable {
  /// A product made ready to be compared.
  struct Profile: Sendable {
    let product: LaunchProduct
    fileprivate let words: [(word: Int32, weight: Double)]
    fileprivate let logPrice: Double?
  }

  private var vocabulary = Vocabulary()
  private var frequencies: [Double] = []
  private var documents = 0.0

  /// Learns how rare words are.
  init(_ titles: some Sequence<String>) {
    for title in titles {
      documents += 1
      // In an order of their own, so that sums come out the same every time.
      for word in LaunchProduct.words(title).sorted() {
        let index = Int(vocabulary.insert(word))
        if index == frequencies.count { frequencies.append(0) }
        frequencies[index] += 1
      }
    }
  }

  func profile(_ product: LaunchProduct) -> Profile {
    let weighted = LaunchProduct.words(product.title).sorted().compactMap {
      word -> (word: Int32, weight: Double)? in
      guard let index = vocabulary.index(of: word) else { return nil }
      return (index, log((documents + 1) / (frequencies[Int(index)] + 0.5)))
    }
    let length = weighted.reduce(0) { $0 + $1.weight * $1.weight }.squareRoot()
    return Profile(
      product: product,
      words: weighted.map { ($0.word, length > 0 ? $0.weight / length : 0) }.sorted { $0.word < $1.word },
      logPrice: product.price.flatMap { $0 > 0 ? log($0) : nil })
  }

  func similarity(_ a: Profile, _ b: Profile) -> Double {
    var (sum, weight) = (0.0, 0.0)
    func add(_ value: Double?, _ importance: Double) {
      guard let value else { return }
      sum += importance * value
      weight += importance
    }
    add(path(a.product, b.product), 4)
    add(a.words.isEmpty || b.words.isEmpty ? nil : cosine(a.words, b.words), 2.5)
    if let first = a.product.brand, let second = b.product.brand { add(first == second ? 1 : 0, 1) }
    add(attributes(a.product, b.product), 1)
    if let first = a.logPrice, let second = b.logPrice { add(exp(-2 * abs(first - second)), 1.5) }
    return weight > 0 ? sum / weight : 0
  }

  func reasons(_ a: Profile, _ b: Profile) -> [LaunchReason] {
    var reasons: [LaunchReason] = []
    let (first, second) = (a.product, b.product)
    if let type = first.type, type == second.type {
      reasons.append(.type(type))
    } else if let category = first.category, category == second.category {
      reasons.append(.category(category))
    } else if let department = first.department, department == second.department {
      reasons.append(.department(department))
    }
    let shared = Set(a.words.map(\.word)).intersection(b.words.map(\.word))
    if !shared.isEmpty {
      let rarest = shared.sorted { (frequencies[Int($0)], $0) < (frequencies[Int($1)], $1) }
      reasons.append(.words(rarest.prefix(4).map { vocabulary[$0] }))
    }
    if let brand = first.brand, brand == second.brand { reasons.append(.brand(brand)) }
    for (key, value) in first.attributes.sorted(by: { $0.key < $1.key }) where second.attributes[key] == value
    {
      reasons.append(.attribute(key, value))
    }
    if let mine = a.logPrice, let other = b.logPrice, abs(mine - other) < 0.15 { reasons.append(.price) }
    return reasons
  }

  private func path(_ a: LaunchProduct, _ b: LaunchProduct) -> Double? {
    guard a.category != nil, b.category != nil else { return nil }
    if a.category == b.category {
      guard a.type != nil, b.type != nil else { return 0.8 }
      return a.type == b.type ? 1 : 0.7
    }
    return a.department != nil && a.department == b.department ? 0.3 : 0
  }

  private func attributes(_ a: LaunchProduct, _ b: LaunchProduct) -> Double? {
    let keys = a.attributes.keys.filter { b.attributes[$0] != nil }
    guard !keys.isEmpty else { return nil }
    return Double(keys.count(where: { a.attributes[$0] == b.attributes[$0] })) / Double(keys.count)
  }

  private func cosine(_ a: [(word: Int32, weight: Double)], _ b: [(word: Int32, weight: Double)]) -> Double {
    var (sum, i, j) = (0.0, 0, 0)
    while i < a.count, j < b.count {
      if a[i].word == b[j].word {
        sum += a[i].weight * b[j].weight
        i += 1
        j += 1
      } else if a[i].word < b[j].word {
        i += 1
      } else {
        j += 1
      }
    }
    return sum
  }
}
