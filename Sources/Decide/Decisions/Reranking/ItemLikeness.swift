import Recommendation

/// How alike two items are, from 0 to 1: half for the same category, half for the cosine of their words and attributes.
///
/// Both halves are inner products of vectors of length one, so a matrix of likenesses is positive semidefinite, which the
/// determinantal point process needs. An item without words is like none but itself.
struct ItemLikeness: Sendable {
  let table: ItemTable
  let content: ContentModel?

  func callAsFunction(_ first: Int, _ second: Int) -> Double {
    if first == second { return 1 }
    let category = table.category[first]
    let isSame = category >= 0 && category == table.category[second]
    let cosine = content?.cosine(table.items[Int32(first)], table.items[Int32(second)]) ?? 0
    return (isSame ? 0.5 : 0) + 0.5 * min(max(Double(cosine), 0), 1)
  }
}
