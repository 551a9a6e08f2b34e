import Commerce
import Features
import Foundation

/// The sums over customers that a board is made of.
struct BoardTally: Sendable {
  /// Customers of a category in the last 28 days, in the 28 before, and in both.
  struct Months: Sendable {
    var recent = 0
    var previous = 0
    var both = 0
  }

  /// What is expected of a category.
  struct Expected: Sendable {
    var replenish = 0.0
    var explore = 0.0
    var value = 0.0
    var withinWeek = 0.0
    var overdue = 0
    var histogram = [Int](repeating: 0, count: 10)
  }

  var months: [Months]
  var expected: [Expected]
  /// Customers by category and week.
  var weekly: [Int32]
  let weeks: Int

  init(categories: Int, weeks: Int) {
    months = Array(repeating: Months(), count: categories)
    expected = Array(repeating: Expected(), count: categories)
    weekly = Array(repeating: 0, count: categories * weeks)
    self.weeks = weeks
  }

  mutating func addStrengths(_ predictor: NeedPredictor, rows: [Float], margins: [Float], from start: Int) {
    for column in expected.indices {
      let strength = predictor.model.calibration(Double(margins[start + column]))
      let row = (start + column) * NeedFeatures.width
      let facts = PairFacts(
        rows, row: row, column: column, strength: strength, snapshot: predictor.model.snapshot)
      if rows[row + NeedFeature.purchases.rawValue] > 0 {
        expected[column].replenish += strength
      } else {
        expected[column].explore += strength
      }
      expected[column].value += facts.value
      expected[column].withinWeek += NeedMining.strength(strength, withinDays: 7)
      expected[column].overdue += facts.isOverdue ? 1 : 0
      expected[column].histogram[min(9, max(0, Int(strength * 10)))] += 1
    }
  }

  mutating func addHistory(_ state: CustomerState, space: CategorySpace, day: Int32, firstWeek: Int32) {
    for (index, category) in state.categories.enumerated() {
      guard let column = space.column(ofCategory: category) else { continue }
      var (recent, previous, lastWeek) = (false, false, -1)
      for entry in state.histories[index].days {
        let age = Int64(day) - Int64(entry.day)
        guard age >= 1 else { break }
        if age <= 28 { recent = true } else if age <= 56 { previous = true }
        let week = Int((Int64(entry.day) - Int64(firstWeek)) / 7)
        if week >= 0, week < weeks, week != lastWeek { weekly[column * weeks + week] += 1 }
        lastWeek = week
      }
      months[column].recent += recent ? 1 : 0
      months[column].previous += previous ? 1 : 0
      months[column].both += recent && previous ? 1 : 0
    }
  }

  mutating func merge(_ other: BoardTally) {
    for column in months.indices {
      months[column].recent += other.months[column].recent
      months[column].previous += other.months[column].previous
      months[column].both += other.months[column].both
      expected[column].replenish += other.expected[column].replenish
      expected[column].explore += other.expected[column].explore
      expected[column].value += other.expected[column].value
      expected[column].withinWeek += other.expected[column].withinWeek
      expected[column].overdue += other.expected[column].overdue
      for bin in 0..<10 { expected[column].histogram[bin] += other.expected[column].histogram[bin] }
    }
    for index in weekly.indices { weekly[index] += other.weekly[index] }
  }

  func row(
    _ column: Int, predictor: NeedPredictor, customers: Int, trend: NeedBoard.Trend, firstWeek: Int32
  ) -> NeedBoard.Row {
    let sums = expected[column]
    let total = sums.replenish + sums.explore
    return NeedBoard.Row(
      subject: predictor.subject(ofColumn: column), shareOfCustomers: total / Double(max(1, customers)),
      expectedCustomers: total, replenishCustomers: Int(sums.replenish.rounded()),
      exploreCustomers: Int(sums.explore.rounded()), atStake: predictor.money(sums.value),
      dueWithin7Days: Int(sums.withinWeek.rounded()), overdue: sums.overdue, trend: trend,
      series: (0..<weeks).map { week in
        let monday = Int64(firstWeek) + 7 * Int64(week)
        return NeedBoard.Week(
          week: String(Timestamp(milliseconds: monday * Timestamp.day).description.prefix(10)),
          customers: Int(weekly[column * weeks + week]))
      },
      strengthHistogram: (0..<10).map { bin in
        NeedBoard.Bin(from: Double(bin) / 10, to: Double(bin + 1) / 10, customers: sums.histogram[bin])
      })
  }
}
