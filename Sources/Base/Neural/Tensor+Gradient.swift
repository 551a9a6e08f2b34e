import CTorch

extension Tensor {
  /// The same tensor, of which gradients are kept from now on.
  @discardableResult
  public func trackingGradient() throws -> Tensor {
    try Tensor.check("trackingGradient", Torch.loaded.pointee.set_requires_grad(handle, true))
    return self
  }

  /// Whether gradients are kept of it.
  public var tracksGradient: Bool { Torch.loaded.pointee.requires_grad(handle) }

  /// Adds the gradient of this single number to every tensor it was computed from and that keeps one.
  public func backward() throws {
    try Tensor.check("backward", Torch.loaded.pointee.backward(handle))
  }

  /// The gradient so far, nil when there is none.
  public var gradient: Tensor? {
    get throws {
      var out: OpaquePointer?
      try Tensor.check("gradient", Torch.loaded.pointee.grad(handle, &out))
      return out.map(Tensor.init(owning:))
    }
  }

  /// Forgets the gradient.
  public func clearGradient() { Torch.loaded.pointee.clear_grad(handle) }

  /// The same elements without their history: no gradient flows through the result.
  public func detached() throws -> Tensor { try Tensor.make("detached") { $0.pointee.detach(handle, &$1) } }

  /// Runs `body` without recording anything for gradients: faster, and in less memory.
  ///
  /// It holds for this thread, so `body` cannot be suspended.
  public static func withoutGradient<Output>(_ body: () throws -> Output) throws -> Output {
    let functions = try Torch.functions()
    let before = functions.pointee.set_grad_enabled(false)
    defer { _ = functions.pointee.set_grad_enabled(before) }
    return try body()
  }
}

/// A seeded source of the random numbers that a network draws while it trains; independent of every other one.
public final class NoiseSource {
  private let handle: OpaquePointer

  /// The same seed gives the same numbers, on one thread or on many.
  public init(seed: UInt64) throws {
    var out: OpaquePointer?
    try Tensor.check("noise", try Torch.functions().pointee.generator_new(seed, &out))
    guard let out else { throw NeuralError.operationFailed(operation: "noise", reason: "it gave nothing") }
    handle = out
  }

  deinit { Torch.loaded.pointee.generator_free(handle) }

  /// A tensor of the shape of another: each element 1 with this probability, else 0.
  public func bernoulli(like other: Tensor, probability: Double) throws -> Tensor {
    try Tensor.make("bernoulli") { $0.pointee.bernoulli(other.handle, probability, handle, &$1) }
  }
}
