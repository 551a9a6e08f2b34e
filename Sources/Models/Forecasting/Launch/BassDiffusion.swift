import Foundation

/// How a new product spreads among customers: Bass's model of first purchases by innovators and imitators.
///
/// ```swift
/// let bass = try BassDiffusion(adoptions: [12, 20, 31, 44, 52, 50, 41, 28])
/// print(bass.innovation, bass.imitation, bass.market)   // p, q, m
/// ```
/// Of those who have not bought yet, in each step the share p + q·(share of those who have) buys for the first time. The input
/// is the number of first purchases in each step, from the launch on. The three parameters minimise the squared distance of
/// the steps' first purchases from m·(F(t) − F(t − 1)); for given p and q the best m follows directly, so the search runs over
/// two logarithms alone, from several starts.
///
/// Sources: Bass (1969), https://doi.org/10.1287/mnsc.15.5.215; nonlinear least squares on increments, Srinivasan and Mason
/// (1986), https://doi.org/10.1287/mksc.5.2.169
///
/// - Complexity: O(steps) an evaluation; some hundred evaluations for each of nine starts.
public struct BassDiffusion: Sendable, Codable, Equatable {
  /// p: the share of the rest that buys of its own accord in each step.
  public let innovation: Double
  /// q: what is added to that when all others have bought.
  public let imitation: Double
  /// m: how many buy in the end.
  public let market: Double
  /// The share of the variance of the steps' first purchases that the model explains.
  public let explained: Double
  /// The standard error of the logarithm of m, from the curvature at the optimum; infinite when the data do not pin it down.
  public let marketError: Double

  /// A model with known parameters.
  public init(innovation: Double, imitation: Double, market: Double) {
    (self.innovation, self.imitation, self.market) = (innovation, imitation, market)
    (explained, marketError) = (1, 0)
  }

  /// Fits the model to first purchases.
  ///
  /// - Throws: `ForecastError.notEnoughData` for fewer than five steps or none with purchases; `invalidValue` for a negative or
  ///   infinite value; `noSolution` when the search finds nothing.
  public init(adoptions: [Double], name: String = "adoptions") throws {
    guard adoptions.count >= 5, adoptions.contains(where: { $0 > 0 }) else {
      throw ForecastError.notEnoughData(series: name, needed: 5, found: adoptions.count { $0 > 0 })
    }
    for (index, value) in adoptions.enumerated() where !(value >= 0 && value.isFinite) {
      throw ForecastError.invalidValue(series: name, index: index, value: value, expected: "0 or more")
    }
    let search = NelderMead(capacity: 2)
    let point = UnsafeMutablePointer<Double>.allocate(capacity: 2)
    defer { point.deallocate() }
    var best: (loss: Double, p: Double, q: Double)?
    for p in [0.003, 0.03, 0.2] {
      for q in [0.01, 0.2, 0.7] {
        point[0] = log(p)
        point[1] = log(q)
        let loss = search.minimize(point, size: 2, tolerance: 1e-12, step: 0.5) {
          // Rates beyond these are no longer those of a market that fills within sight of the data.
          guard $0[0] < 0.7, $0[1] < 2.3, $0[0] > -16, $0[1] > -16 else { return .infinity }
          return Self.loss(adoptions, p: exp($0[0]), q: exp($0[1])).loss
        }
        if let loss, loss.isFinite, loss < best?.loss ?? .infinity {
          best = (loss, exp(point[0]), exp(point[1]))
        }
      }
    }
    guard let best else { throw ForecastError.noSolution(series: name, method: "The Bass model") }
    innovation = best.p
    imitation = best.q
    market = Self.loss(adoptions, p: best.p, q: best.q).market
    let mean = adoptions.reduce(0, +) / Double(adoptions.count)
    let spread = adoptions.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    explained = spread > 0 ? 1 - best.loss / spread : 0
    marketError = Self.marketError(adoptions, p: best.p, q: best.q, market: market, loss: best.loss)
  }

  /// The share of the market that has bought by a step.
  public func share(at step: Double) -> Double { Self.share(step, innovation, imitation) }

  /// Whether the data pin down how far the product will spread: m within about a factor of two, most of the variance explained,
  /// and no more than three times the purchases seen.
  public func isSupported(by adoptions: [Double]) -> Bool {
    marketError < 0.35 && explained > 0.5 && market < 3 * adoptions.reduce(0, +)
  }

  /// First purchases in steps 1, 2, ….
  public func adoptions(steps: Int) -> [Double] {
    (1...max(1, steps)).prefix(steps).map { market * (share(at: Double($0)) - share(at: Double($0 - 1))) }
  }

  private static func share(_ t: Double, _ p: Double, _ q: Double) -> Double {
    let decay = exp(-(p + q) * t)
    return (1 - decay) / (1 + q / p * decay)
  }

  private static func loss(_ adoptions: [Double], p: Double, q: Double) -> (loss: Double, market: Double) {
    var (product, square, before) = (0.0, 0.0, 0.0)
    var parts: [Double] = []
    parts.reserveCapacity(adoptions.count)
    for (index, value) in adoptions.enumerated() {
      let now = share(Double(index + 1), p, q)
      let part = now - before
      before = now
      parts.append(part)
      product += part * value
      square += part * part
    }
    guard square > 0 else { return (.infinity, 0) }
    let market = product / square
    return (zip(adoptions, parts).reduce(0) { $0 + ($1.0 - market * $1.1) * ($1.0 - market * $1.1) }, market)
  }

  /// From the inverse of J′J at the optimum, in logarithms of all three parameters.
  private static func marketError(_ adoptions: [Double], p: Double, q: Double, market: Double, loss: Double)
    -> Double
  {
    let freedom = adoptions.count - 3
    guard freedom > 0, market > 0 else { return .infinity }
    func curve(_ p: Double, _ q: Double) -> [Double] {
      adoptions.indices.map { market * (share(Double($0 + 1), p, q) - share(Double($0), p, q)) }
    }
    let base = curve(p, q)
    let step = 1e-5
    let byP = zip(curve(p * exp(step), q), base).map { ($0 - $1) / step }
    let byQ = zip(curve(p, q * exp(step)), base).map { ($0 - $1) / step }
    // What is left of m's own column once the other two are taken out is all that tells m.
    let taken = LeastSquares.solve(columns: [byP, byQ], base)
    let rest = base.indices.reduce(0.0) { sum, index in
      let left = base[index] - taken[0] * byP[index] - taken[1] * byQ[index]
      return sum + left * left
    }
    return rest > 0 ? (loss / Double(freedom) / rest).squareRoot() : .infinity
  }
}
