/// Loops over short vectors of Floats, where a call of BLAS would cost more than the work.
///
/// They are inlined into the caller and run eight lanes at a time; a fixed order of additions gives the same sum always.
public enum Vectors {
  /// The inner product of two vectors.
  @inlinable @inline(__always)
  public static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var (first, second) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    var index = 0
    while index + 16 <= count {
      first = first.addingProduct(load(a, index), load(b, index))
      second = second.addingProduct(load(a, index + 8), load(b, index + 8))
      index += 16
    }
    if index + 8 <= count {
      first = first.addingProduct(load(a, index), load(b, index))
      index += 8
    }
    var sum = (first + second).sum()
    while index < count {
      sum += a[index] * b[index]
      index += 1
    }
    return sum
  }

  /// Adds `factor · x` to `y`.
  @inlinable @inline(__always)
  public static func addProduct(
    _ factor: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    let factors = SIMD8<Float>(repeating: factor)
    var index = 0
    while index + 8 <= count {
      store(load(y, index).addingProduct(factors, load(x, index)), y, index)
      index += 8
    }
    while index < count {
      y[index] += factor * x[index]
      index += 1
    }
  }

  /// Replaces `y` by `x + factor · y`.
  @inlinable @inline(__always)
  public static func scaleAndAdd(
    _ factor: Float, _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int
  ) {
    let factors = SIMD8<Float>(repeating: factor)
    var index = 0
    while index + 8 <= count {
      store(load(x, index).addingProduct(factors, load(y, index)), y, index)
      index += 8
    }
    while index < count {
      y[index] = x[index] + factor * y[index]
      index += 1
    }
  }

  /// How many of the numbers are at least `bound`; NaN counts as at least.
  @inlinable
  public static func countNotBelow(_ bound: Float, _ x: UnsafePointer<Float>, _ count: Int) -> Int {
    var total = 0
    var index = 0
    let bounds = SIMD8<Float>(repeating: bound)
    while index + 8 <= count {
      // Lanes of 32 bits cannot overflow within a stretch of 2²⁰ numbers.
      var lanes = SIMD8<Int32>.zero
      let end = min(count, index + 1 << 20)
      while index + 8 <= end {
        lanes = lanes &+ SIMD8<Int32>(repeating: 1).replacing(with: 0, where: load(x, index) .< bounds)
        index += 8
      }
      total += Int(lanes.wrappedSum())
    }
    while index < count {
      total += x[index] < bound ? 0 : 1
      index += 1
    }
    return total
  }

  /// Multiplies `x` by `factors` where it is positive and sets it to −infinity elsewhere.
  @inlinable
  public static func scalePositive(
    _ x: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, _ count: Int
  ) {
    let nothing = SIMD8<Float>(repeating: -.infinity)
    var index = 0
    while index + 8 <= count {
      let values = load(x, index)
      store(nothing.replacing(with: values * load(factors, index), where: values .> .zero), x, index)
      index += 8
    }
    while index < count {
      x[index] = x[index] > 0 ? x[index] * factors[index] : -.infinity
      index += 1
    }
  }

  /// Sets numbers that are not positive to −infinity, as NaN.
  @inlinable
  public static func keepPositive(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
    let nothing = SIMD8<Float>(repeating: -.infinity)
    var index = 0
    while index + 8 <= count {
      let values = load(x, index)
      store(nothing.replacing(with: values, where: values .> .zero), x, index)
      index += 8
    }
    while index < count {
      if !(x[index] > 0) { x[index] = -.infinity }
      index += 1
    }
  }

  /// The greatest of 64 numbers; NaN is passed over.
  @inlinable @inline(__always)
  static func greatest(_ x: UnsafePointer<Float>) -> Float {
    let nothing = SIMD8<Float>(repeating: -.infinity)
    var (first, second) = (nothing, nothing)
    for part in 0..<4 {
      let (a, b) = (load(x, part * 16), load(x, part * 16 + 8))
      first = first.replacing(with: a, where: a .> first)
      second = second.replacing(with: b, where: b .> second)
    }
    let eight = first.replacing(with: second, where: second .> first)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    return max(max(four[0], four[1]), max(four[2], four[3]))
  }

  /// The least and the greatest of the numbers that are not −infinity; an empty span, low above high, when there is none.
  /// NaN must not be among them.
  public static func span(_ x: UnsafePointer<Float>, _ count: Int) -> (low: Float, high: Float) {
    let infinities = SIMD8<Float>(repeating: .infinity)
    var (low, high) = (infinities, -infinities)
    var index = 0
    while index + 8 <= count {
      let lanes = load(x, index)
      high = high.replacing(with: lanes, where: lanes .> high)
      let known = lanes.replacing(with: infinities, where: lanes .== -infinities)
      low = low.replacing(with: known, where: known .< low)
      index += 8
    }
    var (least, greatest) = (low.min(), high.max())
    while index < count {
      greatest = max(greatest, x[index])
      if x[index] > -.infinity { least = min(least, x[index]) }
      index += 1
    }
    return (least, greatest)
  }

  /// Replaces `x` by `(x + shift) · scale · factors`, one factor each; −infinity stays what it is.
  public static func rescale(
    _ x: UnsafeMutablePointer<Float>, shift: Float, scale: Float, factors: UnsafePointer<Float>, _ count: Int
  ) {
    let infinities = SIMD8<Float>(repeating: -.infinity)
    let (shifts, scales) = (SIMD8<Float>(repeating: shift), SIMD8<Float>(repeating: scale))
    var index = 0
    while index + 8 <= count {
      let lanes = load(x, index)
      let moved = (lanes + shifts) * scales * load(factors, index)
      store(moved.replacing(with: infinities, where: lanes .== infinities), x, index)
      index += 8
    }
    while index < count {
      if x[index] > -.infinity { x[index] = (x[index] + shift) * scale * factors[index] }
      index += 1
    }
  }

  @inlinable @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>, _ index: Int) -> SIMD8<Float> {
    UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inlinable @inline(__always)
  static func store(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ index: Int) {
    UnsafeMutableRawPointer(pointer + index).storeBytes(of: value, as: SIMD8<Float>.self)
  }
}
