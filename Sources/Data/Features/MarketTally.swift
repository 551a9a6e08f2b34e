import Commerce
import Foundation
import Learning
import MathKernels

extension MarketTimeline {
  /// Sums over all customers as of a day.
  struct Tally: Sendable {
    var customers = 0
    var active: [Bool] = []
    var pairs: [[SparsePair]] = []
    /// By category.
    var counts: [Counts]
    /// By category: the sums of decayed counts, by half-life.
    var decayed: [SIMD8<Double>]
    /// By category: the sums of their squares.
    var squares: [SIMD8<Double>]

    struct Counts: Sendable {
      var week = 0
      var month = 0
      var previousMonth = 0
      var bothMonths = 0
      var newcomers = 0
      var holdersBefore = 0
      var gapSum = 0
      var gaps = 0
      var purchases = 0
      var spend: Int64 = 0
      var quantity = 0.0

      mutating func add(_ values: PairValues) {
        let (recent, previous) = (values.counts.d28 > 0, values.counts.previous28 > 0)
        week += values.counts.d7 > 0 ? 1 : 0
        month += recent ? 1 : 0
        previousMonth += previous ? 1 : 0
        bothMonths += recent && previous ? 1 : 0
        if values.count > values.counts.d28 { holdersBefore += 1 } else { newcomers += recent ? 1 : 0 }
        gapSum += values.gapSum
        gaps += max(0, values.count - 1)
        purchases += values.count
        spend &+= values.spend
        quantity += values.quantity
      }

      mutating func add(_ other: Counts) {
        week += other.week
        month += other.month
        previousMonth += other.previousMonth
        bothMonths += other.bothMonths
        newcomers += other.newcomers
        holdersBefore += other.holdersBefore
        gapSum += other.gapSum
        gaps += other.gaps
        purchases += other.purchases
        spend &+= other.spend
        quantity += other.quantity
      }
    }

    init(categories: Int) {
      counts = Array(repeating: Counts(), count: categories)
      decayed = Array(repeating: .zero, count: categories)
      squares = decayed
    }

    mutating func add(_ state: CustomerState, space: CategorySpace, day: Int32) {
      var sparse: [SparsePair] = []
      for (index, category) in state.categories.enumerated() {
        guard let column = space.column(ofCategory: category) else { continue }
        let values = PairValues(state.histories[index], before: day)
        guard values.count > 0 else { continue }
        counts[column].add(values)
        for halfLife in DecayTable.halfLives.indices {
          let value = values.decayed(halfLife)
          decayed[column][halfLife] += value
          squares[column][halfLife] += value * value
        }
        sparse.append(SparsePair(column: column, values: values))
      }
      let isActive = state.visits.first.map { $0.day < day } ?? false
      customers += isActive ? 1 : 0
      active.append(isActive)
      pairs.append(sparse)
    }

    mutating func merge(_ other: Tally) {
      customers += other.customers
      active += other.active
      pairs += other.pairs
      for column in counts.indices {
        counts[column].add(other.counts[column])
        decayed[column] += other.decayed[column]
        squares[column] += other.squares[column]
      }
    }
  }

  func tally(_ states: [CustomerState], day: Int32) -> Tally {
    let space = space
    let parts = parallelBlocks(states.count, blockSize: 256) { block in
      var part = Tally(categories: space.count)
      for customer in block { part.add(states[customer], space: space, day: day) }
      return part
    }
    return parts.reduce(into: Tally(categories: space.count)) { $0.merge($1) }
  }

  func snapshot(_ tally: Tally, day: Int32, priors: [GammaPriors]) -> MarketSnapshot {
    let customers = Double(max(tally.customers, 1))
    let counts = tally.counts
    func column(_ value: (Tally.Counts) -> Double) -> [Double] { counts.map(value) }
    return MarketSnapshot(
      day: day, originDay: outcomes.originDay, customers: tally.customers,
      popularity7: column { Double($0.week) / customers },
      popularity28: column { Double($0.month) / customers },
      trend: column { log(Double($0.month + 5) / Double($0.previousMonth + 5)) },
      newShare: column { (Double($0.newcomers) + 0.5) / (customers - Double($0.holdersBefore) + 50) },
      repeatShare: column { Double($0.bothMonths + 2) / Double($0.previousMonth + 20) },
      // Five gaps of sixty days stand for what is known before any.
      meanGap: column { (Double($0.gapSum) + 300) / Double($0.gaps + 5) },
      spendPerPurchase: column { $0.purchases == 0 ? 0 : Double($0.spend) / Double($0.purchases) },
      unitPrice: column { $0.quantity > 0 ? Double($0.spend) / $0.quantity : 0 },
      priors: priors, earlierPriors: earlierPriors(day), cellRates: [], map: nil, taste: nil)
  }
}
