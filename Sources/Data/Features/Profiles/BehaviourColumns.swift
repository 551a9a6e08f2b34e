import Commerce
import Foundation
import MathKernels

/// The numbers of the behaviour mode: how recently, how often and what customers bought as of a day.
///
/// The logarithms of purchase days of each category at three half-lives, of recency, visits, spend and gaps, and the shares of
/// the hours and weekdays on which orders began. With more than `mostCategories` categories their broad groups are counted
/// instead, so that the width stays bounded.
struct BehaviourColumns: Sendable {
  static let halfLives = [DecayTable.h240, DecayTable.h60, DecayTable.h20]
  static let general = 11 + 8 + 7

  let space: CategorySpace
  let byGroup: Bool

  init(space: CategorySpace, mostCategories: Int) {
    self.space = space
    byGroup = space.count > mostCategories
  }

  private var places: Int { byGroup ? space.groupNames.count : space.count }

  var width: Int { Self.halfLives.count * places + Self.general }

  /// The block of customers as of a day; a customer who has not bought anything lacks the mode.
  func block(_ states: [CustomerState], before day: Int32) -> ModeBlock {
    let rows = parallelBlocks(states.count, blockSize: 128) { block in
      var part = [Float](repeating: 0, count: block.count * width)
      for customer in block where hasBought(states[customer], before: day) {
        let start = (customer - block.lowerBound) * width
        fill(states[customer], before: day, &part, at: start)
      }
      return part
    }
    return ModeBlock(
      mode: .behaviour, width: width, values: rows.flatMap { $0 },
      present: states.map { hasBought($0, before: day) })
  }

  private func hasBought(_ state: CustomerState, before day: Int32) -> Bool {
    state.visits.first.map { $0.day < day } ?? false
  }

  private func fill(_ state: CustomerState, before day: Int32, _ row: inout [Float], at start: Int) {
    for (index, category) in state.categories.enumerated() {
      guard let column = space.column(ofCategory: category) else { continue }
      let values = PairValues(state.histories[index], before: day)
      guard values.count > 0 else { continue }
      let place = byGroup ? Int(space.groups[column]) : column
      for (part, halfLife) in Self.halfLives.enumerated() {
        row[start + part * places + place] += Float(values.decayed(halfLife))
      }
    }
    let general = start + Self.halfLives.count * places
    for index in start..<general { row[index] = log1p(row[index]) }
    let numbers = generalNumbers(state, before: day)
    for index in numbers.indices { row[general + index] = numbers[index] }
  }

  private func generalNumbers(_ state: CustomerState, before day: Int32) -> [Float] {
    let values = CustomerValues(state, before: day)
    func size(_ value: Double) -> Float { Float(log1p(max(0, value))) }
    var numbers = [
      size(Double(values.recency ?? 0)), size(Double(values.tenure ?? 0)), size(values.meanGap ?? 0),
      size(Double(values.visits14)), size(Double(values.visits28)), size(Double(values.visits112)),
      size(values.decayedVisits), size(Double(values.spend28) / 100), size(Double(state.spend) / 100),
      Float(values.categoriesPerVisit), Float(values.discountShare),
    ]
    let orders = Float(max(1, state.orders))
    // Eight parts of the day of three hours each.
    for part in 0..<8 { numbers.append(Float(state.hours[3 * part..<3 * part + 3].reduce(0, +)) / orders) }
    for weekday in 0..<7 { numbers.append(Float(state.weekdays[weekday]) / orders) }
    return numbers
  }
}
