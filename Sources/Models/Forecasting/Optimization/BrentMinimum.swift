import Foundation

/// The minimum of a function of one variable inside an interval.
///
/// Brent's method: golden sections, and steps of a parabola through the three best points where it is well behaved. It
/// finds one local minimum and needs no derivative.
///
/// ```swift
/// BrentMinimum.find(in: -1...2) { ($0 - 0.5) * ($0 - 0.5) }   // 0.5
/// ```
/// Source: Brent (1973), Algorithms for Minimization without Derivatives, chapter 5,
/// https://maths-people.anu.edu.au/~brent/pub/pub011.html
///
/// - Complexity: about 10 to 40 evaluations.
enum BrentMinimum {
  /// Where `function` is smallest in `range`, to about `tolerance`.
  static func find(
    in range: ClosedRange<Double>, tolerance: Double = Double.ulpOfOne.squareRoot().squareRoot(),
    maximumSteps: Int = 200, _ function: (Double) -> Double
  ) -> Double {
    let golden = (3 - 5.0.squareRoot()) / 2
    let machine = Double.ulpOfOne.squareRoot()
    var (a, b) = (range.lowerBound, range.upperBound)
    var x = a + golden * (b - a)
    var (w, v) = (x, x)
    var fx = function(x)
    var (fw, fv) = (fx, fx)
    var (step, previous) = (0.0, 0.0)
    for _ in 0..<maximumSteps {
      let middle = (a + b) / 2
      let least = machine * abs(x) + tolerance / 3
      if abs(x - middle) <= 2 * least - (b - a) / 2 { break }
      var (p, q, r) = (0.0, 0.0, 0.0)
      if abs(previous) > least {
        r = (x - w) * (fx - fv)
        q = (x - v) * (fx - fw)
        p = (x - v) * q - (x - w) * r
        q = (q - r) * 2
        if q > 0 { p = -p } else { q = -q }
        r = previous
        previous = step
      }
      if abs(p) >= abs(q * 0.5 * r) || p <= q * (a - x) || p >= q * (b - x) {
        previous = x < middle ? b - x : a - x
        step = golden * previous
      } else {
        step = p / q
        let u = x + step
        // No evaluation too near an end.
        if u - a < 2 * least || b - u < 2 * least { step = x < middle ? least : -least }
      }
      let u = abs(step) >= least ? x + step : x + (step > 0 ? least : -least)
      let fu = function(u)
      if fu <= fx {
        if u < x { b = x } else { a = x }
        (v, fv, w, fw, x, fx) = (w, fw, x, fx, u, fu)
      } else {
        if u < x { a = u } else { b = u }
        if fu <= fw || w == x {
          (v, fv, w, fw) = (w, fw, u, fu)
        } else if fu <= fv || v == x || v == w {
          (v, fv) = (u, fu)
        }
      }
    }
    return x
  }
}
