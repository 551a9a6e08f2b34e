import Foundation

extension SIMD4<Double> {
  /// Each component through a function.
  func mapped(_ function: (Double) -> Double) -> SIMD4<Double> {
    [function(self[0]), function(self[1]), function(self[2]), function(self[3])]
  }
}

/// eˣ, by a name that stands where `exp` is hidden or overloaded.
func exponential(_ x: Double) -> Double { exp(x) }
