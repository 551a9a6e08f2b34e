import Commerce
import Features
import Foundation
import MathKernels

/// The scores of one baseline for all pairs of a window.
struct BaselineScores: Sendable {
  var name: String
  var scores: [Float]
}

/// Simple predictors that a learned one must beat.
struct Baselines {
  let states: [CustomerState]
  let space: CategorySpace
  let day: Int32
  let origin: Int32

  static let halfLives = [14.0, 45.0, 120.0]
  static let popularity = "global popularity, last 28 days"
  static let frequency = "personal frequency"
  static let poissonGamma = "Poisson–Gamma per category"
  static func decayed(_ halfLife: Double) -> String {
    "decayed personal frequency, half-life \(Int(halfLife)) days"
  }

  /// The scores of all baselines for all customers × categories.
  func scores() -> [BaselineScores] {
    let (space, day, states) = (space, day, states)
    let width = 2 + Self.halfLives.count
    let blocks = parallelBlocks(states.count, blockSize: 128) { block in
      // For each pair: days, days of the last 28, and the decayed days.
      var part = [Float](repeating: 0, count: block.count * space.count * width)
      for customer in block {
        for (index, category) in states[customer].categories.enumerated() {
          guard let column = space.column(ofCategory: category) else { continue }
          let pair = ((customer - block.lowerBound) * space.count + column) * width
          for entry in states[customer].histories[index].days where entry.day < day {
            let age = Double(day) - Double(entry.day)
            part[pair] += 1
            part[pair + 1] += age <= 28 ? 1 : 0
            for (place, halfLife) in Self.halfLives.enumerated() {
              part[pair + 2 + place] += Float(exp2(-age / halfLife))
            }
          }
        }
      }
      return part
    }
    let table = blocks.flatMap { $0 }
    let pairs = states.count * space.count
    func column(_ place: Int) -> [Float] { (0..<pairs).map { table[$0 * width + place] } }
    let frequency = column(0)
    var result = [
      BaselineScores(name: Self.popularity, scores: popularity(column(1))),
      BaselineScores(name: Self.frequency, scores: frequency),
    ]
    for (place, halfLife) in Self.halfLives.enumerated() {
      result.append(BaselineScores(name: Self.decayed(halfLife), scores: column(2 + place)))
    }
    result.append(BaselineScores(name: Self.poissonGamma, scores: poissonGamma(frequency)))
    return result
  }

  private func popularity(_ recent: [Float]) -> [Float] {
    var share = [Float](repeating: 0, count: space.count)
    for pair in recent.indices where recent[pair] > 0 { share[pair % space.count] += 1 / Float(states.count) }
    return recent.indices.map { share[$0 % space.count] }
  }

  /// The probability of a purchase within 28 days when rates are gamma-distributed over customers, by category.
  private func poissonGamma(_ counts: [Float]) -> [Float] {
    let exposure = Double(max(1, day - origin))
    let (customers, categories) = (states.count, space.count)
    let columns = parallelBlocks(categories, blockSize: 8) { block in
      block.map { column in
        // Customers with the same count share a term of the likelihood.
        var histogram: [Int: Int] = [:]
        for customer in 0..<customers {
          histogram[Int(counts[customer * categories + column]), default: 0] += 1
        }
        return GammaRate(histogram: histogram, exposure: exposure)
      }
    }.flatMap { $0 }
    return counts.indices.map { Float(columns[$0 % categories].chance(count: Double(counts[$0]), days: 28)) }
  }
}

/// A gamma distribution of purchase rates, fitted by maximum likelihood to counts over one exposure.
struct GammaRate: Sendable {
  let shape: Double
  let rate: Double
  let exposure: Double

  /// Fits the negative binomial: its mean is the sample's, so that only the shape is searched.
  init(histogram: [Int: Int], exposure: Double) {
    self.exposure = exposure
    let total = histogram.values.reduce(0, +)
    let mean = histogram.reduce(0.0) { $0 + Double($1.key * $1.value) } / Double(max(1, total))
    guard mean > 0 else {
      (shape, rate) = (0, exposure)
      return
    }
    let ordered = histogram.sorted { $0.key < $1.key }
    func likelihood(_ logShape: Double) -> Double {
      let r = exp(logShape)
      return ordered.reduce(0.0) { sum, entry in
        let x = Double(entry.key)
        return sum + Double(entry.value)
          * (lgamma(r + x) - lgamma(r) + r * log(r / (r + mean)) + x * log(mean / (r + mean)))
      }
    }
    // Golden-section search: the likelihood has one peak in the logarithm of the shape.
    var (low, high) = (-8.0, 6.0)
    let ratio = (5.0.squareRoot() - 1) / 2
    for _ in 0..<60 {
      let (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
      if likelihood(left) < likelihood(right) { low = left } else { high = right }
    }
    shape = exp((low + high) / 2)
    rate = shape * exposure / mean
  }

  /// The probability of at least one purchase in so many days after so many purchases.
  func chance(count: Double, days: Double) -> Double {
    1 - pow((rate + exposure) / (rate + exposure + days), shape + count)
  }
}
