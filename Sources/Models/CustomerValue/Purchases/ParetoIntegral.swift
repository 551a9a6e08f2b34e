import Foundation
import MathKernels

/// The likelihood of Pareto/NBD without its hypergeometric functions.
///
/// A customer is still there with weight (α + T)^−(r + x) · (β + T)^−s, or left at a moment u after the last purchase with
/// density s · (α + u)^−(r + x) · (β + u)^−(s + 1). The integral over u from t_x to T is what the literature writes as a
/// difference of two Gaussian hypergeometric functions, which loses all its digits where t_x is near T. Here it is
/// taken by Gauss and Legendre's rule in y = ln(min(α, β) + u), in which the integrand is an exponential times a factor
/// whose nearest pole lies π away; every term is positive, and the gradient is the same sum with other weights.
enum ParetoIntegral {
  private static let short = GaussLegendre(order: 8)
  private static let long = GaussLegendre(order: 16)

  /// What the integral and its gradient are made of, relative to e^`log`.
  struct Sums {
    var log = -Double.infinity
    /// ∫ h, and ∫ h times ln(α + u), 1/(α + u), ln(β + u), 1/(β + u).
    var total = 0.0
    var moments = SIMD4<Double>.zero
  }

  /// The integral of (α + u)^−(r + x) · (β + u)^−(s + 1) from `recency` to `age`.
  static func integral(
    _ x: Double, _ recency: Double, _ age: Double, _ p: SIMD4<Double>, needsMoments: Bool
  ) -> Sums {
    var sums = Sums()
    guard age > recency else { return sums }
    let (alpha, beta) = (p[1], p[3])
    // The parameter whose logarithm is the variable, its exponent, and the other one's.
    let alphaIsLess = alpha <= beta
    let (least, gap) = (min(alpha, beta), abs(alpha - beta))
    let (own, other) = alphaIsLess ? (p[0] + x, p[2] + 1) : (p[2] + 1, p[0] + x)
    let start = log(least + recency)
    let width = log1p((age - recency) / (least + recency))
    sums.log = -(own - 1) * start - other * log(gap + least + recency)
    // How many e-foldings the integrand can fall by at most, in all.
    let fall = (abs(own - 1) + other * (least + age) / (gap + least + age)) * width
    let panels = fall < 3 && width < 1 ? 1 : max(1, max(width / 4, fall / 12).rounded(.up))
    let rule = fall < 3 && width < 1 ? short : long
    let half = width / panels / 2
    rule.nodes.withUnsafeBufferPointer { nodes in
      rule.weights.withUnsafeBufferPointer { weights in
        var panel = 0.0
        while panel < panels {
          let centre = start + (2 * panel + 1) * half
          var before = sums.total
          for k in 0..<nodes.count {
            let y = centre + half * nodes[k]
            let near = exp(y)
            let far = near + gap
            let logFar = log(far)
            let part = half * weights[k] * exp(-(own - 1) * y - other * logFar - sums.log)
            sums.total += part
            if needsMoments {
              sums.moments +=
                part
                * (alphaIsLess
                  ? SIMD4(y, 1 / near, logFar, 1 / far) : SIMD4(logFar, 1 / far, y, 1 / near))
            }
          }
          before = sums.total - before
          // What comes after a panel that adds nothing adds less.
          if before < 1e-17 * sums.total { break }
          panel += 1
        }
      }
    }
    return sums
  }

  /// ln of both weights' sum, with its gradient with respect to the logarithms of r, α, s, β.
  static func timeTerms(
    _ x: Double, _ recency: Double, _ age: Double, _ p: SIMD4<Double>
  ) -> (value: Double, gradient: SIMD4<Double>) {
    let (r, alpha, s, beta) = (p[0], p[1], p[2], p[3])
    let (logAlpha, logBeta) = (log(alpha + age), log(beta + age))
    let here = -(r + x) * logAlpha - s * logBeta
    let sums = integral(x, recency, age, p, needsMoments: true)
    let logGone = sums.log + log(s * sums.total)
    let value = sums.total > 0 ? SpecialFunctions.logSumExp(here, logGone) : here
    let gone = sums.total > 0 ? exp(logGone - value) : 0
    let stays = 1 - gone
    let mean = sums.total > 0 ? sums.moments / sums.total : .zero
    return (
      value,
      [
        -r * (stays * logAlpha + gone * mean[0]),
        -alpha * (r + x) * (stays / (alpha + age) + gone * mean[1]),
        s * (-stays * logBeta + gone * (1 / s - mean[2])),
        -beta * (stays * s / (beta + age) + gone * (s + 1) * mean[3]),
      ]
    )
  }

  /// The share of the first weight in their sum.
  static func probabilityAlive(_ x: Double, _ recency: Double, _ age: Double, _ p: SIMD4<Double>) -> Double {
    let sums = integral(x, recency, age, p, needsMoments: false)
    guard sums.total > 0 else { return 1 }
    let here = -(p[0] + x) * log(p[1] + age) - p[2] * log(p[3] + age)
    return SpecialFunctions.logistic(here - sums.log - log(p[2] * sums.total))
  }
}
