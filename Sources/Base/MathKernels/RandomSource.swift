import Foundation

/// A fast seeded generator: the same seed gives the same numbers on every machine.
///
/// xoshiro256**, its state filled by SplitMix64, so that neighbouring seeds give unrelated streams. Not for secrets.
/// Source: Blackman and Vigna (2021), https://doi.org/10.1145/3460772
///
/// ```swift
/// var random = RandomSource(seed: 42)
/// let die = Int.random(in: 1...6, using: &random)
/// ```
public struct RandomSource: RandomNumberGenerator, Sendable, Codable, Equatable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// A stream of numbers for this seed; `stream` tells apart independent streams of one seed, such as those of blocks
  /// that run in parallel.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var state = seed
    // Hashing the stream first keeps (seed, stream) and (seed + 1, stream − 1) apart.
    if stream != 0 {
      var streamState = stream
      state ^= Self.splitMix(&streamState)
    }
    s0 = Self.splitMix(&state)
    s1 = Self.splitMix(&state)
    s2 = Self.splitMix(&state)
    s3 = Self.splitMix(&state)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A number from 0 (included) to 1 (excluded), with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An index from 0 (included) to `count` (excluded); `count` must be positive and below 2³².
  ///
  /// Lemire's multiplication without its rejection step: the bias is below 2⁻³².
  public mutating func index(below count: Int) -> Int { Int(((next() >> 32) &* UInt64(count)) >> 32) }

  /// A standard normal deviate, by Marsaglia's polar method.
  public mutating func normal() -> Double {
    while true {
      let (u, v) = (2 * uniform() - 1, 2 * uniform() - 1)
      let squares = u * u + v * v
      if squares > 0, squares < 1 { return u * (-2 * log(squares) / squares).squareRoot() }
    }
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
