import Commerce
import CustomerValue
import Foundation
import Learning
import MathKernels
import Testing

/// A shop whose customers buy at rates of their own, and of whom some slow down before they stop.
enum MadeUpShop {
  struct Line {
    var customer: Int
    var day: Int
    var amount: Double
    var item: Int
  }

  static func lines(customers: Int, days: Int, seed: UInt64) -> [Line] {
    var random = RandomSource(seed: seed)
    return (0..<customers).flatMap { customer -> [Line] in
      var gap = 3 + 12 * random.uniform()
      let fadesAt = random.uniform() < 0.4 ? Double(days) * random.uniform() : .infinity
      var (day, found) = (random.uniform() * 30, [Line]())
      while day < Double(days), gap < 400 {
        for _ in 0..<(1 + random.index(below: 3)) {
          found.append(
            Line(
              customer: customer, day: Int(day), amount: 5 + 20 * random.uniform(),
              item: random.index(below: 12)))
        }
        if day > fadesAt { gap *= 1.7 }
        day += gap * (0.5 + random.uniform())
      }
      return found
    }
  }

  static func history(_ lines: [Line]) -> LapseHistory {
    var frame = EventFrame(currency: .usd)
    for (sequence, line) in lines.enumerated() {
      frame.append(
        EventFrame.Row(
          sequence: Int64(sequence), kind: .purchase, customerID: "c\(line.customer)", sessionID: nil,
          itemID: "i\(line.item)", orderID: nil,
          timestamp: Timestamp(milliseconds: Int64(line.day) * Timestamp.day + 36_000_000), quantity: 1,
          amount: Money(line.amount, currency: .usd), discount: nil, rating: nil))
    }
    return LapseHistory(
      frame, day: { Int32($0 / Timestamp.day) },
      categories: frame.items.ids.map { Int32(Int($0.dropFirst())! % 4) })
  }
}

@Suite struct LapseTests {
  /// Events in the order of arrival of the first customers, so that removing later ones keeps the customers' places.
  @Test(arguments: [1, 2, 3] as [UInt64]) func noFeatureSeesWhatCameLater(seed: UInt64) throws {
    let lines = MadeUpShop.lines(customers: 120, days: 300, seed: seed).sorted { $0.day < $1.day }
    let day: Int32 = 200
    var random = RandomSource(seed: seed &+ 100)
    let scrambled = lines.map { line in
      guard line.day >= Int(day) else { return line }
      var other = line
      other.day = Int(day) + random.index(below: 100)
      other.amount = 1000 * random.uniform()
      other.customer = random.index(below: 120)
      return other
    }
    let features = LapseFeatures()
    let whole = try features.table(MadeUpShop.history(lines), asOf: day)
    for other in [lines.filter { $0.day < Int(day) }, scrambled] {
      let found = try features.table(MadeUpShop.history(other), asOf: day)
      #expect(found.table.ids == whole.table.ids)
      #expect(found.expectedSpend == whole.expectedSpend)
      for (a, b) in zip(found.table.columns, whole.table.columns) {
        guard case .numbers(let mine) = a.values, case .numbers(let theirs) = b.values else {
          Issue.record("\(a.name) holds no numbers")
          continue
        }
        // Gaps are NaN, which equals nothing; bits are compared.
        #expect(mine.map(\.bitPattern) == theirs.map(\.bitPattern), "\(a.name)")
      }
    }
  }

  @Test func labelsSayWhoBoughtWithinTheHorizon() throws {
    let lines = [
      MadeUpShop.Line(customer: 0, day: 90, amount: 10, item: 1),
      .init(customer: 0, day: 100 + 55, amount: 10, item: 1),
      .init(customer: 1, day: 95, amount: 10, item: 1),
      .init(customer: 1, day: 100 + 56, amount: 10, item: 1),
      .init(customer: 2, day: 43, amount: 10, item: 1), .init(customer: 3, day: 44, amount: 10, item: 1),
      .init(customer: 4, day: 100, amount: 10, item: 1),
    ]
    let day = try LapseFeatures().table(MadeUpShop.history(lines), asOf: 100)
    // Customer 2 was last seen 57 days before; customer 4 is new on the day itself.
    #expect(day.table.ids == ["c0", "c1", "c3"])
    #expect(day.table.labels == [false, true, true])
    let young = try LapseFeatures().table(MadeUpShop.history(lines), asOf: 120)
    #expect(young.table.labels.allSatisfy { $0 == nil })
  }

  @Test func valuesOfOneCustomerByHand() throws {
    let lines = [
      MadeUpShop.Line(customer: 0, day: 10, amount: 10, item: 0),
      .init(customer: 0, day: 20, amount: 20, item: 1), .init(customer: 0, day: 20, amount: 10, item: 4),
      .init(customer: 0, day: 40, amount: 30, item: 2),
    ]
    let table = try LapseFeatures().table(MadeUpShop.history(lines), asOf: 50).table
    func value(_ column: LapseFeatures.Column) -> Double {
      guard
        case .numbers(let values)? = table.columns.first(where: { $0.name == column.rawValue })?.values
      else { return .nan }
      return values[0]
    }
    #expect(value(.recency) == 10 && value(.age) == 40)
    #expect(value(.visits28) == 1 && value(.visits56) == 3)
    #expect(value(.gap) == 15 && abs(value(.recencyPerGap) - 10.0 / 15) < 1e-12)
    #expect(value(.recencyPerLongest) == 0.5)
    #expect(abs(value(.spend112) - 70) < 1e-9 && abs(value(.basket) - 70.0 / 3) < 1e-9)
    // Items 0, 1, 4 and 2 lie in the categories 0, 1, 0 and 2.
    #expect(value(.categories) == 3)
    #expect(abs(value(.lines) - 4.0 / 3) < 1e-12)
  }

  @Test func modelsBeatRecencyWhereRhythmsDiffer() async throws {
    let history = MadeUpShop.history(MadeUpShop.lines(customers: 900, days: 364, seed: 21))
    let report = try await LapseEvaluation(
      classifier: ChurnClassifier(MadeUpChurn.quick), resamples: 200
    ).run(history, asOf: 300, context: FitContext(seed: 21))
    #expect(report.trainingDays.allSatisfy { $0 + 56 <= 300 })
    let chosen = try #require(report.results.first { $0.method == report.chosen })
    let gain = try #require(
      chosen.differences.first { $0.against == .recency && $0.figure == "auc" })
    #expect(gain.value > 0 && gain.interval.lower > 0)
    #expect(Set(report.results.map(\.method)) == Set(LapseEvaluation.Method.allCases))
  }

  @Test func tooShortAHistoryIsRefused() async throws {
    let history = MadeUpShop.history(MadeUpShop.lines(customers: 50, days: 80, seed: 22))
    await #expect(throws: CustomerValueError.self) {
      try await LapseEvaluation().run(history, asOf: 24, context: FitContext())
    }
  }

  @Test func gapsThatNeverEndAreCutOff() throws {
    let lines = [0, 10, 20, 30].map { MadeUpShop.Line(customer: 0, day: $0, amount: 1, item: 0) }
    let rhythm = try LapseRhythm(MadeUpShop.history(lines), asOf: 100)
    #expect(rhythm.curve.count == 4)
    #expect(rhythm.curve.survival(at: 9) == 1 && rhythm.curve.survival(at: 10) == 0.25)
  }
}
