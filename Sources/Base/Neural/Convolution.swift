import CTorch
import MathKernels

/// Filters that slide along time: batch × inputs × time to batch × outputs × time.
public struct Convolution1D: Layer {
  /// outputs × inputs × width.
  public let weight: Tensor
  /// One number an output.
  public let bias: Tensor
  private let stride: Int
  private let padding: Int
  private let dilation: Int

  /// Filters of `width` steps with random weights.
  public init(
    inputs: Int, outputs: Int, width: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    random: inout RandomSource
  ) throws {
    let start = Initialization.glorot(inputs: inputs * width, outputs: outputs * width)
    weight = try start.parameter([outputs, inputs, width], &random)
    bias = try Initialization.zeros.parameter([outputs], &random)
    (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
  }

  /// Applies the filters.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try Tensor.make("convolution") {
      $0.pointee.conv1d(
        input.handle, weight.handle, bias.handle, Int64(stride), Int64(padding), Int64(dilation), &$1)
    }
  }

  /// Weights and biases.
  public var parameters: Parameters { Parameters([("weight", weight), ("bias", bias)]) }
}

/// Filters that slide over a picture: batch × inputs × height × width to batch × outputs × height × width.
public struct Convolution2D: Layer {
  /// outputs × inputs × width × width.
  public let weight: Tensor
  /// One number an output.
  public let bias: Tensor
  private let stride: Int
  private let padding: Int
  private let dilation: Int

  /// Square filters of `width` × `width` with random weights.
  public init(
    inputs: Int, outputs: Int, width: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    random: inout RandomSource
  ) throws {
    let start = Initialization.glorot(inputs: inputs * width * width, outputs: outputs * width * width)
    weight = try start.parameter([outputs, inputs, width, width], &random)
    bias = try Initialization.zeros.parameter([outputs], &random)
    (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
  }

  /// Applies the filters.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try Tensor.make("convolution") {
      $0.pointee.conv2d(
        input.handle, weight.handle, bias.handle, Int64(stride), Int64(padding), Int64(dilation), &$1)
    }
  }

  /// Weights and biases.
  public var parameters: Parameters { Parameters([("weight", weight), ("bias", bias)]) }
}

extension Tensor {
  /// The largest number of each square of `size` × `size` of a picture, the squares `stride` apart.
  public func maximumPooled(size: Int, stride: Int? = nil) throws -> Tensor {
    try Tensor.make("maximumPooled") {
      $0.pointee.max_pool2d(handle, Int64(size), Int64(stride ?? size), &$1)
    }
  }
}
