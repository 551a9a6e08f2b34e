import CTorch

// Element by element; sizes of one are broadcast as in NumPy.
extension Tensor {
  /// The sum of two tensors.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor {
    try make("+") { $0.pointee.add(a.handle, b.handle, 1, &$1) }
  }

  /// The difference of two tensors.
  public static func - (a: Tensor, b: Tensor) throws -> Tensor {
    try make("-") { $0.pointee.add(a.handle, b.handle, -1, &$1) }
  }

  /// The product, element by element.
  public static func * (a: Tensor, b: Tensor) throws -> Tensor {
    try make("*") { $0.pointee.multiply(a.handle, b.handle, &$1) }
  }

  /// The quotient, element by element.
  public static func / (a: Tensor, b: Tensor) throws -> Tensor {
    try make("/") { $0.pointee.divide(a.handle, b.handle, &$1) }
  }

  /// Every element times a number.
  public static func * (a: Tensor, b: Double) throws -> Tensor {
    try make("*") { $0.pointee.scale(a.handle, b, 0, &$1) }
  }

  /// Every element plus a number.
  public static func + (a: Tensor, b: Double) throws -> Tensor {
    try make("+") { $0.pointee.scale(a.handle, 1, b, &$1) }
  }

  /// Every element minus a number.
  public static func - (a: Tensor, b: Double) throws -> Tensor { try a + -b }

  /// Every element negated.
  public static prefix func - (a: Tensor) throws -> Tensor { try a * -1 }

  /// Every element to a power.
  public func power(_ exponent: Double) throws -> Tensor {
    try Tensor.make("power") { $0.pointee.power(handle, exponent, &$1) }
  }

  /// e to the power of every element.
  public func exponential() throws -> Tensor {
    try Tensor.make("exponential") { $0.pointee.exponential(handle, &$1) }
  }

  /// The natural logarithm of every element.
  public func logarithm() throws -> Tensor {
    try Tensor.make("logarithm") { $0.pointee.logarithm(handle, &$1) }
  }

  /// 1 / (1 + e⁻ˣ).
  public func sigmoid() throws -> Tensor { try Tensor.make("sigmoid") { $0.pointee.sigmoid(handle, &$1) } }

  /// The logarithm of the sigmoid, without overflow.
  public func logSigmoid() throws -> Tensor {
    try Tensor.make("logSigmoid") { $0.pointee.log_sigmoid(handle, &$1) }
  }

  /// The hyperbolic tangent.
  public func tanh() throws -> Tensor {
    try Tensor.make("tanh") { $0.pointee.hyperbolic_tangent(handle, &$1) }
  }

  /// max(0, x).
  public func relu() throws -> Tensor { try Tensor.make("relu") { $0.pointee.relu(handle, &$1) } }

  /// x · Φ(x), with the normal distribution function.
  public func gelu() throws -> Tensor { try Tensor.make("gelu") { $0.pointee.gelu(handle, &$1) } }

  /// A number wherever the mask is true.
  public func filled(where mask: Tensor, with value: Double) throws -> Tensor {
    try Tensor.make("filled") { $0.pointee.masked_fill(handle, mask.handle, value, &$1) }
  }
}

// Along dimensions; −1 is the last one.
extension Tensor {
  /// The sum of all elements.
  public func sum() throws -> Tensor { try Tensor.make("sum") { $0.pointee.sum(handle, &$1) } }

  /// The mean of all elements.
  public func mean() throws -> Tensor { try Tensor.make("mean") { $0.pointee.mean(handle, &$1) } }

  /// The sums along one dimension, which disappears unless it is kept with size one.
  public func sum(along dimension: Int, keepingDimension: Bool = false) throws -> Tensor {
    try Tensor.make("sum") { $0.pointee.sum_along(handle, Int64(dimension), keepingDimension, &$1) }
  }

  /// Shares that add up to one along a dimension.
  public func softmax(along dimension: Int = -1) throws -> Tensor {
    try Tensor.make("softmax") { $0.pointee.softmax(handle, Int64(dimension), &$1) }
  }

  /// The logarithms of those shares.
  public func logSoftmax(along dimension: Int = -1) throws -> Tensor {
    try Tensor.make("logSoftmax") { $0.pointee.log_softmax(handle, Int64(dimension), &$1) }
  }

  /// The matrix product over the last two dimensions; those before are batches.
  public func matmul(_ other: Tensor) throws -> Tensor {
    try Tensor.make("matmul") { $0.pointee.matmul(handle, other.handle, &$1) }
  }
}

// Shapes.
extension Tensor {
  /// The same elements in another shape; one size may be −1, whatever is left.
  public func reshaped(_ shape: [Int]) throws -> Tensor {
    try Tensor.make("reshaped") { $0.pointee.reshape(handle, shape.map(Int64.init), Int32(shape.count), &$1) }
  }

  /// Two dimensions exchanged.
  public func transposed(_ first: Int, _ second: Int) throws -> Tensor {
    try Tensor.make("transposed") { $0.pointee.transpose(handle, Int64(first), Int64(second), &$1) }
  }

  /// A part of one dimension.
  public func slice(_ range: Range<Int>, along dimension: Int) throws -> Tensor {
    try Tensor.make("slice") {
      $0.pointee.slice(handle, Int64(dimension), Int64(range.lowerBound), Int64(range.upperBound), &$1)
    }
  }

  /// Tensors one after the other along a dimension.
  public static func concatenated(_ tensors: [Tensor], along dimension: Int) throws -> Tensor {
    defer { withExtendedLifetime(tensors) {} }
    return try make("concatenated") {
      $0.pointee.concatenate(tensors.map { Optional($0.handle) }, Int32(tensors.count), Int64(dimension), &$1)
    }
  }

  /// The entries of one dimension at these indices, a tensor of rank one.
  public func selecting(_ index: Tensor, along dimension: Int = 0) throws -> Tensor {
    try Tensor.make("selecting") { $0.pointee.index_select(handle, Int64(dimension), index.handle, &$1) }
  }

  /// One entry along a dimension for each index of a tensor of the same rank.
  public func gathering(_ index: Tensor, along dimension: Int) throws -> Tensor {
    try Tensor.make("gathering") { $0.pointee.gather(handle, Int64(dimension), index.handle, &$1) }
  }
}
