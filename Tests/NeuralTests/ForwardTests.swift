import MathKernels
import Neural
import Testing

/// The forward passes on plain arrays beside libtorch's.
@Suite struct ForwardTests {
  static func near(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) }
  }

  static func values(_ layer: some Layer, _ name: String) throws -> [Float] {
    try #require(try Checkpoint(layer.parameters)[name])
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func linearNormAndReluAgreeWithLibtorch(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let input = try GradientTests.random([7, 12], &random)
    let linear = try Linear(inputs: 12, outputs: 5, initialization: .normal(deviation: 1), random: &random)
    try linear.bias?.assign([1, -2, 3, -4, 5])
    let x = try input.floats()
    var y = try Forward.linear(
      x, rows: 7, weight: Self.values(linear, "weight"), bias: Self.values(linear, "bias"), outputs: 5)
    #expect(Self.near(y, try linear(input).floats()))
    Forward.relu(&y)
    #expect(Self.near(y, try linear(input).relu().floats()))
    let norm = try LayerNorm(size: 12)
    try norm.weight.assign((0..<12).map { Float($0) / 4 })
    try norm.bias.assign((0..<12).map { Float($0) - 6 })
    let normed = try Forward.layerNorm(x, weight: norm.weight.floats(), bias: norm.bias.floats())
    #expect(Self.near(normed, try norm(input).floats()))
  }

  @Test(arguments: [1, 2, 4])
  func causalAttentionAgreesWithLibtorch(heads: Int) throws {
    var random = RandomSource(seed: UInt64(heads))
    let attention = try MultiHeadAttention(size: 8, heads: heads, random: &random)
    let inputs = try [5, 1, 3].map { try GradientTests.random([1, $0, 8], &random) }
    var expected: [Float] = []
    for input in inputs {
      expected += try attention(input, masks: [.causal(length: input.shape[1])]).floats()
    }
    let x = try inputs.flatMap { try $0.floats() }
    let projected = try Forward.linear(
      x, rows: 9, weight: Self.values(attention, "projection.weight"),
      bias: Self.values(attention, "projection.bias"), outputs: 24)
    let mixed = Forward.causalAttention(projected, lengths: [5, 1, 3], size: 8, heads: heads)
    let found = try Forward.linear(
      mixed, rows: 9, weight: Self.values(attention, "output.weight"),
      bias: Self.values(attention, "output.bias"), outputs: 8)
    #expect(Self.near(found, expected))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func recurrenceAgreesWithLibtorch(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let unit = try GRU(inputs: 3, size: 6, random: &random)
    let inputs = try [4, 1].map { try GradientTests.random([1, $0, 3], &random) }
    let expected = try inputs.flatMap { input in try Array(unit(input).floats().suffix(6)) }
    let read = try Forward.linear(
      inputs.flatMap { try $0.floats() }, rows: 5, weight: Self.values(unit, "input"),
      bias: Self.values(unit, "inputBias"), outputs: 18)
    let found = try Forward.gru(
      read, lengths: [4, 1, 0], hidden: Self.values(unit, "hidden"),
      hiddenBias: Self.values(unit, "hiddenBias"), size: 6)
    #expect(Self.near(Array(found.prefix(12)), expected))
    #expect(found.suffix(6).allSatisfy { $0 == 0 })
  }
}
