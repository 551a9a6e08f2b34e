import CTorch

/// An array of numbers of any rank whose operations can be differentiated.
///
/// ```swift
/// let x = try Tensor([1, 2, 3, 4], shape: [2, 2])
/// let w = try Tensor([0.5, -0.5], shape: [2, 1]).trackingGradient()
/// let loss = try x.matmul(w).sum()
/// try loss.backward()
/// try w.gradient?.floats()   // [4, 6]
/// ```
/// A tensor is a reference to libtorch's memory, which is freed with the last reference. Operations give new tensors; only
/// optimisers and `assign` change one in place. A tensor belongs to one task: it is not `Sendable`, and what a fit learned
/// leaves it as arrays of numbers. Every fault, such as shapes that do not fit or an index beyond the end, is thrown.
public final class Tensor {
  /// What the elements are.
  public enum Element: Sendable { case float32, int64, flag, other }

  let handle: OpaquePointer

  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { Torch.loaded.pointee.tensor_free(handle) }

  // MARK: Making

  /// Floats, row by row.
  public convenience init(_ values: [Float], shape: [Int]) throws {
    try Self.check(values.count, shape)
    self.init(
      owning: try Tensor.handle("tensor") { functions, out in
        functions.pointee.from_floats(values, shape.map(Int64.init), Int32(shape.count), &out)
      })
  }

  /// Whole numbers, row by row.
  public convenience init(_ values: [Int64], shape: [Int]) throws {
    try Self.check(values.count, shape)
    self.init(
      owning: try Tensor.handle("tensor") { functions, out in
        functions.pointee.from_integers(values, shape.map(Int64.init), Int32(shape.count), &out)
      })
  }

  /// Flags, row by row: masks.
  public convenience init(_ values: [Bool], shape: [Int]) throws {
    try Self.check(values.count, shape)
    self.init(
      owning: try Tensor.handle("tensor") { functions, out in
        functions.pointee.from_flags(values, shape.map(Int64.init), Int32(shape.count), &out)
      })
  }

  /// One Float everywhere.
  public convenience init(repeating value: Double, shape: [Int]) throws {
    try Self.check(shape.reduce(1, *), shape)
    self.init(
      owning: try Tensor.handle("tensor") { functions, out in
        functions.pointee.full(value, shape.map(Int64.init), Int32(shape.count), &out)
      })
  }

  private static func check(_ count: Int, _ shape: [Int]) throws {
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == count else {
      throw NeuralError.shapeMismatch(
        operation: "tensor", expected: "a shape of \(count) elements", found: shape)
    }
  }

  // MARK: Looking into

  /// The size of each dimension.
  public var shape: [Int] {
    let functions = Torch.loaded
    return (0..<functions.pointee.rank(handle)).map { Int(functions.pointee.size(handle, $0)) }
  }

  /// How many elements there are.
  public var count: Int { shape.reduce(1, *) }

  /// What the elements are.
  public var element: Element {
    switch Torch.loaded.pointee.scalar_type(handle) {
    case lode_float32: .float32
    case lode_int64: .int64
    case lode_bool: .flag
    default: .other
    }
  }

  /// The elements as Floats, row by row.
  public func floats() throws -> [Float] {
    let count = count
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try Tensor.check("floats", Torch.loaded.pointee.read_floats(handle, buffer.baseAddress, Int64(count)))
      initialized = count
    }
  }

  /// The elements as whole numbers, row by row.
  public func integers() throws -> [Int64] {
    let count = count
    return try [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
      try Tensor.check(
        "integers", Torch.loaded.pointee.read_integers(handle, buffer.baseAddress, Int64(count)))
      initialized = count
    }
  }

  /// The only element.
  ///
  /// - Throws: `NeuralError.shapeMismatch` when there is not exactly one.
  public func scalar() throws -> Float {
    guard count == 1 else {
      throw NeuralError.shapeMismatch(operation: "scalar", expected: "one element", found: shape)
    }
    return try floats()[0]
  }

  /// Replaces the elements of a tensor of Floats in place, outside of any gradient.
  public func assign(_ values: [Float]) throws {
    guard values.count == count else {
      throw NeuralError.shapeMismatch(
        operation: "assign", expected: "a shape of \(values.count) elements", found: shape)
    }
    try withFloats { buffer in _ = buffer.update(from: values) }
  }

  /// Calls `body` with the elements of a tensor of Floats in memory.
  func withFloats<Output>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Output) throws -> Output {
    let count = count
    guard let base = Torch.loaded.pointee.float_data(handle) else {
      guard count == 0 else {
        throw NeuralError.operationFailed(
          operation: "floats in place", reason: "they do not lie one after the other")
      }
      return try body(UnsafeMutableBufferPointer(start: nil, count: 0))
    }
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeMutableBufferPointer(start: base, count: count))
  }

  // MARK: Calling the library

  static func check(_ operation: String, _ error: UnsafePointer<CChar>?) throws {
    if let error { throw NeuralError.operationFailed(operation: operation, reason: String(cString: error)) }
  }

  static func handle(
    _ operation: String,
    _ body: (UnsafePointer<lode_torch_functions>, inout OpaquePointer?) -> UnsafePointer<CChar>?
  ) throws -> OpaquePointer {
    var out: OpaquePointer?
    try check(operation, body(try Torch.functions(), &out))
    guard let out else { throw NeuralError.operationFailed(operation: operation, reason: "it gave nothing") }
    return out
  }

  /// The tensor that one of the library's functions makes.
  @inline(__always)
  static func make(
    _ operation: String,
    _ body: (UnsafePointer<lode_torch_functions>, inout OpaquePointer?) -> UnsafePointer<CChar>?
  ) throws -> Tensor {
    Tensor(owning: try handle(operation, body))
  }
}
