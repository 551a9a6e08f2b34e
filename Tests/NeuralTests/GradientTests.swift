import MathKernels
import Neural
import Testing

/// Every layer's gradient beside the slope of its output, measured by small steps to both sides.
@Suite struct GradientTests {
  static func random(_ shape: [Int], _ random: inout RandomSource, scale: Double = 1) throws -> Tensor {
    try Tensor(
      (0..<shape.reduce(1, *)).map { _ in Float(random.normal() * scale) }, shape: shape
    ).trackingGradient()
  }

  /// Compares the gradients of Σ output · weights with central differences at some elements of each tensor.
  static func compare(
    _ tensors: [(String, Tensor)], seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation,
    _ output: () throws -> Tensor
  ) throws {
    var random = RandomSource(seed: seed, stream: 7)
    let shape = try output().shape
    // Random weights: a plain sum would hide errors that cancel, such as those of softmax.
    let weights = try Tensor(
      (0..<shape.reduce(1, *)).map { _ in Float(random.normal()) }, shape: shape)
    func value() throws -> Double { Double(try (output() * weights).sum().scalar()) }
    for (_, tensor) in tensors { tensor.clearGradient() }
    try (output() * weights).sum().backward()
    for (name, tensor) in tensors {
      let gradient = try #require(try tensor.gradient, "\(name) has no gradient").floats()
      var values = try tensor.floats()
      for _ in 0..<6 {
        let index = random.index(below: values.count)
        let start = values[index]
        let step: Float = 1e-2
        var sides: [Double] = []
        for sign in [Float(1), -1] {
          values[index] = start + sign * step
          try tensor.assign(values)
          sides.append(try Tensor.withoutGradient(value))
        }
        values[index] = start
        try tensor.assign(values)
        let slope = (sides[0] - sides[1]) / Double(2 * step)
        let found = Double(gradient[index])
        #expect(
          abs(slope - found) < 2e-2 * max(1, abs(slope)), "\(name)[\(index)]: \(found), measured \(slope)",
          sourceLocation: sourceLocation)
      }
    }
  }

  static func named(_ layer: some Layer, _ input: Tensor) -> [(String, Tensor)] {
    layer.parameters.entries.map { ($0.name, $0.tensor) } + [("input", input)]
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func linearAndNormAgreeWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let input = try Self.random([3, 5], &random)
    let linear = try Linear(inputs: 5, outputs: 4, random: &random)
    try Self.compare(Self.named(linear, input), seed: seed) { try linear(input) }
    let norm = try LayerNorm(size: 5)
    try Self.compare(Self.named(norm, input), seed: seed) { try norm(input) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func embeddingsAgreeWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let embedding = try Embedding(count: 6, size: 3, initialization: .normal(deviation: 1), random: &random)
    // Index 4 twice: its gradient is the sum of both.
    let index = try Tensor([Int64(4), 0, 4, 5], shape: [2, 2])
    try Self.compare([("weight", embedding.weight)], seed: seed) { try embedding(index).tanh() }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func recurrentLayersAgreeWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let input = try Self.random([2, 4, 3], &random)
    let gru = try GRU(inputs: 3, size: 5, random: &random)
    try Self.compare(Self.named(gru, input), seed: seed) { try gru(input) }
    let lstm = try LSTM(inputs: 3, size: 5, random: &random)
    try Self.compare(Self.named(lstm, input), seed: seed) { try lstm(input) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func attentionAgreesWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let input = try Self.random([2, 4, 6], &random)
    let attention = try MultiHeadAttention(size: 6, heads: 2, random: &random)
    try Self.compare(Self.named(attention, input), seed: seed) { try attention(input) }
    let masks = try [AttentionMask.causal(length: 4), .padding(lengths: [4, 2], to: 4)]
    try Self.compare(Self.named(attention, input), seed: seed) { try attention(input, masks: masks) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func convolutionsAgreeWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let series = try Self.random([2, 3, 7], &random)
    let one = try Convolution1D(inputs: 3, outputs: 2, width: 3, padding: 1, dilation: 2, random: &random)
    try Self.compare(Self.named(one, series), seed: seed) { try one(series) }
    let pictures = try Self.random([2, 2, 5, 5], &random)
    let two = try Convolution2D(inputs: 2, outputs: 3, width: 3, stride: 2, padding: 1, random: &random)
    try Self.compare(Self.named(two, pictures), seed: seed) { try two(pictures) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func functionsAgreeWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let a = try Self.random([3, 4], &random)
    let b = try Self.random([3, 4], &random)
    let both = [("a", a), ("b", b)]
    try Self.compare(both, seed: seed) { try a * b + a - b * 3 }
    try Self.compare(both, seed: seed) { try a / (b.exponential() + 1) }
    try Self.compare(both, seed: seed) { try (a.sigmoid() + b.tanh() + a.gelu()).logSoftmax() }
    try Self.compare(both, seed: seed) { try (a.softmax() * b).sum(along: 1, keepingDimension: true) }
    try Self.compare(both, seed: seed) { try (a * a + 1).logarithm() + (b * b + 1).power(0.5) }
    try Self.compare(both, seed: seed) { try a.matmul(b.transposed(0, 1)).reshaped([9]).logSigmoid() }
    let index = try Tensor([Int64(2), 0, 2], shape: [3])
    try Self.compare(both, seed: seed) {
      try Tensor.concatenated([a.selecting(index), b.slice(0..<2, along: 0)], along: 0)
    }
    let places = try Tensor([Int64(3), 0, 1], shape: [3, 1])
    try Self.compare([("a", a)], seed: seed) { try a.gathering(places, along: 1) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func lossesAgreeWithDifferences(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let logits = try Self.random([4, 5], &random)
    let classes = try Tensor([Int64(0), 4, 2, 2], shape: [4])
    try Self.compare([("logits", logits)], seed: seed) { try Losses.crossEntropy(logits, target: classes) }
    let positive = try Self.random([4], &random)
    let truth = try Tensor([Float(1), 0, 1, 0.5], shape: [4])
    try Self.compare([("positive", positive)], seed: seed) {
      try Losses.binaryCrossEntropy(positive, target: truth)
    }
    let negative = try Self.random([4], &random)
    try Self.compare([("positive", positive), ("negative", negative)], seed: seed) {
      try Losses.bayesianRanking(positive: positive, negative: negative)
    }
    let hits = try Tensor((0..<20).map { $0 == 7 }, shape: [4, 5])
    try Self.compare([("positive", positive), ("logits", logits)], seed: seed) {
      try Losses.sampledSoftmax(positive: positive, negatives: logits, hits: hits, correction: 0.7)
    }
  }

  @Test func dropoutIsDifferentiatedThroughWhatItKept() throws {
    var random = RandomSource(seed: 3)
    let input = try Self.random([50], &random)
    let dropped = try Dropout(0.4)(input, NoiseSource(seed: 5))
    try dropped.sum().backward()
    let gradient = try #require(try input.gradient).floats()
    let (before, after) = (try input.floats(), try dropped.floats())
    for index in before.indices { #expect(abs(before[index] * gradient[index] - after[index]) < 1e-5) }
    #expect(Set(gradient.map { $0 == 0 }) == [true, false])
    #expect(try Dropout(0.4)(input, nil).floats() == before)
  }
}
