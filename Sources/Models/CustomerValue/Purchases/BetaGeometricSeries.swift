import Foundation

/// The expected purchases of BG/NBD and MBG/NBD.
enum BetaGeometricSeries {
  /// The purchases within `horizon` of a customer who is there, buys at a rate λ ~ Gamma(shape R, rate A = `time`), and leaves after
  /// a purchase with probability p ~ Beta(a = `leaving`, B = `staying`): E[(1 − e^(−λpt)) / p].
  ///
  /// The literature writes it as c/(a − 1) · (1 − (A/(A + t))^R · ₂F₁(R, B; c; z)) with c = a + B − 1 and z = t/(A + t), which is
  /// 0/0 at a = 1, has a pole at c = 0 and converges slowly for long horizons. Euler's transformation of the function,
  /// (1 − z)^(a − 1 − R) · ₂F₁(c − R, a − 1; c; z), lets both factors be divided out term by term:
  ///
  ///     c · (1 − (1 − z)^(a − 1))/(a − 1) − (1 − z)^(a − 1) · Σ (c − R)ₙ (a)ₙ₋₁ / ((c + 1)ₙ₋₁ n!) · zⁿ
  ///
  /// - Complexity: O(1) a term; some ten terms for horizons up to `time`, and some 36 · (1 + t/A) at most.
  static func purchases(
    shape: Double, time: Double, leaving a: Double, staying: Double, horizon: Double
  ) -> Double {
    let z = horizon / (time + horizon)
    // ln(1 − z)
    let logRest = -log1p(horizon / time)
    let c = a + staying - 1
    let first = abs((a - 1) * logRest) < 1e-9 ? -logRest : -expm1((a - 1) * logRest) / (a - 1)
    let q = c - shape
    var term = q * z
    var (sum, n) = (term, 1.0)
    while n < 200_000 {
      let ratio = (q + n) * (a + n - 1) / ((c + n) * (n + 1)) * z
      term *= ratio
      sum += term
      n += 1
      if abs(ratio) < 1, abs(term) <= 1e-16 * abs(sum) * (1 - abs(ratio)) || term == 0 { break }
    }
    let purchases = c * first - exp((a - 1) * logRest) * sum
    return purchases.isFinite ? max(0, purchases) : purchases
  }
}
