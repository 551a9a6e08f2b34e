import Commerce
import Foundation
import Learning

/// What all customers together show of each category as of a day: the context in which one customer's shopping is read.
///
/// Everything in it comes from events before `day`. Categories are columns of a `CategorySpace`.
public struct MarketSnapshot: Sendable, Codable, Equatable {
  /// The first local day that the snapshot has not seen.
  public let day: Int32
  /// The first local day with a purchase.
  public let originDay: Int32
  /// How many customers had bought anything.
  public let customers: Int
  /// By category: the share of customers who bought it in the last 7 days.
  @Packed public internal(set) var popularity7: [Double]
  /// The share who bought it in the last 28 days.
  @Packed public internal(set) var popularity28: [Double]
  /// The logarithm of customers of the last 28 days over those of the 28 before.
  @Packed public internal(set) var trend: [Double]
  /// Of those who had never bought it 28 days ago, the share who have since.
  @Packed public internal(set) var newShare: [Double]
  /// Of those who bought it in the 28 days before the last, the share who bought it again in the last.
  @Packed public internal(set) var repeatShare: [Double]
  /// The mean of the days between a customer's purchases.
  @Packed public internal(set) var meanGap: [Double]
  /// What a customer pays for it on a day, in minor units, on average.
  @Packed public internal(set) var spendPerPurchase: [Double]
  /// What one unit costs on average, in minor units.
  @Packed public internal(set) var unitPrice: [Double]
  /// For each half-life of `DecayTable.halfLives`, how purchase rates differ between customers.
  var priors: [GammaPriors]
  /// The priors of half-life 120 as of 28 days earlier; nil when the data do not reach back so far.
  var earlierPriors: GammaPriors?
  /// How often each cell of `PairValues.cell` led to a purchase within 28 days: `cellCount` rates a category.
  @Packed var cellRates: [Double]
  /// What the whole basket history says of the next window.
  var map: NextWindowMap?
  /// Which categories go together in customers' tastes.
  var taste: TasteMap?

  /// The expected number of purchase days in the next 28 for a decayed count of half-life 120.
  @inline(__always)
  func expected(_ halfLife: Int, column: Int, decayed: Double) -> Double {
    priors[halfLife].expected(column: column, decayed: decayed, days: 28)
  }
}

/// How the purchase rates of a category are spread over customers: a gamma distribution for each category.
///
/// Rates count purchase days a day. A customer's own decayed count updates the category's distribution, the conjugate
/// way (Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.6); the moments of the decayed counts give shape
/// and rate.
struct GammaPriors: Sendable, Codable, Equatable {
  /// By category: the prior's shape.
  @Packed var shape: [Double]
  /// By category: the prior's rate, in days.
  @Packed var rate: [Double]
  /// How many undecayed days a decayed count stands for.
  var exposure: Double
  /// The share of the long-run decayed count that the days at hand allow.
  var reached: Double

  @inline(__always)
  func expected(column: Int, decayed: Double, days: Double) -> Double {
    (shape[column] + decayed) / (rate[column] + exposure) * days
  }

  /// Priors from the sums and the sums of squares of all customers' decayed counts.
  init(sums: [Double], squares: [Double], customers: Int, halfLife: Double, days: Double) {
    // A steady rate of one a day adds up to halfLife / ln 2 in the long run and to `exposure` within the days at hand.
    let steady = halfLife / log(2)
    let reached = 1 - exp2(-days / halfLife)
    let exposure = max(reached * steady, 1e-9)
    let n = Double(max(customers, 1))
    var (shapes, rates): ([Double], [Double]) = ([], [])
    for column in sums.indices {
      let mean = sums[column] / n / exposure
      let variance = max(0, squares[column] / n / (exposure * exposure) - mean * mean)
      // Counts of a Poisson process vary by mean / exposure on their own; the rest is the spread between customers.
      let strength = min(400, max(5, mean / max(variance - mean / exposure, 1e-7)))
      shapes.append(mean * strength)
      rates.append(strength)
    }
    shape = shapes
    rate = rates
    self.exposure = exposure
    self.reached = max(reached, 1e-9)
  }
}
