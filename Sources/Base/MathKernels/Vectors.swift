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

  @inlinable @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>, _ index: Int) -> SIMD8<Float> {
    UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inlinable @inline(__always)
  static func store(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ index: Int) {
    UnsafeMutableRawPointer(pointer + index).storeBytes(of: value, as: SIMD8<Float>.self)
  }
}
