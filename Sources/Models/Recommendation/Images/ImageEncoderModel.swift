import Learning
import MathKernels
import Neural

/// What `ImageEncoder` learned: filters and layers. Works without libtorch.
public struct ImageEncoderModel: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ImageEncoder.Configuration
  private let plan: ImagePlan
  private let scale: ImageScale
  private let network: Checkpoint

  /// How many classes it tells apart.
  public var classes: Int { plan.classes }

  init(
    _ configuration: ImageEncoder.Configuration, _ plan: ImagePlan, _ scale: ImageScale, network: Checkpoint
  ) {
    self.configuration = configuration
    self.plan = plan
    self.scale = scale
    self.network = network
  }

  /// The vectors of pictures: `embeddingSize` numbers each, row by row.
  ///
  /// - Throws: `LearningError.invalidParameter` for pictures of another size.
  /// - Complexity: as an epoch of training, a third of it, on all cores.
  public func vectors(of images: ImageSet) throws -> [Float] {
    try plan.require(images)
    return parallelBlocks(images.count, blockSize: 64) { block in
      var state = images.planes(block, scale)
      var shape = Forward.PictureShape(channels: plan.channels, height: plan.height, width: plan.width)
      for (index, filters) in configuration.filters.enumerated() {
        state = Forward.convolution(
          state, shape: shape, weight: network.values("block.\(index).weight"),
          bias: network.values("block.\(index).bias"), size: 3)
        shape.channels = filters
        Forward.relu(&state)
        state = Forward.maximumPooled(state, shape: shape, size: 2)
        (shape.height, shape.width) = (shape.height / 2, shape.width / 2)
      }
      var vectors = Forward.linear(
        state, rows: block.count, weight: network.values("embedding.weight"),
        bias: network.values("embedding.bias"),
        outputs: configuration.embeddingSize)
      Forward.relu(&vectors)
      return vectors
    }.flatMap { $0 }
  }

  /// How much speaks for each class: pictures × classes, row by row.
  ///
  /// - Throws: `LearningError.invalidParameter` for pictures of another size.
  public func logits(of images: ImageSet) throws -> [Float] {
    Forward.linear(
      try vectors(of: images), rows: images.count, weight: network.values("output.weight"),
      bias: network.values("output.bias"), outputs: plan.classes)
  }

  /// The likeliest class of each picture.
  ///
  /// - Throws: `LearningError.invalidParameter` for pictures of another size.
  public func classify(_ images: ImageSet) throws -> [Int] {
    let logits = try logits(of: images)
    return (0..<images.count).map { row in
      let own = logits[row * classes..<(row + 1) * classes]
      return (own.indices.max { own[$0] < own[$1] } ?? own.startIndex) - own.startIndex
    }
  }

  /// The same by libtorch, which has to be there: what the pass without it is checked against.
  public func logitsByTorch(of images: ImageSet) throws -> [Float] {
    try plan.require(images)
    var random = RandomSource(seed: 0)
    let layers = try ImageNetwork(configuration, plan, &random)
    try network.restore(into: layers.parameters)
    return try Tensor.withoutGradient {
      try layers.logits(plan.tensor(images, Array(0..<images.count), scale), nil).floats()
    }
  }
}

extension ImageEncoderModel {
  private enum CodingKeys: String, CodingKey { case configuration, plan, scale, network }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try values.decode(ImageEncoder.Configuration.self, forKey: .configuration)
    plan = try values.decode(ImagePlan.self, forKey: .plan)
    scale = try values.decode(ImageScale.self, forKey: .scale)
    network = try values.decode(Checkpoint.self, forKey: .network)
    try configuration.validate()
    let expected = try? ImagePlan(
      configuration, height: plan.height, width: plan.width, channels: plan.channels, classes: plan.classes)
    guard expected == plan, plan.channels > 0, plan.classes > 0, scale.means.count == plan.channels,
      scale.deviations.count == plan.channels
    else {
      throw LearningError.corruptModel(reason: "its sizes are not those that its configuration describes")
    }
    try network.requireShapes(ImageNetwork.shapes(configuration, plan))
  }
}
