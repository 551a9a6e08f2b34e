import Recommendation

/// Which rows may not come onto a page, and why.
struct PageMask {
  private let effects: RuleEffects
  private let table: ItemTable
  private let repeats: RepeatPurchases
  private let bought: Set<Int>
  private let inCart: Set<Int>
  private let itemRow: Int?
  private let category: Int32?
  private let keepsToCategory: Bool
  private let fatigued: Set<Int>
  private let cartCategories: Set<Int32>
  private let isStrict: Bool

  init(_ input: PageInput, _ parts: PageParts, _ effects: RuleEffects, itemRow: Int?) {
    let table = parts.table
    self.effects = effects
    self.table = table
    self.itemRow = itemRow
    let request = input.request
    repeats = request.repeats
    bought = Set(input.had.lazy.compactMap { table.row(of: $0) })
    inCart = Set(request.cart.compactMap { table.row(of: $0) })
    keepsToCategory = request.category != nil
    category = request.category.flatMap { table.categories.index(of: $0) }
    isStrict = effects.substitutesRule != nil
    cartCategories =
      request.context == .cart ? Set(inCart.map { table.category[$0] }.filter { $0 >= 0 }) : []
    if let rule = effects.fatigue {
      fatigued = Set(
        input.timesShown(inDays: rule.days).filter { $0.value >= rule.shows }.compactMap {
          table.row(of: $0.key)
        }
      ).subtracting(bought)
    } else {
      fatigued = []
    }
  }

  /// Sets the scores of all rows that may not be shown to −infinity.
  func apply(to scores: inout [Float], source: CandidateSource) {
    if repeats == .only {
      for row in scores.indices where !bought.contains(row) { scores[row] = -.infinity }
    } else if repeats == .never {
      for row in bought { scores[row] = -.infinity }
    }
    for row in inCart { scores[row] = -.infinity }
    for row in fatigued { scores[row] = -.infinity }
    if let itemRow { scores[itemRow] = -.infinity }
    if keepsToCategory {
      for row in scores.indices where !isInCategory(row) { scores[row] = -.infinity }
    }
    effects.applyFilters(to: &scores)
    if !cartCategories.isEmpty {
      for row in scores.indices where isSubstitute(row, source) { scores[row] = -.infinity }
    }
  }

  private func isInCategory(_ row: Int) -> Bool { category.map { table.isInCategory($0, row) } ?? false }

  /// An item of a category that is in the cart already could take the place of what is there, unless both go into one order.
  private func isSubstitute(_ row: Int, _ source: CandidateSource) -> Bool {
    cartCategories.contains(table.category[row]) && (isStrict || source != .complements)
  }

  /// Why a row may not be shown, when it may not.
  func obstacle(_ row: Int, _ source: CandidateSource) -> CandidateFate? {
    if effects.isRemoved(row) { return .removed }
    if row == itemRow || inCart.contains(row) { return .heldBack }
    if repeats == .never, bought.contains(row) { return .boughtBefore }
    if repeats == .only, !bought.contains(row) { return .noCandidate }
    if keepsToCategory, !isInCategory(row) { return .noCandidate }
    if fatigued.contains(row) { return .fatigued }
    if !cartCategories.isEmpty, isSubstitute(row, source) { return .heldBack }
    return nil
  }

  /// Whether a rule may pin a row: filters bind pins, and what is there already is not shown again.
  func allowsPin(_ row: Int) -> Bool {
    !effects.isRemoved(row) && row != itemRow && !inCart.contains(row)
      && (!keepsToCategory || isInCategory(row))
  }

  /// Whether the customer has had a row's item.
  func isBought(_ row: Int) -> Bool { bought.contains(row) }
}
