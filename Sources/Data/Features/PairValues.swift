import Commerce
import Foundation

/// Powers of one half by age in days, tabulated for the half-lives that features use.
struct DecayTable: Sendable {
  /// The half-lives in days.
  static let halfLives: [Double] = [20, 30, 60, 120, 240]
  static let h20 = 0
  static let h30 = 1
  static let h60 = 2
  static let h120 = 3
  static let h240 = 4
  static let standard = DecayTable()
  private static let days = 4096
  private let powers: [Double]

  private init() {
    powers = (0..<Self.days).flatMap { age in Self.halfLives.map { exponential(-Double(age) / $0) } }
  }

  /// The weights of an age, one a half-life. Ages beyond eleven years weigh as eleven years.
  @inline(__always)
  func withWeights<Result>(ofAge age: Int32, _ body: (UnsafePointer<Double>) -> Result) -> Result {
    powers.withUnsafeBufferPointer { buffer in
      // The table is never empty, so its address exists.
      body(buffer.baseAddress! + Int(min(max(0, age), Int32(Self.days - 1))) * Self.halfLives.count)
    }
  }
}

/// Two to the power of x.
private func exponential(_ x: Double) -> Double { exp2(x) }

/// What the purchases of one customer in one category come to as of a day.
///
/// Ages count from that day: a purchase on the day before has age 1.
public struct PairValues: Sendable, Equatable {
  /// On how many days it was bought.
  public var count = 0
  /// On how many days in the last 7, 28 and 112 days and in the 28 before the last 28.
  public var counts = (d7: 0, d28: 0, d112: 0, previous28: 0)
  /// Purchase days weighted by one half per half-life of 20, 30, 60, 120 and 240 days.
  public var decayed = (h20: 0.0, h30: 0.0, h60: 0.0, h120: 0.0, h240: 0.0)
  /// Days since the last purchase; nil without one.
  public var recency: Int?
  /// Days since the first purchase.
  public var sinceFirst: Int?
  /// The mean of the days between purchases; nil with fewer than two.
  public var meanGap: Double?
  /// The spread of the days between purchases relative to their mean; nil with fewer than three purchases.
  public var gapVariation: Double?
  /// The sum of the days between purchases.
  public var gapSum = 0
  /// Of the pauses that lasted as long as the present one, the share that ended within the next 28 days, drawn towards
  /// one third.
  public var resumption = 1.0 / 3
  /// What was paid in all, in minor units.
  public var spend: Int64 = 0
  /// How many order lines, and how many of them at a discount.
  public var lines: Int32 = 0
  /// How many of the lines were bought at a discount.
  public var discountedLines: Int32 = 0
  /// How many units.
  public var quantity = 0.0

  /// The values as of a day.
  ///
  /// - Complexity: O(days on which it was bought).
  public init(_ history: CategoryHistory, before day: Int32) {
    count = history.count(before: day)
    guard count > 0 else { return }
    var (previousDay, squares) = (Int32(0), 0.0)
    for index in 0..<count {
      let entry = history.days[index]
      // Ages beyond a century are all the same to every feature; the clamp keeps hostile dates from overflowing.
      let age = Int32(clamping: min(36_500, Int64(day) - Int64(entry.day)))
      if age <= 7 { counts.d7 += 1 }
      if age <= 28 { counts.d28 += 1 } else if age <= 56 { counts.previous28 += 1 }
      if age <= 112 { counts.d112 += 1 }
      DecayTable.standard.withWeights(ofAge: age) { weight in
        decayed.h20 += weight[0]
        decayed.h30 += weight[1]
        decayed.h60 += weight[2]
        decayed.h120 += weight[3]
        decayed.h240 += weight[4]
      }
      if index == 0 {
        sinceFirst = Int(age)
      } else {
        let gap = Double(previousDay - age)
        squares += gap * gap
      }
      previousDay = age
      spend &+= entry.spend
      lines &+= entry.lines
      discountedLines &+= entry.discountedLines
      quantity += Double(entry.quantity)
    }
    recency = Int(previousDay)
    gapSum = (sinceFirst ?? 0) - Int(previousDay)
    if count > 1 {
      let mean = Double(gapSum) / Double(count - 1)
      meanGap = mean
      if count > 2, mean > 0 {
        gapVariation = max(0, squares / Double(count - 1) - mean * mean).squareRoot() / mean
      }
    }
    setResumption(history, before: day)
  }

  private mutating func setResumption(_ history: CategoryHistory, before day: Int32) {
    guard let recency else { return }
    var (lasted, ended) = (0, 0)
    for index in 1..<max(1, count) {
      let gap = Int64(history.days[index].day) - Int64(history.days[index - 1].day)
      if gap > recency { lasted += 1 }
      if gap > recency, gap <= recency + 28 { ended += 1 }
    }
    resumption = (Double(ended) + 0.5) / (Double(lasted) + 1.5)
  }

  /// How far the pair has come: 0 never bought, else one of thirty cells of how often and how long ago.
  var cell: Int {
    guard let recency else { return 0 }
    let often = count < 2 ? 0 : count < 3 ? 1 : count < 5 ? 2 : count < 9 ? 3 : 4
    let long =
      recency < 8 ? 0 : recency < 15 ? 1 : recency < 29 ? 2 : recency < 57 ? 3 : recency < 113 ? 4 : 5
    return often * 6 + long + 1
  }

  /// How many cells there are.
  static let cellCount = 31

  /// The decayed counts by half-life, in the order of `DecayTable.halfLives`.
  @inline(__always)
  func decayed(_ halfLife: Int) -> Double {
    switch halfLife {
    case 0: decayed.h20
    case 1: decayed.h30
    case 2: decayed.h60
    case 3: decayed.h120
    default: decayed.h240
    }
  }

  /// Equal in all values.
  public static func == (a: PairValues, b: PairValues) -> Bool {
    a.count == b.count && a.counts == b.counts && a.decayed == b.decayed && a.recency == b.recency
      && a.sinceFirst == b.sinceFirst && a.meanGap == b.meanGap && a.gapVariation == b.gapVariation
      && a.gapSum == b.gapSum && a.resumption == b.resumption && a.spend == b.spend && a.lines == b.lines
      && a.discountedLines == b.discountedLines && a.quantity == b.quantity
  }
}
