import MathKernels
import Neural
import Testing

@Suite struct TensorTests {
  @Test func arithmeticAndShapesAreThoseOfNumPy() throws {
    let a = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let b = try Tensor([10, 20, 30] as [Float], shape: [3])
    #expect(try (a + b).floats() == [11, 22, 33, 14, 25, 36])
    #expect(try (a * b - a).floats() == [9, 38, 87, 36, 95, 174])
    #expect(try a.transposed(0, 1).floats() == [1, 4, 2, 5, 3, 6])
    #expect(try a.matmul(a.transposed(0, 1)).floats() == [14, 32, 32, 77])
    #expect(try a.sum(along: 0).floats() == [5, 7, 9])
    #expect(try a.slice(1..<3, along: 1).shape == [2, 2])
    #expect(try a.reshaped([3, -1]).shape == [3, 2])
    #expect(try a.mean().scalar() == 3.5)
    #expect(try a.selecting(Tensor([Int64(1)], shape: [1])).floats() == [4, 5, 6])
    #expect(try Tensor([Int64(7), -7], shape: [2]).integers() == [7, -7])
    #expect(try Tensor([] as [Float], shape: [0, 4]).floats().isEmpty)
    #expect(a.element == .float32)
  }

  @Test func whatDoesNotFitIsThrownNotCrashed() throws {
    let a = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(
      throws: NeuralError.shapeMismatch(operation: "tensor", expected: "a shape of 3 elements", found: [2])
    ) { try Tensor([1, 2, 3] as [Float], shape: [2]) }
    #expect(throws: NeuralError.self) { try a.matmul(a) }
    #expect(throws: NeuralError.self) { try a + Tensor([1, 2] as [Float], shape: [2]) }
    #expect(throws: NeuralError.self) { try a.reshaped([4]) }
    #expect(throws: NeuralError.self) { try a.scalar() }
    #expect(throws: NeuralError.self) { try a.slice(2..<9, along: 1) }
    #expect(throws: NeuralError.self) { try a.backward() }
    for index in [Int64(2), -1, .max] {
      #expect(throws: NeuralError.self) { try a.selecting(Tensor([index], shape: [1])) }
      let classes = try Tensor([index, 5], shape: [2])
      #expect(throws: NeuralError.self) { try Losses.crossEntropy(a, target: classes) }
    }
  }

  @Test func embeddingsRefuseIndicesBeyondTheirEnd() throws {
    var random = RandomSource(seed: 1)
    let embedding = try Embedding(count: 3, size: 2, random: &random)
    for index in [Int64(3), -1] {
      #expect(throws: NeuralError.self) { try embedding(Tensor([index], shape: [1])) }
    }
  }

  @Test func layersRefuseSettingsOutsideTheirRange() {
    var random = RandomSource(seed: 1)
    #expect(throws: NeuralError.self) { try MultiHeadAttention(size: 6, heads: 4, random: &random) }
    #expect(throws: NeuralError.self) { try MultiHeadAttention(size: 6, heads: 0, random: &random) }
    #expect(throws: NeuralError.self) { try Dropout(1) }
    #expect(throws: NeuralError.self) { try Dropout(.nan) }
    #expect(throws: NeuralError.self) { try Adam(Parameters(), .init(learningRate: -1)) }
  }

  @Test func gradientsAddUpUntilTheyAreForgotten() throws {
    let x = try Tensor([3] as [Float], shape: [1]).trackingGradient()
    #expect(try x.gradient == nil)
    try (x * x).sum().backward()
    #expect(try x.gradient?.floats() == [6])
    try (x * x).sum().backward()
    #expect(try x.gradient?.floats() == [12])
    x.clearGradient()
    #expect(try x.gradient == nil)
    let constant = try Tensor.withoutGradient { try x * x }
    #expect(!constant.tracksGradient)
    #expect(try (x * x).tracksGradient)
    #expect(try (x * x).detached().tracksGradient == false)
  }

  @Test func causalAttentionDoesNotLookAhead() throws {
    var random = RandomSource(seed: 4)
    let attention = try MultiHeadAttention(size: 4, heads: 2, random: &random)
    var values = (0..<20).map { Float($0) / 10 }
    let masks = try [AttentionMask.causal(length: 5)]
    let before = try attention(Tensor(values, shape: [1, 5, 4]), masks: masks).floats()
    for index in 12..<20 { values[index] = -values[index] }
    let after = try attention(Tensor(values, shape: [1, 5, 4]), masks: masks).floats()
    #expect(before[0..<12] == after[0..<12])
    #expect(before[12...] != after[12...])
    // A row that may look at nothing at all still gives numbers.
    let blind = try attention(Tensor(values, shape: [1, 5, 4]), masks: [.padding(lengths: [0], to: 5)])
    #expect(try blind.floats().allSatisfy(\.isFinite))
  }

  @Test func noiseIsThatOfItsSeed() throws {
    let shape = try Tensor(repeating: 0, shape: [1000])
    func draw(_ seed: UInt64) throws -> [Float] {
      try NoiseSource(seed: seed).bernoulli(like: shape, probability: 0.3).floats()
    }
    let first = try draw(5)
    #expect(try draw(5) == first)
    #expect(try draw(6) != first)
    #expect((250...350).contains(first.filter { $0 == 1 }.count))
  }
}
